"""The head of a mail or part: splitting it, decoding its words, its parameters and ids. Works on bytes."""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from urllib.parse import unquote_to_bytes

from inbox.channels.email import charsets

Head = dict[bytes, list[bytes]]

_FIELD = re.compile(rb"^([!-9;-~]+)[ \t]*:(.*+(?:\n[ \t].*+)*+)", re.MULTILINE)
_LOOKS_LIKE_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_FOLD = re.compile(r"\r?\n[ \t]+")
_WORD = re.compile(r"=\?([^?\s]{0,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*)*)\?=")
_CUT_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\??\Z")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_USUAL_HEAD, _MAX_HEAD, _MOST_FIELDS = 1 << 16, 1 << 20, 5000


def split_head(raw: bytes, start: int, end: int) -> tuple[Head, int]:
    """The fields of the head that begins at ``start``, by lower-case name, and where the body begins."""
    if raw.startswith((b"From ", b">From "), start):
        start = _line_after(raw, start, end)
    if raw.startswith(b"\n", start):
        return {}, start + 1
    if raw.startswith(b"\r\n", start):
        return {}, start + 2
    stop, body = _head_end(raw, start, end)
    head: Head = {}
    value = b""
    for name, value in _fields(raw, start, min(stop, start + _MAX_HEAD)):
        head.setdefault(name.lower(), []).append(value)
    if not head:
        return head, start  # no head at all: everything is body
    if not raw.endswith(value, start, stop):
        body = _behind_fields(raw, start, stop, body)
    return head, body


def _fields(raw: bytes, start: int, stop: int) -> Iterable[tuple[bytes, bytes]]:
    if stop - start <= _USUAL_HEAD:
        return _FIELD.findall(raw, start, stop)
    return ((found[1], found[2]) for found in islice(_FIELD.finditer(raw, start, stop), _MOST_FIELDS))


def _head_end(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the fields end, and where the body begins behind the blank line."""
    blank = raw.find(b"\n\r\n", start, end)
    plain = raw.find(b"\n\n", start, end if blank < 0 else blank)
    if plain >= 0:
        blank, length = plain, 2
    elif blank >= 0:
        length = 3
    else:
        return end, end
    return (blank - 1 if raw[blank - 1 : blank] == b"\r" else blank), blank + length


def _behind_fields(raw: bytes, start: int, stop: int, body: int) -> int:
    """Where the body begins if the blank line is missing: at the first line behind all fields that is none."""
    last = start
    for field in _FIELD.finditer(raw, start, min(stop, start + _MAX_HEAD)):
        last = field.end()
    after = _line_after(raw, last, stop)
    return after if after < stop and not _LOOKS_LIKE_FIELD.match(raw, after) else body


def _line_after(raw: bytes, at: int, end: int) -> int:
    found = raw.find(b"\n", at, end)
    return end if found < 0 else found + 1


def unfold(value: bytes) -> str:
    """A field's value as one line, its encoded words still encoded."""
    if value.isascii() and b"\0" not in value and b"\x1b" not in value:
        text = value.decode("ascii")
    else:
        text = charsets.decode(value)
    return (_FOLD.sub(" ", text) if "\n" in text else text).strip()


def first(head: Head, name: bytes) -> str:
    """The first field of that name as one line, its encoded words still encoded; empty where there is none."""
    values = head.get(name)
    return unfold(values[0]) if values else ""


def decoded(value: bytes) -> str:
    """A field's value as a person reads it."""
    text = unfold(value)
    return decode_words(text) if "=?" in text else text


def decode_words(text: str) -> str:
    """Decode RFC 2047's words, also where they stand in quotation marks or lack the blank around them."""
    out: list[str] = []
    pending: list[bytes] = []
    charset, at = "", 0
    for word in _WORD.finditer(text):
        gap = text[at : word.start()]
        name = word[1].partition("*")[0].lower()
        between_words = at > 0 and not gap.strip()
        if pending and (name != charset or not between_words):
            out.append(charsets.decode(b"".join(pending), charset))
            pending.clear()
        if gap and not between_words:
            out.append(gap)
        # Characters of several bytes may be cut between two words: join the bytes first.
        pending.append(_word_bytes(word[2], word[3], name))
        charset, at = name, word.end()
    if pending:
        out.append(charsets.decode(b"".join(pending), charset))
    rest = text[at:]
    cut = _CUT_WORD.search(rest) if "=?" in rest else None
    if cut:  # the field was cut off within a word
        rest = rest[: cut.start()] + charsets.decode(_word_bytes(cut[2], cut[3], cut[1]), cut[1])
    out.append(rest)
    joined = "".join(out)
    return " ".join(joined.splitlines()) if "\n" in joined or "\r" in joined else joined


def _word_bytes(encoding: str, content: str, charset: str) -> bytes:
    codec = "utf-8" if content.isascii() else charsets.codec_for(charset) or "utf-8"
    data = content.encode(codec, "replace")
    if encoding in "bB":
        return decode_base64(data)
    return _Q_ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data.replace(b"_", b" "))


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=\s]")
_BEHIND_PADDING = re.compile(rb"=[^\r\n]*")


