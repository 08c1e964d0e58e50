"""News feeds (RSS, Atom): the cheapest way to hear what is said on news sites, blogs, forums and in video comments."""

from collections.abc import Mapping
from datetime import datetime

from inbox.channels.base import Author, Channel, Field, Incoming, Manifest, ParsedBody
from inbox.channels.markup import safe_html
from inbox.states import MessageKind

MANIFEST = Manifest(
    kind="feed",
    label="News feed",
    badge="F",
    fields=(
        Field("url", "The feed's address", hint="The address of a feed, or of a page that has one."),
        Field(
            "keywords",
            "Only entries with these words",
            required=False,
            hint="Apart by commas; an entry with any of them comes in. Empty: every entry.",
        ),
        Field("minutes", "Look every so many minutes", "number", required=False, default="15", advanced=True),
    ),
    sends=False,
    public=True,
    address_field="url",
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of a feed."""
    from inbox.channels.feed.channel import FeedChannel

    return FeedChannel(settings)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """An entry's text, and its HTML made safe. Its pictures are never loaded."""
    from inbox.channels.feed.parse import load, text_of

    values = load(raw)
    return ParsedBody(text_of(values), safe_html(str(values.get("html", ""))))


def visible_text(text: str) -> str:
    """An entry quotes nobody."""
    return text


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored entry anew."""
    from inbox.channels.feed.parse import NO_ENTRY, incoming, load

    values = load(raw)
    if values:
        return incoming(values, received_at)
    return Incoming(remote_id, Author(""), received_at, raw, text="", kind=MessageKind.UNREADABLE, problem=NO_ENTRY)


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """Nothing is sent to a feed."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Entries carry no files."""
    return b""
