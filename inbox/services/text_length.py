"""How long a text is, counted as a channel counts it."""

import re
import unicodedata
from collections.abc import Iterator

from inbox.channels.base import LengthUnit

_LINK_LENGTH = 23  # X counts every link so
_LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))  # X counts these as one, everything else as two
_JOINER, _KEYCAP, _AS_EMOJI, _AS_TEXT = "\u200d", "\u20e3", "\ufe0f", "\ufe0e"

# X takes a bare host for a link when it ends like one. All countries, and the commonest of the others.
_COUNTRIES = (
    "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd "
    "cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd "
    "ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg "
    "kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv "
    "mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa "
    "sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua "
    "ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw"
)
_OTHERS = (
    "com net org info biz edu gov mil int name pro mobi app dev shop store online site web blog news live cloud tech "
    "agency company email group world today life digital media studio design solutions services support center club "
    "cat gal eus barcelona madrid lat xyz top vip page link one gmbh berlin paris london coop museum travel jobs"
)
_ENDS = "|".join(sorted({*_COUNTRIES.split(), *_OTHERS.split()}, key=len, reverse=True))
_HOST = rf"(?:[a-z0-9à-öø-ÿ](?:[a-z0-9à-öø-ÿ_-]*[a-z0-9à-öø-ÿ])?\.)+(?:{_ENDS})(?![\w-]|\.\w|@)"
_REST = r"(?::\d+)?(?:[/?#][^\s]*[\w/=#&+-]|[/?#])?"
_LINK = re.compile(rf"https?://(?:[^\s]*[\w/=#&+-])|(?<![\w@#$./-]){_HOST}{_REST}", re.IGNORECASE)
_NAMES = re.compile(r"^\s*(?:@\w{1,15}\s+)+")  # before an answer: X puts them there itself, and counts none


def measure(text: str, unit: LengthUnit) -> int:
    """The length in the channel's unit."""
    if unit == "utf16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    if unit == "graphemes":
        return sum(1 for _ in _graphemes(text))
    if unit == "weighted":
        return _weighted(text)
    return len(text)


def has_link(text: str) -> bool:
    """Whether X makes a link of a part of it."""
    return _LINK.search(text) is not None


def _graphemes(text: str) -> Iterator[str]:
    """What a person counts as signs: accents, skin tones and joined emoji add nothing. Near UAX 29, without tables."""
    whole, joined, flags = "", False, 0
    for sign in text:
        is_flag = "\U0001f1e6" <= sign <= "\U0001f1ff"
        flags = flags + 1 if is_flag else 0
        belongs = _extends(sign) or joined or (is_flag and flags % 2 == 0) or (sign == "\n" and whole == "\r")
        if whole and not belongs:
            yield whole
            whole = ""
        whole += sign
        joined = sign == _JOINER
    if whole:
        yield whole


def _extends(sign: str) -> bool:
    if sign in (_JOINER, _KEYCAP) or "\U0001f3fb" <= sign <= "\U0001f3ff" or "\U000e0020" <= sign <= "\U000e007f":
        return True
    return unicodedata.category(sign) in ("Mn", "Me", "Mc")


def _weighted(text: str) -> int:
    """X: 280 is the most, a link is 23, most of the world's signs are two, an emoji is two whatever it is made of."""
    text = _NAMES.sub("", unicodedata.normalize("NFC", text))
    links = len(_LINK.findall(text))
    return links * _LINK_LENGTH + sum(map(_weight, _graphemes(_LINK.sub("\0", text)))) - links


def _weight(whole: str) -> int:
    """The weight of what a person counts as one sign. Only emoji are one for X too; accents and the like count."""
    if _is_emoji(whole):
        return 2
    return sum(1 if any(first <= ord(sign) <= last for first, last in _LIGHT) else 2 for sign in whole)


def _is_emoji(whole: str) -> bool:
    first = whole[0]
    if _AS_TEXT in whole:
        return False
    if "\U0001f000" <= first <= "\U0001faff" or _KEYCAP in whole:
        return True
    return _AS_EMOJI in whole or ("\u2600" <= first <= "\u27bf" and unicodedata.category(first) == "So")
