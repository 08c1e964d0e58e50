"""What a Telegram message shows: its text with what is not text put into signs of its own, its files, its marks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from inbox.channels.base import Attachment

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a message. ``whole`` begins with what it answers or forwards; ``service``: Telegram wrote it."""

    whole: str
    new: str
    service: bool = False


def text_of(message: Json) -> Text | None:
    """The words of a message; None where it has none."""
    said = message.get("text") or message.get("caption") or ""
    if not isinstance(said, str):
        raise TypeError("the text is no text")
    said = _with_links(said, message.get("entities") or message.get("caption_entities") or ())
    service = not said and (note := _note(message)) is not None
    if service:
        return Text(note or "", note or "", service=True)
    shown = [*_forwarded(message), *([said] if said else [])]
    shown += [sign for name, put in _SIGNS.items() if name in message and (sign := put(message[name]))]
    new = "\n".join(shown)
    before = "\n".join(_quote(message))
    if not new and not before:
        return None
    return Text(f"{before}\n\n{new}".strip() if before else new, new)


def attachments(message: Json) -> tuple[Attachment, ...]:
    """The files of a message. They stay at Telegram until somebody looks at them."""
    found = []
    if photo := message.get("photo"):
        found.append(_file(max(photo, key=lambda each: each.get("width", 0)), "photo.jpg", "image/jpeg"))
    for name, (filename, content_type) in _FILES.items():
        if isinstance(message.get(name), dict):
            found.append(_file(message[name], filename, content_type))
    media: Iterable[Json] = (message.get("paid_media") or {}).get("paid_media", ())
    for each in media:
        if each.get("photo"):
            found.append(_file(max(each["photo"], key=lambda one: one.get("width", 0)), "photo.jpg", "image/jpeg"))
        elif each.get("video"):
            found.append(_file(each["video"], "video.mp4", "video/mp4"))
    # An animation comes as a document too, for old programs.
    return tuple({each.remote: each for each in found if each.remote}.values())


_FILES = {
    "document": ("document", "application/octet-stream"),
    "animation": ("animation.mp4", "video/mp4"),
    "audio": ("audio.mp3", "audio/mpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "video": ("video.mp4", "video/mp4"),
    "video_note": ("video.mp4", "video/mp4"),
    "sticker": ("sticker.webp", "image/webp"),
}


def _file(file: Json, filename: str, content_type: str) -> Attachment:
    if file.get("is_animated"):
        filename, content_type = "sticker.tgs", "application/x-tgsticker"
    elif file.get("is_video"):
        filename, content_type = "sticker.webm", "video/webm"
    return Attachment(
        filename=str(file.get("file_name") or filename),
        content_type=str(file.get("mime_type") or content_type),
        size=int(file.get("file_size") or 0),
        remote=str(file.get("file_id") or ""),
    )


def _location(value: Json) -> str:
    place = f"{value['latitude']:.6f},{value['longitude']:.6f}"
    return f"📍 {place} https://www.openstreetmap.org/?mlat={value['latitude']}&mlon={value['longitude']}"


def _venue(value: Json) -> str:
    return ", ".join(str(value.get(part)) for part in ("title", "address") if value.get(part))


def _contact(value: Json) -> str:
    name = " ".join(str(value.get(part) or "") for part in ("first_name", "last_name")).strip()
    return f"👤 {name} {value.get('phone_number', '')}".strip()


def _poll(value: Json) -> str:
    options = [f"- {each.get('text', '')}" for each in value.get("options", ())]
    return "\n".join([f"📊 {value.get('question', '')}", *options])


def _checklist(value: Json) -> str:
    tasks = [f"{'☑' if each.get('completion_date') else '☐'} {each.get('text', '')}" for each in value.get("tasks", ())]
    return "\n".join([str(value.get("title", "")), *tasks])


def _story(value: Json) -> str:
    author = (value.get("chat") or {}).get("username", "")
    return f"📖 https://t.me/{author}/s/{value.get('id', '')}" if author else "📖"


_SIGNS: dict[str, Callable[[Any], str]] = {
    "sticker": lambda value: str(value.get("emoji", "")),
    "venue": _venue,
    "location": _location,
    "contact": _contact,
    "poll": _poll,
    "dice": lambda value: f"{value.get('emoji', '🎲')} {value.get('value', '')}".strip(),
    "checklist": _checklist,
    "story": _story,
    "game": lambda value: f"🎮 {value.get('title', '')}".strip(),
    "invoice": lambda value: f"🧾 {value.get('title', '')}".strip(),
    "web_app_data": lambda value: str(value.get("data", "")),
    "giveaway": lambda value: "🎁",
    "giveaway_winners": lambda value: "🎁",
    "gift": lambda value: f"🎁 {value.get('text', '')}".strip(),
    "unique_gift": lambda value: "🎁",
    "successful_payment": lambda value: f"💶 {value.get('total_amount', 0) / 100:.2f} {value.get('currency', '')}",
    "refunded_payment": lambda value: f"💶 -{value.get('total_amount', 0) / 100:.2f} {value.get('currency', '')}",
}


def _note(message: Json) -> str | None:
    """A note of Telegram's own that a person wants to see."""
    if joined := message.get("new_chat_members"):
        return "➕ " + ", ".join(_name(each) for each in joined)
    if left := message.get("left_chat_member"):
        return f"➖ {_name(left)}"
    if title := message.get("new_chat_title"):
        return f"✏️ {title}"
    if message.get("new_chat_photo"):
        return "🖼"
    if pinned := message.get("pinned_message"):
        return f"📌 {pinned.get('text') or pinned.get('caption') or ''}".strip()
    done = message.get("checklist_tasks_done") or message.get("checklist_tasks_added")
    return "☑" if done else None


def _name(user: Json) -> str:
    return " ".join(str(user.get(part) or "") for part in ("first_name", "last_name")).strip()


def _quote(message: Json) -> list[str]:
    """What it answers, each line after a mark as in a mail: it folds like a quotation."""
    replied = message.get("reply_to_message") or message.get("external_reply") or {}
    quoted = (message.get("quote") or {}).get("text") or replied.get("text") or replied.get("caption") or ""
    return [f"> {line}" for line in str(quoted).splitlines()]


def _forwarded(message: Json) -> list[str]:
    """Whose words they are, where the sender only passes them on."""
    origin = message.get("forward_origin") or {}
    sender = (
        origin.get("sender_user_name")
        or _name(origin.get("sender_user") or message.get("forward_from") or {})
        or (origin.get("chat") or origin.get("sender_chat") or message.get("forward_from_chat") or {}).get("title")
        or message.get("forward_sender_name")
        or ""
    )
    return [f"↪ {sender}".strip()] if origin or sender or "forward_date" in message else []


# --- marks ---

_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<span>", "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote>", "</blockquote>"),
}


