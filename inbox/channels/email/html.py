"""HTML of strangers: as plain text, and as HTML that is safe to show. Pure functions, linear in the size."""

import html as entities
import re

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9:]*)")
_HREF = re.compile(r"""\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_LINES = re.compile(r"\n{3,}")
_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "p div h1 h2 h3 h4 h5 h6 ul ol dl dt dd table blockquote pre section article header footer main form "
        "fieldset address center figure nav aside hr body html title",
    )
)
_APART = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "hr"])
_HIDDEN = ("script", "style", "head", "title", "template", "noembed", "noframes", "xmp")
_DEEPEST = 20


def charset_of(data: bytes) -> str:
    """The charset that a page names in its own head; may be empty."""
    found = _CHARSET.search(data, 0, 4096)
    return found[1].decode("ascii") if found else ""


def from_text(text: str) -> str:
    """Plain text as HTML."""
    return f'<div style="white-space: pre-wrap">{entities.escape(text, quote=False)}</div>'


def to_text(page: str) -> str:
    """A page as plain text: lists with their marks, quotations with ``>``, table cells apart, links named."""
    writer = _Writer()
    at, size = 0, len(page)
    no_comment_end = False
    while at < size:
        opening = page.find("<", at)
        if opening < 0:
            writer.text(page[at:])
            break
        if opening > at:
            writer.text(page[at:opening])
        if page.startswith("<!--", opening):
            end = -1 if no_comment_end else page.find("-->", opening + 4)
            no_comment_end = end < 0
            at = end + 3 if end >= 0 else opening + 4
            continue
        name = _NAME.match(page, opening + 1)
        if name is None and page[opening + 1 : opening + 2] not in ("!", "?", "/"):
            writer.text("<")
            at = opening + 1
            continue
        end = _tag_end(page, opening)
        if name is not None:
            end = _open_or_close(writer, page, opening, end, name[1].lower())
        at = end
    return writer.result()


def _tag_end(page: str, opening: int) -> int:
    """Behind the ``>`` that ends a tag, where one in quotation marks does not count."""
    end = page.find(">", opening)
    if end < 0:
        return len(page)
    if page.count('"', opening, end) % 2:
        quote = page.find('"', end)
        later = page.find(">", quote) if 0 <= quote < end + 2000 else -1
        if 0 <= later < end + 4000:
            end = later
    return end + 1


def _open_or_close(writer: "_Writer", page: str, opening: int, end: int, name: str) -> int:
    """Tell the writer of a tag; where the text goes on is returned."""
    if page[opening + 1] == "/":
        writer.close(name)
        return end
    if name in _HIDDEN and page[end - 2 : end] != "/>":
        return _behind(writer, page, end, name)
    tag = page[opening:end]
    if name == "a":
        found = _HREF.search(tag)
        writer.link = entities.unescape(found[1] or found[2] or found[3] or "").strip() if found else ""
        writer.link_from = len(writer.out)
    elif name == "img":
        return end
    else:
        writer.open(name)
    return end


def _behind(writer: "_Writer", page: str, at: int, name: str) -> int:
    """Behind the end of an element that isn't shown. Without an end only the tag itself is left out."""
    if name in writer.endless:
        return at
    stop = re.compile(rf"</{name}\s*>" if name != "head" else r"</head\s*>|<body\b", re.IGNORECASE).search(page, at)
    if stop is None:
        writer.endless.add(name)
        return at
    return stop.start() if stop[0][1] != "/" else stop.end()


class _Writer:
    """Collects the text, with the line breaks that the elements mean."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.endless: set[str] = set()
        self.link, self.link_from = "", 0
        self._quotes = 0
        self._lists: list[int] = []  # 0: a bullet; else the next number
        self._raw = 0
        self._cell = False
        self._line_open = False
        self._space = False

    def text(self, text: str) -> None:
        if "&" in text:
            text = entities.unescape(text)
        if self._raw:
            for number, line in enumerate(text.replace("\r\n", "\n").split("\n")):
                if number:
                    self._break()
                if line:
                    self._write(line)
            return
        words = _SPACE.sub(" ", text)
        if not words:
            return
        if words[0] == " ":
            self._space = True
        inner = words.strip(" ")
        if inner:
            self._write(inner)
            self._space = words[-1] == " "

    def _write(self, text: str) -> None:
        if not self._line_open:
            self.out.append("> " * min(self._quotes, _DEEPEST))
            self._line_open = True
        elif self._space or self._cell:
            self.out.append("\t" if self._cell else " ")
        self._space = self._cell = False
        self.out.append(text)

    def _break(self) -> None:
        if not self._line_open and self._quotes:
            self.out.append(">")
        self.out.append("\n")
        self._line_open = self._space = self._cell = False

    def _end_line(self) -> None:
        if self._line_open:
            self._break()

    def _gap(self) -> None:
        self._end_line()
        if self.out and self.out[-2:] != ["\n", "\n"] and len(self.out) > 1:
            self.out.append("\n")

    def open(self, name: str) -> None:
        if name == "br":
            self._break()
        elif name == "li":
            self._end_line()
            number = self._lists[-1] if self._lists else 0
            if self._lists and number:
                self._lists[-1] += 1
            self._write("  " * (min(len(self._lists), _DEEPEST) - 1) + (f"{number}." if number else "-"))
            self._space = True
        elif name == "tr":
            self._end_line()
        elif name in ("td", "th"):
            self._cell = self._line_open
        elif name == "hr":
            self._gap()
            self._write("---")
            self._gap()
        elif name in _BLOCKS:
            self._open_block(name)

    def _open_block(self, name: str) -> None:
        if (name in _APART and name not in ("ul", "ol")) or (name in ("ul", "ol") and not self._lists):
            self._gap()
        else:
            self._end_line()
        if name == "blockquote":
            self._quotes += 1
        elif name == "pre":
            self._raw += 1
        elif name in ("ul", "ol"):
            self._lists.append(1 if name == "ol" else 0)

    def close(self, name: str) -> None:
        if name == "a":
            self._close_link()
        elif name == "tr":
            self._end_line()
        elif name in _BLOCKS or name == "li":
            self._end_line()
            if name == "blockquote":
                self._quotes = max(0, self._quotes - 1)
            elif name == "pre":
                self._raw = max(0, self._raw - 1)
            elif name in ("ul", "ol") and self._lists:
                self._lists.pop()
            if name in _APART and not self._lists:
                self._gap()

    def _close_link(self) -> None:
        link, self.link = self.link, ""
        if not link.lower().startswith(("http://", "https://")) or len(link) > 300:
            return
        shown = "".join(self.out[self.link_from :]).strip()
        if shown and "://" not in shown and shown.lower() not in link.lower():
            self._write(f"<{link}>") if self._space else self.out.append(f" <{link}>")

    def result(self) -> str:
        text = "".join(self.out).replace("\u00a0", " ")
        text = "\n".join(line.rstrip() for line in text.split("\n"))
        return _LINES.sub("\n\n", text).strip("\n")
