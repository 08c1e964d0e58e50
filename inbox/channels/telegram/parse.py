"""What an update of the Bot API says, as our plain values. Reads the JSON itself: the library refuses old shapes.

Nothing here raises on a strange update: what is not understood is shown as unreadable, with its raw bytes kept.
https://core.telegram.org/bots/api#update
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from inbox.channels.base import Author, Edit, Incoming
from inbox.channels.telegram.content import attachments, text_of
from inbox.states import ConversationKind, MessageKind

Json = Mapping[str, Any]

NOT_UNDERSTOOD = "This kind of Telegram message can't be shown here."

_MESSAGES = ("message", "channel_post", "business_message")
_EDITS = ("edited_message", "edited_channel_post", "edited_business_message")
_TELEGRAM_ITSELF = 777000
_ANONYMOUS_ADMIN = 1087968824
_SILENT = re.compile(
    "message_auto_delete_timer_changed|delete_chat_photo|group_chat_created|supergroup_chat_created|"
    "channel_chat_created|migrate_to_chat_id|migrate_from_chat_id|forum_topic_created|forum_topic_edited|"
    "forum_topic_closed|forum_topic_reopened|general_forum_topic_hidden|general_forum_topic_unhidden|"
    "video_chat_scheduled|video_chat_started|video_chat_ended|video_chat_participants_invited|"
    "write_access_allowed|connected_website|boost_added|chat_background_set|chat_owner_changed|"
    "chat_owner_left|community_chat_added|community_chat_removed|managed_bot_created|"
    "direct_message_price_changed|paid_message_price_changed|users_shared|chat_shared|giveaway_created|"
    "proximity_alert_triggered|suggested_post_approved|suggested_post_approval_failed|"
    "suggested_post_declined|suggested_post_paid|suggested_post_refunded|poll_option_added|poll_option_deleted|"
    "message_id|date|from|chat|sender_chat|edit_date|message_thread_id|is_topic_message|via_bot|effect_id|"
    "business_connection_id|sender_business_bot|sender_boost_count|author_signature|is_automatic_forward|"
    "is_from_offline|has_protected_content|link_preview_options|reply_markup|paid_star_count|is_paid_post"
)


@dataclass(frozen=True, slots=True)
class Read:
    """What a list of updates holds. ``answer`` names the button presses that Telegram wants confirmed."""

    messages: tuple[Incoming, ...]
    edits: tuple[Edit, ...]
    moved: Mapping[str, str]
    answer: tuple[str, ...]


def read_updates(updates: Sequence[Any]) -> Read:
    """Read updates in their order; the photos of an album become one message."""
    messages: dict[str, Incoming] = {}
    albums: dict[str, list[Json]] = {}
    edits: list[Edit] = []
    moved: dict[str, str] = {}
    answer: list[str] = []
    for update in updates:
        kind, value = _kind(update)
        if kind in _EDITS:
            edits += [edit] if (edit := _edit(value, update)) else []
            continue
        if kind == "deleted_business_messages":
            edits += _deleted(value, update)
            continue
        if kind == "callback_query":
            answer.append(str(value.get("id", "")))
        moved |= _moved(value)
        message = read_update(update)
        if message is not None and is_album(update) and message.kind is not MessageKind.UNREADABLE:
            albums.setdefault(f"{message.remote_thread} {value['media_group_id']}", []).append(update)
        elif message is not None:
            messages.setdefault(message.remote_id, message)
    for parts in albums.values():
        if album := _album(parts):
            messages.setdefault(album.remote_id, album)
    return Read(tuple(messages.values()), tuple(edits), moved, tuple(each for each in answer if each))


def read_raw(raw: bytes) -> Incoming | None:
    """Read a stored message anew: an update, or the list of updates of an album."""
    try:
        value = json.loads(raw)
    except ValueError:
        return None
    return _album(value) if isinstance(value, list) else read_update(value)


def is_album(update: Any) -> bool:
    """Whether an update belongs to an album, of which more may be on its way."""
    kind, value = _kind(update)
    return kind in _MESSAGES and "media_group_id" in value


def read_update(update: Any) -> Incoming | None:
    """One update as a message; None for what is no message to us (polls, memberships, inline queries)."""
    kind, value = _kind(update)
    try:
        if kind in _MESSAGES:
            return _message(value, update)
        if kind == "callback_query":
            return _pressed(value, update)
        if kind == "message_reaction":
            return _reaction(value, update)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return _unreadable(value, update)
    return None


def thread_of(message: Json) -> str:
    """The key of the conversation: a chat, a topic of a forum, or a chat of the business account."""
    chat = str(_mapping(message.get("chat")).get("id", ""))
    if business := message.get("business_connection_id"):
        return f"{business}@{chat}"
    topic = message.get("message_thread_id") if message.get("is_topic_message") else None
    return f"{chat}/{topic}" if topic else chat


def author_of(user: Json) -> Author:
    """A user, or a chat that speaks for itself."""
    name = " ".join(str(user.get(part) or "") for part in ("first_name", "last_name")).strip()
    nick = str(user.get("username") or "")
    return Author(
        handle=str(user["id"]),
        name=name or str(user.get("title") or ""),
        nick=f"@{nick}" if nick else "",
        profile_url=f"https://t.me/{nick}" if nick else "",
    )


def _kind(update: Any) -> tuple[str, Json]:
    """What an update holds: the one member beside its number. A bare message or reaction is one too."""
    if not isinstance(update, dict):
        return "", {}
    if "message_id" in update and "chat" in update and "update_id" not in update:
        return ("message_reaction" if "new_reaction" in update else "message"), update
    for name, value in update.items():
        if isinstance(value, dict):
            return name, value
    return "", {}


def _message(message: Json, update: Any) -> Incoming | None:
    chat = message["chat"]
    text = text_of(message)
    files = attachments(message)
    if text is None and not files:
        return None if _is_silent(message) else _unreadable(message, update)
    author, outgoing = _who(message, chat)
    private = chat.get("type", "private") == "private"
    new_text = (text.new if text else "").strip()
    return Incoming(
        remote_id=f"{chat['id']}:{message['message_id']}",
        own_key=f"{chat['id']}:{message['message_id']}",
        author=author,
        sent_at=_time(message.get("date")),
        raw=_dump(update),
        text=text.whole if text else "",
        new_text=new_text or (text.whole if text else ""),
        subject=_title(message, chat),
        remote_thread=thread_of(message),
        attachments=files,
        conversation_kind=ConversationKind.DIRECT if private else ConversationKind.MENTION,
        kind=MessageKind.AUTOMATIC if text and text.service else MessageKind.TEXT,
        has_html=bool(message.get("entities") or message.get("caption_entities")),
        outgoing=outgoing,
        counterpart=author_of(chat) if outgoing and private else None,
    )


def _who(message: Json, chat: Json) -> tuple[Author, bool]:
    """Who wrote it, and whether that is ourselves (our own phone, in a chat of the business account)."""
    user = _mapping(message.get("from"))
    speaker = _mapping(message.get("sender_chat"))
    if speaker and (not user or user.get("id") in (_TELEGRAM_ITSELF, _ANONYMOUS_ADMIN) or speaker != chat):
        return author_of(speaker), False
    if not user:
        return author_of(chat), False
    author = author_of(user)
    outgoing = bool(message.get("business_connection_id")) and user["id"] != chat["id"]
    return replace(author, keys=_phone(message, user)), outgoing


def _phone(message: Json, user: Json) -> tuple[tuple[str, str], ...]:
    """The phone number that somebody shared as their own: a contact of their own user id."""
    contact = _mapping(message.get("contact"))
    digits = "".join(sign for sign in str(contact.get("phone_number", "")) if sign.isdigit())
    own = contact.get("user_id") is not None and contact.get("user_id") == user.get("id")
    return (("phone", f"+{digits}"),) if own and digits else ()


def _title(message: Json, chat: Json) -> str:
    topic = _mapping(message.get("forum_topic_created")).get("name")
    replied = _mapping(message.get("reply_to_message"))
    if message.get("is_topic_message"):
        topic = topic or _mapping(replied.get("forum_topic_created")).get("name")
    return " · ".join(str(part) for part in (chat.get("title"), topic) if part)


def _is_silent(message: Json) -> bool:
    """Whether a message says nothing to a person: Telegram's notes on its own settings, and what frames a message."""
    return all(_SILENT.fullmatch(name) for name in message)


