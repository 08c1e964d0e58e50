"""Bytes to text, whatever the mail says about them: missing, wrong, misspelt and lying charsets."""

import codecs
import re
from functools import lru_cache

# What senders mean is the superset that browsers use as well (WHATWG's encoding standard).
_MEANT = {
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "utf8": "utf-8",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-6-i": "iso-8859-6",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinesebig5": "big5hkscs",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "unicode-1-1-utf-7": "utf-7",
}
# Text codecs of Python that are no charsets; punycode also takes quadratic time.
_NO_CHARSETS = {
    "idna",
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "unicode-escape",
    "raw-unicode-escape",
    "undefined",
    "mbcs",
    "oem",
}
_WESTERN = frozenset(("cp1252", "cp1254", "iso8859-15", "cp850", "cp437", "mac-roman", "iso8859-2", "cp1250"))
_SAMPLE = 8192
_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=256)
def codec_for(charset: str) -> str:
    """Python's codec for a charset as mails name it; empty for none that we know."""
    name = charset.strip().strip("\"'").lower()
    name = _MEANT.get(name) or _MEANT.get(name.replace("_", "-")) or name
    if name.startswith("cp-"):
        name = "cp" + name[3:]
    try:
        info = codecs.lookup(name)
        "a".encode(name)  # not every codec is one of text
    except (LookupError, ValueError):
        return ""
    return "" if info.name in _NO_CHARSETS else info.name


def decode(data: bytes, charset: str = "") -> str:
    """Decode with the charset that is named, or the likeliest where that can't be right. Never raises."""
    codec = codec_for(charset) if charset else ""
    if data.isascii() and b"\x1b" not in data and not (codec and _is_unlike_ascii(data, codec)):
        return _plain(data.decode("ascii"))
    if not codec:
        return clean(_guess(data))
    try:
        if codec == "utf-8":
            return _plain(data.decode("utf-8"))
        if codec in _WESTERN and is_utf8(data):
            return _plain(data.decode("utf-8"))  # by chance no text in these is that
        return clean(data.decode(codec))
    except (UnicodeDecodeError, ValueError):
        return clean(_mend(data, codec))


def telling(charset: str) -> str:
    """A charset that nobody names without meaning it; empty for those that programs name by themselves."""
    codec = codec_for(charset)
    return "" if codec in _WESTERN or codec == "utf-8" else codec


def _is_unlike_ascii(data: bytes, codec: str) -> bool:
    """Whether bytes below 128 mean something else in a charset."""
    if codec.startswith(("utf-16", "utf-32")):
        return b"\0" in data
    return codec in ("utf-7", "hz", "cp037", "cp500", "cp1140")


def is_utf8(data: bytes) -> bool:
    """Whether it can be UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _plain(text: str) -> str:
    """As ``clean``, for what can hold no halves of surrogate pairs."""
    text = text.replace("\0", "") if "\0" in text else text
    return text[1:] if text[:1] == "\ufeff" else text


def clean(text: str) -> str:
    """Without the characters that no database and no screen takes: NUL and halves of surrogate pairs; nor a BOM."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.startswith("\ufeff"):
        text = text[1:]
    if not text.isascii() and _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _mend(data: bytes, codec: str) -> str:
    if codec == "iso2022_jp_ext" and data.isascii():
        # Signs of makers, such as ①, which JIS X 0213 has in the same places.
        return data.replace(b"\x1b$B", b"\x1b$(Q").replace(b"\x1b$@", b"\x1b$(Q").decode("iso2022_jp_2004", "replace")
    if codec != "utf-8":
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode(codec, "replace")
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd", 0, _SAMPLE)
    right = sum(1 for sign in text[:_SAMPLE] if sign > "\x7f") - wrong
    return text if right >= wrong else _guess(data)


def _guess(data: bytes) -> str:
    """The likeliest reading of bytes that name no charset."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        if b"\x1b$" in data or b"\x1b(" in data:
            return data.decode("iso2022_jp_ext")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:_SAMPLE]
    high = sample.translate(None, bytes(range(128)))
    if len(high) * 20 < len(sample) or len(set(high)) < 4:
        return data.decode("cp1252", "replace")  # a few signs among ASCII: a western language
    return data.decode(max(_CANDIDATES, key=lambda codec: _likeness(sample, codec)), "replace")


# The first wins where two are as likely.
_CANDIDATES = ("cp1252", "cp932", "euc_jp", "cp949", "big5hkscs", "gb18030", "cp1251", "koi8-r", "cp1253", "cp1255",
               "cp1256", "cp1250", "cp874")  # fmt: skip
_FREQUENT = frozenset(
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可里后小么心多天而能好都然没日于起还发成事只作"
    "当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长您请问订单货谢帮助吗"
    "這來國個說們為時過對裡後麼沒發當開經頭動兩長請問訂單貨謝幫嗎與關會還進點將實現話學電樣"
    "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"
    "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς"
    "אבגדהוזחטיכלמנסעפצקרשתםןףץ"
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويةأإ"
    "กขคงจชดตทนบปพมยรลวสหอะาิีึืุูเแโใไ่้"
)
_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßąćęłńśźżčďěňřšťůžőűășțÀÁÉÍÓÚÑÖÄÜÇ¿¡€«»–—‘’“”…°ºª")


def _likeness(sample: bytes, codec: str) -> float:
    """How much a text looks like one in that charset: what its frequent signs are worth, a byte."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)
    except UnicodeDecodeError:
        return -1000.0
    worth = 0.0
    before = " "
    for sign in text:
        if sign > "\x7f":
            worth += _worth(sign, before)
        before = sign
    return worth


def _worth(sign: str, before: str) -> float:
    if sign in _FREQUENT:
        return 2.0 if sign > "\u2e80" else 1.0
    if "\u3041" <= sign <= "\u30fe" or "\uac00" <= sign <= "\ud7a3":
        return 2.0  # kana, hangul
    if sign in _LETTERS:
        return 0.9 if before.isascii() else 0.1
    if "\u4e00" <= sign <= "\u9fff":
        return 0.5
    if "\u3000" <= sign <= "\u303f" or "\uff01" <= sign <= "\uff5e":
        return 1.0  # the punctuation of the far east
    if sign.isalpha() and sign < "\u0700":
        # Capitals stand at the beginning of words.
        return 0.3 if sign.isupper() and not before.isalpha() else -0.3
    return -1.0
