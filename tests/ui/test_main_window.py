"""What a person does at the main window, from the first paint to closing a case."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from inbox.channels.base import Author, Batch, Incoming
from inbox.services import accounts, ingest, queries
from inbox.ui.close_dialog import CloseDialog
from inbox.ui.start_page import StartPage
from tests.ui.conftest import Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _type(desk: Desk, text: str) -> None:
    editor = desk.window.pane.composer.editor
    editor.setFocus()
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, text)


def _write_in(desk: Desk, number: int, thread: str = "") -> None:
    """A customer writes."""
    account_id = desk.window.rail.accounts[0].id
    message = Incoming(
        remote_id=f"new-{number}",
        author=Author(f"new{number}@example.com", f"New Customer {number}"),
        sent_at=datetime.now(UTC),
        raw=b"{}",
        text=f"Good morning, this is message {number}.",
        new_text=f"Good morning, this is message {number}.",
        subject=f"Message {number}",
        remote_thread=thread or f"thread-{number}",
        own_key=f"new-{number}",
    )
    with desk.app.db.writing() as s:
        cursor = accounts.load_cursor(s, account_id)
        ingest.store_batch(s, account_id, Batch([message], cursor=cursor))


def test_the_list_shows_what_is_ones_own_and_a_conversation_opens_with_its_thread(desk: Desk) -> None:
    assert desk.window.head.title.text() == "Mine"
    row = desk.window.model.rows[0]
    desk.open(row)
    pane = desk.window.pane
    assert pane.stream.messages, "the thread is empty"
    assert all(pane.stream.card(message.id) for message in pane.stream.messages)
    assert pane.composer.send_button.text().startswith("Send to ")
    assert desk.window.panel.card is not None
    assert desk.window.panel.card.name == row.customer_name


def test_opening_a_conversation_marks_it_as_read(desk: Desk) -> None:
    row = desk.find(lambda found: found.unread)
    desk.open(row)
    desk.until(lambda: not desk.find(lambda found: found.id == row.id).unread)


def test_j_and_k_go_through_the_list_but_are_letters_while_one_types(desk: Desk) -> None:
    window, view = desk.window, desk.window.list
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_J)
    QTest.keyClick(view, Qt.Key.Key_J)
    desk.settle()
    assert view.current == window.model.ids[1]
    QTest.keyClick(view, Qt.Key.Key_K)
    desk.settle()
    assert view.current == window.model.ids[0]
    _type(desk, "jk")
    assert window.pane.composer.editor.toPlainText().endswith("jk")
    assert view.current == window.model.ids[0]


def test_a_reply_goes_out_and_ctrl_z_takes_it_back_into_a_draft(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    _type(desk, "Thank you, we are on it.")
    QTest.keyClick(composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: "Goes out to" in desk.window.toast.text)
    assert composer.editor.toPlainText() == ""
    QTest.keyClick(composer.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: composer.editor.toPlainText() == "Thank you, we are on it.")


def test_a_note_has_its_own_colour_and_button_and_stays_in_the_team(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    pane = desk.window.pane
    _type(desk, "half a reply")
    pane.note()
    assert pane.composer.send_button.property("kind") == "note"
    assert pane.composer.editor.toPlainText() == ""
    _type(desk, "The carrier says tomorrow.")
    pane.composer.send()
    desk.until(lambda: any(row.text == "The carrier says tomorrow." for row in pane.stream.messages))
    assert pane.stream.messages[-1].direction == "note"
    assert pane.composer.editor.toPlainText() == "half a reply"


def test_a_missing_value_stops_the_reply_with_a_sentence(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    composer.editor.insert("Your order ⟨order number⟩ left.")
    composer.send()
    assert "⟨order number⟩ is still missing" in composer.notice_text
    assert composer.editor.textCursor().selectedText() == "⟨order number⟩"
    assert "⟨order number⟩" in composer.editor.toPlainText()


def test_a_sentence_that_asks_is_offered_as_a_clarifying_question_but_courtesy_is_not(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    composer.editor.insert("¿En qué puedo ayudarle? ¿De qué color era la caja?")
    assert composer.asked_now() == []
    composer.count_question()
    assert [found.text for found in composer.asked_now()] == ["¿De qué color era la caja?"]


def test_a_case_with_a_question_missing_does_not_close_and_says_why(desk: Desk) -> None:
    row = desk.find(lambda found: found.case_id is not None and found.asked < found.required)
    desk.open(row)
    bar = desk.window.pane.bar
    assert bar.close_button.property("kind") == "closed"
    assert "question" in bar.close_button.toolTip()
    bar.close_button.click()
    desk.until(lambda: desk.window.findChildren(CloseDialog))
    dialog = desk.window.findChildren(CloseDialog)[0]
    desk.until(lambda: any("question" in label.text() for label in dialog.findChildren(QLabel)))
    dialog.reject()
    assert desk.find(lambda found: found.id == row.id).case_status != "closed"


def test_q_puts_the_next_question_in_and_once_sent_it_counts(desk: Desk) -> None:
    desk.no_undo_time()
    row = desk.find(lambda found: found.case_id is not None and found.asked < found.required)
    desk.open(row)
    pane = desk.window.pane
    pane.composer.editor.clear()
    desk.window.commands.run("reply.question")
    assert len(pane.composer.asked_now()) == 1
    pane.composer.send()
    desk.until(lambda: pane.detail is not None and pane.detail.gate is not None and pane.detail.gate.asked > row.asked)


def test_a_case_whose_questions_are_answered_closes_with_a_reason(desk: Desk) -> None:
    desk.show_all()
    with desk.app.db.reading() as s:
        open_ids = {
            row.id
            for row in desk.window.model.rows
            if row.case_id is not None
            and (gate := queries.detail(s, row.id, agent_id=desk.app.agent.id, language="en").gate) is not None
            and gate.is_open
        }
    row = desk.find(lambda found: found.id in open_ids)
    desk.open(row)
    desk.choose("Resolved")
    desk.window.commands.run("case.close")
    pane = desk.window.pane
    desk.until(lambda: pane.case is not None and pane.case.status == "closed")
    assert pane.bar.close_button.text() == "Reopen"
    assert "closed" in desk.window.toast.text


def test_a_draft_is_there_again_after_the_program_was_started_anew(start: Callable[..., Desk], tmp_path: Path) -> None:
    desk = start(tmp_path / "same")
    row = desk.window.model.rows[0]
    desk.open(row)
    _type(desk, "Nothing typed is ever lost")
    composer = desk.window.pane.composer
    desk.until(lambda: not composer.has_unsaved)
    desk.settle()
    desk.stop()
    again = start(tmp_path / "same")
    again.window.rail.choose("mine")
    again.settle()
    again.open(again.find(lambda found: found.id == row.id))
    assert "Nothing typed is ever lost" in again.window.pane.composer.editor.toPlainText()


def test_searching_as_one_types_finds_and_escape_goes_back(desk: Desk) -> None:
    window = desk.window
    window.go_to_search()
    QTest.keyClicks(window.rail.search, "washi")
    desk.until(lambda: window.view["key"] == "search" and not window.model.is_loading)
    desk.settle()
    assert window.model.rows
    QTest.keyClick(window.rail.search, Qt.Key.Key_Escape)
    desk.until(lambda: window.view["key"] == "mine")


def test_what_comes_in_appears_by_itself_and_the_row_one_looks_at_stays_in_its_place(desk: Desk) -> None:
    desk.window.resize(1200, 500)
    desk.window.rail.choose("everything")
    desk.settle()
    window, bar = desk.window, desk.window.list.verticalScrollBar()
    bar.setValue(window.list.row_height * 3 + 7)
    looked_at = window.model.ids[3]
    before = window.list.row_rect(3).top()
    _write_in(desk, 1)
    desk.until(lambda: any(row.subject == "Message 1" for row in window.model.rows))
    place = window.model.index_of(looked_at)
    assert place == 4
    assert window.list.row_rect(place).top() == before


def test_another_language_and_theme_show_at_once_and_keep_the_open_conversation(desk: Desk) -> None:
    row = desk.window.model.rows[0]
    desk.open(row)
    old = desk.window
    desk.window.change_settings(language="es", theme="dark")
    desk.until(lambda: desk.window is not old)
    desk.settle()
    desk.until(lambda: desk.window.has_conversation())
    assert desk.window.pane.composer.send_button.text().startswith("Enviar a ")
    assert desk.window.list.current == row.id
    assert desk.window.palette().window().color().lightness() < 60


def test_an_empty_profile_is_asked_how_it_is_to_begin(start: Callable[..., Desk]) -> None:
    desk = start(demo=False)
    desk.until(lambda: desk.window.findChildren(StartPage))


def test_the_next_start_paints_the_last_list_before_the_store_is_up(start: Callable[..., Desk], tmp_path: Path) -> None:
    desk = start(tmp_path / "same")
    names = [row.customer_name for row in desk.window.model.rows]
    desk.stop()
    from inbox.settings import Profile, Settings
    from inbox.ui.shell import Shell

    profile = Profile(tmp_path / "same")
    shell = Shell(profile, Settings.load(profile))
    try:
        assert [row.customer_name for row in shell.window.model.rows] == names[: len(shell.window.model.rows)]
        assert shell.window.model.rows
        assert not shell.window.is_ready()
        shell.window.grab()
    finally:
        shell.stop()
        shell.window.deleteLater()
        QApplication.processEvents()


def test_the_conversations_place_waits_until_the_list_is_shown_and_not_for_a_click(desk: Desk) -> None:
    shown = [row.id for row in desk.window.model.rows]
    assert shown
    assert desk.window._pane is None
    desk.until(lambda: desk.window._pane is not None)
    assert desk.window.pane.manifests
    assert [row.id for row in desk.window.model.rows] == shown
