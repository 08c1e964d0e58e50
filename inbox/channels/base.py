"""What a channel is: the protocol it satisfies and the plain values it exchanges with the engine.

A channel imports this module, ``channels.http`` and ``errors``, nothing else of ours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import Literal, Protocol

from inbox.lazy_dataclass import dataclass
from inbox.states import ConversationKind, Delivery, MessageKind


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a message, as the channel knows them.

    Attributes:
        handle: The identity on this channel, normalised: a lower-case address, a numeric id, E.164. Never a name that
            its owner can change.
        name: The name shown there; may be empty.
        keys: Strong keys known beside the handle, as (channel kind, handle): they join customers over channels.
        nick: The changeable handle that people know, as it is written there ("@ana"); empty where there is none.
        profile_url: Where a person sees the profile; may be empty.
        followers: How many hear them there, where that is told.
    """

    handle: str
    name: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    nick: str = ""
    profile_url: str = ""
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message.

    ``content`` holds it, or ``part`` says where it lies in the message's raw bytes, or ``remote`` says to the channel's
    ``fetch_file`` where the other side keeps it.
    """

    filename: str
    content_type: str
    size: int
    content: bytes | None = None
    part: str = ""
    content_id: str = ""
    inline: bool = False
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of one recipient (RFC 3464)."""

    message_id: str  # of the message that came back, without angle brackets; may be empty
    recipient: str
    status: str  # enhanced status code such as 5.1.1; may be empty
    diagnostic: str  # the server's own words
    permanent: bool
    subject: str = ""  # of the message that came back, where the report repeats it


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as a channel read it.

    Attributes:
        remote_id: Theirs, unique per account, the same each time this message is fetched.
        author: Who wrote it. For ``outgoing`` it is ourselves.
        sent_at: When it happened, aware UTC, never in the future; the order of the thread.
        raw: The bytes as they came: RFC 5322, or the API's JSON.
        remote_thread: Their id of the thread; empty where only ``thread_keys`` tell (email).
        thread_keys: Keys that this message shares with others of its thread, the surest first: for email its
            In-Reply-To, then References from the last to the first.
        own_key: The key under which later messages will refer to this one (email: its Message-ID); may be empty.
        text: The whole text shown to a person, quotations included.
        new_text: The text without quotation and signature, for the snippet; equal to ``text`` where nothing folds.
        counterpart: The customer where ``author`` is not (a message of ours sent from another program).
        outgoing: Written by us in another program (a Sent folder).
        seen: Somebody has read it in another program already.
        stream: The name of the saved search that found it, where it was not addressed to us; else empty.
    """

    remote_id: str
    author: Author
    sent_at: datetime
    raw: bytes
    text: str
    new_text: str = ""
    subject: str = ""
    remote_thread: str = ""
    thread_keys: tuple[str, ...] = ()
    own_key: str = ""
    recipients: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    conversation_kind: ConversationKind = ConversationKind.DIRECT
    kind: MessageKind = MessageKind.TEXT
    mailing_list: bool = False
    has_html: bool = False
    outgoing: bool = False
    seen: bool = False
    counterpart: Author | None = None
    bounces: tuple[Bounce, ...] = ()
    problem: str = ""  # why it could not be parsed; then ``kind`` is UNREADABLE
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A message was changed at the other side, or (``deleted``) taken away there. The former text is kept."""

    remote_id: str
    at: datetime
    raw: bytes
    text: str = ""
    new_text: str = ""
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class DeliveryNews:
    """What became of a message of ours after it was sent."""

    remote_id: str
    delivery: Delivery  # DELIVERED, READ or FAILED
    note: str = ""  # the other side's own words


