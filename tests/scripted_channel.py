"""A channel that does what a test tells it, joined to the program as one of somebody else's: by an entry point."""

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from inbox.channels.base import (
    Author,
    Batch,
    Field,
    Incoming,
    Manifest,
    Outgoing,
    ParsedBody,
    Receipt,
    StopSignal,
)

MANIFEST = Manifest(
    kind="scripted",
    label="Scripted",
    badge="S",
    fields=(Field("address", "Address"), Field("password", "Password", kind="password", secret=True)),
    attachments=True,
)

Step = Batch | Exception


class Script:
    """What the channels of a test do, over all the times they are opened.

    Attributes:
        steps: What ``receive`` yields or raises next.
        acknowledged: Cursors of batches after whose yield the channel went on.
        sends: What each call of ``send`` does; without an entry it takes the message.
        sent: What was taken.
    """

    def __init__(self) -> None:
        self.steps: queue.Queue[Step] = queue.Queue()
        self.sends: queue.Queue[Callable[[Outgoing], Receipt]] = queue.Queue()
        self.acknowledged: queue.Queue[str] = queue.Queue()
        self.sent: queue.Queue[Outgoing] = queue.Queue()
        self.opened: list[dict[str, str]] = []
        self.cursors: list[str] = []
        self.on_acknowledged: Callable[[], None] = lambda: None


script = Script()


class ScriptedChannel:
    """Reads the script."""

    def __init__(self, values: dict[str, str]) -> None:
        script.opened.append(values)
        self._closed = threading.Event()

    def check(self) -> None:
        """Always works."""

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what the script holds."""
        script.cursors.append(cursor)
        while not self._closed.is_set() and not stop.is_set():
            try:
                step = script.steps.get(timeout=0.05)
            except queue.Empty:
                continue
            if isinstance(step, Exception):
                raise step
            yield step
            script.on_acknowledged()
            script.acknowledged.put(step.cursor)

    def send(self, message: Outgoing) -> Receipt:
        """Do what the script says, else take it."""
        if not script.sends.empty():
            return script.sends.get_nowait()(message)
        message.on_handover()
        script.sent.put(message)
        return Receipt(f"remote-{message.message_id}")

    def close(self) -> None:
        """End receiving."""
        self._closed.set()


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> ScriptedChannel:
    """See ``Plugin``."""
    return ScriptedChannel({**settings, **secrets})


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """See ``Plugin``."""
    return ParsedBody(raw.decode())


def visible_text(text: str) -> str:
    """See ``Plugin``."""
    return text


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """See ``Plugin``."""
    return incoming(remote_id, at=received_at)


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """See ``Plugin``."""
    return ""


def read_part(raw: bytes, part: str) -> bytes:
    """See ``Plugin``."""
    return b""


def incoming(remote_id: str, *, thread: str = "", text: str = "Hola", at: datetime | None = None) -> Incoming:
    """A customer's message."""
    return Incoming(
        remote_id=remote_id,
        author=Author(f"customer-{thread or remote_id}", "Ana"),
        sent_at=at or datetime.now(UTC),
        raw=text.encode(),
        text=text,
        new_text=text,
        remote_thread=thread or remote_id,
    )


def batch(*ids: str, cursor: str = "", backfill: bool = False, remaining: int | None = None) -> Batch:
    """Messages as the channel hands them over."""
    return Batch([incoming(id_) for id_ in ids], cursor or (ids[-1] if ids else "0"), backfill, remaining)
