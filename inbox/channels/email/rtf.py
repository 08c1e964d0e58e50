"""Rich text as Outlook sends it: unpacked (MS-OXRTFCP), and as plain text. Never raises."""

import re
import struct

from inbox.channels.email import charsets, html

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans Serif"
    b"SymbolArialTimes New RomanCourier"
    b"{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_PACKED, _PLAIN = b"LZFu", b"MELA"
_WINDOW, _LARGEST = 4096, 1_000_000
_TOKEN = re.compile(rb"\\'([0-9a-fA-F]{2})|\\([a-z]{1,32})(-?\d{1,10})? ?|\\([^a-z])|([{}])|([^\\{}\r\n]+)|[\r\n]+")
_SKIPPED = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"themedata", b"generator", b"listtable", b"xmlnstbl")
)
_SIGNS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
          b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—", b"cell": "\t", b"row": "\n"}  # fmt: skip


def decompress(data: bytes) -> bytes:
    """The text that is packed in a property; empty where it is none."""
    if len(data) < 16:
        return b""
    length, kind = struct.unpack_from("<I4s", data, 4)
    if kind == _PLAIN:
        return data[16 : 16 + length]
    if kind != _PACKED:
        return b""
    out = bytearray(_DICTIONARY)
    start, at, limit = len(out), 16, min(length, _LARGEST) + len(out)
    while at < len(data) and len(out) < limit:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            pair = int.from_bytes(data[at : at + 2], "big")
            at += 2
            # The window is a ring of 4096 bytes, in which the dictionary stands first.
            place = (pair >> 4) - len(out) % _WINDOW
            place = len(out) + (place if place < 0 else place - _WINDOW)
            if place == len(out) - _WINDOW or place < 0 or at > len(data):
                return bytes(out[start:limit])
            size = (pair & 15) + 2
            copied = out[place : place + size]
            out += (copied * (size // len(copied) + 1))[:size]  # it may go on with what it has just written
    return bytes(out[start:limit])


def to_text(data: bytes, code_page: str = "cp1252") -> str:
    """The text of it; where a page was packed into it, the text of the page."""
    found = re.search(rb"\\ansicpg(\d{2,5})", data[:500])
    codec = charsets.codec_for(f"cp{found[1].decode()}") if found else ""
    text = _Reader(codec or code_page).read(data)
    if b"\\fromhtml" in data[:500]:
        return html.to_text(text)
    return text.strip()


class _Reader:
    """One pass over the tokens."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._out: list[str] = []
        self._bytes = bytearray()
        self._hidden = False  # what is shown by others than the page itself (\\htmlrtf)
        self._left_out = 0  # signs that only readers without Unicode show

    def read(self, data: bytes) -> str:
        is_page = b"\\fromhtml" in data[:500]
        depth, skipped_from, after_star = 0, 0, False
        for token in _TOKEN.finditer(data):
            byte, word, number, sign, brace, plain = token.groups()
            if brace:
                depth += 1 if brace == b"{" else -1
                if depth < skipped_from:
                    skipped_from = 0
            elif not skipped_from and (word in _SKIPPED or (after_star and not (is_page and word == b"htmltag"))):
                skipped_from = max(depth, 1)
            elif not skipped_from:
                self._take(byte, word, number, sign, plain)
            after_star = sign == b"*"
        self._flush()
        return charsets.clean("".join(self._out))

    def _take(self, byte: bytes | None, word: bytes | None, number: bytes | None, sign: bytes | None,
              plain: bytes | None) -> None:  # fmt: skip
        if word == b"htmlrtf":
            self._hidden = number != b"0"
        elif self._hidden:
            return
        elif byte:
            if self._left_out:
                self._left_out -= 1
            else:
                self._bytes.append(int(byte, 16))
        elif word == b"u" and number:
            self._flush()
            self._out.append(chr(int(number) & 0xFFFF))
            self._left_out = 1
        elif word in _SIGNS:
            self._flush()
            self._out.append(_SIGNS[word])
        elif sign in (b"\\", b"{", b"}"):
            self._bytes += sign
        elif sign == b"~":
            self._bytes += b" "
        elif plain:
            self._bytes += plain[self._left_out :]
            self._left_out = 0

    def _flush(self) -> None:
        if self._bytes:
            self._out.append(charsets.decode(bytes(self._bytes), self._codec))
            self._bytes.clear()
