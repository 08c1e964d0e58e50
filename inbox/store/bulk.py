"""Inserting many rows at once, nearly as fast as the driver does it.

SQLAlchemy's ``insert()`` with a list looks at every value of every row in Python; here the columns are looked at once,
and the rows go to the driver as tuples.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session

Process = Callable[[Any], Any]


def insert_rows(s: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same keys. Columns that are left out get the database's default, not Python's."""
    if not rows:
        return
    connection = s.connection()
    names = tuple(rows[0])
    statement, processes = _prepared(table, names, connection.dialect)
    values: Any = list(map(itemgetter(*names), rows) if len(names) > 1 else ((row[names[0]],) for row in rows))
    if processes:
        values = list(zip(*_columns(values, processes), strict=True))
    connection.exec_driver_sql(statement, values)


def _columns(values: Sequence[tuple[Any, ...]], processes: Mapping[int, Process]) -> list[Any]:
    columns: list[Any] = list(zip(*values, strict=True))
    for place, process in processes.items():
        columns[place] = map(process, columns[place])
    return columns


@lru_cache(maxsize=256)
def _prepared(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, dict[int, Process]]:
    """The statement in the driver's own words, and what turns values into what the driver takes, by their place."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608
    processes: dict[int, Process] = {}
    for place, name in enumerate(names):
        process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            processes[place] = process
    return statement, processes