def html_of(message: Json) -> str:
    """The message's own words as HTML with its marks; empty where there are none. Offsets count UTF-16 units."""
    said = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or ()
    if not said or not entities:
        return ""
    units = said.encode("utf-16-le", "surrogatepass")
    length = len(units) // 2
    opens: dict[int, list[tuple[int, str]]] = {}
    closes: dict[int, list[tuple[int, str]]] = {}
    for entity in entities:
        begin, end = int(entity.get("offset", 0)), int(entity.get("offset", 0)) + int(entity.get("length", 0))
        tags = _tags(entity, _slice(units, begin, end))
        if tags and 0 <= begin < end <= length:
            opens.setdefault(begin, []).append((-end, tags[0]))
            closes.setdefault(end, []).append((-begin, tags[1]))
    pieces, last = [], 0
    for place in sorted({*opens, *closes, length}):
        pieces.append(escape(_slice(units, last, place)).replace("\n", "<br>"))
        pieces += [tag for _, tag in sorted(closes.get(place, ()), key=lambda each: each[0])]
        pieces += [tag for _, tag in sorted(opens.get(place, ()), key=lambda each: each[0])]
        last = place
    return "".join(pieces)


def _tags(entity: Json, words: str) -> tuple[str, str] | None:
    kind = str(entity.get("type", ""))
    if kind == "text_link":
        return f'<a href="{escape(str(entity.get("url", "")), quote=True)}">', "</a>"
    if kind == "url":
        address = words if "://" in words else f"https://{words}"
        return f'<a href="{escape(address, quote=True)}">', "</a>"
    return _TAGS.get(kind)


def _slice(units: bytes, begin: int, end: int) -> str:
    return units[2 * begin : 2 * end].decode("utf-16-le", "replace")


def _with_links(text: str, entities: Iterable[Json]) -> str:
    """The text with the addresses that hide behind its words written out."""
    links = [each for each in entities if each.get("type") == "text_link" and each.get("url")]
    if not links:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    for each in sorted(links, key=lambda link: -int(link.get("offset", 0))):
        end = int(each.get("offset", 0)) + int(each.get("length", 0))
        if _slice(units, int(each.get("offset", 0)), end) != each["url"]:
            units = units[: 2 * end] + f" ({each['url']})".encode("utf-16-le") + units[2 * end :]
    return units.decode("utf-16-le", "replace")
