"""Bluesky (AT Protocol) with an app password: mentions, replies, quotes, searches and private messages."""

from collections.abc import Mapping
from datetime import datetime

from inbox.channels.base import Author, Channel, Field, Incoming, Manifest, ParsedBody
from inbox.channels.markup import without_quotation
from inbox.states import MessageKind

MANIFEST = Manifest(
    kind="bluesky",
    label="Bluesky",
    badge="B",
    fields=(
        Field("handle", "The account", hint="Such as shop.bsky.social."),
        Field(
            "password",
            "App password",
            "password",
            secret=True,
            hint="In Bluesky: Settings, Privacy and security, App passwords. Allow access to direct messages there.",
        ),
        Field(
            "streams",
            "Listen for",
            required=False,
            hint="Words and hashtags, apart by commas: broken parcel, #shop. What is found comes in as a mention.",
        ),
        Field("direct", "Direct messages", "switch", required=False, default="yes"),
        Field(
            "server",
            "Server",
            required=False,
            default="https://bsky.social",
            hint="Another one only for a server of your own.",
            advanced=True,
        ),
        Field("seconds", "Look every so many seconds", "number", required=False, default="30", advanced=True),
    ),
    attachments=True,
    public=True,
    fetches_files=True,
    finds_sent=True,
    max_length=300,
    length_unit="graphemes",
    address_field="handle",
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of an account."""
    from inbox.channels.bluesky.channel import BlueskyChannel

    return BlueskyChannel(settings, secrets)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """A post's text; its links stand in it."""
    from inbox.channels.bluesky.parse import read_raw

    found = read_raw(raw)
    return ParsedBody(found.text if found is not None else "")


def visible_text(text: str) -> str:
    """A post's text without the words that it answers."""
    return without_quotation(text)


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored post anew."""
    from inbox.channels.bluesky.parse import NOT_UNDERSTOOD, read_raw

    return read_raw(raw) or Incoming(
        remote_id, Author(""), received_at, raw, text="", kind=MessageKind.UNREADABLE, problem=NOT_UNDERSTOOD
    )


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """The server gives the ids."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Pictures stay at the server: no part of the raw bytes is one."""
    return b""
