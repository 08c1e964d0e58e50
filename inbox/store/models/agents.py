"""Who works here, and what they set."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.states import Role
from inbox.store.models.base import Base, Id, enum_of, reference


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
    role: Mapped[Role] = mapped_column(enum_of(Role), default=Role.AGENT)
    team_id: Mapped[int | None] = reference("teams.id", ondelete="SET NULL")
    signature: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)


class Setting(Base):
    """A setting that everybody on this database shares, such as the company's name."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


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
