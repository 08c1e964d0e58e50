"""Cases, their types, and the clarifying questions."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import CaseStatus, CloseReason, Priority, QuestionOrigin
from inbox.store.models.base import Base, Id, enum_of, index_where, reference


class CaseType(Base):
    """Information, order, invoice request, incident, complaint, cancellation, other; all editable."""

    __tablename__ = "case_types"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    name_en: Mapped[str]
    name_es: Mapped[str]
    required_questions: Mapped[int] = mapped_column(default=2)
    deadline_hours: Mapped[int] = mapped_column(default=24)
    waiting_hours: Mapped[int] = mapped_column(default=48)  # then a question may be marked "no answer"
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint("required_questions BETWEEN 2 AND 3", name="two_or_three_questions"),
        CheckConstraint("waiting_hours >= 1", name="waiting_hours"),
        CheckConstraint("deadline_hours >= 1", name="deadline_hours"),
    )


class BankQuestion(Base):
    """A clarifying question of a case type's bank, naming the fact that its answer fills."""

    __tablename__ = "bank_questions"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_type_id: Mapped[int] = reference("case_types.id", index=True, ondelete="CASCADE")
    fact_kind: Mapped[str] = mapped_column(String(60))
    text_en: Mapped[str]
    text_es: Mapped[str]
    fresh_days: Mapped[int] = mapped_column(default=365)  # how long the fact counts as known
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Case(Base):
    """The matter being handled. Closing is guarded by the gate, here by triggers too (``store/gate.py``)."""

    __tablename__ = "cases"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = reference("customers.id", index=True)
    case_type_id: Mapped[int] = reference("case_types.id", index=True)
    subject: Mapped[str] = mapped_column(default="")
    status: Mapped[CaseStatus] = mapped_column(enum_of(CaseStatus), default=CaseStatus.NEW)
    priority: Mapped[Priority] = mapped_column(enum_of(Priority), default=Priority.NORMAL)
    owner_id: Mapped[int | None] = reference("agents.id")
    team_id: Mapped[int | None] = reference("teams.id", ondelete="SET NULL")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]  # the customer waits for us since then
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[CloseReason | None] = mapped_column(enum_of(CloseReason))
    closed_by_id: Mapped[int | None] = reference("agents.id")
    required_questions: Mapped[int | None]  # what the gate asked for when it was closed
    waiver_id: Mapped[int | None] = mapped_column(Id, ForeignKey("waivers.id", use_alter=True))
    reopened_count: Mapped[int] = mapped_column(default=0)
    joined_into_id: Mapped[int | None] = reference("cases.id", index=True)  # its conversations went there
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(status = 'closed') = (close_reason IS NOT NULL)", name="close_reason"),
        Index("ix_cases_status", "status"),
        index_where("ix_cases_closed", "closed_by_id", "closed_at", where="closed_at IS NOT NULL"),
        {"sqlite_autoincrement": True},  # a deleted case's number is not used again
    )


class CaseConversation(Base):
    """Which conversations a case spans, or once spanned (``left_at``)."""

    __tablename__ = "case_conversations"
    case_id: Mapped[int] = mapped_column(Id, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class Question(Base):
    """A clarifying question put in a case."""

    __tablename__ = "questions"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = reference("cases.id", index=True)
    bank_question_id: Mapped[int | None] = mapped_column(Id, ForeignKey("bank_questions.id", ondelete="SET NULL"))
    origin: Mapped[QuestionOrigin] = mapped_column(enum_of(QuestionOrigin))
    text: Mapped[str]
    fact_kind: Mapped[str] = mapped_column(String(60), default="")
    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("messages.id"), index=True)  # that asked it
    asked_at: Mapped[datetime | None]  # when that message was sent; null while it waits in the outbox
    answer_message_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("messages.id"))
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    no_answer_at: Mapped[datetime | None]
    fact_id: Mapped[int | None] = mapped_column(Id, ForeignKey("facts.id", ondelete="SET NULL"))

    __table_args__ = (CheckConstraint("answered_at IS NULL OR no_answer_at IS NULL", name="one_outcome"),)


class Waiver(Base):
    """A supervisor's leave to close without the questions; only while an administrator has turned it on."""

    __tablename__ = "waivers"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = reference("cases.id", index=True)
    agent_id: Mapped[int] = reference("agents.id")
    reason: Mapped[str]
    given_at: Mapped[datetime]
