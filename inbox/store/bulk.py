"""Many rows at once: inserted nearly as fast as the driver does it, and found by a list of values of any length.

SQLAlchemy's ``insert()`` with a list looks at every value of every row in Python, and its ``in_()`` writes a statement
anew for every length. Here columns are looked at once, and a list of values is a single parameter.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Enum,
    Table,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

Process = Callable[[Any], Any]

_REMEMBERED = 1024  # different JSON values of a batch


def insert_rows(
    s: Session, table: Table, columns: Mapping[str, Sequence[Any]], same: Mapping[str, Any] | None = None
) -> None:
    """Insert rows given as columns of one length, with what is the ``same`` in all of them.

    Columns that are left out get the database's default, not Python's. Lists that go into a column of JSON are tuples.
    """
    same = same or {}
    connection = s.connection()
    statement, processes = _prepared(table, (*columns, *same), connection.dialect)
    values: list[Iterable[Any]] = [
        column if process is None else map(process, column)
        for column, process in zip(columns.values(), processes, strict=False)
    ]
    for value, process in zip(same.values(), processes[len(columns) :], strict=True):
        values.append(repeat(value if process is None else process(value)))
    rows = list(zip(*values, strict=False))  # what is the same has no end
    if rows:
        connection.exec_driver_sql(statement, rows)


@lru_cache(maxsize=256)
def _prepared(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, list[Process | None]]:
    """The statement in the driver's own words, and what turns the values of each column into what the driver takes."""
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in names)
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({', '.join([mark] * len(names))})"  # noqa: S608
    return statement, [_process(table.c[name].type, dialect) for name in names]


def _process(type_: TypeEngine[Any], dialect: Dialect) -> Process | None:
    process: Process | None = type_.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return None
    if isinstance(type_, Enum) and type_.enum_class is not None:
        members: dict[Any, Any] = {None: None} | {member: process(member) for member in type_.enum_class}
        return members.__getitem__
    if not isinstance(type_, JSON):
        return process
    remembered = lru_cache(_REMEMBERED)(process)
    return lambda value: remembered(value) if isinstance(value, tuple) else process(value)


class _Values(TypeDecorator[Sequence[Any]]):
    """A list as one parameter: an array, or JSON where there are no arrays."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[str] | type[int]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(BigInteger if self.kind is int else Text))

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        values = list(value or ())
        return json.dumps(values) if dialect.name == "sqlite" else values


class _Among(FunctionElement[bool]):
    name = "among"
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled by SQLAlchemy


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({values})"


def among(column: Any, name: str) -> ColumnElement[bool]:
    """Whether the column is one of the values that the statement is given under this name when it is executed."""
    kind = str if column.type.python_type is str else int
    values: BindParameter[Any] = bindparam(name, type_=_Values(kind))
    return _Among(column, values)
