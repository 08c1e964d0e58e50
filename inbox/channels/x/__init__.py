"""X (Twitter): mentions, replies, quotes, saved searches and direct messages of one account, by its paid API."""

from collections.abc import Mapping
from datetime import datetime

from inbox.channels.base import Author, Channel, Field, Incoming, Manifest, ParsedBody
from inbox.channels.markup import without_quotation
from inbox.states import MessageKind

_KEYS = "In the X developer console: your app, Keys and tokens."

MANIFEST = Manifest(
    kind="x",
    label="X",
    badge="X",
    fields=(
        Field("address", "The account", hint="As people mention it, such as @shop."),
        Field(
            "access",
            "Access",
            "choice",
            default="keys",
            choices=(("keys", "Four keys: read and answer"), ("bearer", "A bearer token: read only")),
        ),
        Field("consumer_key", "API key", "password", secret=True, hint=_KEYS, only_if=("access", ("keys", ""))),
        Field("consumer_secret", "API key secret", "password", secret=True, only_if=("access", ("keys", ""))),
        Field(
            "access_token",
            "Access token",
            "password",
            secret=True,
            hint="Made with permission to read and write, and for direct messages.",
            only_if=("access", ("keys", "")),
        ),
        Field("access_secret", "Access token secret", "password", secret=True, only_if=("access", ("keys", ""))),
        Field("bearer_token", "Bearer token", "password", secret=True, hint=_KEYS, only_if=("access", ("bearer",))),
        Field(
            "plan",
            "Plan",
            "choice",
            default="self_serve",
            choices=(("self_serve", "Pay per use"), ("more", "Enterprise")),
            hint="With pay per use, X takes answers only to people who mentioned or quoted the account.",
        ),
        Field(
            "streams",
            "Listen for",
            required=False,
            hint="Searches as X knows them, apart by commas: #shop, broken parcel. Each post found costs money.",
        ),
        Field(
            "direct_messages",
            "Read direct messages",
            "switch",
            required=False,
            default="yes",
            hint="Each one that is read costs money.",
            only_if=("access", ("keys", "")),
        ),
        Field("day_cap", "At most a day, in US dollars", "number", required=False, default="2"),
        Field(
            "month_cap",
            "At most a month, in US dollars",
            "number",
            required=False,
            default="30",
            hint="From 80 % on, the account looks less often; at 100 % it stops until the next day or month.",
        ),
        Field(
            "prices",
            "Other prices",
            required=False,
            hint="Where they differ from X's public list, in US dollars: post_read=0.005, post_with_link=0.2.",
            advanced=True,
        ),
        Field("seconds", "Look every so many seconds", "number", required=False, default="120", advanced=True),
        Field(
            "server",
            "Server",
            required=False,
            default="https://api.twitter.com",
            hint="Another one only for a gateway of your own.",
            advanced=True,
        ),
    ),
    attachments=True,
    public=True,
    edits=True,
    fetches_files=True,
    finds_sent=True,
    metered=True,
    max_length=280,
    private_max_length=10_000,
    length_unit="weighted",
    address_field="address",
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of an account."""
    from inbox.channels.x.channel import XChannel

    return XChannel(settings, secrets)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """The post's text."""
    from inbox.channels.x.parse import read_raw

    found = read_raw(raw)
    return ParsedBody("") if found is None else ParsedBody(found.text)


def visible_text(text: str) -> str:
    """A post's text without the words that it answers."""
    return without_quotation(text)


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored post anew."""
    from inbox.channels.x.parse import NOT_UNDERSTOOD, read_raw

    return read_raw(raw) or Incoming(
        remote_id, Author(""), received_at, raw, text="", kind=MessageKind.UNREADABLE, problem=NOT_UNDERSTOOD
    )


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """X gives the ids."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Files stay at X: no part of the raw bytes is one."""
    return b""
