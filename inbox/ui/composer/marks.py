"""What the composer marks in the text while it is typed: missing values and clarifying questions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat

from inbox.ui import tokens
from inbox.ui.composer.document import is_quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QTextDocument

HOLE = re.compile(r"⟨[^⟩\n]*⟩")


class Marks(QSyntaxHighlighter):
    """Holes on a warning ground, clarifying questions underlined in the accent."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.questions: Sequence[str] = ()

    def mark_questions(self, questions: Sequence[str]) -> None:
        """Underline these from now on."""
        if list(self.questions) != list(questions):
            self.questions = tuple(questions)
            self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        look = tokens.colors()
        if is_quote(self.currentBlock()):
            said = QTextCharFormat()
            said.setForeground(QColor(look.soft))
            self._mark(text, 0, len(text), said)
        hole = QTextCharFormat()
        hole.setBackground(QColor(look.warn_soft))
        hole.setForeground(QColor(look.warn))
        hole.setFontWeight(QFont.Weight.DemiBold)
        for found in HOLE.finditer(text):
            self._mark(text, found.start(), found.end(), hole)
        asked = QTextCharFormat()
        asked.setForeground(QColor(look.accent))
        asked.setFontWeight(QFont.Weight.DemiBold)
        asked.setFontUnderline(True)
        for question in self.questions:
            start = text.find(question)
            if start >= 0:
                self._mark(text, start, start + len(question), asked)

    def _mark(self, text: str, start: int, end: int, look: QTextCharFormat) -> None:
        first = units(text[:start])
        self.setFormat(first, units(text[:end]) - first, look)


def units(text: str) -> int:
    """A length as Qt counts it: in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


def index(text: str, length: int) -> int:
    """The place in Python's text of a place as Qt counts it."""
    return len(text.encode("utf-16-le")[: length * 2].decode("utf-16-le", "ignore"))
