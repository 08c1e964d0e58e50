"""Address fields: (name, address) pairs out of whatever senders write into From, To and Cc."""

import re
from dataclasses import dataclass

from inbox.channels.email import headers

_PLAIN = re.compile(r'\s*"?([^"<>@,;:()\\=]*?)"?\s*<([^\s<>@,;:()"\\]+@[^\s<>@,;:()"\\]+)>\s*\Z')
_BARE = re.compile(r"\s*([^\s<>@,;:()\"\\]+@[^\s<>@,;:()\"\\]+)\s*\Z")
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|<([^<>]*)>|([,;:])|\(|\)|([^"<>,;:()\\]+|[\\<>"])', re.DOTALL)
_AROUND_DOTS = re.compile(r"[ \t]*([.@])[ \t]*")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_ADDRESS = re.compile(r"[^\s<>@,;:()\"\[\]\\]+@[^\s<>@,;:()\"\\]+")
MOST = 2000  # addresses read of one field


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: the address in lower case, and the name beside it."""

    address: str
    name: str = ""


def parse_addresses(value: bytes) -> tuple[Address, ...]:
    """The mailboxes of an address field, groups flattened. What holds no address is left out. Never raises."""
    text = headers.unfold(value)
    simple = _PLAIN.match(text)
    if simple:
        return (Address(_tidy_address(simple[2]), _tidy_name(simple[1])),)
    simple = _BARE.match(text)
    if simple:
        return (Address(_tidy_address(simple[1])),)
    return _Reader(text).read()


class _Reader:
    """One pass over the tokens of an address field."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._found: list[Address] = []
        self._words: list[str] = []
        self._comments: list[str] = []
        self._angle: str | None = None

    def read(self) -> tuple[Address, ...]:
        depth = 0
        comment_start = 0
        for token in _TOKEN.finditer(self._text):
            if depth or token[0] in ("(", ")"):
                if token[0] == "(":
                    comment_start = token.end() if depth == 0 else comment_start
                    depth += 1
                elif token[0] == ")" and depth:
                    depth -= 1
                    if depth == 0:
                        self._comments.append(self._text[comment_start : token.start()])
                continue
            self._take(token)
            if len(self._found) >= MOST:
                break
        self._finish()
        return tuple(self._found)

    def _take(self, token: re.Match[str]) -> None:
        quoted, angle, sign, word = token.groups()
        if quoted is not None:
            follows = self._text[token.end() : token.end() + 1]
            text = _QUOTED_PAIR.sub(r"\1", quoted)
            self._words.append(
                f'"{text}"' if follows == "@" and " " in text else text + ("" if follows == "@" else " ")
            )
        elif angle is not None:
            if "@" in angle or self._angle is None:
                self._angle = angle
        elif sign == ":":
            if self._angle is None and "@" not in "".join(self._words):
                self._words.clear()  # the name of a group
        elif sign:
            self._finish()
        elif word is not None:
            self._words.append(word)

    def _finish(self) -> None:
        text = "".join(self._words).strip()
        comment = " ".join(self._comments).strip()
        angle, self._angle = self._angle, None
        self._words, self._comments = [], []
        if angle is not None and angle.strip():
            address = "".join(headers.decode_words(angle).split())
            if address.startswith("@") and ":" in address:
                address = address.rpartition(":")[2]  # RFC 822's route before the address
            self._found.append(Address(_tidy_address(address), _tidy_name(text or comment)))
            return
        if "=?" in text:
            text = headers.decode_words(text)
        if " " in text and "@" in text:
            text = _AROUND_DOTS.sub(r"\1", text)  # RFC 822 allowed blanks there
        found = _ADDRESS.search(text)
        if found:
            rest = (text[: found.start()] + text[found.end() :]).strip()
            self._found.append(Address(_tidy_address(found[0]), _tidy_name(rest or comment)))
        elif (text and " " not in text and "@" in text) or (
            text and self._found == [] and text.replace(".", "").replace("-", "").replace("_", "").isalnum()
        ):
            self._found.append(Address(_tidy_address(text), _tidy_name(comment)))


def _tidy_address(address: str) -> str:
    address = address.strip().strip(".,;'").lower()
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
