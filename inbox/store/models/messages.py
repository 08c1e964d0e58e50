"""Messages, their raw bytes and files, and drafts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import Delivery, Direction, MessageKind
from inbox.store.models.base import Base, Id, enum_of, index_where, reference


class Message(Base):
    """In, out or note. The id orders by time: seconds since 1970 * 2^21 + a number within the second."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = reference("accounts.id")
    conversation_id: Mapped[int] = reference("conversations.id")
    remote_id: Mapped[str]  # theirs; ours for notes; for a reply the one fixed when it was queued
    own_key: Mapped[str] = mapped_column(default="")  # what later messages refer to (email: Message-ID)
    direction: Mapped[Direction] = mapped_column(enum_of(Direction))
    kind: Mapped[MessageKind] = mapped_column(enum_of(MessageKind), default=MessageKind.TEXT)
    identity_id: Mapped[int | None] = mapped_column(Id, ForeignKey("identities.id"))  # who wrote it, if not us
    agent_id: Mapped[int | None] = mapped_column(Id, ForeignKey("agents.id"))  # who of us wrote it
    sent_at: Mapped[datetime]
    subject: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    has_html: Mapped[bool] = mapped_column(default=False)
    recipients: Mapped[list[str]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(default="")  # why it could not be read
    delivery: Mapped[Delivery] = mapped_column(enum_of(Delivery), default=Delivery.NONE)
    delivery_note: Mapped[str] = mapped_column(default="")  # the server's own words
    not_before: Mapped[datetime | None]  # undo and send later are this one time
    claimed_by: Mapped[str] = mapped_column(default="")  # the engine that is sending it
    handed_over_at: Mapped[datetime | None]  # from here on it may have gone out
    attempts: Mapped[int] = mapped_column(default=0)
    template_id: Mapped[int | None] = mapped_column(Id, ForeignKey("templates.id", ondelete="SET NULL"))
    edited_at: Mapped[datetime | None]  # changed at the other side; the former texts are its versions
    removed_at: Mapped[datetime | None]  # taken away at the other side; ours stays
    outgoing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # cc, bcc, html, ...

    __table_args__ = (
        UniqueConstraint("account_id", "remote_id"),
        Index("ix_messages_thread", "conversation_id", "id"),
        index_where(
            "ix_messages_outbox",
            "account_id",
            "delivery",
            "not_before",
            where="delivery IN ('queued', 'sending', 'unknown', 'failed')",
        ),
        CheckConstraint("(direction = 'out') = (delivery <> 'none')", name="delivery_of_outgoing"),
    )


class MessageVersion(Base):
    """What a message said before it was edited at the other side."""

    __tablename__ = "message_versions"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(Id, ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    until: Mapped[datetime]  # when it was replaced


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
    remote: Mapped[str] = mapped_column(default="")  # where the other side keeps it, until it is fetched


class Draft(Base):
    """What an agent is typing in a conversation; survives a crash."""

    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = reference("conversations.id", ondelete="CASCADE")
    agent_id: Mapped[int] = reference("agents.id")
    is_note: Mapped[bool] = mapped_column(default=False)
    text: Mapped[str] = mapped_column(default="")
    questions: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [{"bank_question_id", "text"}] in the text
    template_id: Mapped[int | None] = mapped_column(Id, ForeignKey("templates.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime]
    outgoing: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # to, cc, bcc, html

    __table_args__ = (UniqueConstraint("conversation_id", "agent_id", "is_note"),)
