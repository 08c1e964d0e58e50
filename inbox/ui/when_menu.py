"""Until when something is set aside, or by when it is due: a few likely times, and any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtWidgets import QMenu, QWidget

from inbox.i18n import tr
from inbox.ui import menus, time_text
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, Moment, button

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint

_MORNING, _EVENING = 9, 20  # hours, here


def likely_times(now: datetime) -> list[tuple[str, datetime]]:
    """Later today where today is long enough for that, the next two days, and next Monday where it is neither."""
    local = now.astimezone()
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    later = (local + timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    times = [(tr("Later today"), later)] if later.date() == local.date() and later.hour <= _EVENING else []
    days = {7 - local.weekday(): tr("Next week"), 1: tr("Tomorrow"), 2: tr("The day after tomorrow")}
    times += [(days[ahead], morning + timedelta(days=ahead)) for ahead in sorted(days)]
    return [(words, at.astimezone(UTC)) for words, at in times]


def show(
    parent: QWidget, place: QPoint, chosen: Callable[[datetime], object], *, wake: Callable[[], object] | None
) -> None:
    """Offer the times; ``wake`` is for what is set aside now."""
    menu = QMenu(parent)
    if wake is not None:
        menus.add(menu, tr("Bring it back now"), wake)
        menu.addSeparator()
    for words, at in likely_times(datetime.now(UTC)):
        menus.add(menu, f"{words}\t{time_text.weekday(at)}", partial(chosen, at))
    menu.addSeparator()
    menus.add(menu, tr("Another day …"), partial(_ask, parent, chosen))
    menu.setActiveAction(menu.actions()[0])
    menu.exec(place)


def _ask(parent: QWidget, chosen: Callable[[datetime], object]) -> None:
    dialog = WhenDialog(parent.window())
    dialog.chosen.connect(chosen)
    dialog.open()


class WhenDialog(Dialog):
    """A day and a time of one's own. ``chosen`` carries it, aware."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None, title: str = "", sure: str = "") -> None:
        """``title`` asks for what it is, ``sure`` stands on the button; without them something is set aside."""
        super().__init__(parent, title or tr("Until when?"), width=380)
        self.editor = Moment(QDateTime.fromSecsSinceEpoch(int(time_text.tomorrow_morning().timestamp())))
        self.editor.setCalendarPopup(True)
        self.editor.setMinimumDateTime(QDateTime.currentDateTime())
        self.editor.setDisplayFormat("dddd d MMMM yyyy  H:mm")
        self.editor.setLocale(time_text.locale())
        self.field = Field(tr("Day and time"), self.editor)
        self.content.addWidget(self.field)
        self.content.addStretch(1)
        stay, then = button(tr("Cancel")), button(sure or tr("Set it aside"), "primary")
        stay.clicked.connect(self.reject)
        then.clicked.connect(self._on_sure)
        then.setDefault(True)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(then)

    def _on_sure(self) -> None:
        at = datetime.fromtimestamp(self.editor.dateTime().toSecsSinceEpoch(), UTC)
        if at <= datetime.now(UTC):
            self.field.complain(tr("This time is past."))
            return
        self.accept()
        self.chosen.emit(at)
