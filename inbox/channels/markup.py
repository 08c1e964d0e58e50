"""The short HTML and quotations of social networks and feeds: as text, safe to show. Mail has readers of its own."""

import re
from html.parser import HTMLParser

import nh3

_TAGS = {"a", "b", "blockquote", "br", "code", "del", "em", "i", "li", "ol", "p", "pre", "s", "strong", "u", "ul"}
_TAGS |= {f"h{level}" for level in range(1, 7)}
_APART = frozenset(["p", "blockquote", "pre", "ul", "ol", "div", *(f"h{level}" for level in range(1, 7))])
_LINES = re.compile(r"\n{3,}")
_SPACE = re.compile(r"\s+")
_NAMED = frozenset(["mention", "hashtag"])  # as the fediverse marks links whose text says it all
_SILENT = frozenset(["script", "style", "title"])


def to_text(markup: str) -> str:
    """HTML as plain text: paragraphs apart, list items with a mark, links with their address where it is not shown."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return _LINES.sub("\n\n", "".join(reader.pieces)).strip()


def safe_html(markup: str) -> str:
    """HTML in which nothing runs, loads or looks like ours."""
    return nh3.clean(markup, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto", "tel"})


def without_quotation(text: str) -> str:
    """A message's text without the words that it answers, which stand before it after ``> ``; all if only they do."""
    lines = text.splitlines()
    while lines and (lines[0] == ">" or lines[0].startswith("> ")):
        del lines[0]
    return "\n".join(lines).strip() or text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._links: list[tuple[str, int]] = []
        self._silent = 0
        self._as_it_stands = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What begins."""
        values = {name: value or "" for name, value in attrs}
        self._silent += tag in _SILENT
        self._as_it_stands += tag == "pre"
        if tag == "br":
            self.pieces.append("\n")
        elif tag == "li":
            self._break("\n")
            self.pieces.append("- ")
        elif tag in _APART:
            self._break("\n\n")
        elif tag == "a":
            named = _NAMED & set(values.get("class", "").split())
            self._links.append(("" if named else values.get("href", ""), len(self.pieces)))
        elif tag == "img" and values.get("alt"):
            self.pieces.append(values["alt"])

    def handle_endtag(self, tag: str) -> None:
        """What ends."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag == "pre":
            self._as_it_stands = max(0, self._as_it_stands - 1)
        if tag in _APART:
            self._break("\n\n")
        elif tag == "a" and self._links:
            address, place = self._links.pop()
            shown = "".join(self.pieces[place:]).strip()
            if address.startswith(("http:", "https:")) and not _same(shown, address):
                self.pieces.append(f" ({address})" if shown else address)

    def handle_data(self, data: str) -> None:
        """Words."""
        if self._silent:
            return
        words = data if self._as_it_stands else _SPACE.sub(" ", data)
        if words == " " and (not self.pieces or self.pieces[-1].endswith("\n")):
            return
        self.pieces.append(words)

    def _break(self, lines: str) -> None:
        if self.pieces and not self.pieces[-1].endswith(lines):
            self.pieces.append(lines)


def _same(shown: str, address: str) -> bool:
    """Whether a link shows where it goes, perhaps shortened."""
    bare = shown.split("://")[-1].rstrip("…").rstrip("/")
    return bool(bare) and bare in address
