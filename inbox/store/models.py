"""The nouns as tables. Times are aware UTC, stored as milliseconds since 1970; ids never change their meaning."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class UtcTime(TypeDecorator[datetime]):
    """An aware time as milliseconds since 1970: the same arithmetic in the triggers of both engines."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Refuse naive times: they would be read in another zone later."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Back to an aware UTC time."""
        return None if value is None else from_ms(value)


def to_ms(value: datetime) -> int:
    """Milliseconds since 1970; a naive time raises ValueError."""
    if value.tzinfo is None:
        raise ValueError(f"naive time {value!r}")
    return (value - _EPOCH) // timedelta(milliseconds=1)


def from_ms(value: int) -> datetime:
    """The aware UTC time of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value)


def _enum(kind: type[StrEnum]) -> Enum:
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=16,
        values_callable=lambda members: [member.value for member in members],
    )


Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way of declaring it
        datetime: UtcTime,
        dict[str, Any]: JSON,
        Mapping[str, Any]: JSON,
        list[str]: JSON,
        str: Text,
        bytes: LargeBinary,
    }


def _fk(target: str, *, index: bool = False, ondelete: str | None = None) -> Any:
    return mapped_column(Id, ForeignKey(target, ondelete=ondelete), index=index)


# --- who works here ---


class Team(Base):
    """Agents who share a queue."""

    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class Agent(Base):
    """A person who answers customers."""

    __tablename__ = "agents"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(default="")
    login: Mapped[str] = mapped_column(default="")  # the system's user name that signs this agent in by itself
    role: Mapped[Role] = mapped_column(_enum(Role), default=Role.AGENT)
    team_id: Mapped[int | None] = _fk("teams.id", ondelete="SET NULL")
    signature: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class Setting(Base):
    """A setting that everybody on this database shares, such as the company's name."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


# --- accounts ---


class Account(Base):
    """One signed-in place on a channel. Its secrets are in the keychain."""

    __tablename__ = "accounts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    name: Mapped[str]  # what a person calls it
    address: Mapped[str] = mapped_column(default="")
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)
    opens_cases: Mapped[bool] = mapped_column(default=True)  # a direct conversation opens a case by itself
    case_days: Mapped[int] = mapped_column(default=14)  # ... unless its newest message is older than this
    reopen_days: Mapped[int] = mapped_column(default=14)  # later than this, a closed case is not reopened: a new one
    team_id: Mapped[int | None] = _fk("teams.id", ondelete="SET NULL")
    state: Mapped[AccountState] = mapped_column(_enum(AccountState), default=AccountState.OFF)
    state_title: Mapped[str] = mapped_column(default="")
    state_hint: Mapped[str] = mapped_column(default="")
    state_at: Mapped[datetime | None]
    remaining: Mapped[int | None]  # messages still to be fetched, while it is syncing
    lease_owner: Mapped[str] = mapped_column(default="")  # the engine that runs it
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("kind", "address"),)


class Cursor(Base):
    """How far an account has been read; opaque to everybody but its channel."""

    __tablename__ = "cursors"
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[str]


# --- customers ---


class Customer(Base):
    """A person or company. An absorbed customer points to the one that it was merged into."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    company: Mapped[str] = mapped_column(default="")
    tier: Mapped[Tier] = mapped_column(_enum(Tier), default=Tier.C)
    language: Mapped[str] = mapped_column(String(8), default="")
    preferred_channel: Mapped[str] = mapped_column(String(40), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    consents: Mapped[dict[str, Any]] = mapped_column(default=dict)  # channel -> {"given": bool, "at": iso}
    notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None] = _fk("customers.id", index=True)
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it


class Identity(Base):
    """A customer's handle on a channel."""

    __tablename__ = "identities"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = _fk("customers.id", index=True)
    channel: Mapped[str] = mapped_column(String(40))
    handle: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    is_primary: Mapped[bool] = mapped_column(default=False)
    valid: Mapped[bool] = mapped_column(default=True)
    invalid_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("channel", "handle"),)


