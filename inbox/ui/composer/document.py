"""The reply as a document: its plain text, which is what counts, and its HTML where something in it has a look.

A pasted picture is named by its content id, as ``cid:…``; its content lies with the files of the reply.
"""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, cast

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFragment,
    QTextImageFormat,
    QTextList,
    QTextListFormat,
)

from inbox.ui.tokens import px

_LINE, _PICTURE = "\u2028", "\ufffc"
_WIDEST = 480  # of a picture in the text; its file keeps every dot
_SHOWN = re.compile(r'<img src="cid:([^"]+)"')
_BULLETS, _NUMBERS = QTextListFormat.Style.ListDisc, QTextListFormat.Style.ListDecimal


def plain_block() -> QTextBlockFormat:
    """A line without a look."""
    return QTextBlockFormat()


def quote_block() -> QTextBlockFormat:
    """A line that somebody else said."""
    shape = QTextBlockFormat()
    shape.setLeftMargin(px(18))
    return shape


def is_quote(block: QTextBlock) -> bool:
    """Whether a line is quoted."""
    return block.blockFormat().leftMargin() > 0


def text_of(document: QTextDocument) -> str:
    """The plain text: lists with their signs, quotations with ">", links with their address."""
    lines = []
    block = document.begin()
    while block.isValid():
        inside = "".join(_plain(fragment.text(), fragment.charFormat()) for fragment in _fragments(block))
        lines += [_sign(block) + line for line in inside.split("\n")]
        block = block.next()
    return "\n".join(lines)


def _fragments(block: QTextBlock) -> list[QTextFragment]:
    return [place.fragment() for place in cast(Any, block)]  # the stubs don't know how to go through it


def _list_of(block: QTextBlock) -> QTextList | None:
    return block.textList()


def _sign(block: QTextBlock) -> str:
    found = _list_of(block)
    if found is not None:
        return f"{found.itemNumber(block) + 1}. " if found.format().style() == _NUMBERS else "- "
    return "> " if is_quote(block) else ""


def _plain(text: str, look: QTextCharFormat) -> str:
    shown = text.replace(_LINE, "\n").replace(_PICTURE, "")
    href = look.anchorHref()
    return f"{shown} ({href})" if href and href.removeprefix("mailto:") != shown else shown


def html_of(document: QTextDocument) -> str:
    """The same as HTML; empty where nothing in it has a look."""
    made, has_look = _Page(), False
    block = document.begin()
    while block.isValid():
        fragments = [(fragment.text(), fragment.charFormat()) for fragment in _fragments(block)]
        inside = "".join(_marked(text, look) for text, look in fragments)
        found = _list_of(block)
        kind = "" if found is None else "ol" if found.format().style() == _NUMBERS else "ul"
        kind = kind or ("blockquote" if is_quote(block) else "")
        has_look = has_look or bool(kind) or any(_has_look(look) for _text, look in fragments)
        made.add(kind, inside)
        block = block.next()
    return made.finish() if has_look else ""


def _has_look(look: QTextCharFormat) -> bool:
    is_marked = look.fontWeight() >= QFont.Weight.DemiBold or look.fontItalic() or bool(look.anchorHref())
    return is_marked or look.isImageFormat()


def _marked(text: str, look: QTextCharFormat) -> str:
    if look.isImageFormat():
        return _picture_tag(look.toImageFormat())
    shown = html.escape(text, quote=False).replace(_LINE, "<br>").replace(_PICTURE, "")
    if look.fontItalic():
        shown = f"<i>{shown}</i>"
    if look.fontWeight() >= QFont.Weight.DemiBold:
        shown = f"<b>{shown}</b>"
    if look.anchorHref():
        shown = f'<a href="{html.escape(look.anchorHref())}">{shown}</a>'
    return shown


