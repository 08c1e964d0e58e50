"""Rows of a case: its questions, its gate and its type."""

from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.states import CaseStatus, CloseReason, Priority, QuestionOrigin


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
class AskedQuestion:
    """A clarifying question that stands in a reply: from the bank, or a free sentence that the person confirmed."""

    text: str
    bank_question_id: int | None = None
    fact_kind: str = ""
