"""The composer's text field: marks holes and questions, opens the menus at / and ?, takes dropped files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from inbox.i18n import tr
from inbox.ui.composer.marks import HOLE, Marks, index, units

if TYPE_CHECKING:
    from collections.abc import Sequence


class Editor(QPlainTextEdit):
    """Plain text. Undo is Qt's own; a missing value ⟨…⟩ is gone to with Tab.

    Signals:
        template_wanted: ``/`` at the start of a word, at a place on the screen.
        question_wanted: ``?`` at the start of a word.
        sent: Ctrl+Enter.
        left: Escape.
        files_dropped: Paths of files that were dropped or pasted.
        image_pasted: A picture from the clipboard.
        undo_wanted: Ctrl+Z where there is no typing to undo.
    """

    template_wanted = Signal(QPoint)
    question_wanted = Signal(QPoint)
    sent = Signal()
    left = Signal()
    files_dropped = Signal(list)
    image_pasted = Signal(object)
    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks(self.document())
        self.has_menus = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Reply"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)

    def mark_questions(self, questions: Sequence[str]) -> None:
        """Underline these from now on."""
        self._marks.mark_questions(questions)

    def insert(self, text: str) -> None:
        """Put text in at the cursor, as one step that can be undone, with a space before it where one belongs."""
        cursor = self.textCursor()
        before = self.document().characterAt(cursor.selectionStart() - 1) if cursor.selectionStart() else "\n"
        glue = "" if before.isspace() or before in "\u2029(¿¡" else " "
        cursor.insertText(glue + text)
        self.setTextCursor(cursor)

    def next_hole(self) -> bool:
        """Select the next missing value; false where there is none."""
        text = self.toPlainText()
        start = self.textCursor().selectionEnd()
        found = HOLE.search(text, index(text, start)) or HOLE.search(text)
        if found is None:
            return False
        cursor = self.textCursor()
        cursor.setPosition(units(text[: found.start()]))
        cursor.setPosition(units(text[: found.end()]), QTextCursor.MoveMode.KeepAnchor)
        self.setTextCursor(cursor)
        return True

    def menu_place(self) -> QPoint:
        """Where a menu for the cursor opens, on the screen."""
        return self.viewport().mapToGlobal(self.cursorRect().topLeft())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, control = event.modifiers(), Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and keys & control:
            self.sent.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable():
            self.undo_wanted.emit()
        elif event.key() == Qt.Key.Key_Tab and not keys and HOLE.search(self.toPlainText()):
            self.next_hole()
        elif self.has_menus and event.text() in ("/", "?") and self._at_word_start():
            (self.template_wanted if event.text() == "/" else self.question_wanted).emit(self.menu_place())
        else:
            super().keyPressEvent(event)

    def _at_word_start(self) -> bool:
        cursor = self.textCursor()
        if cursor.hasSelection():
            return False
        before = self.document().characterAt(cursor.position() - 1) if cursor.position() else "\n"
        return before.isspace() or before == "\u2029"

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasUrls() or source.hasImage() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = [url.toLocalFile() for url in source.urls() if url.isLocalFile()]
        if paths:
            self.files_dropped.emit(paths)
        elif source.hasImage() and not source.hasText():
            self.image_pasted.emit(source.imageData())
        else:
            super().insertFromMimeData(source)
