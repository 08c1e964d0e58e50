"""The composer's text field: marks holes and questions, opens the menus at / and ?, takes dropped files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QKeySequence, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit

from inbox.i18n import tr
from inbox.ui.composer import document
from inbox.ui.composer.marks import HOLE, Marks, index, units
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence


class Editor(QTextEdit):
    """Text, with looks where ``is_rich``. Undo is Qt's own; a missing value ⟨…⟩ is gone to with Tab.

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
        self.has_menus, self.is_rich = True, False
        self.setAcceptRichText(False)  # what is pasted comes without the looks of elsewhere
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setAccessibleName(tr("Reply"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.document().setIndentWidth(px(20))

    def show_written(self, text: str, page: str = "") -> None:
        """Put in what was written, with its looks where it has some and this is the place for them."""
        self.setPlainText(text)
        if page and self.is_rich:
            document.load(self.document(), page)
        self.setCurrentCharFormat(QTextCharFormat())
        self.moveCursor(QTextCursor.MoveOperation.End)

    def written_text(self) -> str:
        """What counts: the plain text."""
        return document.text_of(self.document()) if self.is_rich else self.toPlainText()

    def written_page(self) -> str:
        """The same as HTML; empty where it has no looks."""
        return document.html_of(self.document()) if self.is_rich else ""

    # --- looks --------------------------------------------------------------------------------------------------

    def toggle_bold(self) -> None:
        """The chosen letters, or those that come."""
        look = QTextCharFormat()
        is_bold = self.fontWeight() >= QFont.Weight.DemiBold
        look.setFontWeight(QFont.Weight.Normal if is_bold else QFont.Weight.Bold)
        self.mergeCurrentCharFormat(look)

    def toggle_italic(self) -> None:
        """The chosen letters, or those that come."""
        look = QTextCharFormat()
        look.setFontItalic(not self.fontItalic())
        self.mergeCurrentCharFormat(look)

    def toggle_list(self, *, numbered: bool = False) -> None:
        """Make the chosen lines a list, or no list."""
        document.make_list(self.textCursor(), numbered=numbered)
        self.textChanged.emit()

    def toggle_quote(self) -> None:
        """Make the chosen lines a quotation, or none."""
        document.make_quote(self.textCursor())
        self.textChanged.emit()

    def link_to(self, href: str) -> None:
        """Let the chosen letters lead there; without any, the address itself."""
        cursor, look = self.textCursor(), QTextCharFormat()
        document.mark_link(look, href)
        cursor.insertText(cursor.selectedText() or href, look)
        cursor.insertText(" ", QTextCharFormat())
        self.setTextCursor(cursor)
        self.setCurrentCharFormat(QTextCharFormat())

    def _press_look(self, event: QKeyEvent) -> bool:
        """The keys that mail programs have for looks; whether it was one."""
        keys, shift = event.modifiers(), Qt.KeyboardModifier.ShiftModifier
        control = Qt.KeyboardModifier.ControlModifier
        if not self.is_rich or not keys & control:
            return False
        looks = {
            (Qt.Key.Key_B, False): self.toggle_bold,
            (Qt.Key.Key_I, False): self.toggle_italic,
            (Qt.Key.Key_7, True): lambda: self.toggle_list(numbered=True),
            (Qt.Key.Key_8, True): self.toggle_list,
            (Qt.Key.Key_9, True): self.toggle_quote,
        }
        found = looks.get((Qt.Key(event.key()), bool(keys & shift)))
        if found is not None:
            found()
        return found is not None

    # --- questions, values, keys --------------------------------------------------------------------------------

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
        elif self._press_look(event):
            pass
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
