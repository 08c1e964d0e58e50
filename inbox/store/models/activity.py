"""The log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.store.models.base import Base, Id, index_where


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
        index_where("ix_activity_conversation", "conversation_id", "id", where="conversation_id IS NOT NULL"),
        index_where("ix_activity_case", "case_id", where="case_id IS NOT NULL"),
        index_where("ix_activity_customer", "customer_id", where="customer_id IS NOT NULL"),
        {"sqlite_autoincrement": True},
    )
