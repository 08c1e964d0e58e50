"""What services hand to the window and the command line: frozen rows. Loads neither SQLAlchemy nor Qt."""

from dataclasses import field
from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.services.writing import Writing
from inbox.states import (
    AccountState,
    CaseStatus,
    CloseReason,
    ConversationKind,
    ConversationState,
    Delivery,
    Direction,
    DismissReason,
    MessageKind,
    Priority,
    QuestionOrigin,
    Role,
    Tier,
)


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
class ViewRow:
    """A view in the rail. ``count`` is capped: 1000 means "more than 999"."""

    id: int
    key: str  # of a built-in view; else empty
    name: str  # built-in: English, to be translated when shown
    query: str
    sort: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the rail and the settings."""

    id: int
    kind: str
    name: str
    address: str
    settings: dict[str, str]
    enabled: bool
    state: AccountState
    state_title: str
    state_hint: str
    remaining: int | None
    unread: int
    opens_cases: bool
    case_days: int
    reopen_days: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A person who answers customers."""

    id: int
    name: str
    email: str
    role: Role
    team_id: int | None
    signature: str
    active: bool

    @property
    def initials(self) -> str:
        """At most two letters."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Agents who share a queue."""

    id: int
    name: str


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
class QuestionRow:
    """A question put in a case."""

    id: int
    case_id: int
    text: str
    origin: QuestionOrigin
    fact_kind: str
    message_id: int
    asked_at: datetime | None  # null while its message waits in the outbox or failed
    answer_message_id: int | None
    answer: str
    answered_at: datetime | None
    no_answer_at: datetime | None
    may_mark_no_answer_at: datetime | None  # from then on "no answer" is allowed; null before it was asked


@dataclass(frozen=True, slots=True)
class SuggestedQuestion:
    """A question of the bank that is worth asking now. ``known`` makes it a confirmation of a fresh fact."""

    bank_question_id: int
    text: str  # in the language asked for
    fact_kind: str
    known: str = ""


@dataclass(frozen=True, slots=True)
class ProposedAnswer:
    """The customer's message that seems to answer a question."""

    question_id: int
    question: str
    message_id: int
    text: str
    fact_kind: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What stands between a case and its closing. Open when ``missing`` is empty."""

    required: int
    asked: int
    answered: int
    missing: tuple[str, ...]  # sentences in the person's language
    questions: tuple[QuestionRow, ...]
    waived: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the case may be closed."""
        return not self.missing


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
class CaseTypeRow:
    """A kind of case."""

    id: int
    key: str
    name: str  # in the person's language
    name_en: str
    name_es: str
    required_questions: int
    deadline_hours: int
    waiting_hours: int
    active: bool


@dataclass(frozen=True, slots=True)
class BankQuestionRow:
    """A question of a case type's bank."""

    id: int
    case_type_id: int
    fact_kind: str
    text_en: str
    text_es: str
    fresh_days: int
    active: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as the case bar and the command line show it."""

    id: int
    customer_id: int
    customer_name: str
    case_type: CaseTypeRow
    subject: str
    status: CaseStatus
    priority: Priority
    owner_id: int | None
    owner_name: str
    team_id: int | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    close_reason: CloseReason | None
    reopened_count: int
    conversation_ids: tuple[int, ...]
    version: int


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
    draft: "DraftRow | None"
    note_draft: "DraftRow | None"
    newest_message_id: int  # hand it back to replies.queue: the stale check
    writing: Writing


@dataclass(frozen=True, slots=True)
class DraftRow:
    """What an agent was typing."""

    id: int
    conversation_id: int
    is_note: bool
    text: str
    template_id: int | None
    questions: tuple["AskedQuestion", ...]
    attachments: tuple[AttachmentRow, ...]
    updated_at: datetime
    to: tuple[str, ...] = ()  # empty: whom the conversation is with
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    html: str = ""


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A clarifying question that stands in a reply: from the bank, or a free sentence that the person confirmed."""

    text: str
    bank_question_id: int | None = None
    fact_kind: str = ""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be attached."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""  # of a picture that stands in the text


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


@dataclass(frozen=True, slots=True)
class TemplateVariantRow:
    """A template's text in one language, for one channel or all (empty)."""

    language: str
    channel: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A reply prepared beforehand."""

    id: int
    key: str
    name: str  # in the person's language
    name_en: str
    name_es: str
    case_type_id: int | None
    solution: bool
    agent_id: int | None
    team_id: int | None
    active: bool
    used_count: int
    variants: tuple[TemplateVariantRow, ...]
    attachments: tuple[AttachmentRow, ...] = ()


@dataclass(frozen=True, slots=True)
class RenderedTemplate:
    """A template filled for a conversation. ``missing`` names placeholders without a value: never send them."""

    template_id: int
    subject: str
    text: str  # a missing value stands as ⟨name⟩
    missing: tuple[str, ...]
    solution: bool
    attachments: tuple[AttachmentRow, ...] = ()


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
class ReplyWarning:
    """Something to look at before sending. ``blocking`` ones can't be sent at all."""

    kind: (
        str  # "missing_value", "solution_too_early", "too_many_questions", "too_long", "stale", "forgotten_attachment"
    )
    text: str  # in the person's language
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message found by a search."""

    message_id: int
    conversation_id: int
    customer_name: str
    subject: str
    excerpt: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A line of the log, with its sentence in the person's language."""

    id: int
    at: datetime
    kind: str
    agent_name: str
    text: str
    case_id: int | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """One's own day at the foot of the rail. Times in seconds."""

    replied: int
    closed: int
    mean_wait: float | None
    target_wait: float
