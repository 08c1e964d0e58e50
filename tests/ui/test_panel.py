"""The customer's panel, files and pictures of a thread, and the quickest way to an answer: by keys and mouse."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QPlainTextEdit, QPushButton

from inbox.services.rows import CustomerCard
from inbox.ui.customer_panel import Line
from inbox.ui.template_menu import TemplateMenu
from tests.ui.conftest import Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _card(desk: Desk) -> CustomerCard:
    card = desk.window.panel.card
    assert card is not None
    return card


def _open(desk: Desk) -> CustomerCard:
    desk.window.resize(1440, 900)
    desk.open(desk.window.model.rows[0])
    desk.until(lambda: desk.window.panel.card is not None)
    return _card(desk)


def _answer_inputs(desk: Desk, *values: str) -> None:
    """Type into the small dialogs that open one after the other."""
    left = list(values)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QInputDialog):
            dialog.setTextValue(left.pop(0))
            dialog.accept()
        if left:
            QTimer.singleShot(20, answer)

    QTimer.singleShot(20, answer)


def test_tier_tags_and_notes_are_edited_in_place_and_kept(desk: Desk) -> None:
    card = _open(desk)
    tier = "B" if card.tier != "B" else "A"
    desk.choose("B: valuable" if tier == "B" else "A: very valuable")
    button = next(b for b in desk.window.panel.findChildren(QPushButton) if b.text() == card.tier)
    button.click()
    desk.until(lambda: _card(desk).tier == tier)

    def tags() -> QLineEdit:
        return desk.window.panel.findChildren(QLineEdit)[0]

    tags().setFocus()
    tags().selectAll()
    QTest.keyClicks(tags(), "vip, boat")
    QTest.keyClick(tags(), Qt.Key.Key_Return)
    desk.window.list.setFocus()
    desk.until(lambda: tuple(_card(desk).tags) == ("vip", "boat"))
    notes = desk.window.panel.findChildren(QPlainTextEdit)[0]
    notes.setFocus()
    notes.selectAll()
    QTest.keyClicks(notes, "Rings twice.")
    desk.window.list.setFocus()
    desk.until(lambda: _card(desk).notes == "Rings twice.")


def test_an_identity_is_added_marked_invalid_and_valid_again(desk: Desk) -> None:
    card = _open(desk)
    _answer_inputs(desk, "phone", "+34600111222")
    desk.window.panel.identity_wanted.emit()
    desk.until(lambda: len(_card(desk).identities) == len(card.identities) + 1)
    added = next(one for one in _card(desk).identities if one not in card.identities)

    def press(words: str) -> None:
        desk.choose(words)
        line = next(
            one for one in desk.window.panel.findChildren(Line) if added.handle in one.text() and not one.isHidden()
        )
        line.click()

    def is_valid() -> bool:
        return next(one.valid for one in _card(desk).identities if one.id == added.id)

    press("It does not work any more")
    desk.until(lambda: not is_valid())
    press("It works again")
    desk.until(is_valid)


def test_what_is_typed_into_the_tags_survives_news_about_the_customer(desk: Desk) -> None:
    card = _open(desk)
    field = desk.window.panel.findChildren(QLineEdit)[0]
    field.setFocus()
    QTest.keyClicks(field, "half a wo")
    desk.window.acts.on_customer(lambda customers, s: customers.change(s, card.id, notes="From elsewhere"))
    desk.settle()
    QTest.qWait(200)
    assert "half a wo" in desk.window.panel.findChildren(QLineEdit)[0].text()


def test_an_attachment_is_saved_where_one_says(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "kept.png"
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getSaveFileName", lambda *_a, **_k: (str(target), ""))
    row = desk.find(lambda found: found.customer_name in ("Ann Tower", "Ana Torres Vidal"))
    desk.open(row)
    pane = desk.window.pane
    file = next(one for message in pane.stream.messages for one in message.attachments)
    pane.stream.file_wanted.emit(file, True)
    desk.until(target.exists)
    desk.until(lambda: target.stat().st_size == file.size)


def test_from_an_open_conversation_to_a_sent_template_with_a_question_takes_four_keystrokes(desk: Desk) -> None:
    desk.no_undo_time()
    row = desk.find(lambda found: found.customer_name == "Ann Tower" and found.asked < found.required)
    desk.open(row)  # what her template needs is known
    pane = desk.window.pane
    desk.window.list.setFocus()
    before = len(pane.stream.messages)
    pane.composer.editor.clear()
    QTest.keyClick(desk.window.list, Qt.Key.Key_Q)
    assert len(pane.composer.asked_now()) == 1
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: isinstance(QApplication.activePopupWidget(), TemplateMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, TemplateMenu)
    desk.until(lambda: menu.rows.key is not None)
    QTest.keyClick(menu.seek, Qt.Key.Key_Return)
    desk.until(lambda: len(pane.composer.editor.toPlainText()) > 80)
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: len(pane.stream.messages) > before or pane.composer.notice_text)
    assert pane.composer.notice_text == ""
    desk.until(lambda: pane.detail is not None and pane.detail.gate is not None and pane.detail.gate.asked > row.asked)


def test_what_the_command_line_does_is_on_screen_by_itself(start: Callable[..., Desk], tmp_path: Path) -> None:
    desk = start(tmp_path / "same")
    row = desk.find(lambda found: found.case_id is not None and found.owner_id is not None)
    desk.open(row)
    command = [sys.executable, "-m", "inbox", "--profile", str(tmp_path / "same"), "cases", "assign",
               "--to", "", str(row.case_id)]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        desk.until(lambda: process.poll() is not None)
        out = process.communicate()
    assert process.returncode == 0, out
    pane = desk.window.pane
    desk.until(lambda: pane.case is not None and pane.case.owner_id is None)
