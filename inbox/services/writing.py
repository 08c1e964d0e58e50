"""What there is to know before a reply is written; addresses as people type them. Loads neither SQLAlchemy nor Qt."""

import re
from collections.abc import Iterable
from datetime import datetime

from inbox.lazy_dataclass import dataclass

_ADDRESS = re.compile(r"[^\s<>@,;:()\"\[\]\\]{1,64}@[^\s<>@,;:()\"\\.]+(?:\.[^\s<>@,;:()\"\\.]+)+\Z")
_INSIDE = re.compile(r"<([^<>]*)>\s*\Z")
_NO_REPLY = re.compile(
    r"(?:mailer[-_.]?daemon|postmaster|daemon|(?:auto)?bounces?|auto-?reply|"
    r"(?:.*[-_.])?(?:no|not|do[-_.]?not|don'?t)[-_.]?repl(?:y|ies)|"
    r"(?:.*[-_.])?no[-_.]?(?:responder|responda|respondas|contestar|conteste|reply)|nao[-_.]?responda)"
    r"(?:[-_.+=].*)?\Z",
    re.I,
)


@dataclass(frozen=True, slots=True)
class OtherWay:
    """Another place where the customer can be reached."""

    channel: str
    handle: str
    conversation_id: int | None  # the newest one there; null where nobody wrote yet


@dataclass(frozen=True, slots=True)
class Writing:
    """What the composer knows before anything is typed.

    Attributes:
        to: Whom a reply goes to; empty where nobody is to be answered there.
        others: Who else got the newest message: "Reply all" gives them a copy.
        trouble: Why nobody is to be answered there, in the person's language.
        instead: Where the customer can be reached instead.
        greeting: What the first reply of this contact begins with.
        heard_at: When the customer wrote last.
        listening: How long one listens before answering: ``off``, ``hint`` or ``hold``.
    """

    to: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    trouble: str = ""
    instead: tuple[OtherWay, ...] = ()
    greeting: str = ""
    heard_at: datetime | None = None
    listening: str = "off"


def parse_addresses(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses in what somebody typed or pasted, each once, and the pieces that are none."""
    good: list[str] = []
    bad: list[str] = []
    for piece in re.split(r"[,;\n]+", re.sub(r'"[^"\n]*"', " ", text)):
        inside = _INSIDE.search(piece)
        words = [inside[1].strip()] if inside else piece.split()
        found = [word for word in words if is_address(word)]
        good += found
        if words and not found:
            bad.append(piece.strip())
    return once(good), tuple(bad)


def is_address(text: str) -> bool:
    """Whether a mail can be sent there at all, as far as its form tells."""
    return bool(_ADDRESS.match(text)) and text.partition("@")[0].isascii() and ".." not in text


def is_no_reply(handle: str) -> bool:
    """Whether an address says by itself that nobody reads what is sent there."""
    local, at, _domain = handle.rpartition("@")
    return bool(at) and _NO_REPLY.match(local) is not None


def once(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each address once, whatever its case, in the order in which they came."""
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.casefold(), address)
    return tuple(found.values())
