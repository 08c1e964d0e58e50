"""Telegram by a bot's long polling: no public address is needed, and one program at a time can read a bot."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import nh3

from inbox.channels.base import Author, Channel, Field, Incoming, Manifest, ParsedBody
from inbox.channels.markup import without_quotation
from inbox.channels.telegram import content, parse
from inbox.states import MessageKind

MANIFEST = Manifest(
    kind="telegram",
    label="Telegram",
    badge="T",
    fields=(
        Field("username", "The bot's name", hint="As @BotFather shows it, such as @shop_bot."),
        Field(
            "token",
            "The bot's token",
            "password",
            secret=True,
            hint="Write /newbot to @BotFather in Telegram: it gives the token.",
        ),
        Field(
            "take_over",
            "Take over from the webhook",
            "switch",
            required=False,
            default="no",
            hint="Only if another service got this bot's messages before: it will get none any more.",
            advanced=True,
        ),
        Field(
            "server",
            "Server",
            required=False,
            default="https://api.telegram.org",
            hint="Another one only for a Bot API server of your own.",
            advanced=True,
        ),
    ),
    attachments=True,
    public=True,
    edits=True,
    typing=True,
    fetches_files=True,
    splits=True,
    max_length=4096,
    length_unit="utf16",
    address_field="username",
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of a bot."""
    from inbox.channels.telegram.channel import TelegramChannel

    return TelegramChannel(settings, secrets)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """The message's text and, where it has marks (bold, links), its HTML."""
    found = parse.read_raw(raw)
    if found is None:
        return ParsedBody("")
    if not found.has_html:
        return ParsedBody(found.text)
    before = found.text.removesuffix(found.new_text).strip()
    quoted = "".join(f"<blockquote>{nh3.clean_text(line[2:])}</blockquote>" for line in before.splitlines())
    return ParsedBody(found.text, nh3.clean(quoted + _html(raw), tags=_TAGS, url_schemes={"http", "https", "tg"}))


_TAGS = {"a", "b", "i", "u", "s", "span", "code", "pre", "blockquote", "br"}


def _html(raw: bytes) -> str:
    try:
        value: Any = json.loads(raw)
    except ValueError:
        return ""
    pieces = [content.html_of(_message(each)) for each in (value if isinstance(value, list) else [value])]
    return "<br>".join(each for each in pieces if each)


def _message(update: Any) -> Mapping[str, Any]:
    if not isinstance(update, dict):
        return {}
    return next((each for each in update.values() if isinstance(each, dict) and "chat" in each), update)


def visible_text(text: str) -> str:
    """A message's text without the message that it answers."""
    return without_quotation(text)


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored update anew."""
    found = parse.read_raw(raw)
    if found is not None:
        return found
    return Incoming(
        remote_id=remote_id,
        author=Author(""),
        sent_at=received_at,
        raw=raw,
        text="",
        kind=MessageKind.UNREADABLE,
        problem=parse.NOT_UNDERSTOOD,
    )


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """Telegram gives the ids."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Files stay at Telegram: no part of the raw bytes is one."""
    return b""
