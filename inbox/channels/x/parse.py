"""Posts and direct messages of X as messages. Nothing that comes in raises.

What stands beside a post in an answer (its author, media, the posts that it refers to) is kept with its bytes.
"""

import json
import mimetypes
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from inbox.channels.base import Attachment, Author, Edit, Incoming
from inbox.states import ConversationKind, MessageKind

Json = Mapping[str, Any]

NOT_UNDERSTOOD = "This post could not be understood."
UNASKED = "unasked:"  # before the key of a post whose author neither mentioned nor quoted us
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
_TYPES = {"photo": "image/jpeg", "video": "video/mp4", "animated_gif": "video/mp4"}
_FIRST_MS = 1288834974657  # ids hold the milliseconds since then
_SHARED = "🔁"
_PAIR = re.compile(r"(\d+)-(\d+)")
_POST_LINK = re.compile(r"https?://(?:twitter|x)\.com/\w+/status/(\d+)")


def joined(answer: Any, me: Json) -> list[Json]:
    """The posts or events of an answer, each with what belongs to it. An answer without data has none."""
    body = _mapping(answer)
    data = body.get("data") or []
    includes = _mapping(body.get("includes"))
    found = [each for each in (data if isinstance(data, list) else [data]) if each]
    return [_with_its_own(each, includes, body.get("errors"), me) for each in found]


def _with_its_own(item: Any, includes: Json, errors: Any, me: Json) -> Json:
    own = {"item": item, "me": {"id": str(me.get("id", "")), "username": str(me.get("username", ""))}}
    if not isinstance(item, dict):
        return own
    referred = set(map(str, _ids(item.get("referenced_tweets"), "id")))
    posts = [each for each in _dicts(includes.get("tweets")) if str(each.get("id")) in referred]
    keys = {str(key) for each in (item, *posts) for key in _list(_mapping(each.get("attachments")).get("media_keys"))}
    people = {
        str(each.get(name)) for each in (item, *posts) for name in ("author_id", "sender_id", "in_reply_to_user_id")
    }
    people |= set(map(str, _list(item.get("participant_ids"))))
    return own | {
        "posts": posts,
        "media": [each for each in _dicts(includes.get("media")) if str(each.get("media_key")) in keys],
        "users": [each for each in _dicts(includes.get("users")) if str(each.get("id")) in people],
        "missing": [each for each in _dicts(errors) if str(each.get("resource_id") or each.get("value")) in referred],
    }


def read(found: Json, stream: str = "") -> Incoming | None:
    """A post or an event as a message; None for what is no message to us (who joined, our own posts to nobody)."""
    item = found.get("item")
    try:
        if not isinstance(item, dict):
            raise TypeError("no post")
        if "event_type" in item or "dm_conversation_id" in item:
            return _direct(found, item)
        return _post(found, item, stream)
    except _BROKEN:
        return _unreadable(found)


def read_raw(raw: bytes) -> Incoming | None:
    """Read a stored post anew."""
    try:
        value = json.loads(raw)
        return read(value, str(value.get("stream", ""))) if isinstance(value, dict) and "item" in value else None
    except (ValueError, RecursionError):
        return None


def edit_of(message: Incoming) -> Edit | None:
    """The present text of a post that was edited: a new id for each version, all of them told with it."""
    found: Json = json.loads(message.raw)
    history = _list(_mapping(found.get("item")).get("edit_history_tweet_ids"))
    if len(history) < 2 or message.kind is MessageKind.UNREADABLE:
        return None
    at = _of_id(history[-1]) or message.sent_at
    return Edit(message.remote_id, at, message.raw, message.text, message.new_text)


def text_of(post: Json) -> str:
    """The words, with links as they were written; the whole of a long post."""
    note = _mapping(post.get("note_tweet"))
    text = note.get("text") or post.get("text") or ""
    if not isinstance(text, str):
        raise TypeError("the text is no text")
    entities = _mapping(note.get("entities") if note.get("text") else post.get("entities"))
    referred = set(map(str, _ids(post.get("referenced_tweets"), "id")))
    for each in _dicts(entities.get("urls")):
        short, full = str(each.get("url") or ""), str(each.get("unwound_url") or each.get("expanded_url") or "")
        link = _POST_LINK.match(full)
        shown = "" if each.get("media_key") or "/photo/" in full or "/video/" in full else full
        if short and full:
            text = text.replace(short, "" if link and link[1] in referred else shown)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def is_ours(item: Any, me: Json) -> bool:
    """Whether we wrote it."""
    return isinstance(item, dict) and bool(me.get("id")) and str(item.get("author_id")) == str(me["id"])


