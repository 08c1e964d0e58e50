"""Messages as a channel hands them over, and their way into the store."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels.base import Author, Batch, Incoming
from inbox.services import accounts, ingest, seeding
from inbox.store.db import Database
from inbox.store.models import Base

NOW = datetime.now(UTC).replace(microsecond=0)
_numbers = itertools.count(1)


def mail(
    text: str = "Hola, mi pedido no ha llegado.",
    sender: str = "ana@example.com",
    *,
    name: str = "",
    key: str = "",
    answers: Sequence[str] = (),
    ago: timedelta = timedelta(),
    **more: Any,
) -> Incoming:
    """A mail as the email channel reads it: ``key`` is its Message-ID, ``answers`` what it refers to."""
    key = key or f"m{next(_numbers)}@example.com"
    values: dict[str, Any] = {
        "remote_id": key,
        "author": Author(sender, name),
        "sent_at": NOW - ago,
        "raw": f"Message-ID: <{key}>\r\n\r\n{text}".encode(errors="replace"),
        "text": text,
        "new_text": text,
        "subject": "Mi pedido",
        "thread_keys": tuple(answers),
        "own_key": key,
        "recipients": ("ana@example.com",) if more.get("outgoing") else ("tienda@example.com",),
    }
    return Incoming(**values | more)


def store(s: Session, account_id: int, *messages: Incoming, backfill: bool = False) -> ingest.Stored:
    """Store messages as one batch."""
    return ingest.store_batch(s, account_id, Batch(messages, cursor="c", backfill=backfill))


def receive(db: Database, account_id: int, *messages: Incoming, backfill: bool = False) -> ingest.Stored:
    """Store messages as one batch, in a transaction of its own."""
    with db.writing() as s:
        return store(s, account_id, *messages, backfill=backfill)


def rows(db: Database, model: type[Base], *conditions: Any) -> list[Any]:
    """All rows of a table that meet the conditions, by their primary key."""
    with db.reading() as s:
        found = s.scalars(select(model).where(*conditions).order_by(*model.__table__.primary_key)).all()
        s.expunge_all()
        return list(found)


@pytest.fixture
def account(db: Database) -> int:
    """An email account in a seeded database."""
    with db.writing() as s:
        seeding.seed(s)
        return accounts.add(s, "email", "Tienda", {"address": "tienda@example.com"})
