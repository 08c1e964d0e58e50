"""Conversations, with the columns that the list reads."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import ConversationKind, ConversationState, DismissReason
from inbox.store.models.base import Base, Id, enum_of, index_where, reference


class Conversation(Base):
    """A thread on one account. The columns from ``state`` on are kept in step for the list."""

    __tablename__ = "conversations"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    account_id: Mapped[int] = reference("accounts.id")
    remote_thread: Mapped[str]
    kind: Mapped[ConversationKind] = mapped_column(enum_of(ConversationKind), default=ConversationKind.DIRECT)
    customer_id: Mapped[int] = reference("customers.id", index=True)
    identity_id: Mapped[int] = reference("identities.id", index=True)
    case_id: Mapped[int | None] = mapped_column(Id, ForeignKey("cases.id"))
    subject: Mapped[str] = mapped_column(default="")
    snippet: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    stream: Mapped[str] = mapped_column(default="")  # the saved search that found it, where it was not addressed to us
    state: Mapped[ConversationState] = mapped_column(enum_of(ConversationState), default=ConversationState.DONE)
    owner_id: Mapped[int | None] = reference("agents.id")
    due_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]  # the customer waits for us since then
    rank: Mapped[int] = mapped_column(BigInteger, default=0)  # waiting_since in ms minus the tier's bonus: small first
    last_message_id: Mapped[int] = mapped_column(BigInteger, default=0)
    message_count: Mapped[int] = mapped_column(default=0)
    unread_count: Mapped[int] = mapped_column(default=0)
    has_failed: Mapped[bool] = mapped_column(default=False)  # a reply failed, is unknown or is held
    dismissed: Mapped[DismissReason | None] = mapped_column(enum_of(DismissReason))
    snoozed_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it
    __table_args__ = (
        UniqueConstraint("account_id", "remote_thread"),
        Index("ix_conversations_last", "last_message_id"),
        Index("ix_conversations_account_last", "account_id", "last_message_id"),
        index_where("ix_conversations_case", "case_id", where="case_id IS NOT NULL"),
        *(
            index_where(
                f"ix_conversations_{whose}_{name}", *theirs, *columns, "last_message_id", where="state <> 'done'"
            )
            for whose, theirs in {"state": ("state",), "owner": ("owner_id", "state")}.items()
            for name, columns in {
                "last": (),
                "rank": ("rank",),
                "due": ("due_at",),
                "waiting": ("waiting_since",),
            }.items()
        ),
        index_where(
            "ix_conversations_mentions",
            "kind",  # a column more than the other indexes have: SQLite takes the one that it thinks the narrowest
            "state",
            "last_message_id",
            where="kind = 'mention'",
        ),
        index_where("ix_conversations_owned", "owner_id", "last_message_id", where="owner_id IS NOT NULL"),
        index_where("ix_conversations_dismissed", "last_message_id", where="dismissed IS NOT NULL"),
        index_where("ix_conversations_snoozed", "snoozed_until", where="snoozed_until IS NOT NULL"),
        index_where("ix_conversations_failed", "last_message_id", where="has_failed"),
        index_where("ix_conversations_unread", "last_message_id", where="unread_count > 0"),
    )


class ConversationTag(Base):
    """A conversation found by a tag of its list; ``store/tagging.py`` has the triggers that keep it so."""

    __tablename__ = "conversation_tags"
    tag: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    __table_args__ = ({"sqlite_with_rowid": False},)


class ThreadKey(Base):
    """A key (email: a Message-ID) that belongs to a conversation's thread, seen or only referred to."""

    __tablename__ = "thread_keys"
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = reference("conversations.id", index=True, ondelete="CASCADE")

    __table_args__ = ({"sqlite_with_rowid": False},)
