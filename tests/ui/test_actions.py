"""What a person does to conversations, cases and customers, by keys and mouse, and how it is undone."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from inbox.services import queries
from inbox.store.models import Activity
from inbox.ui import when_menu
from inbox.ui.close_dialog import CloseDialog
from tests.services.arriving import rows
from tests.ui.conftest import Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _key(desk: Desk, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    desk.until(desk.window.isActiveWindow)
    desk.window.list.setFocus()
    QTest.keyClick(desk.window.list, key, modifiers)


def _undo(desk: Desk) -> None:
    """By its key, as the notice offers it: the newest one, not the one before."""
    desk.settle()
    desk.until(lambda: desk.window.toast.can_act)
    _key(desk, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


# --- set aside ------------------------------------------------------------------------------------------------------


def test_the_times_that_are_offered_lie_ahead_and_are_morning() -> None:
    sunday_evening = datetime(2026, 11, 22, 21, 30).astimezone()
    assert [words for words, _ in when_menu.likely_times(sunday_evening)] == ["Tomorrow", "The day after tomorrow"]
    wednesday = datetime(2026, 11, 25, 10, 10).astimezone()
    times = when_menu.likely_times(wednesday)
    assert [words for words, _ in times] == ["Later today", "Tomorrow", "The day after tomorrow", "Next week"]
    assert [at.astimezone().hour for _, at in times] == [13, 9, 9, 9]
    assert times[-1][1].astimezone().weekday() == 0
    assert all(at > wednesday for _, at in times)


def test_s_sets_a_conversation_aside_until_a_time_that_is_chosen_and_ctrl_z_takes_it_back(desk: Desk) -> None:
    row = desk.window.model.rows[0]
    desk.open(row)
    desk.choose("Next week" if datetime.now().astimezone().weekday() < 5 else "Tomorrow")
    _key(desk, Qt.Key.Key_S)
    desk.until(lambda: desk.window.model.row(row.id) is None)
    assert "Set aside until" in desk.window.toast.text
    _undo(desk)
    desk.until(lambda: desk.window.model.row(row.id) is not None)


def test_a_conversation_is_set_aside_until_a_day_of_ones_own_and_brought_back(desk: Desk) -> None:
    row = desk.window.model.rows[0]
    desk.open(row)
    at = (datetime.now().astimezone() + timedelta(days=40)).replace(hour=11, minute=15, second=0, microsecond=0)
    desk.choose("Another day")
    _key(desk, Qt.Key.Key_S)
    desk.until(lambda: desk.window.findChildren(when_menu.WhenDialog))
    dialog = desk.window.findChildren(when_menu.WhenDialog)[0]
    dialog.editor.setDateTime(dialog.editor.dateTime().fromSecsSinceEpoch(int(at.timestamp())))
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: desk.window.model.row(row.id) is None)
    _key(desk, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: desk.window.view["key"] == "snoozed" and desk.window.model.row(row.id) is not None)
    asleep = desk.find(lambda found: found.id == row.id)
    assert asleep.snoozed_until == at.astimezone(UTC)
    desk.open(asleep)
    desk.choose("Bring it back now")
    _key(desk, Qt.Key.Key_S)
    desk.until(lambda: desk.window.model.row(row.id) is None)
    _undo(desk)
    desk.until(lambda: desk.window.model.row(row.id) == asleep)


# --- closing --------------------------------------------------------------------------------------------------------


def test_a_refused_close_is_shown_and_logged(desk: Desk) -> None:
    row = desk.find(lambda found: found.case_id is not None and found.asked < found.required)
    desk.open(row)
    _key(desk, Qt.Key.Key_C)
    desk.until(lambda: [found for found in desk.window.findChildren(CloseDialog) if found.isVisible()])
    desk.window.findChildren(CloseDialog)[0].reject()
    refusals = [found for found in rows(desk.app.db, Activity) if found.kind == "CaseCloseRefused"]
    assert [found.case_id for found in refusals] == [row.case_id]
    assert refusals[0].agent_id == desk.app.agent.id
    with desk.app.db.reading() as s:
        assert queries.case(s, row.case_id or 0).status != "closed"


# --- join and split -------------------------------------------------------------------------------------------------


def _case_of(desk: Desk, conversation_id: int) -> int | None:
    with desk.app.db.reading() as s:
        return queries.conversation_rows(s, [conversation_id])[0].case_id


def test_a_case_is_joined_to_another_split_off_and_both_are_undone(desk: Desk) -> None:
    desk.show_all()
    alone = [row for row in desk.window.model.rows if row.case_id is not None]
    names = [row.customer_name for row in alone]
    pair = next(row for row in alone if names.count(row.customer_name) > 1)
    desk.open(pair)
    case_id = _case_of(desk, pair.id)
    desk.window.commands.run("case.split")
    desk.until(lambda: _case_of(desk, pair.id) != case_id)
    own = _case_of(desk, pair.id)
    _undo(desk)
    desk.until(lambda: _case_of(desk, pair.id) == case_id)
    desk.window.commands.run("case.split")
    desk.until(lambda: _case_of(desk, pair.id) not in (case_id, None))
    own = _case_of(desk, pair.id)
    pane = desk.window.pane
    desk.until(lambda: pane.case is not None and pane.case.id == own)
    desk.until(lambda: _buttons(pane.bar.banners, "Join"))
    _buttons(pane.bar.banners, "Join")[0].click()
    desk.until(lambda: "Joined to case" in desk.window.toast.text)  # before it, Ctrl+Z takes the splitting back
    assert _case_of(desk, pair.id) == case_id
    _undo(desk)
    desk.until(lambda: _case_of(desk, pair.id) != case_id)


def _buttons(widget: QWidget, words: str) -> list[QPushButton]:
    return [found for found in widget.findChildren(QPushButton) if words in found.text() and found.isVisible()]
