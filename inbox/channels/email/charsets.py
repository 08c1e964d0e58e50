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
        b"a".decode(name)
    except (LookupError, ValueError):
        return ""
    return "" if info.name in _NO_CHARSETS else info.name


def decode(data: bytes, charset: str = "") -> str:
    """Decode with the charset that is named, or the likeliest where that can't be right. Never raises."""
    if data.isascii() and b"\x1b" not in data and charset[:4].lower() != "utf-" and charset[:2].lower() != "hz":
        codec = codec_for(charset) if charset else ""
        if not codec.startswith(("utf-16", "utf-32", "utf_16", "utf_32", "cp037", "cp500")):
            return clean(data.decode("ascii"))
    codec = codec_for(charset) if charset else ""
    if not codec:
        return clean(_guess(data))
    try:
        return clean(data.decode(codec))
    except (UnicodeDecodeError, ValueError):
        return clean(_mend(data, codec))


def clean(text: str) -> str:
    """Without the characters that no database and no screen takes: NUL and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "")
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
    high = sum(1 for byte in data[:_SAMPLE] if byte >= 0x80)
    return text if text.count("\ufffd", 0, _SAMPLE) * 4 < high else _guess(data)


def _guess(data: bytes) -> str:
    """The likeliest reading of bytes that name no charset."""
    try:
        if b"\x1b$" in data or b"\x1b(" in data:
            return data.decode("iso2022_jp_ext")
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    sample = data[:_SAMPLE]
    high = sum(1 for byte in sample if byte >= 0x80)
    if high * 20 < len(sample) or high < 8:
        # A few signs among ASCII: a western language. Detectors see Hebrew and Greek in these.
        return data.decode("cp1252", "replace")
    return data.decode(_detected(sample), "replace")


def _detected(sample: bytes) -> str:
    import charset_normalizer  # 30 ms to import, and needed by one mail in a thousand

    best = charset_normalizer.from_bytes(sample, steps=3, chunk_size=512).best()
    codec = codec_for(best.encoding) if best is not None else ""
    return codec or "cp1252"
