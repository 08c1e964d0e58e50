"""When a reply goes out: a few likely times, and any other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from inbox.i18n import tr
from inbox.ui import menus, time_text
from inbox.ui.when_menu import WhenDialog

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
    dialog = WhenDialog(parent.window(), tr("When is it to be sent?"), tr("Send it then"))
    dialog.chosen.connect(chosen)
    dialog.open()