def _picture_tag(look: QTextImageFormat) -> str:
    size = f'width="{round(look.width())}" height="{round(look.height())}"'
    return f'<img src="{html.escape(look.name())}" {size}>'


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the text, no wider than a letter is."""

    content_id: str
    content: bytes
    width: float
    height: float


def new_picture(content: bytes) -> Picture:
    """Under a content id of its own."""
    image = QImage.fromData(content)
    width = min(image.width(), _WIDEST)
    return Picture(f"{uuid.uuid4().hex}@inbox", content, width, width * image.height() / max(1, image.width()))


def insert_picture(cursor: QTextCursor, picture: Picture) -> None:
    """Put a picture in at the cursor."""
    fill_picture(cursor.document(), picture.content_id, picture.content)
    cursor.insertImage(_picture(f"cid:{picture.content_id}", picture.width, picture.height))


def _picture(name: str, width: float, height: float) -> QTextImageFormat:
    look = QTextImageFormat()
    look.setName(name)
    look.setWidth(width)
    look.setHeight(height)
    return look


def fill_picture(document: QTextDocument, content_id: str, content: bytes) -> None:
    """Draw a picture that stands in the document."""
    name, image = QUrl(f"cid:{content_id}"), QImage.fromData(content)
    document.addResource(int(QTextDocument.ResourceType.ImageResource), name, image)
    document.markContentsDirty(0, document.characterCount())


def shown_pictures(page: str) -> set[str]:
    """The content ids of the pictures that stand in HTML that ``html_of`` made."""
    return set(_SHOWN.findall(page))


class _Page:
    """Puts lines together: those beside each other are one paragraph, one list, one quotation."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._kind = ""
        self._lines: list[str] = []

    def add(self, kind: str, line: str) -> None:
        if kind != self._kind or (not kind and not line):
            self._close()
        self._kind = kind
        if kind or line:
            self._lines.append(line)

    def _close(self) -> None:
        lines, kind, self._lines = self._lines, self._kind, []
        if not lines:
            return
        if kind in ("ul", "ol"):
            self._parts.append(f"<{kind}>" + "".join(f"<li>{line}</li>" for line in lines) + f"</{kind}>")
        else:
            inside = "<p>" + "<br>".join(lines) + "</p>"
            self._parts.append(f"<blockquote>{inside}</blockquote>" if kind else inside)

    def finish(self) -> str:
        self._close()
        return "".join(self._parts)


def load(document: QTextDocument, page: str) -> None:
    """Put HTML that ``html_of`` made into a document, line for line as it was."""
    document.clear()
    reader = _Reader(QTextCursor(document))
    reader.feed(page)
    reader.close()


class _Reader(HTMLParser):
    def __init__(self, cursor: QTextCursor) -> None:
        super().__init__()
        self._cursor, self._look = cursor, QTextCharFormat()
        self._looks: list[QTextCharFormat] = []
        self._list: QTextList | None = None
        self._kind, self._is_first, self._after_paragraph = "", True, False

    def _line(self, shape: QTextBlockFormat) -> None:
        if self._is_first:
            self._cursor.setBlockFormat(shape)
        else:
            self._cursor.insertBlock(shape, QTextCharFormat())
        self._is_first = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("b", "i", "a"):
            self._begin_look(tag, dict(attrs).get("href") or "")
        elif tag in ("ul", "ol"):
            self._kind, self._list = tag, None
        elif tag == "li":
            self._line(plain_block())
            if self._list is None:
                self._list = self._cursor.createList(_NUMBERS if self._kind == "ol" else _BULLETS)
            else:
                self._list.add(self._cursor.block())
        elif tag == "blockquote":
            self._kind, self._after_paragraph = tag, False
        elif tag == "p":
            if self._after_paragraph:
                self._line(plain_block())
            self._line(quote_block() if self._kind == "blockquote" else plain_block())
        elif tag == "img":
            self._insert_picture(dict(attrs))
        elif tag == "br":
            self._line(quote_block() if self._kind == "blockquote" else plain_block())

    def _insert_picture(self, attrs: dict[str, str | None]) -> None:
        width, height = (float(attrs.get(side) or 0) for side in ("width", "height"))
        self._cursor.insertImage(_picture(attrs.get("src") or "", width, height))

    def _begin_look(self, tag: str, href: str) -> None:
        self._looks.append(QTextCharFormat(self._look))
        if tag == "b":
            self._look.setFontWeight(QFont.Weight.Bold)
        elif tag == "i":
            self._look.setFontItalic(True)
        else:
            mark_link(self._look, href)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("b", "i", "a") and self._looks:
            self._look = self._looks.pop()
        elif tag in ("ul", "ol", "blockquote"):
            self._kind, self._after_paragraph = "", False
        elif tag == "p":
            self._after_paragraph = not self._kind

    def handle_data(self, data: str) -> None:
        self._cursor.insertText(data, self._look)


def mark_link(look: QTextCharFormat, href: str) -> None:
    """Let letters lead somewhere."""
    from inbox.ui import tokens

    look.setAnchor(True)
    look.setAnchorHref(href)
    look.setFontUnderline(True)
    look.setForeground(QColor(tokens.colors().accent))


def make_list(cursor: QTextCursor, *, numbered: bool) -> None:
    """Make the chosen lines a list, or no list where they are one of this kind."""
    style = _NUMBERS if numbered else _BULLETS
    found = _list_of(cursor.block())
    cursor.beginEditBlock()
    if found is not None and found.format().style() == style:
        block = cursor.document().findBlock(cursor.selectionStart())
        while block.isValid() and block.position() <= cursor.selectionEnd():
            if (inside := _list_of(block)) is not None:
                inside.remove(block)
            QTextCursor(block).setBlockFormat(plain_block())
            block = block.next()
    else:
        cursor.createList(style)
    cursor.endEditBlock()


def make_quote(cursor: QTextCursor) -> None:
    """Make the chosen lines a quotation, or none where they are."""
    first = cursor.document().findBlock(cursor.selectionStart())
    cursor.setBlockFormat(plain_block() if is_quote(first) else quote_block())
