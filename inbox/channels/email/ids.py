"""Message-IDs of our own: they carry the conversation, so that an answer finds its way back."""

import re
import secrets
import string

_DIGITS = string.digits + string.ascii_lowercase
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_RANDOM = 20  # characters of 5 bits: 100 bits
_OWN = re.compile(rf"inbox\.([0-9a-z]{{1,13}})\.[{_ALPHABET}]{{{_RANDOM}}}@[^\s<>@]+\Z")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\Z")


def make_message_id(conversation_id: int, domain: str) -> str:
    """A new Message-ID without angle brackets; nobody can guess it."""
    try:
        host = domain.strip().lower().encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if not _HOST.match(host):
        host = "inbox.invalid"
    token = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    return f"inbox.{_base36(conversation_id)}.{token}@{host}"


def is_own_message_id(message_id: str) -> bool:
    """Whether it has the form of ours."""
    return _OWN.match(message_id) is not None


def conversation_of(message_id: str) -> int | None:
    """The conversation that an id of ours names; None for a foreign one."""
    found = _OWN.match(message_id)
    return int(found[1], 36) if found else None


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
