"""Address fields: (name, address) pairs out of whatever senders write into From, To and Cc."""

import re
from dataclasses import dataclass

from inbox.channels.email import headers

_PLAIN = re.compile(r'\s*"?([^"<>@,;:()\\=]*?)"?\s*<([^\s<>@,;:()"\\=]+@[^\s<>@,;:()"\\/]+)>\s*\Z')
_BARE = re.compile(r"\s*([^\s<>@,;:()\"\\=]+@[^\s<>@,;:()\"\\/]+)\s*\Z")
_ENCODED = re.compile(
    r'\s*"?((?:=\?[\w*-]+\?[bBqQ]\?[^?\s<>"@,;]*\?=[ \t]*)+)"?[ \t]*<([^\s<>@,;:()"\\=]+@[^\s<>@,;:()"\\/]+)>\s*\Z'
)
_TOKEN = re.compile(
    r'"((?:[^"\\]|\\.)*)"|<((?:[^<>"]|"[^"<>]*")*)>|<([^<>,;"]*)(?=[,;<]|\Z)|([,;:])|([()])|(\\.)|([^"<>,;:()\\]+)|'
    r'([\\<>"])',
    re.DOTALL,
)
_IN_COMMENT = re.compile(r"\\.|[()]", re.DOTALL)
_AROUND_DOTS = re.compile(r"[ \t]*([.@])[ \t]*")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\([^()]*\)")
# It begins where a word begins, so that a long word without "@" is looked at once.
_ADDRESS = re.compile(
    r"(?:\"(?:[^\"\\]|\\.)*\"|(?<![^\s<>@,;:()\"\[\]\\])[^\s<>@,;:()\"\[\]\\]+)@(?:\[[^\s\[\]]+\]|[^\s<>@,;:()\"\[\]\\/]+)"
)
_SCHEME = re.compile(r"\b(?:mailto|smtp):", re.IGNORECASE)
_NEEDLESS_QUOTES = re.compile(r'"([\w.+-]+)"@')
_NOBODY = re.compile(
    r"undisclosed|unlisted|unspecified|no[- ]to[- ]header|recipients?[- ](?:list )?(?:not|suppressed)", re.I
)
_LONGEST_NAME = 300
MOST = 2000  # addresses read of one field


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the address in lower case, and the name beside it. Without an address where only a name is told."""

    address: str
    name: str = ""


def parse_addresses(value: bytes) -> tuple[Address, ...]:
    """The mailboxes of an address field, groups flattened. What holds no address is left out. Never raises."""
    found = parse_people(value)
    return found if all(each.address for each in found) else ()


def parse_people(value: bytes) -> tuple[Address, ...]:
    """As ``parse_addresses``; of a field that tells no address but a name, the name."""
    text = headers.unfold(value)
    simple = _PLAIN.match(text) or _ENCODED.match(text)
    if simple:
        return (Address(_tidy_address(simple[2]), _tidy_name(simple[1])),)
    simple = _BARE.match(text)
    if simple:
        return (Address(_tidy_address(simple[1])),)
    text = _SCHEME.sub("", text) if ":" in text else text
    found = _Reader(text).read()
    if len(found) == 1 and "=?" in text and not found[0].address:
        return _Reader(headers.decode_words(text)).read()  # the whole field was encoded
    return found


class _Reader:
    """One pass over the tokens of an address field."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Address] = []
        self._words: list[str] = []
        self._comments: list[str] = []
        self._angle: str | None = None
        self._is_endless = False  # a comment has no end, so none behind it has one
        self._before = 0  # how many words stood before it
        self._waiting = ""  # words before a comma that stood in no quotation marks: "Pérez, Ana <ana@…>"
        self._alone: Address | None = None  # what names no mailbox: an account of this machine, or only a name

    def read(self) -> tuple[Address, ...]:
        at, end = 0, len(self._text)
        while at < end and len(self._found) < MOST:
            token = _TOKEN.match(self._text, at)
            if token is None:
                break
            at = token.end()
            if token[5] == "(":
                at = self._comment(at)
            elif token[5] is None:
                self._take(token)
        self._finish(last=True)
        if not self._found and self._alone and not _NOBODY.search(f"{self._alone.address} {self._alone.name}"):
            return (self._alone,)
        return tuple(self._found)

    def _comment(self, at: int) -> int:
        """Behind the comment that begins before; it may hold others. An endless one is text."""
        if self._is_endless:
            return at
        depth, start = 1, at
        for sign in _IN_COMMENT.finditer(self._text, at):
            depth += {"(": 1, ")": -1}.get(sign[0], 0)
            if depth == 0:
                self._comments.append(_QUOTED_PAIR.sub(r"\1", self._text[start : sign.start()]))
                return sign.end()
        self._is_endless = True
        return len(self._text) if "@" not in self._text[at:] else at

    def _take(self, token: re.Match[str]) -> None:
        quoted, angle, open_angle, sign, _, pair, word, _ = token.groups()
        angle = angle if angle is not None else open_angle
        if quoted is not None:
            follows = self._text[token.end() : token.end() + 1]
            self._words.append(token[0] if follows == "@" else _QUOTED_PAIR.sub(r"\1", quoted) + " ")
        elif angle is not None:
            self._take_angle(angle)
        elif sign == ":":
            if self._angle is None and "@" not in "".join(self._words):
                self._words.clear()  # the name of a group
                self._waiting = ""
        elif sign:
            self._finish(last=sign == ";")
        elif pair is not None or word is not None:
            self._words.append(pair[1] if pair else word)

    def _take_angle(self, angle: str) -> None:
        if self._angle is not None and "@" in self._angle and "@" in angle:
            self._words, after = self._words[: self._before], self._words[self._before :]
            self._finish()  # the comma between is missing
            self._words = after
        if "@" in angle or self._angle is None:
            self._angle, self._before = angle, len(self._words)

    def _finish(self, *, last: bool = False) -> None:
        text = "".join(self._words).strip()
        comment = " ".join(self._comments).strip()
        angle, self._angle = self._angle, None
        self._words, self._comments = [], []
        if angle is not None and "@" in (inner := headers.decode_words(angle)):
            name = f"{self._waiting}, {text}" if self._waiting and text else text
            self._waiting = ""
            self._add_angle(inner, name, comment)
            return
        text = headers.decode_words(text) if "=?" in text else text
        if " " in text and "@" in text:
            text = _AROUND_DOTS.sub(r"\1", text)  # RFC 822 allowed blanks there
        places = list(_ADDRESS.finditer(text))
        if places:
            self._add_bare(text, places, angle, comment)
        else:
            self._wait(text, angle, comment, last=last)

    def _add_angle(self, angle: str, name: str, comment: str) -> None:
        pieces = [each for each in re.split(r"[,;]", angle) if "@" in each] if angle.count("@") > 1 else [angle]
        if angle.lstrip().startswith("@") and ":" in angle:
            pieces = [angle.rpartition(":")[2]]  # RFC 822's route before the address
        for piece in pieces:
            self._found.append(Address(_tidy_address(piece), _tidy_name(name or comment)))

    def _add_bare(self, text: str, places: list[re.Match[str]], angle: str | None, comment: str) -> None:
        self._waiting = ""
        if len(places) > 1:
            self._found += [Address(_tidy_address(each[0])) for each in places]
            return
        rest = f"{text[: places[0].start()]} {text[places[0].end() :]}".strip(" []<>")
        self._found.append(Address(_tidy_address(places[0][0]), _tidy_name(rest or angle or comment)))

    def _wait(self, text: str, angle: str | None, comment: str, *, last: bool) -> None:
        if self._alone is None and (text or angle):
            account = text if angle is None else angle.strip()
            is_account = account.isascii() and account.isprintable() and " " not in account
            name = (text if angle is not None else "") or comment if is_account else text or comment
            self._alone = Address(_tidy_address(account) if is_account else "", _tidy_name(name))
        if angle is not None or last:
            self._waiting = ""
        elif text and len(self._waiting) < _LONGEST_NAME:
            self._waiting = f"{self._waiting}, {text}" if self._waiting else text


def _tidy_address(address: str) -> str:
    if "(" in address:
        address = _COMMENT.sub("", address)
    if '"' not in address:
        address = "".join(address.split())
    elif (found := _NEEDLESS_QUOTES.match(address.strip())) is not None:
        address = found[1] + address.strip()[found.end() - 1 :]
    address = address.strip().lstrip(",;'").rstrip(".,;'").lower()
    local, at, domain = address.rpartition("@")
    if at and "xn--" in domain:
        domain = _unpunycoded(domain)
        return f"{local}@{domain}"
    return address


def _unpunycoded(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna") if len(domain) < 254 else domain
    except (UnicodeError, ValueError):
        return domain


def _tidy_name(name: str) -> str:
    if "=?" in name:
        name = headers.decode_words(name)
    name = " ".join(name.split())
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = name[1:-1].strip()
    return name
