"""Posts, notifications and private messages of Bluesky as messages. Nothing that comes in raises."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from inbox.channels.base import Attachment, Author, Incoming
from inbox.states import ConversationKind, MessageKind

Json = Mapping[str, Any]

NOT_UNDERSTOOD = "This post could not be understood."
EVENTS = {"like": "★", "repost": "🔁"}
WORDS = ("mention", "reply", "quote")
DIRECT = "dm:"
_BESIDE = "_beside"  # what was asked for beside the item, kept with its bytes
_PICTURE = "https://cdn.bsky.app/img/feed_fullsize/plain/{did}/{cid}@jpeg"
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def beside(item: Any, **found: Any) -> Any:
    """An item with the posts that it answers, or the conversation that it stands in, beside it."""
    return item | {_BESIDE: found} if isinstance(item, dict) else item


def read(item: Any, stream: str = "") -> Incoming | None:
    """A notification, a post or a private message; None for what is no message to us (follows, sign-ups)."""
    values = mapping(item)
    try:
        if "sender" in values:
            return _private(values)
        reason = values.get("reason", "mention")
        if reason in EVENTS:
            return _event(values)
        return replace(_post(values), stream=stream) if reason in WORDS else None
    except _BROKEN:
        return _unreadable(item)


def read_raw(raw: bytes) -> Incoming | None:
    """Read a stored item anew."""
    try:
        item = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return read(item) if isinstance(item, dict) and item else None


def mentioned(item: Any) -> tuple[str, ...]:
    """The addresses of the posts that an item speaks of: what it answers, what it quotes, what was liked."""
    values = mapping(item)
    record = mapping(values.get("record"))
    embed = mapping(record.get("embed"))
    quoted = mapping(embed.get("record"))
    found = (
        mapping(mapping(record.get("reply")).get("parent")).get("uri"),
        quoted.get("uri") or mapping(quoted.get("record")).get("uri"),
        values.get("reasonSubject") if values.get("reason") in tuple(EVENTS) else None,
    )
    return tuple(each for each in found if isinstance(each, str) and "/app.bsky.feed.post/" in each)


def when(item: Any) -> datetime | None:
    """When the server saw it."""
    return _time(mapping(item).get("indexedAt"))


def mapping(value: Any) -> Json:
    """A JSON object; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def root_of(post: Json) -> str:
    """The address of a thread's first post."""
    return str(mapping(mapping(mapping(post.get("record")).get("reply")).get("root")).get("uri") or post["uri"])


def _post(item: Json) -> Incoming:
    record = item["record"]
    author = _author(item["author"])
    text, files = _text(record), _files(record.get("embed"), author.handle)
    if not text and not files:
        raise ValueError("an empty post")
    before = _quoted(item)
    return Incoming(
        remote_id=str(item["uri"]),
        own_key=str(item["uri"]),
        author=author,
        sent_at=_past(item.get("indexedAt"), record.get("createdAt")),
        raw=_dump(item),
        text=f"{before}\n\n{text}".strip() if before else text,
        new_text=text,
        remote_thread=f"{root_of(item)}|{author.handle}",
        attachments=files,
        conversation_kind=ConversationKind.MENTION,
    )


def _event(item: Json) -> Incoming:
    """Somebody liked or spread a post of ours; it asks for no answer."""
    author, sign, subject = _author(item["author"]), EVENTS[item["reason"]], str(item.get("reasonSubject") or "")
    posts = mapping(mapping(item.get(_BESIDE)).get("posts"))
    root = root_of(posts[subject]) if subject in posts else subject or str(item["uri"])
    before = _quoted(item)
    return Incoming(
        remote_id=str(item["uri"]),
        author=author,
        sent_at=_past(item.get("indexedAt")),
        raw=_dump(item),
        text=f"{before}\n\n{sign}" if before else sign,
        new_text=sign,
        remote_thread=f"{root}|{author.handle}",
        conversation_kind=ConversationKind.MENTION,
        kind=MessageKind.AUTOMATIC,
    )


def _private(item: Json) -> Incoming:
    """A private message; ours were written in another program."""
    chat = mapping(mapping(item.get(_BESIDE)).get("convo"))
    us = str(mapping(item.get(_BESIDE)).get("us") or "")
    people = {each["did"]: each for each in chat.get("members") or () if mapping(each).get("did")}
    sender = str(item["sender"]["did"])
    others = [_author(each) for did, each in people.items() if did != us]
    outgoing = bool(us) and sender == us
    text = _text(item)
    if not text and not item.get("embed"):
        raise ValueError("an empty message")
    return Incoming(
        remote_id=f"{DIRECT}{item['id']}",
        own_key=f"{DIRECT}{item['id']}",
        author=_author(people.get(sender) or {"did": sender}),
        sent_at=_past(item.get("sentAt")),
        raw=_dump(item),
        text=text,
        new_text=text,
        remote_thread=f"{DIRECT}{chat.get('id') or sender}",
        outgoing=outgoing,
        counterpart=others[0] if outgoing and others else None,
    )