class Fact(Base):
    """Something learned about a customer."""

    __tablename__ = "facts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = _fk("customers.id", index=True)
    kind: Mapped[str] = mapped_column(String(60))  # "order_number", "preferred_hours": named by the question banks
    value: Mapped[str]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    learned_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]


class Merge(Base):
    """A merge of two customers, with what is needed to undo it."""

    __tablename__ = "merges"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    survivor_id: Mapped[int] = _fk("customers.id", index=True)
    absorbed_id: Mapped[int] = _fk("customers.id", index=True)
    agent_id: Mapped[int | None] = _fk("agents.id")
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)  # table -> ids that moved
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the survivor's own fields before


# --- conversations and messages ---


class Conversation(Base):
    """A thread on one account. The columns from ``state`` on are kept in step for the list."""

    __tablename__ = "conversations"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = _fk("accounts.id")
    remote_thread: Mapped[str]
    kind: Mapped[ConversationKind] = mapped_column(_enum(ConversationKind), default=ConversationKind.DIRECT)
    customer_id: Mapped[int] = _fk("customers.id", index=True)
    identity_id: Mapped[int] = _fk("identities.id", index=True)
    case_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cases.id"))
    subject: Mapped[str] = mapped_column(default="")
    snippet: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[ConversationState] = mapped_column(_enum(ConversationState), default=ConversationState.DONE)
    owner_id: Mapped[int | None] = _fk("agents.id")
    due_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]  # the customer waits for us since then
    rank: Mapped[int] = mapped_column(BigInteger, default=0)  # waiting_since in ms minus the tier's bonus: small first
    last_message_id: Mapped[int] = mapped_column(BigInteger, default=0)
    message_count: Mapped[int] = mapped_column(default=0)
    unread_count: Mapped[int] = mapped_column(default=0)
    has_failed: Mapped[bool] = mapped_column(default=False)  # a reply failed or is unknown
    dismissed: Mapped[DismissReason | None] = mapped_column(_enum(DismissReason))
    snoozed_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it
    __table_args__ = (
        UniqueConstraint("account_id", "remote_thread"),
        Index("ix_conversations_last", "last_message_id"),
        Index("ix_conversations_account_last", "account_id", "last_message_id"),
        Index(
            "ix_conversations_case",
            "case_id",
            sqlite_where=sql("case_id IS NOT NULL"),
            postgresql_where=sql("case_id IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_conversations_{name}",
                *columns,
                sqlite_where=sql("state <> 'done'"),
                postgresql_where=sql("state <> 'done'"),
            )
            for name, columns in {
                "state_last": ("state", "last_message_id"),
                "state_rank": ("state", "rank", "id"),
                "state_due": ("state", "due_at", "id"),
                "state_waiting": ("state", "waiting_since", "id"),
                "owner_last": ("owner_id", "state", "last_message_id"),
                "owner_rank": ("owner_id", "state", "rank", "id"),
            }.items()
        ),
        Index(
            "ix_conversations_mentions",
            "kind",  # a column more than the other indexes have: SQLite takes the one that it thinks the narrowest
            "state",
            "last_message_id",
            sqlite_where=sql("kind = 'mention'"),
            postgresql_where=sql("kind = 'mention'"),
        ),
        Index(
            "ix_conversations_failed",
            "last_message_id",
            sqlite_where=sql("has_failed"),
            postgresql_where=sql("has_failed"),
        ),
        Index(
            "ix_conversations_unread",
            "last_message_id",
            sqlite_where=sql("unread_count > 0"),
            postgresql_where=sql("unread_count > 0"),
        ),
    )


class ThreadKey(Base):
    """A key (email: a Message-ID) that belongs to a conversation's thread, seen or only referred to."""

    __tablename__ = "thread_keys"
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = _fk("conversations.id", index=True, ondelete="CASCADE")

    __table_args__ = ({"sqlite_with_rowid": False},)