def answered_id(item: Any) -> str:
    """The id of the post that a post answers; empty where it answers none."""
    referred = _dicts(_mapping(item).get("referenced_tweets"))
    return next((str(each.get("id")) for each in referred if each.get("type") == "replied_to"), "")


def _post(found: Json, item: Json, stream: str) -> Incoming | None:
    me = _mapping(found.get("me"))
    id_, text, files = str(item["id"]), text_of(item), _files(found, item)
    outgoing = is_ours(item, me)
    customer = str(item.get("in_reply_to_user_id") or "") if outgoing else ""
    if outgoing and customer in ("", str(me.get("id"))):
        return None
    author = _author(found, str(item.get("author_id") or f"post:{id_}"))
    kinds = {each.get("type") for each in _dicts(item.get("referenced_tweets"))}
    shared = "retweeted" in kinds
    before = _quoted(found, item)
    text = (_SHARED if before else f"{_SHARED} {text}") if shared else "\n".join(filter(None, (text, _place(item))))
    if not text and not files:
        raise ValueError("an empty post")
    first = _list(item.get("edit_history_tweet_ids"))[:1] or [id_]
    return Incoming(
        remote_id=str(first[0]),
        own_key=id_ if _asked(found, item) else f"{UNASKED}{id_}",
        author=author,
        sent_at=_time(item.get("created_at"), first[0]),
        raw=_dump({**found, "stream": stream} if stream else found),
        text=f"{before}\n\n{text}".strip() if before else text,
        new_text=text,
        remote_thread=f"{item.get('conversation_id') or id_}|{customer or author.handle}",
        attachments=() if shared else files,
        conversation_kind=ConversationKind.MENTION,
        kind=MessageKind.AUTOMATIC if shared else MessageKind.TEXT,
        outgoing=outgoing,
        counterpart=_author(found, customer) if outgoing else None,
        stream=stream,
    )


def _asked(found: Json, item: Json) -> bool:
    """Whether the post names us or quotes a post of ours: then X takes an answer on any plan."""
    me = _mapping(found.get("me"))
    id_, name = str(me.get("id") or ""), str(me.get("username") or "").lower()
    named = _dicts(_mapping(item.get("entities")).get("mentions"))
    named += _dicts(_mapping(_mapping(item.get("note_tweet")).get("entities")).get("mentions"))
    if str(item.get("in_reply_to_user_id") or "") == id_ or any(
        str(each.get("id") or "") == id_ or str(each.get("username", "")).lower() == name for each in named
    ):
        return True
    if name and re.search(rf"(?<!\w)@{re.escape(name)}\b", text_of(item), re.IGNORECASE):
        return True
    quoted = set(map(str, _ids(_of_type(item, "quoted"), "id")))
    return any(str(each.get("id")) in quoted and is_ours(each, me) for each in _dicts(found.get("posts")))


def _quoted(found: Json, item: Json) -> str:
    """The posts that it answers, quotes or shares, as far as they were told."""
    posts = {str(each.get("id")): each for each in _dicts(found.get("posts"))}
    shown = []
    for each in _dicts(item.get("referenced_tweets")):
        post = posts.get(str(each.get("id")))
        if post is not None:
            writer = _author(found, str(post.get("author_id") or "")).nick
            words = f"{writer}: {text_of(post)}" if writer else text_of(post)
            shown += [f"> {line}" for line in words.splitlines()]
    return "\n".join(shown)


def _place(item: Json) -> str:
    """Where it was written, where the author told it to the metre."""
    point = _list(_mapping(_mapping(item.get("geo")).get("coordinates")).get("coordinates"))
    return f"📍 {point[1]}, {point[0]}" if len(point) == 2 else ""