def _quoted(item: Json) -> str:
    """The words of the posts that it speaks of, each line with a mark. Those of the missing and the blocked are not."""
    posts = mapping(mapping(item.get(_BESIDE)).get("posts"))
    texts = [_text(mapping(mapping(posts.get(uri)).get("record"))) for uri in mentioned(item)]
    return "\n".join(f"> {line}" for text in texts for line in text.splitlines())


def _text(record: Json) -> str:
    """The words, the links where the text shortens them, the card, and what pictures show."""
    text = record.get("text") or ""
    if not isinstance(text, str):
        raise TypeError("the text is no text")
    shown = [_with_links(text, record.get("facets") or ()).strip()]
    media = _media(record.get("embed"))
    external = mapping(media.get("external"))
    if external.get("uri") and str(external["uri"]) not in shown[0]:
        shown.append(" ".join(str(each) for each in (external.get("title"), f"({external['uri']})") if each))
    alts = [mapping(each).get("alt") for each in media.get("images") or ()] + [media.get("alt")]
    shown += [f"🖼 {alt}" for alt in alts if alt]
    return "\n".join(each for each in shown if each)


def _with_links(text: str, facets: Iterable[Any]) -> str:
    """Put an address behind the words that stand for it. Places are counted in bytes of UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    for facet in sorted(map(mapping, facets), key=_end, reverse=True):
        uri = next((each["uri"] for each in map(mapping, facet.get("features") or ()) if each.get("uri")), "")
        end, start = _end(facet), mapping(facet.get("index")).get("byteStart")
        if not uri or not isinstance(start, int) or not 0 <= start < end <= len(data):
            continue
        bare = data[start:end].decode("utf-8", "replace").removesuffix("…").removesuffix("...")
        if bare not in str(uri) or len(bare.split("://")[-1]) < len(str(uri).split("://")[-1].rstrip("/")):
            data = data[:end] + f" ({uri})".encode("utf-8", "surrogatepass") + data[end:]
    return data.decode("utf-8", "replace")


def _end(facet: Json) -> int:
    end = mapping(facet.get("index")).get("byteEnd")
    return end if isinstance(end, int) else -1


def _media(embed: Any) -> Json:
    """What hangs on a post beside a quotation."""
    found = mapping(embed)
    return mapping(found.get("media")) or found


def _files(embed: Any, did: str) -> tuple[Attachment, ...]:
    found = []
    for each in _media(embed).get("images") or ():
        picture = each["image"]
        cid = str(mapping(picture.get("ref")).get("$link") or picture.get("cid") or "")
        size, kind = picture.get("size"), str(picture.get("mimeType") or "image/jpeg")
        if cid:
            name = f"{cid[-8:]}.{kind.split('/')[-1]}"
            remote = _PICTURE.format(did=did, cid=cid)
            found.append(Attachment(name, kind, size if isinstance(size, int) else 0, remote=remote))
    return tuple(found)


def _author(profile: Json) -> Author:
    did, handle = str(profile["did"]), str(profile.get("handle") or "")
    handle = "" if handle == "handle.invalid" else handle
    followers = profile.get("followersCount")
    return Author(
        handle=did,
        name=str(profile.get("displayName") or handle),
        nick=f"@{handle}" if handle else "",
        profile_url=f"https://bsky.app/profile/{did}",
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
    )


def _unreadable(item: Any) -> Incoming:
    """Kept as it came: somebody wrote something, so somebody has to look at it."""
    values, raw = mapping(item), _dump(item)
    try:
        author = _author(values.get("author") or values["sender"])
    except _BROKEN:
        author = Author("")
    remote_id = str(values.get("uri") or values.get("id") or sha256(raw).hexdigest())
    return Incoming(
        remote_id=remote_id,
        author=author,
        sent_at=_past(values.get("indexedAt"), values.get("sentAt")),
        raw=raw,
        text="",
        remote_thread=f"unreadable:{remote_id}",
        conversation_kind=ConversationKind.DIRECT if "sender" in values else ConversationKind.MENTION,
        kind=MessageKind.UNREADABLE,
        problem=NOT_UNDERSTOOD,
    )


def _past(*values: Any) -> datetime:
    """The first time that is one; never in the future, whatever a clock says."""
    now = datetime.now(UTC)
    return min(next((at for each in values if (at := _time(each))), now), now)


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def _dump(item: Any) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
