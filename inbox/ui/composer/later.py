"""When a reply goes out: a few likely times, and any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QPoint, Signal
from PySide6.QtWidgets import QDateTimeEdit, QMenu, QWidget

from inbox.i18n import tr
from inbox.ui import menus, time_text
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, button

if TYPE_CHECKING:
    from collections.abc import Callable

_MORNING, _AFTERNOON = 9, 16  # hours, here


def likely_times(now: datetime) -> list[tuple[str, datetime]]:
    """In an hour, this afternoon where that is still ahead, tomorrow and next Monday at nine."""
    local = now.astimezone()
    times = [(tr("In 1 hour"), now + timedelta(hours=1))]
    if local.hour < _AFTERNOON - 1:
        times.append((tr("This afternoon"), _at(local, 0, _AFTERNOON)))
    monday = 7 - local.weekday()
    times.append((tr("Tomorrow morning"), _at(local, 1, _MORNING)))
    if monday > 1:
        times.append((tr("Next Monday"), _at(local, monday, _MORNING)))
    return times


def _at(local: datetime, days: int, hour: int) -> datetime:
    """That hour of a day as the clock on the wall shows it, also where the clocks change in between."""
    day = local.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour).astimezone().astimezone(UTC)


def show(parent: QWidget, place: QPoint, chosen: Callable[[datetime], object]) -> None:
    """Offer the times in a menu above a place on the screen."""
    menu = QMenu(parent)
    for words, at in likely_times(datetime.now(UTC)):
        menus.add(menu, f"{words}\t{time_text.moment(at)}", partial(chosen, at))
    menu.addSeparator()
    menus.add(menu, tr("Another time …"), partial(_ask, parent, chosen))
    menu.setActiveAction(menu.actions()[0])
    menu.exec(place - QPoint(0, menu.sizeHint().height()))


def _ask(parent: QWidget, chosen: Callable[[datetime], object]) -> None:
    dialog = SendTime(parent.window())
    dialog.chosen.connect(chosen)
    dialog.open()


class SendTime(Dialog):
    """A day and a time of one's own. ``chosen`` carries it, aware."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent, tr("When is it to be sent?"), width=380)
        self.editor = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(time_text.tomorrow_morning().timestamp())))
        self.editor.setCalendarPopup(True)
        self.editor.setDisplayFormat("dddd d MMMM yyyy  H:mm")
        self.editor.setLocale(time_text.locale())
        self.field = Field(tr("Day and time of sending"), self.editor)
        self.content.addWidget(self.field)
        stay, sure = button(tr("Cancel")), button(tr("Send it then"), "primary")
        stay.clicked.connect(self.reject)
        sure.clicked.connect(self._on_sure)
        sure.setDefault(True)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(sure)

    def _on_sure(self) -> None:
        at = datetime.fromtimestamp(self.editor.dateTime().toSecsSinceEpoch(), UTC)
        if at <= datetime.now(UTC):
            self.field.complain(tr("This time has passed. Choose a later one."))
            return
        self.accept()
        self.chosen.emit(at)
