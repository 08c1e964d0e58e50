"""What a mail's head tells of its sender: who it claims to be, and whether the receiving server could confirm it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inbox.channels.email import headers
from inbox.channels.email.addresses import parse_addresses

_FIELD = re.compile(rb"^(received|authentication-results):(.*+(?:\n[ \t].*+)*+)", re.MULTILINE | re.IGNORECASE)
_BY = re.compile(r"\bby\s+\[?([\w.:-]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\b(dmarc|spf|dkim)\s*=\s*(\w+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\bheader\.from\s*=\s*\"?([\w.-]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECOND_LEVEL = frozenset(("com", "co", "org", "net", "gob", "gov", "edu", "ac", "nom"))
_SHORTEST = 6  # letters of a name that one wrong letter is looked for in
_NO_ID = "outlook.com"  # Microsoft's servers write their results without saying who they are

IMITATED = frozenset(
    [
        "agenciatributaria.gob.es",
        "amazon.com",
        "amazon.es",
        "apple.com",
        "bancosantander.es",
        "bbva.es",
        "caixabank.es",
        "correos.es",
        "dhl.com",
        "facebook.com",
        "gmail.com",
        "google.com",
        "hotmail.com",
        "icloud.com",
        "instagram.com",
        "microsoft.com",
        "netflix.com",
        "outlook.com",
        "paypal.com",
        "santander.es",
        "seg-social.es",
        "yahoo.com",
    ]
)
"""Names that are imitated most, beside those of the accounts."""

# Letters of other alphabets that look like ours, as far as names of servers are written with them.
_TWINS = str.maketrans(
    "аеорсухіјѕԁԛԝһӏьгпвнкмтᴏοαερυνικτχωϲϳıɡɑɩʟ",
    "aeopcyxijsdqwhlbrnbhkmtooaepuviktxwcjigail",
)
_SIGNS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("5", "s"))


@dataclass(frozen=True, slots=True)
class SenderSigns:
    """What a head tells.

    Attributes:
        address: Who wrote it, in lower case; may be empty.
        claimed: An address that the sender's name shows, where it is another one.
        imitated: The domain that the sender's own is easily taken for.
        written: The sender's domain as servers write it ("xn--…"), where it mixes alphabets; else empty.
        reply_to: Where answers are to go, where that is another domain's address.
        confirmed: Whether the receiving server confirmed the domain; ``None`` where it says nothing, or nobody of ours
            said it.
        domain: What was confirmed or not.
        method: By what: "DMARC", "DKIM" or "SPF".
    """

    address: str = ""
    claimed: str = ""
    imitated: str = ""
    written: str = ""
    reply_to: tuple[str, ...] = ()
    confirmed: bool | None = None
    domain: str = ""
    method: str = ""


def read_sender(raw: bytes, own: Iterable[str] = ()) -> SenderSigns:
    """Read a head; ``raw`` may end anywhere behind it. ``own`` are the domains of our accounts. Never raises."""
    head, _body = headers.split_head(raw, 0, len(raw))
    people = [each for value in head.get(b"from", ()) for each in parse_addresses(value)]
    if not people:
        return SenderSigns()
    author = people[0]
    domain = author.address.rpartition("@")[2]
    shown = _ADDRESS.search(author.name)
    claimed = shown[0].lower() if shown and owner(shown[0]) != owner(author.address) else ""
    answers = [each.address for value in head.get(b"reply-to", ()) for each in parse_addresses(value)]
    readable = _readable(domain)
    confirmed, method, about = _confirmed(raw, domain)
    return SenderSigns(
        address=author.address,
        claimed=claimed,
        imitated=imitates(domain, own),
        written=_written(readable) if _mixes(readable) else "",
        reply_to=tuple(each for each in answers if owner(each) != owner(author.address)),
        confirmed=confirmed,
        domain=about,
        method=method,
    )


def owner(address: str) -> str:
    """Whose an address or a server is: the part of its domain that somebody registered."""
    labels = address.rpartition("@")[2].lower().strip(".").split(".")
    long = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if long else -2 :])


def imitates(domain: str, own: Iterable[str] = ()) -> str:
    """The domain that this one is easily taken for; empty where it is itself, or like none."""
    ours = {owner(each) for each in own if each}
    known = ours | IMITATED
    registered = owner(_readable(domain))
    if registered in known:
        return ""
    for each in sorted(known):
        if _plain(registered) == _plain(each) or f".{domain}".startswith(f".{each}."):
            return each
    for each in sorted(ours):
        name, _, ending = each.partition(".")
        other, _, other_ending = registered.partition(".")
        if len(name) >= _SHORTEST and ending == other_ending and _one_slip(other, name):
            return each
    return ""


def _readable(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna") if "xn--" in domain else domain
    except UnicodeError:
        return domain


def _written(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain


def _plain(domain: str) -> str:
    """A domain as a hurried eye sees it."""
    seen = unicodedata.normalize("NFKD", domain.lower().translate(_TWINS))
    seen = "".join(sign for sign in seen if not unicodedata.combining(sign))
    for like, meant in _SIGNS:
        seen = seen.replace(like, meant)
    return seen


def _mixes(domain: str) -> bool:
    """Whether a word of it is written in two alphabets, or in one that reads as ours throughout."""
    for label in domain.split("."):
        alphabets = {unicodedata.name(sign, "?").partition(" ")[0] for sign in label if sign.isalpha()}
        if len(alphabets & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            return True
        if not label.isascii() and label.translate(_TWINS).isascii():
            return True
    return False


def _one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter more, less or else, or by two that changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest, wanted = one[at:], other[at:]
    swapped = rest[1::-1] + rest[2:] == wanted and len(rest) > 1
    return rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:] or swapped


def _confirmed(raw: bytes, domain: str) -> tuple[bool | None, str, str]:
    """What the topmost results say, if a server of ours wrote them (RFC 8601). ARC is others' word, and not heard."""
    text = next(_results(raw), "")
    found: dict[str, str] = {}
    for method, result in _RESULT.findall(_COMMENT.sub(" ", text)):
        found[method.lower()] = "pass" if found.get(method.lower()) == "pass" else result.lower()
    named = _HEADER_FROM.search(text)
    about = named[1].lower() if named else domain
    if owner(about) != owner(domain):
        return None, "", ""
    if found.get("dmarc") in ("pass", "fail"):
        return found["dmarc"] == "pass", "DMARC", about
    if found.get("spf") in ("fail", "softfail") and found.get("dkim") != "pass":
        return False, "SPF", about
    return None, "", ""


def _results(raw: bytes) -> Iterator[str]:
    """The topmost results, if the house wrote them whose server took the mail in, and nobody else stands above."""
    fields = _FIELD.findall(raw[: headers.split_head(raw, 0, len(raw))[1]])
    servers = [_server(value) if name.lower() == b"received" else "" for name, value in fields]
    house = next((each for each in servers if each), "")
    for (_name, value), server in zip(fields, servers, strict=True):
        if server and server != house:
            return  # below here anybody may have written it
        if server or not house:
            continue
        text = headers.unfold(value)
        first = text.partition(";")[0].strip()
        says = house if "=" in first and house == _NO_ID else owner(first.partition(" ")[0])
        if says == house:
            yield text
        return  # only the topmost: what stands below may have come with the mail


def _server(received: bytes) -> str:
    """Whose server wrote a Received field; "?" where it does not say."""
    by = _BY.search(_COMMENT.sub(" ", headers.unfold(received)))
    return (owner(by[1]) if by else "") or "?"
