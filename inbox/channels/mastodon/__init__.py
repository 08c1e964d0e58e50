"""Mastodon and its kin (GoToSocial, Pleroma, Takahe…): mentions, private mentions, hashtags and searches."""

from collections.abc import Mapping
from datetime import datetime

from inbox.channels.base import Author, Channel, Field, Incoming, Manifest, ParsedBody
from inbox.channels.markup import without_quotation
from inbox.states import MessageKind

MANIFEST = Manifest(
    kind="mastodon",
    label="Mastodon",
    badge="M",
    fields=(
        Field("address", "The account", hint="As people mention it, such as @shop@mastodon.social."),
        Field(
            "token",
            "Access token",
            "password",
            secret=True,
            hint="In Mastodon: Preferences, Development, New application, with read and write.",
        ),
        Field(
            "streams",
            "Listen for",
            required=False,
            hint="Hashtags and words, apart by commas: #shop, broken parcel. What is found comes in as a mention.",
        ),
        Field(
            "server",
            "Server",
            required=False,
            hint="Only if it is not the part of the account behind the last @.",
            advanced=True,
        ),
        Field("seconds", "Look every so many seconds", "number", required=False, default="60", advanced=True),
    ),
    attachments=True,
    public=True,
    edits=True,
    fetches_files=True,
    finds_sent=True,
    max_length=500,
    address_field="address",
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of an account."""
    from inbox.channels.mastodon.channel import MastodonChannel

    return MastodonChannel(settings, secrets)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """The post's text, and its HTML made safe."""
    from inbox.channels.mastodon import parse

    found = parse.read_raw(raw)
    return ParsedBody("") if found is None else ParsedBody(found.text, parse.html_of(raw))


def visible_text(text: str) -> str:
    """A post's text without the words that it answers."""
    return without_quotation(text)


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored post anew."""
    from inbox.channels.mastodon.parse import NOT_UNDERSTOOD, read_raw

    return read_raw(raw) or Incoming(
        remote_id, Author(""), received_at, raw, text="", kind=MessageKind.UNREADABLE, problem=NOT_UNDERSTOOD
    )


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """The server gives the ids."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Files stay at the server: no part of the raw bytes is one."""
    return b""
