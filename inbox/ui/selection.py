"""What is done to the conversations that are chosen in the list: one, or many at once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QMenu

from inbox.i18n import tr, tr_n
from inbox.ui import case_actions, menus, words

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from inbox.services.rows import ConversationRow
    from inbox.ui.window import Window

_DISMISSALS = ("spam", "praise", "newsletter", "automatic", "other")
_REASONS = ("resolved", "not_resolved", "lost_customer", "no_answer")


def ids(window: Window) -> list[int]:
    """The chosen conversations, in the order of the list; else the open one."""
    chosen = window.list.selected
    if len(chosen) > 1:
        return [found for found in window.model.ids if found in chosen]
    return [window.list.current] if window.list.current is not None else sorted(chosen)


def _rows(window: Window) -> list[ConversationRow]:
    return [row for found in ids(window) if (row := window.model.row(found)) is not None]


def _case_ids(window: Window) -> list[int]:
    return list(dict.fromkeys(row.case_id for row in _rows(window) if row.case_id is not None))


def mark_unread(window: Window) -> None:
    """Come back to it later."""
    window.acts.mark_read(ids(window), read=False)


def snooze(window: Window) -> None:
    """Out of sight until a time that is chosen, or until the customer writes."""
    from inbox.ui import when_menu

    chosen, now = ids(window), datetime.now(UTC)
    asleep = {row.id: row.snoozed_until for row in _rows(window) if row.snoozed_until and row.snoozed_until > now}
    wake = partial(window.acts.wake, asleep) if asleep else None
    when_menu.show(window, _place(window), lambda at: window.acts.snooze(chosen, at), wake=wake)


def dismiss_as(window: Window, reason: str) -> None:
    """These need no case, for this reason."""
    window.acts.dismiss(ids(window), reason)


def dismiss(window: Window) -> None:
    """Ask why they need no case."""
    menu = QMenu(window)
    for reason in _DISMISSALS:
        menus.add(menu, words.dismiss_reason(reason), partial(dismiss_as, window, reason))
    menu.exec(_place(window))


def restore(window: Window) -> None:
    """Take the dismissal back."""
    window.acts.restore(ids(window))


def take(window: Window) -> None:
    """Make the cases one's own."""
    owners = {row.case_id: row.owner_id for row in _rows(window) if row.case_id is not None}
    if owners:
        window.acts.assign(owners, window.acts.agent_id)
    elif window.pane.case is not None:
        case_actions.take(window.pane)


def close(window: Window) -> None:
    """Close the case; of many, those that the gate lets pass."""
    cases = _case_ids(window)
    if len(ids(window)) < 2:
        case_actions.close_case(window.pane)
    elif cases:
        menu = QMenu(window)
        menu.addAction(tr_n("Close {n} case as …", "Close {n} cases as …", len(cases))).setEnabled(False)
        for reason in _REASONS:
            menus.add(menu, words.close_reason(reason), partial(window.acts.close_many, cases, reason))
        menu.exec(_place(window))


def edit_tags(window: Window) -> None:
    """The tags of one conversation."""
    row = window.list.current_row()
    if row is None:
        return
    before = ", ".join(row.tags)
    text, sure = QInputDialog.getText(window, tr("Tags"), tr("Tags, with commas between them"), text=before)
    if sure:
        window.acts.set_tags(row.id, [tag.strip() for tag in text.split(",") if tag.strip()])


def show_menu(window: Window, place: QPoint) -> None:
    """The context menu of the list."""
    menu = QMenu(window)
    for name in ("reply.write", "reply.note", "-", "case.take", "case.assign", "case.close", "-", "list.unread",
                 "list.snooze", "list.tags", "list.dismiss", "list.spam", "list.restore"):  # fmt: skip
        if name == "-":
            menu.addSeparator()
            continue
        command = window.commands[name]
        action = menus.add(menu, f"{command.label}\t{command.key_text}", partial(window.commands.run, name))
        action.setEnabled(command.enabled())
    menu.exec(place)


def _place(window: Window) -> QPoint:
    view = window.list
    index = max(0, view.model.index_of(view.current))
    return view.viewport().mapToGlobal(view.row_rect(index).center())
