"""Bold, lists, quotations and links: what is written is what goes out, as text and as HTML."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from inbox.ui.composer import document
from inbox.ui.composer.editor import Editor
from inbox.ui.composer.looks import LinkDialog
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PAGE = (
    '<p>Hello <b>Ann</b>, <a href="https://shop.example/?a=1&amp;b=2">look</a><br>second line</p><p>third</p>'
    "<ul><li>one</li><li><i>two</i></li></ul><ol><li>a</li><li>b</li></ol>"
    "<blockquote><p>said<br>before</p></blockquote><p>x &lt; y</p>"
)
TEXT = """Hello Ann, look (https://shop.example/?a=1&b=2)
second line

third
- one
- two
1. a
2. b
> said
> before
x < y"""


@pytest.fixture
def editor(desk: Desk) -> Editor:
    """Of a conversation by email."""
    desk.show_all()
    desk.open(desk.find(lambda row: row.channel == "email"))
    found = desk.window.pane.composer.editor
    found.clear()
    return found


def test_a_document_is_the_same_after_it_was_kept(editor: Editor) -> None:
    document.load(editor.document(), PAGE)
    assert editor.written_page() == PAGE
    assert editor.written_text() == TEXT


def test_text_without_a_look_is_plain(editor: Editor) -> None:
    QTest.keyClicks(editor, "Hello Ann < Luis")
    assert editor.written_page() == ""
    assert editor.written_text() == "Hello Ann < Luis"


def test_the_keys_of_mail_programs_make_letters_bold_and_lines_lists(editor: Editor) -> None:
    QTest.keyClick(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, "one")
    QTest.keyClick(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClick(editor, Qt.Key.Key_8, CONTROL | SHIFT)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "two")
    assert editor.written_page() == "<ul><li><b>one</b></li><li>two</li></ul>"
    assert editor.written_text() == "- one\n- two"
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_8, CONTROL | SHIFT)
    assert editor.written_page() == "<p><b>one</b><br>two</p>"
    editor.selectAll()
    QTest.keyClick(editor, Qt.Key.Key_9, CONTROL | SHIFT)
    assert editor.written_text() == "> one\n> two"


def test_a_link_is_asked_for_and_what_follows_it_is_plain(editor: Editor) -> None:
    QTest.keyClicks(editor, "here")
    editor.selectAll()
    dialog = LinkDialog(editor)
    dialog.field.value = "no link"
    dialog._on_sure()
    assert editor.written_page() == ""
    dialog.field.value = "www.shop.example"
    dialog._on_sure()
    QTest.keyClicks(editor, "and on")
    assert editor.written_page() == '<p><a href="https://www.shop.example">here</a> and on</p>'


def test_a_reply_goes_out_with_its_looks_and_comes_back_with_them(desk: Desk, editor: Editor) -> None:
    pane = desk.window.pane
    document.load(editor.document(), "<p>Hello <b>Ann</b></p>")
    pane.composer.send()
    desk.until(lambda: any(row.text == "Hello Ann" for row in pane.stream.messages))
    sent = next(row for row in pane.stream.messages if row.text == "Hello Ann")
    assert sent.has_html
    pane.undo_reply(sent.id)
    desk.until(lambda: editor.written_page() == "<p>Hello <b>Ann</b></p>")


def test_a_note_and_a_chat_are_plain(desk: Desk, editor: Editor) -> None:
    composer = desk.window.pane.composer
    assert composer.look_button.isVisibleTo(composer)
    QTest.keyClick(editor, Qt.Key.Key_B, CONTROL)
    QTest.keyClicks(editor, "bold")
    desk.window.pane.note()
    assert composer.look_button.isHidden()
    QTest.keyClicks(editor, "plain")
    assert editor.fontWeight() < 600
    composer.set_note(False)
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    assert composer.written.page == "<p><b>bold</b></p>"
    desk.open(desk.find(lambda row: row.channel != "email"))
    assert composer.look_button.isHidden()
