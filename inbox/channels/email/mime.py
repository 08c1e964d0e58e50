"""The tree of a mail's parts over its raw bytes. Parts are spans; nothing is decoded or copied until asked for."""

import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from inbox.channels.email import headers

MAX_DEPTH = 30
MAX_PARTS = 3000
_LONGEST_NAME = 2000
_HTML_START = re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_USUAL_TYPES = frozenset(("text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related"))
_ENCODINGS = frozenset(("7bit", "8bit", "binary", "base64", "quoted-printable"))
_ENCODING = re.compile(r"base64|quoted-printable|x-uuencode|uuencode|x-uue|uue|7bit|8bit|binary")
_FOREIGN_BOUNDARY = re.compile(
    rb"^--([^\r\n]{1,200})\r?\n(?=content-[a-z-]{1,40}[ \t]*:)", re.IGNORECASE | re.MULTILINE
)
_TOKEN = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+\Z")


class Part:
    """One part of a mail. A leaf has no ``children``; a ``message/rfc822`` is a leaf as well.

    Attributes:
        number: Where it lies, such as "1.2"; "1" for a mail that is one part, "" for one that has several.
        content_type: In lower case; "text/plain" where none is told or it can't be read.
        disposition: "attachment", "inline" or what the part says; may be empty.
    """

    __slots__ = (
        "_disposition_parameters",
        "_end",
        "_parameters",
        "_raw",
        "_start",
        "children",
        "content_type",
        "disposition",
        "head",
        "number",
    )

    def __init__(self, raw: bytes, start: int, end: int, number: str, default_type: str = "text/plain") -> None:
        self._raw, self._end, self.number = raw, end, number
        self.head, self._start = headers.split_head(raw, start, end)
        self.children: list[Part] = []
        self._parameters: Mapping[str, str] = {}
        self._disposition_parameters: Mapping[str, str] = {}
        self.content_type = default_type
        self.disposition = ""
        self._read_types(default_type)

    def _read_types(self, default_type: str) -> None:
        values = self.head.get(b"content-type")
        if values:
            named, self._parameters = headers.parameters(values[0])
            if named == "text":
                named = "text/plain"
            if named not in _USUAL_TYPES:
                named = named.replace(" ", "")
                named = named if _TOKEN.match(named) else default_type
            self.content_type = named
        values = self.head.get(b"content-disposition")
        if values:
            self.disposition, self._disposition_parameters = headers.parameters(values[0])

    @property
    def charset(self) -> str:
        """As the part names it; may be empty or wrong."""
        return self._parameters.get("charset", "").partition(" ")[0].strip("\"';,")

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters of Content-Type."""
        return self._parameters

    @property
    def filename(self) -> str:
        """The name it was sent under, decoded but not made harmless; may be empty."""
        name = (
            self._disposition_parameters.get("filename")
            or self._parameters.get("name")
            or self._disposition_parameters.get("name")
            or self._parameters.get("filename")
            or ""
        ).strip()
        return _unquoted(name[:_LONGEST_NAME]) if "%" in name else name

    @property
    def content_id(self) -> str:
        """Without angle brackets; may be empty."""
        values = self.head.get(b"content-id")
        return headers.unfold(values[0]).strip().strip("<>") if values else ""

    @property
    def is_multipart(self) -> bool:
        """Whether it was split into children (a multipart without any part is a leaf)."""
        return bool(self.children)

    @property
    def body(self) -> bytes:
        """The body as it came, still encoded."""
        return self._raw[self._start : self._end]

    @property
    def may_hold_files(self) -> bool:
        """Whether a uuencoded file may stand in its body."""
        start, end = self._start, self._end
        found = self._raw.find(b"begin ", start, end)
        while found > start and self._raw[found - 1] not in b"\r\n":
            found = self._raw.find(b"\nbegin ", found, end)
            found += found >= 0
        return found >= 0

    @property
    def encoding(self) -> str:
        """The transfer encoding, in lower case."""
        values = self.head.get(b"content-transfer-encoding")
        if not values:
            return ""
        named = headers.unfold(values[0]).strip().lower()
        if named in _ENCODINGS:
            return named
        found = _ENCODING.search(named)  # among comments, quotation marks and parameters
        return found[0] if found else named

    def content(self) -> bytes:
        """The body, decoded. Never raises."""
        return decode_transfer(self.body, self.encoding)

    def leaves(self) -> Iterator["Part"]:
        """Every leaf, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def split(self, depth: int, budget: list[int]) -> None:
        """Find the children, and theirs."""
        if not self.content_type.startswith("multipart/") or depth >= MAX_DEPTH:
            return
        spans = self._find_parts(budget)
        child_type = "message/rfc822" if self.content_type == "multipart/digest" else "text/plain"
        for place, (start, end) in enumerate(spans, start=1):
            number = f"{self.number}.{place}" if self.number else str(place)
            child = Part(self._raw, start, end, number, child_type)
            child.split(depth + 1, budget)
            self.children.append(child)
        if not spans:
            # No boundary is there: what stands in the body is text, and nobody may lose it.
            self.content_type = "text/html" if _HTML_START.match(self._raw, self._start) else "text/plain"

    def _find_parts(self, budget: list[int]) -> list[tuple[int, int]]:
        boundary = self._parameters.get("boundary", "").encode("utf-8", "surrogateescape")
        spans = list(_spans(self._raw, self._start, self._end, boundary, budget))
        if not spans:
            # The boundary is missing or another: the line before the first field of a part must be it.
            found = _FOREIGN_BOUNDARY.search(self._raw, self._start, self._end)
            spans = list(_spans(self._raw, self._start, self._end, found[1].rstrip(), budget)) if found else []
        return spans


