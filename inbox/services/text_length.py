"""How long a text is, counted as a channel counts it."""

import re
import unicodedata

from inbox.channels.base import LengthUnit

_LINK = re.compile(r"https?://\S+", re.I)
_LINK_LENGTH = 23  # X counts every link so
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # X counts these as one, everything else as two
_JOINER, _KEYCAP = "\u200d", "\u20e3"


def measure(text: str, unit: LengthUnit) -> int:
    """The length in the channel's unit."""
    if unit == "utf16":
        return len(text.encode("utf-16-le")) // 2
    if unit == "graphemes":
        return _graphemes(text)
    if unit == "weighted":
        return _weighted(text)
    return len(text)


def _graphemes(text: str) -> int:
    """What a person counts as signs: accents, skin tones and joined emoji add nothing. Near UAX 29, without tables."""
    count, joined, flags = 0, False, 0
    for sign in text:
        if _extends(sign):
            joined = sign == _JOINER
            continue
        is_flag = "\U0001f1e6" <= sign <= "\U0001f1ff"
        flags = flags + 1 if is_flag else 0
        if not joined and not (is_flag and flags % 2 == 0):
            count += 1
        joined = False
    return count - text.count("\r\n")


def _extends(sign: str) -> bool:
    if sign in (_JOINER, _KEYCAP) or "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f":
        return True
    return unicodedata.category(sign) in ("Mn", "Me", "Mc")


def _weighted(text: str) -> int:
    """X: 280 is the most, a link is 23, most of the world's signs are two, an emoji is two whatever it is made of."""
    links = len(_LINK.findall(text))
    rest = unicodedata.normalize("NFC", _LINK.sub("", text))
    weight = joined = 0
    for sign in rest:
        if sign == _JOINER:
            joined = 1
        elif _extends(sign) and not _is_light(sign):
            continue
        else:
            weight += 0 if joined else 1 if _is_light(sign) else 2
            joined = 0
    return weight + links * _LINK_LENGTH


def _is_light(sign: str) -> bool:
    return any(first <= ord(sign) <= last for first, last in _LIGHT)