def _pressed(query: Json, update: Any) -> Incoming | None:
    """A press on a button under one of our messages: its label, else its data."""
    message = _mapping(query.get("message"))
    if not message:
        return None
    rows: Iterable[Any] = _mapping(message.get("reply_markup")).get("inline_keyboard") or ()
    buttons = [button for row in rows for button in row]
    label = next((each.get("text") for each in buttons if each.get("callback_data") == query.get("data")), None)
    text = str(label or query.get("data") or query.get("game_short_name") or "")
    if not text:
        return None
    chat = message["chat"]
    return Incoming(
        remote_id=f"callback:{query['id']}",
        author=author_of(query["from"]),
        sent_at=datetime.now(UTC),
        raw=_dump(update),
        text=f"▸ {text}",
        new_text=f"▸ {text}",
        remote_thread=thread_of(message),
        conversation_kind=(
            ConversationKind.DIRECT if chat.get("type", "private") == "private" else ConversationKind.MENTION
        ),
    )


def _reaction(reaction: Json, update: Any) -> Incoming | None:
    """A reaction that was added; it asks for no answer."""
    before = [each.get("emoji") for each in reaction.get("old_reaction", ())]
    added = [
        str(each["emoji"])
        for each in reaction.get("new_reaction", ())
        if each.get("emoji") and each["emoji"] not in before
    ]
    user = _mapping(reaction.get("user")) or _mapping(reaction.get("actor_chat"))
    if not added or not user:
        return None
    chat = reaction["chat"]
    text = " ".join(added)
    return Incoming(
        remote_id=f"reaction:{chat['id']}:{reaction['message_id']}:{user['id']}:{reaction.get('date', 0)}",
        author=author_of(user),
        sent_at=_time(reaction.get("date")),
        raw=_dump(update),
        text=text,
        new_text=text,
        remote_thread=str(chat["id"]),
        conversation_kind=(
            ConversationKind.DIRECT if chat.get("type", "private") == "private" else ConversationKind.MENTION
        ),
        kind=MessageKind.AUTOMATIC,
    )


