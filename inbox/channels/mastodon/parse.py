"""Posts and notifications of the fediverse as messages. Nothing that comes in raises."""

import json
import mimetypes
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import nh3

from inbox.channels.base import Attachment, Author, Edit, Incoming
from inbox.channels.markup import safe_html, to_text
from inbox.states import ConversationKind, MessageKind

Json = Mapping[str, Any]

NOT_UNDERSTOOD = "This post could not be understood."
OPEN = ("public", "unlisted")
EVENTS = {"favourite": "★", "reblog": "🔁"}
WORDS = ("mention", "quote")  # notifications of which somebody wrote something
_THREAD = "_thread"  # what the server told beside the post, kept with its bytes
_TYPES = {"image": "image/jpeg", "gifv": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError)


def with_thread(item: Any, root: str, parent: Any = None) -> Any:
    """A notification or post, with its thread's first post and the one that it answers beside it."""
    if not isinstance(item, dict):
        return item
    return item | {_THREAD: {"root": root} | ({"parent": parent} if isinstance(parent, dict) else {})}


def read(item: Any, stream: str = "") -> Incoming | None:
    """A notification, or a post, as a message; None for what is no message to us (follows, ended polls)."""
    kind, status = _kind(item)
    try:
        if kind in EVENTS:
            return _event(item, status)
        return replace(_message(item, status), stream=stream) if kind in WORDS else None
    except _BROKEN:
        return _unreadable(item, status)


def read_raw(raw: bytes) -> Incoming | None:
    """Read a stored post anew."""
    try:
        return read(json.loads(raw))
    except (ValueError, RecursionError):
        return None


def html_of(raw: bytes) -> str:
    """A stored post's HTML, made safe; what it answers and a content warning stand before it."""
    try:
        item = json.loads(raw)
        kind, status = _kind(item)
        if kind not in WORDS:
            return ""
        before = "".join(f"<blockquote>{safe_html(_content(each))}</blockquote>" for each in _answered(item, status))
        warning = str(status.get("spoiler_text") or "")
        shown = f"<p><b>⚠ {nh3.clean_text(warning)}</b></p>" if warning else ""
        return before + shown + safe_html(_content(status))
    except (*_BROKEN, RecursionError):
        return ""


def status_of(item: Any) -> Json:
    """The post in a notification; a post itself."""
    return _kind(item)[1]


def edit_of(item: Any) -> Edit | None:
    """The post's present text, if it was ever edited."""
    at = _time(status_of(item).get("edited_at"))
    message = read(item)
    if at is None or message is None or message.kind is not MessageKind.TEXT:
        return None
    return Edit(message.remote_id, at, message.raw, message.text, message.new_text)


def id_of(item: Any) -> str:
    """A notification's or post's id; empty where it has none."""
    return str(item.get("id") or "") if isinstance(item, dict) else ""


def handle_of(account: Json) -> str:
    """The full address, which never changes: ``user@host``. Ids are known on one server only."""
    name = str(account["acct"]).lower()
    return name if "@" in name else f"{name}@{urlsplit(str(account['url'])).netloc.lower()}"


def thread_of(status: Json, root: str, handle: str) -> str:
    """A conversation is one person's part of a thread; what is private stands apart from what is public."""
    return f"{'' if status.get('visibility') in OPEN else 'direct:'}{root}|{handle}"


def _kind(item: Any) -> tuple[str, Json]:
    """A bare post counts as a mention, and so does a notification of unknown shape."""
    if not isinstance(item, dict):
        return "mention", {}
    if "type" not in item or "content" in item:
        return "mention", item
    status = item.get("status")
    return str(item["type"]), status if isinstance(status, dict) else {}


def _message(item: Json, status: Json) -> Incoming:
    author = _author(status["account"])
    text = _text(status)
    files = _files(status.get("media_attachments") or ())
    if not text and not files:
        raise ValueError("an empty post")
    return _incoming(item, status, author, status, text, str(status["id"]), files)


