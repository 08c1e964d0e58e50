"""Rows of a thread: its messages, their bodies and files, and what is being written."""

from dataclasses import field
from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.services.rows.cases import AskedQuestion
from inbox.states import Delivery, Direction, MessageKind


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """A file of a message, a draft or a template."""

    id: int
    filename: str
    content_type: str
    size: int
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message in the thread."""

    id: int
    conversation_id: int
    account_id: int
    channel: str
    direction: Direction
    kind: MessageKind
    author: str  # the customer's or agent's name
    author_handle: str
    sent_at: datetime
    subject: str
    text: str
    new_text: str  # without quotation and signature; equal to text where nothing folds
    has_html: bool
    recipients: tuple[str, ...]
    delivery: Delivery
    delivery_note: str
    not_before: datetime | None
    problem: str
    template_name: str
    attachments: tuple[AttachmentRow, ...] = ()
    questions: tuple[str, ...] = ()  # texts of the clarifying questions asked in it
    has_source: bool = True
    cc: tuple[str, ...] = ()  # of a message of ours; of theirs they stand in ``recipients``
    bcc: tuple[str, ...] = ()
    former_texts: tuple[str, ...] = ()  # what it said before it was changed at the other side, the oldest first
    removed: bool = False  # at the other side


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """The newest messages of all of a case's conversations, the oldest first. ``before`` gets older ones."""

    messages: tuple[MessageRow, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class MessageBody:
    """A message's body as it is shown: HTML is sanitised; remote images are left out and counted."""

    message_id: int
    text: str
    html: str
    inline: dict[str, bytes] = field(default_factory=dict)
    remote_images: int = 0


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What an agent was typing."""

    id: int
    conversation_id: int
    is_note: bool
    text: str
    template_id: int | None
    questions: tuple[AskedQuestion, ...]
    attachments: tuple[AttachmentRow, ...]
    updated_at: datetime
    to: tuple[str, ...] = ()  # empty: whom the conversation is with
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be attached."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""  # of a picture that stands in the text


@dataclass(frozen=True, slots=True)
class ReplyWarning:
    """Something to look at before sending. ``blocking`` ones can't be sent at all."""

    kind: (
        str  # "missing_value", "solution_too_early", "too_many_questions", "too_long", "stale", "forgotten_attachment"
    )
    text: str  # in the person's language
    blocking: bool = False
