"""Every command in a plausible state, other processes, and windows with little room."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from inbox.errors import RejectedMessageError
from inbox.services import conversations, outbox, replies
from inbox.states import CloseReason
from inbox.store.db import Database
from inbox.ui.bulk_dialog import BulkDialog
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

_QUITS = ("program.quit",)


def _close_what_opens(desk: Desk) -> QTimer:
    """Menus and dialogs wait for a person: this one leaves them by Escape."""

    def leave() -> None:
        popup: QWidget | None = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if isinstance(popup, QDialog):
            popup.reject()
        elif popup is not None:
            popup.close()

    timer = QTimer(desk.shell.application, interval=20)  # a command may make the window anew
    timer.timeout.connect(leave)
    timer.start()
    return timer


def test_every_command_can_be_run_with_a_conversation_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileNames", lambda *_a, **_k: ([], ""))
    row = desk.find(lambda found: found.case_id is not None)
    timer = _close_what_opens(desk)
    ran = []
    for command in list(desk.window.commands):
        if command.id in _QUITS:
            continue
        desk.window.rail.choose("mine")
        desk.settle()
        desk.open(row)
        if command.enabled():
            desk.window.commands.run(command.id)
            ran.append(command.id)
        desk.settle()
    timer.stop()
    assert len(ran) > 20


def test_what_another_process_does_shows_by_itself(desk: Desk) -> None:
    row = desk.find(lambda found: not found.unread)
    other = Database(desk.app.profile.database_file)
    other.open()
    try:
        with other.writing() as s:
            conversations.mark_read(s, [row.id], read=False)
        desk.until(lambda: desk.find(lambda found: found.id == row.id).unread)
    finally:
        other.close()


def test_with_little_room_the_rail_folds_and_opens_for_a_search(start: Callable[..., Desk]) -> None:
    desk = start(text_size=200)
    window = desk.window
    window.resize(1440, 900)
    assert window.rail.is_folded
    assert not window.rail.search.isVisible()
    window.go_to_search()
    assert window.rail.search.isVisible()
    window.list.setFocus()
    window.rail.search.lost.emit()
    assert window.rail.is_folded
    window.resize(2300, 900)
    assert not window.rail.is_folded


def test_at_200_percent_the_thread_has_room_and_the_composer_opens_when_it_is_wanted(
    start: Callable[..., Desk],
) -> None:
    desk = start(text_size=200)
    window = desk.window
    window.resize(1440, 900)
    desk.open(window.model.rows[0])
    pane = window.pane
    assert pane.unfold_button.isVisible()
    assert not pane.composer.isVisible()
    desk.until(lambda: pane.stream.height() > window.height() * 0.6)
    window.list.setFocus()
    QTest.keyClick(window.list, Qt.Key.Key_R)
    assert pane.composer.isVisible()
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Escape)
    assert not pane.composer.isVisible()
    pane.composer.editor.insert("Half a reply")  # as a template does, which is chosen by its name
    assert pane.composer.isVisible()
    desk.until(lambda: pane.stream.height() > window.height() * 0.3)
    window.resize(2880, 1800)
    assert pane.bar.title.isVisible()


def test_a_notice_covers_no_button_of_the_reply(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    window = desk.window
    window.toast.say("Goes out", "Undo", lambda: None)
    composer = window.pane.composer
    assert window.toast.geometry().bottom() <= composer.mapTo(window, composer.rect().topLeft()).y()


def test_bulk_closing_names_what_it_refused(desk: Desk) -> None:
    desk.show_all()
    short = [row for row in desk.window.model.rows if row.case_id is not None and row.asked < row.required][:2]
    desk.window.acts.close_many([row.case_id for row in short if row.case_id], CloseReason.RESOLVED)
    desk.until(lambda: desk.window.findChildren(BulkDialog))
    desk.window.findChildren(BulkDialog)[0].reject()


def _claimed(desk: Desk, text: str) -> int:
    """A reply that a channel is just sending, in the open conversation."""
    pane = desk.window.pane
    assert pane.detail is not None
    row = pane.detail.row
    desk.app.engine.stop()
    with desk.app.db.writing(desk.app.agent.id) as s:
        message_id = replies.queue(
            s, row.id, text, agent_id=desk.app.agent.id, delay=0, seen_message_id=pane.detail.newest_message_id
        )
    with desk.app.db.writing() as s:
        assert outbox.claim(s, row.account_id, "test", datetime.now(UTC)) is not None
    return message_id


def _press(desk: Desk, message_id: int, words: str) -> None:
    def found() -> list[QPushButton]:
        card = desk.window.pane.stream.card(message_id)
        return [one for one in card.findChildren(QPushButton) if one.text() == words] if card is not None else []

    desk.until(found)
    found()[0].click()


def _delivery(desk: Desk, message_id: int) -> str:
    return next((row.delivery for row in desk.window.pane.stream.messages if row.id == message_id), "") or ""


def test_a_failed_reply_is_tried_again_by_its_button(desk: Desk) -> None:
    desk.open(desk.find(lambda row: row.case_id is not None))
    message_id = _claimed(desk, "It leaves today.")
    with desk.app.db.writing() as s:
        outbox.fail(s, message_id, RejectedMessageError("The mailbox is full", "Try another address."))
    _press(desk, message_id, "Try again")
    desk.until(lambda: _delivery(desk, message_id) == "queued")


def test_a_reply_of_which_nobody_knows_whether_it_went_out_is_decided_by_a_person(desk: Desk) -> None:
    desk.open(desk.find(lambda row: row.case_id is not None))
    message_id = _claimed(desk, "It leaves tomorrow.")
    with desk.app.db.writing() as s:
        outbox.unknown(s, message_id, "The line went dead")
    _press(desk, message_id, "It was sent")
    desk.until(lambda: _delivery(desk, message_id) == "sent")
