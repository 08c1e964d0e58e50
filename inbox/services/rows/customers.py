"""Rows of a customer: identities, facts, the timeline, merges."""

from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.services.rows.cases import SuggestedQuestion
from inbox.states import Tier


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """A customer's handle on a channel."""

    id: int
    channel: str
    handle: str
    name: str
    is_primary: bool
    valid: bool
    invalid_reason: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """Something learned about a customer."""

    id: int
    kind: str
    label: str  # in the person's language
    value: str
    source: str  # the channel it came by, or empty
    message_id: int | None
    learned_at: datetime
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One line of a customer's story: a conversation or a case, newest first."""

    at: datetime
    channel: str
    title: str
    note: str  # "Case 1904 · resolved", in the person's language
    conversation_id: int | None
    case_id: int | None


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that can be undone."""

    id: int
    survivor_id: int
    absorbed_id: int
    absorbed_name: str
    merged_at: datetime


@dataclass(frozen=True, slots=True)
class MergeSuggestion:
    """Another customer who may be the same, and why."""

    customer_id: int
    name: str
    handles: tuple[str, ...]
    reasons: tuple[str, ...]  # in the person's language


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A customer in a list or a search."""

    id: int
    name: str
    company: str
    tier: Tier
    handles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """The single view of a customer."""

    id: int
    name: str
    company: str
    tier: Tier
    language: str
    preferred_channel: str
    tags: tuple[str, ...]
    notes: str
    consents: dict[str, bool]
    created_at: datetime
    conversation_count: int
    case_count: int
    identities: tuple[IdentityRow, ...]
    facts: tuple[FactRow, ...]
    unknown: tuple[SuggestedQuestion, ...]  # what is worth asking, when a case is open
    timeline: tuple[TimelineRow, ...]
    merges: tuple[MergeRow, ...]
    suggestions: tuple[MergeSuggestion, ...]
    completeness: float = 0.0  # of what one should know of a customer, from 0 to 1
