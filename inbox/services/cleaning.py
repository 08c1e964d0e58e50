"""What PostgreSQL can't hold or index, made holdable: NUL, half characters, and keys too long for an index."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from inbox.channels.base import Incoming

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


def cleaned(messages: Sequence[Incoming]) -> Sequence[Incoming]:
    """Messages with all their texts clean. Nearly always they are: so that is asked once for all of them."""
    together = "".join(_texts(messages))
    return messages if clean(together) is together else [_cleaned(message) for message in messages]


def _texts(messages: Iterable[Incoming]) -> list[str]:
    found: list[str] = []
    for each in messages:
        found += (each.remote_id, each.text, each.new_text, each.subject, each.remote_thread, each.own_key)
        found += (each.problem, each.stream, *each.thread_keys, *each.recipients)
        for author in (each.author, each.counterpart):
            if author is not None:
                found += (author.handle, author.name, author.nick, author.profile_url)
                found += (part for key in author.keys for part in key)
        for file in each.attachments:
            found += (file.filename, file.content_type, file.part, file.content_id, file.remote)
        for bounce in each.bounces:
            found += (bounce.message_id, bounce.recipient, bounce.status, bounce.diagnostic)
    return found


def _cleaned(value: Any) -> Any:
    """The same value, with every text in it clean."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, tuple):
        return tuple(map(_cleaned, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _cleaned(getattr(value, field.name)) for field in fields(value)})
    return value


def indexable(key: str) -> str:
    """The key itself, or for one that no index holds its beginning and its digest: still one key, still the same."""
    key = clean(key)
    if len(key) <= _LONGEST_KEY // 4 or len(key.encode()) <= _LONGEST_KEY:
        return key
    return f"{key[:200]}…{hashlib.sha256(key.encode()).hexdigest()}"


def one_line(text: str, longest: int = 160) -> str:
    """The beginning of a text as a single line, for the list."""
    return clean(" ".join(text[: longest * 4].split())[:longest])
