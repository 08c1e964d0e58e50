"""File names that are harmless on every system, out of what strangers call their files."""

import mimetypes
import re
import unicodedata

LONGEST = 150
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f]')
# Signs that turn the direction of writing or can't be seen: "exe.pdf" may be "fdp.exe".
_TRICKS = re.compile("[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)


def safe_name(name: str, content_type: str = "", number: int = 1) -> str:
    """A name without folders, control signs and tricks; made up from the type where nothing is left of it."""
    name = _TRICKS.sub("", unicodedata.normalize("NFC", name))
    name = _FORBIDDEN.sub("_", " ".join(name.split())).strip(" .")
    if not name.strip("_"):
        return f"file-{number}{extension(content_type)}"
    if _RESERVED.match(name):
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    if len(name.encode("utf-8")) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if dot and len(ending) <= 10 else ""
    stem = name[: len(name) - len(ending)]
    room = LONGEST - len(ending.encode("utf-8"))
    return stem.encode("utf-8")[:room].decode("utf-8", "ignore").rstrip(" .") + ending


def extension(content_type: str) -> str:
    """The usual ending of a type, with its dot; ".bin" for an unknown one."""
    if content_type == "message/rfc822":
        return ".eml"
    if content_type == "text/plain":
        return ".txt"
    return mimetypes.guess_extension(content_type) or ".bin"


def type_of(filename: str) -> str:
    """The type that the ending of a name suggests."""
    return mimetypes.guess_type(filename, strict=False)[0] or "application/octet-stream"
