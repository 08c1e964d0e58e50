"""Outlook's own envelope (winmail.dat, MS-OXTNEF): the text and the files that lie in it. Never raises."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from inbox.channels.email import charsets, rtf

TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")
_SIGNATURE = b"\x78\x9f\x3e\x22"
_BODY, _TITLE, _DATA, _CODE_PAGE = 0x0002800C, 0x00018010, 0x0006800F, 0x00069007
_NEW_FILE, _FILE_PROPERTIES, _PROPERTIES = 0x00069002, 0x00069005, 0x00069003
_PR_BODY, _PR_RTF, _PR_HTML = 0x1000, 0x1009, 0x1013
_PR_DATA, _PR_SHORT_NAME, _PR_NAME, _PR_TYPE, _PR_CONTENT_ID, _PR_SHOWN = 0x3701, 0x3704, 0x3707, 0x370E, 0x3712, 0x3001
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = (0x1E, 0x1F, 0x102, 0x0D)
_OBJECT, _UNICODE, _STRING = 0x0D, 0x1F, 0x1E
_EMBEDDED = 16  # an object begins with the id of its interface
MOST_FILES, _DEEPEST, _MOST_PROPERTIES = 500, 5, 10_000


@dataclass(slots=True)
class Packed:
    """A file in the envelope."""

    filename: str = ""
    content_type: str = ""
    content: bytes = b""
    content_id: str = ""


@dataclass(slots=True)
class Envelope:
    """What lies in one. ``text`` and ``html`` may both be empty."""

    text: str = ""
    html: str = ""
    files: list[Packed] = field(default_factory=list)


def unpack(data: bytes, depth: int = 0) -> Envelope:
    """Read an envelope, as far as it can be read; one in another gives its files to it."""
    reader = _Reader(depth)
    if data.startswith(_SIGNATURE) and depth <= _DEEPEST:
        try:
            for name, value in _attributes(data):
                reader.take(name, value)
                if len(reader.envelope.files) > MOST_FILES:
                    break
        except (struct.error, IndexError):
            pass  # it ends too early: what was read before is right
    reader.envelope.files = [each for each in reader.envelope.files if each.filename or each.content]
    return reader.envelope


class _Reader:
    """What was read of an envelope so far."""

    def __init__(self, depth: int) -> None:
        self.envelope = Envelope()
        self._depth = depth
        self._code_page = "cp1252"
        self._file = Packed()

    def take(self, name: int, value: bytes) -> None:
        """Read one attribute."""
        if name == _CODE_PAGE and len(value) >= 4:
            self._code_page = _code_page(struct.unpack_from("<I", value)[0]) or self._code_page
        elif name == _BODY:
            self.envelope.text = charsets.decode(value.rstrip(b"\0"), self._code_page)
        elif name == _PROPERTIES:
            _read_message(self.envelope, value, self._code_page)
        elif name == _NEW_FILE:
            self._file = Packed()
            self.envelope.files.append(self._file)
        elif name == _TITLE:
            self._file.filename = self._file.filename or charsets.decode(value.rstrip(b"\0"), self._code_page)
        elif name == _DATA:
            self._file.content = value
        elif name == _FILE_PROPERTIES:
            _read_file(self.envelope, self._file, value, self._code_page, self._depth)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        name, size = struct.unpack_from("<II", data, at + 1)
        yield name, data[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _code_page(number: int) -> str:
    return charsets.codec_for("utf-8" if number == 65001 else f"cp{number}")


def _properties(data: bytes, code_page: str) -> Iterator[tuple[int, int, bytes | str]]:
    """(kind, name, value) of each property that is text or bytes."""
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _MOST_PROPERTIES)):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            at = _behind_name(data, at)
        several, kind = bool(kind & 0x1000), kind & 0xFFF
        number = 1
        if several or kind in _VARIABLE:
            (number,) = struct.unpack_from("<I", data, at)
            at += 4
        if kind in _FIXED:
            at += _FIXED[kind] * number
            continue
        if kind not in _VARIABLE:
            return  # its size is not known
        for _value in range(min(number, _MOST_PROPERTIES)):
            (size,) = struct.unpack_from("<I", data, at)
            yield kind, name, _decoded(data[at + 4 : at + 4 + size], kind, code_page)
            at += 4 + size + -size % 4


def _behind_name(data: bytes, at: int) -> int:
    kind, size = struct.unpack_from("<II", data, at + 16)
    return at + 24 + (size + -size % 4 if kind else 0)


def _decoded(value: bytes, kind: int, code_page: str) -> bytes | str:
    if kind == _UNICODE:
        return charsets.clean(value.decode("utf-16-le", "replace")).rstrip("\0")
    return charsets.decode(value.rstrip(b"\0"), code_page) if kind == _STRING else value


def _read_message(envelope: Envelope, data: bytes, code_page: str) -> None:
    packed = b""
    try:
        for _, name, value in _properties(data, code_page):
            if name == _PR_BODY and isinstance(value, str):
                envelope.text = envelope.text or value
            elif name == _PR_HTML:
                envelope.html = value if isinstance(value, str) else _page(value, code_page)
            elif name == _PR_RTF and isinstance(value, bytes):
                packed = value
    finally:
        if packed and not envelope.html and not envelope.text:
            envelope.text = rtf.to_text(rtf.decompress(packed), code_page)


def _page(value: bytes, code_page: str) -> str:
    found = re.search(rb"charset\s*=\s*[\"']?([\w:.-]{1,40})", value[:4096], re.IGNORECASE)
    return charsets.decode(value.rstrip(b"\0"), found[1].decode("ascii", "replace") if found else code_page)


def _read_file(envelope: Envelope, file: Packed, data: bytes, code_page: str, depth: int) -> None:
    for kind, name, value in _properties(data, code_page):
        if isinstance(value, bytes):
            if name == _PR_DATA and kind == _OBJECT and value[_EMBEDDED:].startswith(_SIGNATURE):
                inner = unpack(value[_EMBEDDED:], depth + 1)
                envelope.files += inner.files
                text = inner.text or inner.html
                file.content, file.content_type = text.encode(), "text/plain" if inner.text else "text/html"
            elif name == _PR_DATA and not file.content:
                file.content = value
        elif name == _PR_NAME or (name in (_PR_SHORT_NAME, _PR_SHOWN) and not file.filename):
            file.filename = value or file.filename
        elif name == _PR_TYPE:
            file.content_type = value.strip().lower()
        elif name == _PR_CONTENT_ID:
            file.content_id = value.strip().strip("<>")
