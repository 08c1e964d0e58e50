"""Rows of the conversation list and of an open conversation, and what became of many."""

from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.services.rows.cases import CaseRow, Gate, ProposedAnswer, SuggestedQuestion
from inbox.services.rows.messages import DraftRow
from inbox.services.writing import Writing
from inbox.states import CaseStatus, ConversationKind, ConversationState, DismissReason, Tier


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One row of the conversation list."""

    id: int
    account_id: int
    channel: str
    kind: ConversationKind
    customer_id: int
    customer_name: str  # the handle where no name is known
    tier: Tier
    subject: str
    snippet: str  # of the new text
    state: ConversationState
    unread: bool
    last_message_id: int
    last_at: datetime
    waiting_since: datetime | None
    due_at: datetime | None
    rank: int
    case_id: int | None
    case_status: CaseStatus | None
    owner_id: int | None
    owner_name: str
    asked: int  # clarifying questions asked and sent
    answered: int  # ... of these, answered or marked "no answer"
    required: int
    dismissed: DismissReason | None
    has_failed: bool
    tags: tuple[str, ...] = ()
    snoozed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """A page of the list. ``after`` gets the next one; ``None`` means that this was the last."""

    rows: tuple[ConversationRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class ConversationDetail:
    """Everything around an open conversation: one read for the case bar, the composer and the panel."""

    row: ConversationRow
    case: CaseRow | None
    gate: Gate | None
    suggested: tuple[SuggestedQuestion, ...]
    proposed: tuple[ProposedAnswer, ...]
    other_open_cases: tuple[CaseRow, ...]  # of the same customer: "join the existing one?"
    reply_to: tuple[str, ...]  # handles that a reply goes to
    reply_name: str  # the person's first name or handle, for the send button
    account_address: str
    language: str  # of the customer, as far as known
    draft: DraftRow | None
    note_draft: DraftRow | None
    newest_message_id: int  # hand it back to replies.queue: the stale check
    writing: Writing


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a bulk action could not do, and why."""

    id: int
    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """A bulk action's outcome: what passed, and what was refused with its reasons."""

    done: tuple[int, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message found by a search."""

    message_id: int
    conversation_id: int
    customer_name: str
    subject: str
    excerpt: str
    sent_at: datetime
