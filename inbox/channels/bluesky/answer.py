"""What an answer takes: places in the text counted in bytes, the thread that it stands in, and pictures."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from inbox.channels.base import OutgoingFile
from inbox.channels.bluesky.parse import mapping
from inbox.errors import RejectedMessageError

BYTES = 3000
_PICTURES = 4
_PICTURE_BYTES = 1_000_000
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_URL = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]}'»”]")
_MENTION = re.compile(r"(?<![\w@./])@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,})")
_TAG = re.compile(r"(?<![\w#/&])#([^\W\d]\w{0,63}|\w*[^\W\d]\w*)")


def facets(text: str, did_of: Callable[[str], str]) -> list[dict[str, Any]]:
    """Links, mentions and hashtags, with their places in bytes of UTF-8. An unknown name stays plain text."""
    found: list[tuple[int, int, dict[str, str]]] = []
    for match in _URL.finditer(text):
        found.append((*match.span(), {"$type": "app.bsky.richtext.facet#link", "uri": match[0]}))
    for match in _MENTION.finditer(text):
        if did := did_of(match[1]):
            found.append((*match.span(), {"$type": "app.bsky.richtext.facet#mention", "did": did}))
    links = [(start, end) for start, end, _ in found]
    for match in _TAG.finditer(text):
        if not any(start <= match.start() < end for start, end in links):
            found.append((*match.span(), {"$type": "app.bsky.richtext.facet#tag", "tag": match[1]}))
    return [
        {"index": {"byteStart": _bytes(text[:start]), "byteEnd": _bytes(text[:end])}, "features": [feature]}
        for start, end, feature in sorted(found, key=lambda each: each[0])
    ]


def check(text: str, files: Sequence[OutgoingFile], *, private: bool) -> None:
    """Refuse what Bluesky would not take. The composer has counted the graphemes."""
    if _bytes(text) > BYTES:
        raise RejectedMessageError(
            "The text is too long for Bluesky: {length} of {most} bytes", "Shorten it.", length=_bytes(text), most=BYTES
        )
    if private and files:
        raise RejectedMessageError("Bluesky takes no files in direct messages", "Send a link.")
    if len(files) > _PICTURES:
        raise RejectedMessageError("Bluesky takes {most} pictures with a post", "Send fewer.", most=_PICTURES)
    for file in files:
        if file.content_type not in _TYPES:
            raise RejectedMessageError("Bluesky takes pictures only, not {name}", "Send a link.", name=file.filename)
        if len(file.content) > _PICTURE_BYTES:
            raise RejectedMessageError(
                "{name} is too large: Bluesky takes pictures of up to 1 MB", "Send a smaller one.", name=file.filename
            )


def record(
    text: str, marks: Sequence[Mapping[str, Any]], parent: Mapping[str, Any], images: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The post: an answer names its parent and the first post of the thread, each with its content's id."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found: dict[str, Any] = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at}
    if marks:
        found["facets"] = list(marks)
    if parent:
        own = {"uri": parent["uri"], "cid": parent["cid"]}
        above = mapping(parent.get("record"))
        root = mapping(mapping(above.get("reply")).get("root"))
        found["reply"] = {"root": {"uri": root["uri"], "cid": root["cid"]} if root else own, "parent": own}
        if isinstance(langs := above.get("langs"), list) and langs:
            found["langs"] = langs
    if images:
        found["embed"] = {"$type": "app.bsky.embed.images", "images": list(images)}
    return found


def is_same(kept: Any, ours: Mapping[str, Any]) -> bool:
    """Whether a post of ours is this answer, gone out before."""
    there = mapping(kept)
    parent = mapping(mapping(there.get("reply")).get("parent")).get("uri")
    return there.get("text") == ours["text"] and parent == mapping(mapping(ours.get("reply")).get("parent")).get("uri")


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
