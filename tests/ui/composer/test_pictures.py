"""A pasted picture stands in the text where mail has looks, and is a file elsewhere."""

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument

from inbox.ui.composer import document
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _paste(desk: Desk) -> None:
    picture = QImage(960, 480, QImage.Format.Format_RGB32)
    picture.fill(QColor("#117744"))
    held = QMimeData()
    held.setImageData(picture)
    desk.window.pane.composer.editor.insertFromMimeData(held)


def _by_email(desk: Desk) -> None:
    desk.show_all()
    desk.open(desk.find(lambda row: row.channel == "email"))
    desk.window.pane.composer.editor.clear()


def _is_drawn(desk: Desk) -> bool:
    editor = desk.window.pane.composer.editor
    shown = document.shown_pictures(editor.written_page())
    kind = int(QTextDocument.ResourceType.ImageResource)
    return len(shown) == 1 and all(editor.document().resource(kind, QUrl(f"cid:{one}")) is not None for one in shown)


def test_a_picture_stands_where_it_was_pasted_and_undo_takes_it_away(desk: Desk) -> None:
    _by_email(desk)
    composer = desk.window.pane.composer
    composer.editor.insert("before ")
    _paste(desk)
    composer.editor.insert("after")
    page = composer.editor.written_page()
    (content_id,) = document.shown_pictures(page)
    assert page == f'<p>before <img src="cid:{content_id}" width="480" height="240"> after</p>'
    assert composer.chips.count() == 0
    for _ in range(3):  # the words after it, the picture, and its place
        if "<img" in composer.editor.written_page():
            composer.editor.undo()
    assert "<img" not in composer.editor.written_page()
    composer.editor.redo()
    assert _is_drawn(desk)


def test_a_picture_alone_can_be_sent_and_one_taken_away_can_not(desk: Desk) -> None:
    _by_email(desk)
    composer = desk.window.pane.composer
    _paste(desk)
    assert composer.send_button.isEnabled()
    composer.editor.undo()
    assert not composer.send_button.isEnabled()


def test_a_picture_is_in_the_draft_when_one_comes_back(desk: Desk) -> None:
    _by_email(desk)
    first = desk.window.pane.detail
    assert first is not None
    _paste(desk)
    page = desk.window.pane.composer.editor.written_page()
    desk.open(desk.find(lambda row: row.id != first.row.id))
    desk.open(desk.find(lambda row: row.id == first.row.id))
    assert desk.window.pane.composer.editor.written_page() == page
    desk.until(lambda: _is_drawn(desk))


def test_in_a_chat_a_pasted_picture_is_a_file(desk: Desk) -> None:
    desk.show_all()
    desk.open(desk.find(lambda row: row.channel == "telegram"))
    composer = desk.window.pane.composer
    _paste(desk)
    assert [file.content_id for file in composer.written.files] == [""]
    assert composer.editor.written_page() == ""