def _direct(found: Json, item: Json) -> Incoming | None:
    if item.get("event_type", "MessageCreate") != "MessageCreate":
        return None
    me = str(_mapping(found.get("me")).get("id") or "")
    id_, thread = str(item["id"]), str(item.get("dm_conversation_id") or "")
    sender = str(item.get("sender_id") or f"dm:{thread or item['id']}")
    outgoing = bool(me) and sender == me
    others = _others(item, me)
    if outgoing and not others:
        return None
    text, files = text_of(item), _files(found, item)
    before = _quoted(found, item)
    if not text and not files and not before:
        raise ValueError("an empty message")
    return Incoming(
        remote_id=f"dm:{id_}",
        own_key=f"dm:{id_}",
        author=_author(found, sender),
        sent_at=_time(item.get("created_at"), id_),
        raw=_dump(found),
        text=f"{before}\n\n{text}".strip() if before else text,
        new_text=text or before,
        remote_thread=f"dm:{thread or sender}",
        attachments=files,
        outgoing=outgoing,
        counterpart=_author(found, others[0]) if outgoing else None,
    )


def _others(item: Json, me: str) -> list[str]:
    """Who takes part beside us: of a talk between two, its id names both."""
    pair = _PAIR.fullmatch(str(item.get("dm_conversation_id") or ""))
    people = list(pair.groups()) if pair else [str(each) for each in _list(item.get("participant_ids"))]
    return [each for each in people if each != me]


def _author(found: Json, id_: str) -> Author:
    user = next((each for each in _dicts(found.get("users")) if str(each.get("id")) == id_), {})
    name = str(user.get("username") or "")
    followers = _mapping(user.get("public_metrics")).get("followers_count")
    return Author(
        handle=id_,
        name=str(user.get("name") or name),
        nick=f"@{name}" if name else "",
        profile_url=f"https://x.com/{name}" if name else "",
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
    )


def _files(found: Json, item: Json) -> tuple[Attachment, ...]:
    media = {str(each.get("media_key")): each for each in _dicts(found.get("media"))}
    keys = map(str, _list(_mapping(item.get("attachments")).get("media_keys")))
    files = []
    for each in (media[key] for key in keys if key in media):
        url, kind = _best(each)
        if url:
            name = PurePosixPath(urlsplit(url).path).name or "file"
            files.append(Attachment(name, kind, 0, remote=url))
    return tuple(files)


def _best(media: Json) -> tuple[str, str]:
    """The address of a picture, of the finest version of a video, else of a video's still picture."""
    variants = [each for each in _dicts(media.get("variants")) if each.get("content_type") == "video/mp4"]
    if variants:
        return str(max(variants, key=lambda each: int(each.get("bit_rate") or 0)).get("url") or ""), "video/mp4"
    url = str(media.get("url") or media.get("preview_image_url") or "")
    guessed = mimetypes.guess_type(urlsplit(url).path)[0]
    return url, guessed or _TYPES.get(str(media.get("type")), "application/octet-stream")


def _unreadable(found: Json) -> Incoming:
    """Kept as it came: somebody wrote something, so somebody has to look at it."""
    item, raw = _mapping(found.get("item")), _dump(found)
    direct = "event_type" in item or "dm_conversation_id" in item
    id_ = str(item.get("id") or sha256(raw).hexdigest())
    remote_id = f"dm:{id_}" if direct else id_
    author = str(item.get("author_id") or item.get("sender_id") or "")
    return Incoming(
        remote_id=remote_id,
        author=_author(found, author),
        sent_at=_time(item.get("created_at"), id_),
        raw=raw,
        text="",
        remote_thread=f"unreadable:{remote_id}",
        conversation_kind=ConversationKind.DIRECT if direct else ConversationKind.MENTION,
        kind=MessageKind.UNREADABLE,
        problem=NOT_UNDERSTOOD,
    )


def _time(value: Any, id_: Any) -> datetime:
    """When it happened: as told, else as its id tells; never in the future."""
    now = datetime.now(UTC)
    try:
        at = datetime.fromisoformat(value)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        at = _of_id(id_) or now
    return min(at, now)


def _of_id(value: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(((int(value) >> 22) + _FIRST_MS) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _of_type(item: Json, kind: str) -> list[Json]:
    return [each for each in _dicts(item.get("referenced_tweets")) if each.get("type") == kind]


def _ids(values: Any, name: str) -> Iterable[Any]:
    return [each[name] for each in _dicts(values) if name in each]


def _dicts(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dump(found: Any) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
