"""What an answer takes: who hears of it, whom it names, how long it may be, and which files the server takes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from inbox.channels.base import Outgoing, OutgoingFile
from inbox.channels.markup import to_text
from inbox.channels.mastodon.parse import OPEN
from inbox.errors import RejectedMessageError

_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"(?<![\w/@])@([\w.-]+)(@[\w.-]+\w)?")


@dataclass(frozen=True, slots=True)
class Limits:
    """The server's own measures."""

    characters: int = 500
    per_url: int = 23
    files: int = 4
    types: tuple[str, ...] = ()  # empty: whatever it takes
    sizes: tuple[tuple[str, int], ...] = ()  # kind of file ("image", "video") -> bytes

    @classmethod
    def of(cls, instance: Any) -> "Limits":
        """As the server's description of itself tells them."""
        about = _mapping(_mapping(instance).get("configuration"))
        posts, media = _mapping(about.get("statuses")), _mapping(about.get("media_attachments"))
        types = media.get("supported_mime_types")
        named = (("image", "image_size_limit"), ("video", "video_size_limit"), ("audio", "video_size_limit"))
        return cls(
            _number(posts.get("max_characters") or _mapping(instance).get("max_toot_chars"), 500),
            _number(posts.get("characters_reserved_per_url"), 23),
            _number(posts.get("max_media_attachments"), 4),
            tuple(str(each) for each in types) if isinstance(types, list) else (),
            tuple((kind, _number(media.get(name), 0)) for kind, name in named if _number(media.get(name), 0)),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A post that is ready to go."""

    text: str
    visibility: str
    spoiler: str
    language: str | None
    in_reply_to: str | None
    key: str  # the same for each try of a message: the server takes it once


def answer_to(message: Outgoing, parent: Mapping[str, Any], me: Mapping[str, Any], limits: Limits) -> Answer:
    """The post. Raises RejectedMessageError for what the server would not take."""
    text = _named(message, parent, me)
    spoiler = str(parent.get("spoiler_text") or "")
    length = length_of(text, limits.per_url) + len(spoiler)
    if length > limits.characters:
        raise RejectedMessageError(
            "The text is too long for this server: {length} of {most}, with the names and the warning",
            "Shorten it.",
            length=length,
            most=limits.characters,
        )
    _check_files(message.files, limits)
    heard = str(parent.get("visibility") or ("public" if not parent else ""))
    origin = "\n".join([str(me.get("url")), str(message.message_id), message.in_reply_to, message.text])
    return Answer(
        text,
        # Followers-only becomes direct: the customer's followers are not ours, and ours were not meant.
        heard if message.public and heard in OPEN else "direct",
        spoiler,
        str(parent.get("language") or "") or None,
        str(parent.get("id") or "") or None,
        sha256(origin.encode("utf-8", "replace")).hexdigest()[:40],
    )


def length_of(text: str, per_url: int) -> int:
    """The length as servers count it: any address is alike, and of a mention only the name counts."""
    return len(_MENTION.sub(r"@\1", _URL.sub("x" * per_url, text)))


def is_ours(post: Mapping[str, Any], answer: Answer, me: Mapping[str, Any]) -> bool:
    """Whether a post is this answer, gone out before."""
    if _mapping(post.get("account")).get("id") != me.get("id") or post.get("in_reply_to_id") != answer.in_reply_to:
        return False
    return _bare(to_text(str(post.get("content") or ""))) == _bare(answer.text)


def _bare(text: str) -> str:
    """Words without what servers change: white space, hosts of names, the way that addresses are shown."""
    return "".join(_MENTION.sub(r"@\1", text).split())


def _named(message: Outgoing, parent: Mapping[str, Any], me: Mapping[str, Any]) -> str:
    """The text behind the names of the author and the others, as far as it does not name them itself."""
    people = [_mapping(parent.get("account")), *map(_mapping, parent.get("mentions") or ())]
    own = str(me.get("id"))
    names = [str(each["acct"]) for each in people if each.get("acct") and str(each.get("id")) != own]
    if not parent:
        names = list(message.to)
    text = message.text.strip()
    said = {match[0].lower() for match in _MENTION.finditer(text)}
    missing = [name for name in dict.fromkeys(names) if f"@{name}".lower() not in said]
    return " ".join([*(f"@{name}" for name in missing), text]).strip()


def _check_files(files: Sequence[OutgoingFile], limits: Limits) -> None:
    if len(files) > limits.files:
        raise RejectedMessageError("This server takes {most} files with a message", "Send fewer.", most=limits.files)
    sizes = dict(limits.sizes)
    for file in files:
        if limits.types and file.content_type not in limits.types:
            raise RejectedMessageError(
                "This server does not take files like {name}", "Send a picture, a video or a link.", name=file.filename
            )
        most = sizes.get(file.content_type.split("/")[0])
        if most is not None and len(file.content) > most:
            raise RejectedMessageError(
                "{name} is too large: this server takes {megabytes} MB",
                "Send a smaller one.",
                name=file.filename,
                megabytes=most // 2**20,
            )


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else otherwise


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
