"""The places where the company is signed in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import AccountState
from inbox.store.models.base import Base, Id, enum_of, reference


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
    team_id: Mapped[int | None] = reference("teams.id", ondelete="SET NULL")
    state: Mapped[AccountState] = mapped_column(enum_of(AccountState), default=AccountState.OFF)
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


class Charge(Base):
    """What an account read or wrote on a day (UTC) that the other side charges for."""

    __tablename__ = "charges"
    account_id: Mapped[int] = mapped_column(Id, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)  # millionths of a US dollar