_BEFORE_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?=[!-9;-~]+[ \t]*:)")


def read(raw: bytes) -> Part:
    """The tree of a whole mail."""
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    if raw[:1] in (b"\xef", b" ", b"\t", b"\r", b"\n"):
        raw = _BEFORE_HEAD.sub(b"", raw, count=1) if _BEFORE_HEAD.match(raw) else raw
    root = Part(raw, 0, len(raw), "")
    root.split(0, [MAX_PARTS])
    if not root.children:
        root.number = "1"
    return root


def _unquoted(name: str) -> str:
    """Percent signs where they hide letters (what RFC 2231 marks with a star, but without the star)."""
    try:
        plain = unquote(name, errors="strict")
    except UnicodeDecodeError:
        return name
    return plain if not plain.isascii() and name.isascii() else name


def find(root: Part, number: str) -> Part | None:
    """The part with that number."""
    if not root.children:
        return root if number == root.number else None
    part: Part | None = root
    for step in number.split(".") if number else ():
        children = part.children if part else []
        part = children[int(step) - 1] if step.isdigit() and 0 < int(step) <= len(children) else None
    return part


def _spans(raw: bytes, start: int, end: int, boundary: bytes, budget: list[int]) -> Iterator[tuple[int, int]]:
    mark = b"--" + boundary
    if mark[-1] in b" \t" and raw.find(mark, start, end) < 0:
        mark = mark.rstrip()  # a blank that got into the quotation marks
    if len(mark) == 2:
        return
    at = start
    open_at = -1
    while budget[0] > 0:
        found = raw.find(mark, at, end)
        if found < 0:
            break
        line_end = raw.find(b"\n", found, end)
        line_end = end if line_end < 0 else line_end
        at = min(found + len(mark), end)
        tail = raw[found + len(mark) : min(line_end, found + len(mark) + 200)].strip()
        if (found != start and raw[found - 1] not in b"\r\n") or tail not in (b"", b"--"):
            continue
        if open_at >= 0:
            budget[0] -= 1
            yield open_at, max(open_at, _before_line_end(raw, found))
        open_at = -1 if tail else min(line_end + 1, end)
        at = line_end
    if open_at >= 0:
        budget[0] -= 1
        yield open_at, end


def _before_line_end(raw: bytes, at: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if raw[at - 1 : at] == b"\n":
        at -= 1
        return at - 1 if raw[at - 1 : at] == b"\r" else at
    return at - 1 if raw[at - 1 : at] == b"\r" else at


_QP = re.compile(rb"=(?:([0-9A-Fa-f]{2})|[ \t]*\r?\n)")


def _qp_byte(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else b""


def decode_transfer(body: bytes, encoding: str) -> bytes:
    """Undo a transfer encoding; an unknown one is left as it is. Never raises."""
    if encoding == "base64":
        return headers.decode_base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body) if b"==" not in body else _QP.sub(_qp_byte, body)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return uudecode(body)[1]
    return body


_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n", re.MULTILINE)


def uudecode(body: bytes) -> tuple[str, bytes]:
    """The name and content of the first uuencoded file in a body; the body itself where there is none."""
    files, rest = uu_files(body)
    return files[0] if files else ("", rest)


def uu_files(body: bytes) -> tuple[list[tuple[str, bytes]], bytes]:
    """Take the uuencoded files out of a text: (name, content) of each, and the text that remains."""
    files: list[tuple[str, bytes]] = []
    rest: list[bytes] = []
    at = 0
    for begin in _UU_BEGIN.finditer(body):
        if begin.start() < at:
            continue
        content, end = _uu_lines(body, begin.end())
        if end < 0:
            continue
        files.append((begin[1].decode("utf-8", "replace").strip(), content))
        rest.append(body[at : begin.start()])
        at = end
    rest.append(body[at:])
    return files, b"".join(rest)


def _uu_lines(body: bytes, at: int) -> tuple[bytes, int]:
    """Decode lines up to ``end``; (content, -1) where the lines are no uuencoded file."""
    content: list[bytes] = []
    while at < len(body):
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        line = body[at:line_end].rstrip(b"\r")
        at = line_end + 1
        if line == b"end":
            return b"".join(content), at
        if not line or len(line) > 90:
            return b"", -1
        try:
            content.append(binascii.a2b_uu(line))
        except binascii.Error:
            size = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                content.append(binascii.a2b_uu(line[:size]))
            except binascii.Error:
                return b"", -1
    return b"".join(content), at