def _album(updates: Sequence[Any]) -> Incoming | None:
    """The parts of an album as one message: the first one's id and time, all the files, the captions."""
    read = [found for each in updates if (found := read_update(each))]
    if not read:
        return None
    first = min(read, key=lambda each: (len(each.remote_id), each.remote_id))
    text = "\n".join(dict.fromkeys(each.text for each in read if each.text))
    new_text = "\n".join(dict.fromkeys(each.new_text for each in read if each.new_text))
    return replace(
        first,
        raw=_dump(list(updates)),
        text=text,
        new_text=new_text,
        attachments=tuple(file for each in read for file in each.attachments),
        has_html=any(each.has_html for each in read),
    )


def _edit(message: Json, update: Any) -> Edit | None:
    chat = _mapping(message.get("chat"))
    if "id" not in chat or "message_id" not in message:
        return None
    try:
        text = text_of(message)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if text is None:
        return None
    return Edit(
        remote_id=f"{chat['id']}:{message['message_id']}",
        at=_time(message.get("edit_date") or message.get("date")),
        raw=_dump(update),
        text=text.whole,
        new_text=text.new,
    )


def _deleted(value: Json, update: Any) -> list[Edit]:
    chat = _mapping(value.get("chat")).get("id", "")
    ids: Iterable[Any] = value.get("message_ids") or ()
    return [Edit(remote_id=f"{chat}:{each}", at=datetime.now(UTC), raw=_dump(update), deleted=True) for each in ids]


def _moved(message: Json) -> dict[str, str]:
    """A group that became a supergroup is known by another number from now on."""
    chat = str(_mapping(message.get("chat")).get("id", ""))
    if to := message.get("migrate_to_chat_id"):
        return {chat: str(to)}
    if former := message.get("migrate_from_chat_id"):
        return {str(former): chat}
    return {}


def _unreadable(value: Json, update: Any) -> Incoming:
    """Kept as it came: somebody wrote something, so somebody has to look at it."""
    chat = _mapping(value.get("chat"))
    number = _mapping(update).get("update_id", value.get("message_id", ""))
    try:
        author, outgoing = _who(value, chat)
    except (KeyError, TypeError, AttributeError):
        author, outgoing = Author(handle=""), False
    known = "id" in chat and "message_id" in value
    return Incoming(
        remote_id=f"{chat['id']}:{value['message_id']}" if known else f"update:{number}",
        author=author,
        sent_at=_time(value.get("date")),
        raw=_dump(update),
        text="",
        remote_thread=thread_of(value) if chat else f"update:{number}",
        conversation_kind=(
            ConversationKind.DIRECT if chat.get("type", "private") == "private" else ConversationKind.MENTION
        ),
        kind=MessageKind.UNREADABLE,
        problem=NOT_UNDERSTOOD,
        outgoing=outgoing,
        counterpart=author_of(chat) if outgoing and "id" in chat else None,
    )


def _time(value: Any) -> datetime:
    """Seconds since 1970; never in the future, whatever a clock says."""
    now = datetime.now(UTC)
    try:
        return min(datetime.fromtimestamp(int(value), UTC), now)
    except (TypeError, ValueError, OverflowError, OSError):
        return now


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _dump(update: Any) -> bytes:
    return json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