class Message(Base):
    """In, out or note. The id orders by time: seconds since 1970 * 2^21 + a number within the second."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = _fk("accounts.id")
    conversation_id: Mapped[int] = _fk("conversations.id")
    remote_id: Mapped[str]  # theirs; ours for notes; for a reply the one fixed when it was queued
    own_key: Mapped[str] = mapped_column(default="")  # what later messages refer to (email: Message-ID)
    direction: Mapped[Direction] = mapped_column(_enum(Direction))
    kind: Mapped[MessageKind] = mapped_column(_enum(MessageKind), default=MessageKind.TEXT)
    identity_id: Mapped[int | None] = mapped_column(Id, ForeignKey("identities.id"))  # who wrote it, if not us
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("agents.id"))  # who of us wrote it
    sent_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    has_html: Mapped[bool] = mapped_column(default=False)
    recipients: Mapped[list[str]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(default="")  # why it could not be read
    delivery: Mapped[Delivery] = mapped_column(_enum(Delivery), default=Delivery.NONE)
    delivery_note: Mapped[str] = mapped_column(default="")  # the server's own words
    not_before: Mapped[datetime | None]  # undo and send later are this one time
    claimed_by: Mapped[str] = mapped_column(default="")  # the engine that is sending it
    handed_over_at: Mapped[datetime | None]  # from here on it may have gone out
    attempts: Mapped[int] = mapped_column(default=0)
    template_id: Mapped[int | None] = mapped_column(Id, ForeignKey("templates.id", ondelete="SET NULL"))
    outgoing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # cc, in_reply_to, references

    __table_args__ = (
        UniqueConstraint("account_id", "remote_id"),
        Index("ix_messages_thread", "conversation_id", "id"),
        Index(
            "ix_messages_outbox",
            "account_id",
            "delivery",
            "not_before",
            sqlite_where=sql("delivery IN ('queued', 'sending', 'unknown', 'failed')"),
            postgresql_where=sql("delivery IN ('queued', 'sending', 'unknown', 'failed')"),
        ),
        CheckConstraint("(direction = 'out') = (delivery <> 'none')", name="delivery_of_outgoing"),
    )


class MessageSource(Base):
    """A message's raw bytes: zlib in ``data``, or large ones in the content-addressed file ``sha256``."""

    __tablename__ = "message_sources"
    message_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("messages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    data: Mapped[bytes] = mapped_column(default=b"")
    sha256: Mapped[str] = mapped_column(String(64), default="")


class File(Base):
    """A content, once. Beside the database as ``files/ab/cdef...`` where ``data`` is null (one desk)."""

    __tablename__ = "files"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    data: Mapped[bytes | None]


class Attachment(Base):
    """A file of a message, a draft or a template. ``part`` says where it lies in the message's raw bytes."""

    __tablename__ = "attachments"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int | None] = mapped_column(Id, ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    template_id: Mapped[int | None] = mapped_column(Id, ForeignKey("templates.id", ondelete="CASCADE"), index=True)
    draft_id: Mapped[int | None] = mapped_column(Id, ForeignKey("drafts.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str]
    content_type: Mapped[str] = mapped_column(default="application/octet-stream")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str | None] = mapped_column(String(64), ForeignKey("files.sha256"))
    part: Mapped[str] = mapped_column(String(40), default="")
    content_id: Mapped[str] = mapped_column(default="")
    inline: Mapped[bool] = mapped_column(default=False)


class Draft(Base):
    """What an agent is typing in a conversation; survives a crash."""

    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = _fk("conversations.id", ondelete="CASCADE")
    agent_id: Mapped[int] = _fk("agents.id")
    is_note: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="")
    questions: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [{"bank_question_id", "text"}] in the text
    template_id: Mapped[int | None] = mapped_column(Id, ForeignKey("templates.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("conversation_id", "agent_id", "is_note"),)


# --- cases ---


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
    case_type_id: Mapped[int] = _fk("case_types.id", index=True, ondelete="CASCADE")
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
    customer_id: Mapped[int] = _fk("customers.id", index=True)
    case_type_id: Mapped[int] = _fk("case_types.id")
    subject: Mapped[str] = mapped_column(default="")
    status: Mapped[CaseStatus] = mapped_column(_enum(CaseStatus), default=CaseStatus.NEW)
    priority: Mapped[Priority] = mapped_column(_enum(Priority), default=Priority.NORMAL)
    owner_id: Mapped[int | None] = _fk("agents.id")
    team_id: Mapped[int | None] = _fk("teams.id", ondelete="SET NULL")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]  # the customer waits for us since then
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[CloseReason | None] = mapped_column(_enum(CloseReason))
    closed_by_id: Mapped[int | None] = _fk("agents.id")
    required_questions: Mapped[int | None]  # what the gate asked for when it was closed
    waiver_id: Mapped[int | None] = mapped_column(Id, ForeignKey("waivers.id", use_alter=True))
    reopened_count: Mapped[int] = mapped_column(default=0)
    joined_into_id: Mapped[int | None] = _fk("cases.id", index=True)  # its conversations went there
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it
    __table_args__ = (
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("(status = 'closed') = (close_reason IS NOT NULL)", name="close_reason"),
        Index(
            "ix_cases_closed",
            "closed_by_id",
            "closed_at",
            sqlite_where=sql("closed_at IS NOT NULL"),
            postgresql_where=sql("closed_at IS NOT NULL"),
        ),
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
    case_id: Mapped[int] = _fk("cases.id", index=True)
    bank_question_id: Mapped[int | None] = mapped_column(Id, ForeignKey("bank_questions.id", ondelete="SET NULL"))
    origin: Mapped[QuestionOrigin] = mapped_column(_enum(QuestionOrigin))
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
    case_id: Mapped[int] = _fk("cases.id", index=True)
    agent_id: Mapped[int] = _fk("agents.id")
    reason: Mapped[str]
    given_at: Mapped[datetime]


# --- templates, views, the log ---


class Template(Base):
    """A reply prepared beforehand. Its texts are variants by language and channel."""

    __tablename__ = "templates"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name_en: Mapped[str]
    name_es: Mapped[str]
    case_type_id: Mapped[int | None] = mapped_column(Id, ForeignKey("case_types.id", ondelete="SET NULL"))
    solution: Mapped[bool] = mapped_column(default=False)
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("agents.id"))  # scope: only this agent
    team_id: Mapped[int | None] = mapped_column(Id, ForeignKey("teams.id", ondelete="CASCADE"))  # ... or this team
    active: Mapped[bool] = mapped_column(default=True)
    used_count: Mapped[int] = mapped_column(default=0)
    position: Mapped[int] = mapped_column(default=0)


class TemplateVariant(Base):
    """A template's text in one language, for one channel or for all (empty)."""

    __tablename__ = "template_variants"
    template_id: Mapped[int] = mapped_column(Id, ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True, default="")
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str]


class SavedView(Base):
    """A search kept in the rail. Built-in views have a ``key``."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str | None] = mapped_column(String(40), unique=True)
    name: Mapped[str]  # built-in: English, translated when shown
    query: Mapped[str]
    sort: Mapped[str] = mapped_column(String(16), default="newest")  # newest, waiting, due, rank
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("agents.id"))  # only this agent sees it
    position: Mapped[int] = mapped_column(default=0)


class Activity(Base):
    """The append-only log: who did what, when. ``origin`` names the process that wrote it."""

    __tablename__ = "activity"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    agent_id: Mapped[int | None] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    conversation_id: Mapped[int | None] = mapped_column(BigInteger)
    case_id: Mapped[int | None] = mapped_column(BigInteger)
    customer_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    origin: Mapped[str] = mapped_column(String(40), default="")

    __table_args__ = (
        Index(
            "ix_activity_case",
            "case_id",
            sqlite_where=sql("case_id IS NOT NULL"),
            postgresql_where=sql("case_id IS NOT NULL"),
        ),
        Index(
            "ix_activity_customer",
            "customer_id",
            sqlite_where=sql("customer_id IS NOT NULL"),
            postgresql_where=sql("customer_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )
