"""Sending later: the times that are offered, and what waits."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QDateTime, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from inbox.services.rows import MessageRow
from inbox.ui.composer import later
from inbox.ui.when_menu import WhenDialog
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, 30).astimezone()


def test_the_times_offered_are_those_that_are_still_ahead() -> None:
    monday, sunday = local(16, 10), local(22, 18)
    on_monday = later.likely_times(monday)
    assert [words for words, _at in on_monday] == ["In 1 hour", "This afternoon", "Tomorrow morning", "Next Monday"]
    shown = [at.astimezone() for _words, at in on_monday]
    assert [(at.day, at.hour) for at in shown] == [(16, 11), (16, 16), (17, 9), (23, 9)]
    assert [words for words, _at in later.likely_times(sunday)] == ["In 1 hour", "Tomorrow morning"]
    assert all(at > now for now in (monday, sunday) for _words, at in later.likely_times(now))


def _waiting(desk: Desk, text: str) -> MessageRow:
    return next(row for row in desk.window.pane.stream.messages if row.text == text)


def _write_for_tomorrow(desk: Desk) -> MessageRow:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    composer.editor.insert("Good morning, it left today.")
    desk.choose("Tomorrow morning")
    QTest.mouseClick(composer.later_button, Qt.MouseButton.LeftButton)
    desk.until(lambda: any(row.text == "Good morning, it left today." for row in desk.window.pane.stream.messages))
    desk.settle()
    return _waiting(desk, "Good morning, it left today.")


def _press(desk: Desk, message_id: int, label: str) -> None:
    card = desk.window.pane.stream.card(message_id)
    assert card is not None
    next(found for found in card.findChildren(QPushButton) if found.text() == label).click()


def test_a_reply_for_tomorrow_waits_in_the_thread_with_its_time_and_can_be_sent_now(desk: Desk) -> None:
    row = _write_for_tomorrow(desk)
    assert row.delivery == "queued"
    assert row.not_before is not None
    assert row.not_before.astimezone().hour == 9
    card = desk.window.pane.stream.card(row.id)
    assert card is not None
    assert "9:00" in card.state_text()
    assert "9:00" in desk.window.toast.text
    _press(desk, row.id, "Send now")
    desk.until(lambda: _waiting(desk, row.text).delivery != "queued")


def test_the_time_of_what_waits_can_be_changed_to_any_other(desk: Desk) -> None:
    row = _write_for_tomorrow(desk)
    desk.choose("Another time")
    _press(desk, row.id, "Another time …")
    desk.until(lambda: desk.window.findChildren(WhenDialog))
    (dialog,) = desk.window.findChildren(WhenDialog)
    dialog.editor.setDateTime(QDateTime.currentDateTime().addDays(-1))
    dialog.findChildren(QPushButton)[-1].click()
    assert dialog.isVisible()
    wanted = QDateTime.currentDateTime().addDays(30)
    dialog.editor.setDateTime(wanted)
    dialog.findChildren(QPushButton)[-1].click()
    at = datetime.fromtimestamp(wanted.toSecsSinceEpoch(), UTC)
    desk.until(lambda: abs((_waiting(desk, row.text).not_before or at - timedelta(days=9)) - at) < timedelta(minutes=1))


def test_what_waits_can_be_taken_back_into_a_draft(desk: Desk) -> None:
    row = _write_for_tomorrow(desk)
    _press(desk, row.id, "Take it back")
    composer = desk.window.pane.composer
    desk.until(lambda: composer.editor.toPlainText() == row.text)
    desk.until(lambda: row.id not in [found.id for found in desk.window.pane.stream.messages])


def test_nothing_is_sent_later_that_is_empty_or_a_note(start: Callable[..., Desk]) -> None:
    desk = start()
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    composer.editor.clear()
    assert not composer.later_button.isEnabled()
    desk.window.pane.note()
    assert composer.later_button.isHidden()
