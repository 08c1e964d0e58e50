"""Simulated customers: they write, answer what they are asked, and thank. For trying the program out."""

import json
from collections.abc import Mapping
from datetime import datetime

from inbox.channels.base import Author, Channel, Incoming, Manifest, ParsedBody
from inbox.states import MessageKind

MANIFEST = Manifest(
    kind="demo",
    label="Demo",
    badge="D",
    fields=(),  # made by the demo alone, never by a form
    html=True,
    attachments=True,
    subject=True,
    copies=True,
    public=True,
    finds_sent=True,  # nothing leaves this process: what was handed over before a crash was lost with it
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of a demo account."""
    from inbox.channels.demo.channel import DemoChannel

    return DemoChannel(settings)


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """The raw bytes are JSON of our own."""
    return ParsedBody(str(_read(raw).get("text", "")))


def visible_text(text: str) -> str:
    """Nothing is quoted here."""
    return text


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Read a stored message anew."""
    values = _read(raw)
    text = str(values.get("text", ""))
    return Incoming(
        remote_id=remote_id,
        author=Author(str(values.get("from", "")), str(values.get("name", ""))),
        sent_at=received_at,
        raw=raw,
        text=text,
        new_text=text,
        subject=str(values.get("subject", "")),
        kind=MessageKind.TEXT if values else MessageKind.UNREADABLE,
        problem="" if values else "It is no message of the demo.",
    )


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """The simulated other side gives the ids."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """Attachments are stored as contents, never as parts."""
    return b""


def _read(raw: bytes) -> dict[str, object]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