def decode_base64(data: bytes) -> bytes:
    """Decode base64 with whatever stands between; each padded piece is one of its own. Never raises.

    What stands behind the last padding and is none is left out: a footer that a list hung on.
    """
    try:
        return binascii.a2b_base64(data.translate(None, b"\r\n"), strict_mode=True)
    except binascii.Error:
        pass
    if b"=" in data:
        data = _BEHIND_PADDING.sub(b"=", _before_footer(data))
    data = _NOT_BASE64.sub(b"", data)
    if b"=" not in data.rstrip(b"="):
        return _piece(data)
    return b"".join(_piece(piece) for piece in re.split(rb"=+", data) if piece)


def _before_footer(data: bytes) -> bytes:
    foreign = _FOREIGN.search(data, data.find(b"="))
    return data[: data.rfind(b"=", 0, foreign.start()) + 1] if foreign else data


def _piece(data: bytes) -> bytes:
    data = data.rstrip(b"=")
    if len(data) % 4 == 1:
        data = data[:-1]
    return base64.b64decode(data + b"=" * (-len(data) % 4))


_PARAMETER = re.compile(r""";\s*([^\s=;"*]+)(?:\*(\d+))?(\*)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))""", re.DOTALL)
_ESCAPED = re.compile(r"\\([\"\\])")


_SIMPLE = re.compile(
    rb"\s*([A-Za-z0-9/.+-]+)(?:;\s*([A-Za-z-]+)=(?:\"([^\"\\=?%\x00-\x1f\x7f-\xff]*)\"|([A-Za-z0-9/.+_-]+))\s*)?\Z"
)


def parameters(value: bytes) -> tuple[str, Mapping[str, str]]:
    """A structured field: its main word in lower case, and its parameters (RFC 2231, RFC 2047, 8-bit or plain)."""
    simple = _SIMPLE.match(value)
    if simple:
        main, name, quoted, bare = simple.groups()
        content = quoted if bare is None else bare
        return main.decode().lower(), {name.decode().lower(): content.decode()} if name else {}
    return _parameters(value)


def _parameters(value: bytes) -> tuple[str, dict[str, str]]:
    text = unfold(value)
    main, semicolon, _ = text.partition(";")
    main = _without_comment(main).strip().strip("\"'").lower()
    if "=" in main:  # the semicolon before the first parameter is missing
        main, _, rest = main.replace("\t", " ").partition(" ")
        text, semicolon = f";{text.lstrip()[len(main) :]}" if rest else f";{text}", ";"
    if not semicolon:
        return main, {}
    whole: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAMETER.finditer(text):
        name, number, starred, quoted, bare = found.groups()
        name = name.lower()
        content = _ESCAPED.sub(r"\1", quoted) if quoted is not None else bare.strip().strip("'").replace('"', "")
        if number is not None or starred:
            pieces.setdefault(name, {}).setdefault(int((number or "0")[:4]), (bool(starred), content))
        elif name not in whole:
            whole[name] = decode_words(content) if "=?" in content else content
    for name, numbered in pieces.items():
        whole[name] = _joined(numbered)
    return main, whole


def _joined(numbered: Mapping[int, tuple[bool, str]]) -> str:
    """Put the numbered pieces of RFC 2231 together; the charset stands before the first."""
    charset = ""
    data: list[bytes] = []
    for place, number in enumerate(sorted(numbered)):
        extended, content = numbered[number]
        if extended and place == 0 and content.count("'") < 2:
            content = content.replace("%27", "'", 2)
        if extended and place == 0 and content.count("'") >= 2:
            charset, _, content = content.split("'", 2)
        raw = content.encode("utf-8", "surrogatepass")
        data.append(unquote_to_bytes(raw) if extended else raw)
    text = charsets.decode(b"".join(data), charset or "utf-8")
    return decode_words(text) if "=?" in text else text


_COMMENT = re.compile(r"\([^()]*\)")


def _without_comment(text: str) -> str:
    return _COMMENT.sub("", text) if "(" in text else text


_ID = re.compile(r"<([^<>]+)>")
_OPEN_ID = re.compile(r"<([^<>]+)")
_LONGEST_ID = 998


def message_ids(value: bytes) -> tuple[str, ...]:
    """Every message id of In-Reply-To or References, in order, without angle brackets, each once."""
    text = decoded(value)
    found = _OPEN_ID.findall(text) if "<" in text else text.split()
    ids = ("".join(each.split()).strip("<>,;") for each in found)
    return tuple(dict.fromkeys(each[:_LONGEST_ID] for each in ids if each and ("@" in each or "<" in text)))


def message_id(value: bytes) -> str:
    """The one id of Message-ID, without angle brackets."""
    text = decoded(value)
    found = _ID.search(text)
    inner = found[1] if found else text.strip().strip("<>")
    return "".join(inner.split())[:_LONGEST_ID]