def _event(item: Json, status: Json) -> Incoming:
    """Somebody liked or spread a post of ours; it asks for no answer."""
    message = _incoming(item, status, _author(item["account"]), item, EVENTS[item["type"]], f"event:{item['id']}", ())
    return replace(message, kind=MessageKind.AUTOMATIC, own_key="")


def _incoming(
    item: Json, status: Json, author: Author, dated: Json, text: str, remote_id: str, files: tuple[Attachment, ...]
) -> Incoming:
    said = _answered(item, status) if status is dated else [status]
    before = "\n".join(f"> {line}" for each in said for line in _text(each).splitlines())
    root = _mapping(item.get(_THREAD)).get("root") or status.get("in_reply_to_id") or status["id"]
    return Incoming(
        remote_id=remote_id,
        own_key=str(status["id"]),
        author=author,
        sent_at=min(_time(dated.get("created_at")) or datetime.now(UTC), datetime.now(UTC)),
        raw=_dump(item),
        text=f"{before}\n\n{text}".strip() if before else text,
        new_text=text,
        remote_thread=thread_of(status, str(root), author.handle),
        attachments=files,
        conversation_kind=(ConversationKind.MENTION if status.get("visibility") in OPEN else ConversationKind.DIRECT),
        has_html=status is dated,
    )


def _answered(item: Json, status: Json) -> list[Json]:
    """The post that it answers, and the one that it quotes."""
    parent = _mapping(_mapping(item.get(_THREAD)).get("parent"))
    quoted = _mapping(_mapping(status.get("quote")).get("quoted_status"))
    return [each for each in (parent, quoted) if each]


def _author(account: Json) -> Author:
    handle = handle_of(account)
    followers = account.get("followers_count")
    return Author(
        handle=handle,
        name=str(account.get("display_name") or account.get("username") or handle),
        nick=f"@{handle}",
        profile_url=str(account.get("url") or ""),
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
    )


def _text(status: Json) -> str:
    """The words: a content warning first, then the text, the choices of a poll, and what pictures show."""
    warning = str(status.get("spoiler_text") or "")
    options: Iterable[Any] = _mapping(status.get("poll")).get("options") or ()
    shown = [f"⚠ {warning}"] if warning else []
    shown += [to_text(_content(status))]
    shown += [f"- {_mapping(each).get('title', '')}" for each in options]
    media: Iterable[Any] = status.get("media_attachments") or ()
    shown += [f"🖼 {each['description']}" for each in media if _mapping(each).get("description")]
    return "\n".join(each for each in shown if each)


def _content(status: Json) -> str:
    content = status.get("content") or ""
    if not isinstance(content, str):
        raise TypeError("the content is no text")
    return content


def _files(media: Iterable[Json]) -> tuple[Attachment, ...]:
    """What hangs on a post, as far as the server has it already."""
    found = []
    for each in media:
        url = str(each.get("url") or each.get("remote_url") or each.get("preview_url") or "")
        name = PurePosixPath(urlsplit(url).path).name
        kind = mimetypes.guess_type(name)[0] or _TYPES.get(str(each.get("type")), "application/octet-stream")
        if url:
            found.append(Attachment(name or "file", kind, 0, remote=url))
    return tuple(found)


def _unreadable(item: Any, status: Json) -> Incoming:
    """Kept as it came: somebody wrote something, so somebody has to look at it."""
    raw = _dump(item)
    try:
        author = _author(status["account"])
    except _BROKEN:
        author = Author("")
    remote_id = str(status.get("id") or id_of(item) or sha256(raw).hexdigest())
    return Incoming(
        remote_id=remote_id,
        author=author,
        sent_at=min(_time(status.get("created_at")) or datetime.now(UTC), datetime.now(UTC)),
        raw=raw,
        text="",
        remote_thread=f"unreadable:{remote_id}",
        conversation_kind=(ConversationKind.MENTION if status.get("visibility") in OPEN else ConversationKind.DIRECT),
        kind=MessageKind.UNREADABLE,
        problem=NOT_UNDERSTOOD,
    )


def _time(value: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dump(item: Any) -> bytes:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