@dataclass(frozen=True, slots=True)
class Batch:
    """What a channel hands over at once. The code after ``yield`` runs when it is stored.

    Attributes:
        messages: Any order; up to a few hundred.
        cursor: Where to go on after this batch is stored. Opaque to everybody else.
        backfill: Old messages, fetched to complete the history: no news, no case is opened for them.
        remaining: How many messages are still to be fetched, where that is known.
        edits: Of messages that came earlier, or in this batch; of unknown ones they are left out.
        deliveries: Of messages that we sent.
        moved: Threads that the other side calls by another name from now on: former ``remote_thread`` -> new one.
        seen: The ``own_key`` of messages that somebody has read in another program meanwhile.
        charges: What was read since the last batch that costs money: kind -> count.
    """

    messages: Sequence[Incoming]
    cursor: str
    backfill: bool = False
    remaining: int | None = None
    edits: Sequence[Edit] = ()
    deliveries: Sequence[DeliveryNews] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    seen: Sequence[str] = ()
    charges: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes out with a message. One with a ``content_id`` is a picture that stands in the HTML."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way out.

    Attributes:
        message_id: Our id of the message: log it, never send it.
        remote_id: For email the Message-ID fixed when it was queued (without angle brackets); else empty.
        to: The handles that get it; for email the addresses.
        cc, bcc: Who gets a copy, where the manifest says ``copies``. Nobody else learns of ``bcc``.
        html: The same text with its looks, where the manifest says ``html``; may be empty.
        remote_thread: Their id of the thread.
        in_reply_to: The ``own_key`` of the message that is answered; may be empty.
        references: The keys of the thread before it, the oldest first.
        maybe_sent: An earlier try ended without an answer: look for it before sending it again.
        on_handover: Call it just before the bytes can take effect at the other side. Until then a crash means
            that nothing went out.
    """

    message_id: int
    remote_id: str
    to: tuple[str, ...]
    text: str
    subject: str = ""
    html: str = ""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    from_name: str = ""
    remote_thread: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    files: tuple[OutgoingFile, ...] = ()
    public: bool = False
    maybe_sent: bool = False
    on_handover: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side took it. ``remote_id`` is theirs; ``raw`` is what went out, where there are such bytes."""

    remote_id: str
    raw: bytes = b""
    refused: tuple[tuple[str, str], ...] = ()  # recipients that were refused, with the server's words
    charges: Mapping[str, int] = field(default_factory=dict)  # as of a batch


