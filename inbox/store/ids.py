"""Ids: free ones for many new rows at once, and what the id of a message tells."""

from datetime import datetime

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

from inbox.store.conditions import MILLISECOND, SECOND
from inbox.store.models import from_ms


def next_ids(s: Session, table: Table, count: int) -> list[int]:
    """Free ids of a table, for rows that this transaction inserts with them. Message ids are ``db.next_message_ids``.

    So one executemany can store the rows, and another those that refer to them. SQLAlchemy can have the ids returned by
    the INSERT, but on SQLite only with one statement a row.
    """
    if not count:
        return []
    if s.get_bind().dialect.name == "postgresql":
        sequence = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return sorted(s.scalars(sequence, {"name": table.name, "count": count}))
    last = s.scalar(select(func.max(table.c.id))) or 0  # nobody else writes while we do
    if table.dialect_options["sqlite"]["autoincrement"]:  # the numbers of deleted rows are not used again
        used = s.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
        last = max(last, used or 0)
    return list(range(last + 1, last + 1 + count))


def time_of_message(message_id: int) -> datetime:
    """When a message was sent, to the millisecond, as its id tells (see ``models.Message``)."""
    seconds, rest = divmod(message_id, SECOND)
    return from_ms(seconds * 1000 + min(rest // MILLISECOND, 999))
