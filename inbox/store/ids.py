"""Ids for many new rows at once, so that one executemany can store them and the rows that refer to them."""

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session


def next_ids(s: Session, table: Table, count: int) -> list[int]:
    """Free ids of a table, for rows that this transaction inserts with them. Message ids are ``db.next_message_ids``.

    SQLAlchemy can have them returned by the INSERT, but on SQLite only with one statement a row.
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