FieldKind = Literal["text", "address", "password", "number", "choice", "switch", "browser"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the account's form.

    Attributes:
        kind: ``browser`` is a secret that nobody types: the plugin's ``sign_in`` gets it by way of the browser.
        only_if: (another field, its values): the form asks for this one only then.
    """

    name: str
    label: str  # English; translated when shown
    kind: FieldKind = "text"
    secret: bool = False  # goes to the keychain, never to the database
    required: bool = True
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # (value, label)
    hint: str = ""
    advanced: bool = False
    only_if: tuple[str, tuple[str, ...]] | None = None

    def applies(self, settings: Mapping[str, str]) -> bool:
        """Whether an account with these settings has it."""
        return self.only_if is None or settings.get(self.only_if[0], "") in self.only_if[1]


LengthUnit = Literal["characters", "utf16", "graphemes", "weighted"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a channel is called, what its form asks for, and what it can do. What it can't do is ``False`` here."""

    kind: str
    label: str  # English; translated when shown
    badge: str  # one letter or sign
    fields: tuple[Field, ...]
    receives: bool = True
    sends: bool = True
    html: bool = False
    attachments: bool = False
    subject: bool = False
    copies: bool = False  # goes to several: To, Cc and Bcc
    public: bool = False
    edits: bool = False
    read_receipts: bool = False
    typing: bool = False
    fetches_files: bool = False  # the channel is a FileChannel
    splits: bool = False  # a text over ``max_length`` goes out as several messages, cut at ends of sentences
    finds_sent: bool = False  # can tell after a crash whether a message went out
    renews_secrets: bool = False  # the channel is a RenewingChannel
    metered: bool = False  # the channel is a MeteredChannel; its fields are day_cap, month_cap and prices
    max_length: int | None = None
    private_max_length: int | None = None  # of a direct message, where that is another
    length_unit: LengthUnit = "characters"
    reply_window_hours: int | None = None
    address_field: str = "address"  # the field that names the account to a person


class StopSignal(Protocol):
    """Waiting that ends at once when the account is stopped. ``threading.Event`` is one."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait; true when it is time to stop."""

    def is_set(self) -> bool:
        """Whether it is time to stop."""


class Channel(Protocol):
    """One signed-in account. ``receive`` and ``send`` run in different threads and share no connection."""

    def check(self) -> None:
        """Sign in once, to everything that is needed. Raises SignInError or TemporaryChannelError."""

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what is new after the cursor, until ``stop``. The code after a ``yield`` acknowledges.

        An empty batch means "nothing is new just now": the account is up to date and online.
        """

    def send(self, message: Outgoing) -> Receipt:
        """Send one message. Raises one of the three channel errors."""

    def close(self) -> None:
        """Give everything back. From any thread, twice is fine; unblocks ``receive``."""


class FileChannel(Channel, Protocol):
    """A channel whose manifest says ``fetches_files``."""

    def fetch_file(self, remote: str, most: int) -> bytes:
        """The content of an attachment that the other side keeps, at most ``most`` bytes. From any thread.

        Raises RejectedMessageError for what is gone or too large, else one of the other two channel errors.
        """


class TypingChannel(Channel, Protocol):
    """A channel whose manifest says ``typing``."""

    def show_typing(self, remote_thread: str) -> None:
        """Let the customer see, for some seconds, that somebody writes. From any thread; a failure is no error."""


class RenewingChannel(Channel, Protocol):
    """A channel whose manifest says ``renews_secrets``: the other side exchanges a secret for a new one at times.

    A channel keeps no secrets: whoever opened it does, and says how before anything else is asked of the channel.
    """

    def keep_secrets_with(self, keep: Callable[[str, str], None]) -> None:
        """``keep(field, secret)`` is called, from any thread, before the new secret is used."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of what an account may cost is spent: 1 is all of it.

    Attributes:
        seconds: How long until there is money again.
        month: It is the month's money, not the day's.
    """

    share: float = 0.0
    seconds: float = 0.0
    month: bool = False


class MeteredChannel(Channel, Protocol):
    """A channel whose manifest says ``metered``: the other side charges for what is read and written."""

    def keep_within(self, budget: Callable[[], Budget]) -> None:
        """Ask ``budget``, from any thread, before anything is paid for."""

    def forecast(self) -> Mapping[str, float]:
        """Saved search -> how many posts a day it finds."""


@dataclass(frozen=True, slots=True)
class Found:
    """An account's settings as a plugin's ``find_settings`` found them; ``words`` say where, for a person.

    ``sure``: whoever told them can be believed; else a person should look at them first.
    """

    settings: Mapping[str, str]
    words: str
    sure: bool


@dataclass(frozen=True, slots=True)
class ParsedBody:
    """A stored message as it is to be shown, read again from its raw bytes."""

    text: str
    html: str = ""  # sanitised: nothing in it runs, and nothing loads but what was asked for
    inline: Mapping[str, bytes] = field(default_factory=dict)  # content id -> image
    remote_images: int = 0  # left out because they lie elsewhere


class Plugin(Protocol):
    """What a channel's package offers: ``inbox/channels/<kind>/__init__.py`` is one."""

    MANIFEST: Manifest

    def open_channel(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
        """Make the channel of an account, without touching the network."""

    def read_body(self, raw: bytes, *, remote_images: bool = False) -> ParsedBody:
        """Read a stored message's body for showing, its HTML sanitised. Never raises."""

    def visible_text(self, text: str) -> str:
        """A message's text without quotation and signature; all of it where nothing folds. Fast: per message shown."""

    def read_message(self, raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
        """Parse stored bytes anew. Never raises: what still can't be read comes back as UNREADABLE."""

    def new_remote_id(self, settings: Mapping[str, str], conversation_id: int) -> str:
        """The id that a reply gets before it is sent (email: its Message-ID); empty where the other side gives it."""

    def read_part(self, raw: bytes, part: str) -> bytes:
        """The content of an attachment that lies in the raw bytes."""
