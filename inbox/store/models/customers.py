"""Customers: how they are reached, what is known of them, and merges."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import Tier
from inbox.store.models.base import Base, Id, enum_of, reference


class Customer(Base):
    """A person or company. An absorbed customer points to the one that it was merged into."""

    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    company: Mapped[str] = mapped_column(default="")
    tier: Mapped[Tier] = mapped_column(enum_of(Tier), default=Tier.C)
    language: Mapped[str] = mapped_column(String(8), default="")
    preferred_channel: Mapped[str] = mapped_column(String(40), default="")
    tags: Mapped[list[str]] = mapped_column(default=list)
    consents: Mapped[dict[str, Any]] = mapped_column(default=dict)  # channel -> {"given": bool, "at": iso}
    notes: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None] = reference("customers.id", index=True)
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own way of declaring it


class CustomerTag(Base):
    """A customer found by a tag of its list; ``store/tagging.py`` has the triggers that keep it so."""

    __tablename__ = "customer_tags"
    tag: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        Id, ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, index=True
    )

    __table_args__ = ({"sqlite_with_rowid": False},)


class Identity(Base):
    """A customer's handle on a channel."""

    __tablename__ = "identities"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = reference("customers.id", index=True)
    channel: Mapped[str] = mapped_column(String(40))
    handle: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    nick: Mapped[str] = mapped_column(default="")  # the changeable handle that people know: "@ana"
    profile_url: Mapped[str] = mapped_column(default="")
    followers: Mapped[int | None]  # how many hear them there, where that is told
    is_primary: Mapped[bool] = mapped_column(default=False)
    valid: Mapped[bool] = mapped_column(default=True)
    invalid_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("channel", "handle"),)


class Fact(Base):
    """Something learned about a customer."""

    __tablename__ = "facts"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = reference("customers.id", index=True)
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
    survivor_id: Mapped[int] = reference("customers.id", index=True)
    absorbed_id: Mapped[int] = reference("customers.id", index=True)
    agent_id: Mapped[int | None] = reference("agents.id")
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)  # table -> ids that moved
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the survivor's own fields before
