"""S/MIME mails whose signature wraps what it signs (RFC 5652): the mail within. Nothing is verified. Never raises."""

from collections.abc import Iterator

TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_SEQUENCE, _OID, _OCTETS, _CONSTRUCTED_OCTETS, _EXPLICIT = 0x30, 0x06, 0x04, 0x24, 0xA0
_ENDLESS = -1
_NOTHING = (0, 0, 0)
_DEEPEST, _MOST_PIECES = 8, 100_000


def unwrap(data: bytes) -> bytes:
    """The mail that is signed; empty where there is none to be read, as in what is encrypted."""
    try:
        inner = _content(data, 0, len(data), _SIGNED_DATA)
        for tag, start, end in _items(data, *inner):
            if tag == _SEQUENCE:
                found = _content_in(data, start, end, _DATA)
                if found is not None:
                    return b"".join(_octets(data, *found, 0))
    except (IndexError, ValueError):
        pass
    return b""


def _content(data: bytes, start: int, end: int, kind: bytes) -> tuple[int, int]:
    """Where the content of that kind lies: ``SEQUENCE { kind, [0] { SEQUENCE { ... } } }``."""
    tag, start, end = next(_items(data, start, end), _NOTHING)
    found = _content_in(data, start, end, kind) if tag == _SEQUENCE else None
    if found is None:
        raise ValueError("This is no signed mail.")
    tag, start, end = next(_items(data, *found), _NOTHING)
    return start, end


def _content_in(data: bytes, start: int, end: int, kind: bytes) -> tuple[int, int] | None:
    items = _items(data, start, end)
    tag, at, behind = next(items, _NOTHING)
    if tag != _OID or data[at:behind] != kind:
        return None
    tag, at, behind = next(items, _NOTHING)
    return (at, behind) if tag == _EXPLICIT else None


def _items(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(tag, start, end) of each item of a constructed value."""
    while at < end and data[at : at + 2] != b"\0\0":
        tag, start, length = _header(data, at)
        behind = _end_of(data, start, end, 0) if length == _ENDLESS else min(start + length, end)
        yield tag, start, behind
        at = behind + 2 if length == _ENDLESS else behind


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    tag, length, start = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, start, _ENDLESS
    if length > 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(data[start : start + min(size, 8)], "big"), start + size
    return tag, start, length


def _end_of(data: bytes, at: int, end: int, depth: int) -> int:
    """Where the two zeros stand that end a value of unknown length."""
    while at < end and data[at : at + 2] != b"\0\0":
        _, start, length = _header(data, at)
        if length == _ENDLESS:
            if depth > _DEEPEST:
                raise ValueError("It is nested too deep.")
            at = _end_of(data, start, end, depth + 1) + 2
        else:
            at = start + length
    return min(at, end)


def _octets(data: bytes, start: int, end: int, depth: int) -> Iterator[bytes]:
    for number, (tag, at, behind) in enumerate(_items(data, start, end)):
        if number > _MOST_PIECES or depth > _DEEPEST:
            return
        if tag == _OCTETS:
            yield data[at:behind]
        elif tag == _CONSTRUCTED_OCTETS:
            yield from _octets(data, at, behind, depth + 1)
