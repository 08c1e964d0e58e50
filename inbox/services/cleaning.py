"""What PostgreSQL can't hold or index, made holdable: NUL, half characters, and keys too long for an index."""

import hashlib
import re

_HALF_CHARACTERS = re.compile("[\ud800-\udfff]")
_LONGEST_KEY = 1000  # bytes; a b-tree entry of PostgreSQL holds 2704


def clean(text: str) -> str:
    """The text without NUL, and with U+FFFD for lone surrogates: everything else stays."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return _HALF_CHARACTERS.sub("\ufffd", text)
    return text


def indexable(key: str) -> str:
    """The key itself, or for one that no index holds its beginning and its digest: still one key, still the same."""
    key = clean(key)
    if len(key) <= _LONGEST_KEY // 4 or len(key.encode()) <= _LONGEST_KEY:
        return key
    return f"{key[:200]}…{hashlib.sha256(key.encode()).hexdigest()}"


def one_line(text: str, longest: int = 160) -> str:
    """The beginning of a text as a single line, for the list."""
    return clean(" ".join(text[: longest * 4].split())[:longest])
