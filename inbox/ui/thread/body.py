"""A message's text on the screen: selectable, and nothing in it loads by itself."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QImage, QTextBlockFormat, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QFrame, QTextBrowser

from inbox.ui import tokens
from inbox.ui.style import font

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtWidgets import QWidget

_LINK = re.compile(r"https?://[^\s<>\"'«»]+[^\s<>\"'«».,;:!?)\]]")
# In the dark theme a mail's own colours would be unreadable on our ground.
_COLORS = re.compile(
    r"(?:background(?:-color)?|color)\s*:[^;\"']*;?|\s(?:bgcolor|color|background)=(?:\"[^\"]*\"|'[^']*')", re.I
)
# Every mail is read in the interface's own font.
_FONTS = re.compile(r"font-family\s*:[^;\"']*;?|\sface=(?:\"[^\"]*\"|'[^']*')", re.I)
# Qt complains of letters without a size; in mails they are a preview for the list, and not to be read.
_NO_SIZE = re.compile(r"(?<![\w-])font-size\s*:\s*(?:0*\.)?0+(?:px|pt|em|rem|%)?\s*(?=[;\"'!]|$)", re.I)
_OPENED = ("http", "https", "mailto", "tel")
LINE_HEIGHT = 122  # per cent


def text_html(text: str, questions: Sequence[str] = ()) -> str:
    """Plain text as HTML: links to press, and the clarifying questions underlined in the accent."""
    shown = html.escape(text)
    shown = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', shown)
    for question in questions:
        escaped = html.escape(question)
        shown = shown.replace(escaped, f'<span style="{question_style()}">{escaped}</span>', 1)
    return f'<div style="white-space:pre-wrap">{shown}</div>'


def question_style() -> str:
    """How a clarifying question looks."""
    return f"color:{tokens.colors().accent};font-weight:600;text-decoration:underline"


class Body(QTextBrowser):
    """As high as its text is, without scroll bars. Remote things are refused; inline images come from the mail itself.

    Signals:
        grew: Its height changed by itself: arrange anew.
    """

    grew = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._inline: Mapping[str, bytes] = {}
        self._pictures: Mapping[str, bytes] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.document().setDocumentMargin(0)
        self.document().setDefaultFont(font())
        self.document().setDefaultStyleSheet(f"a {{ color: {tokens.colors().accent}; }}")
        self.anchorClicked.connect(open_link)

    def show_text(self, text: str, questions: Sequence[str] = ()) -> None:
        """Show plain text."""
        self.setHtml(text_html(text, questions))
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        shape = QTextBlockFormat()
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor.mergeBlockFormat(shape)

    def show_html(self, markup: str, inline: Mapping[str, bytes], pictures: Mapping[str, bytes] | None = None) -> None:
        """Show sanitised HTML. ``pictures`` are remote images that were fetched because the person asked."""
        self._inline, self._pictures = inline, pictures or {}
        calm = _NO_SIZE.sub("font-size:1px", _FONTS.sub("", markup))
        self.setHtml(_COLORS.sub("", calm) if tokens.colors().dark else calm)

    def height_for(self, width: int) -> int:
        """How high it is at a width."""
        self.document().setTextWidth(width)
        return int(self.document().size().height()) + 1

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        url = QUrl(name)
        if url.scheme() == "cid":
            content = self._inline.get(url.path(), b"")
        else:
            content = self._pictures.get(url.toString(), b"")
        return _image(content, self.width())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the thread scrolls, not its messages


def open_link(url: QUrl) -> None:
    """Open what a person pressed in the program that is for it; nothing else than web, mail and telephone."""
    if url.scheme() in _OPENED:
        QDesktopServices.openUrl(url)


def _image(content: bytes, width: int) -> QImage:
    image = QImage.fromData(content) if content else QImage()
    if image.isNull():
        blank = QImage(1, 1, QImage.Format.Format_ARGB32)
        blank.fill(0)
        return blank
    return image.scaledToWidth(width) if 0 < width < image.width() else image
