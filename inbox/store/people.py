"""Finding customers while somebody types: the words of names, companies and handles, by how they begin.

Accents and case don't matter. SQLite: FTS5 beside the tables, fed by triggers, which need no function of ours, so that
no program that writes to the tables leaves it behind. PostgreSQL: GIN on expressions.
"""

# ruff: noqa: S608 - the SQL is put together from constants of this module only

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, text as sql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from inbox.store.words import words

# A phone's number without its country.
_NUMBER = "CASE WHEN substr({row}handle, 1, 1) = '+' THEN substr({row}handle, -9) ELSE '' END"
_FEED = {  # index -> its table, and its columns as they are read from a row
    "customer_index": ("customers", {"name": "{row}name", "company": "{row}company"}),
    "identity_index": (
        "identities",
        {"handle": "{row}handle", "number": _NUMBER, "nick": "{row}nick", "name": "{row}name"},
    ),
}
_DIVIDING = r"[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+"  # signs of ASCII that are no letter or digit
_VECTORS = {
    "customer_index": ("customers", "customers.name || ' ' || customers.company"),
    "identity_index": (
        "identities",
        "identities.handle || ' ' || identities.nick || ' ' || identities.name || "
        "CASE WHEN left(identities.handle, 1) = '+' THEN ' ' || right(identities.handle, 9) ELSE '' END",
    ),
}
_ALIVE = "customers.merged_into_id IS NULL AND customers.erased_at IS NULL"


def statements(dialect: str) -> list[str]:
    """The SQL that makes the indexes, for ``"sqlite"`` or ``"postgresql"``."""
    if dialect == "postgresql":
        return [
            f"CREATE INDEX ix_{table}_words ON {table} USING gin (({_vector(index)}))"
            for index, (table, _) in _VECTORS.items()
        ]
    return [statement for index in _FEED for statement in _fed_index(index)]


def _vector(index: str) -> str:
    parts = _VECTORS[index][1]
    folded = f"lower(regexp_replace(normalize({parts}, NFD), '[\u0300-\u036f]', '', 'g'))"
    return f"to_tsvector('simple', regexp_replace({folded}, '{_DIVIDING}', ' ', 'g'))"


def _fed_index(index: str) -> list[str]:
    table, columns = _FEED[index]
    names = ", ".join(columns)
    content = ", ".join(f"{column.format(row='')} AS {name}" for name, column in columns.items())
    old, new = (", ".join(column.format(row=row) for column in columns.values()) for row in ("OLD.", "NEW."))
    add = f"INSERT INTO {index} (rowid, {names}) VALUES (NEW.id, {new});"
    remove = f"INSERT INTO {index} ({index}, rowid, {names}) VALUES ('delete', OLD.id, {old});"
    read = ", ".join(name for name in columns if name != "number")
    return [
        f"CREATE VIEW {index}_content AS SELECT id, {content} FROM {table}",
        f"CREATE VIRTUAL TABLE {index} USING fts5({names}, content='{index}_content', content_rowid='id', "
        "tokenize=\"unicode61 remove_diacritics 2\", prefix='1 2 3', detail=none, columnsize=0)",
        f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {index}_changed AFTER UPDATE OF {read} ON {table} BEGIN {remove} {add} END",
        f"CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN {remove} END",
    ]


def find_customers(s: Session, text: str, most: int) -> list[int]:
    """Customers with words in their name and company, or in a handle, that begin so: named ones first, then by age.

    Nobody who was merged into another customer or erased. A text without a letter or digit finds nobody.
    """
    wanted = words(text)
    if not wanted:
        return []
    sqlite = s.get_bind().dialect.name == "sqlite"
    asked = {"words": _file_query(wanted) if sqlite else _server_query(wanted), "most": most}
    found: dict[int, None] = {}
    for statement in _ON_SQLITE if sqlite else _ON_SERVER:
        found.update(dict.fromkeys(s.scalars(statement, asked)))
    return list(found)[:most]


_ON_SQLITE = (
    sql(
        "SELECT customers.id FROM customer_index JOIN customers ON customers.id = +customer_index.rowid "
        f"WHERE customer_index MATCH :words AND {_ALIVE} ORDER BY customer_index.rowid DESC LIMIT :most"
    ),
    sql(
        "SELECT customers.id FROM identity_index JOIN identities i ON i.id = +identity_index.rowid "
        "JOIN customers ON customers.id = i.customer_id "
        f"WHERE identity_index MATCH :words AND {_ALIVE} ORDER BY identity_index.rowid DESC LIMIT :most"
    ),
)
_ON_SERVER = (
    sql(
        "SELECT customers.id FROM customers "
        f"WHERE {_vector('customer_index')} @@ CAST(:words AS tsquery) AND {_ALIVE} LIMIT :most"
    ),
    sql(
        "SELECT customers.id FROM identities JOIN customers ON customers.id = identities.customer_id "
        f"WHERE {_vector('identity_index')} @@ CAST(:words AS tsquery) AND {_ALIVE} LIMIT :most"
    ),
)


class _Called(FunctionElement[bool]):
    """Whether a customer is called so: give ``customer's id, file query, server query``."""

    name = "called"
    inherit_cache = True


@compiles(_Called, "sqlite")
def _called_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    customer, wanted, _ = element.clauses
    customer_id = compiler.process(customer, **options)
    named, known_as = (compiler.process(wanted, **options) for _ in range(2))
    return (
        f"{customer_id} IN (SELECT rowid FROM customer_index WHERE customer_index MATCH {named} UNION "
        "SELECT i.customer_id FROM identity_index JOIN identities i ON i.id = +identity_index.rowid "
        f"WHERE identity_index MATCH {known_as})"
    )


@compiles(_Called, "postgresql")
def _called_on_server(element: Any, compiler: Any, **options: Any) -> str:
    customer, _, wanted = element.clauses
    customer_id, words_ = (compiler.process(each, **options) for each in (customer, wanted))
    asked = f"CAST({words_} AS tsquery)"
    return (
        f"{customer_id} IN (SELECT customers.id FROM customers WHERE {_vector('customer_index')} @@ {asked} UNION "
        f"SELECT identities.customer_id FROM identities WHERE {_vector('identity_index')} @@ {asked})"
    )


def is_called(customer_id: Any, text: str) -> ColumnElement[bool]:
    """Whether a column names a customer with such a name, company or handle."""
    wanted = words(text)
    if not wanted:
        return false()
    return _Called(customer_id, _file_query(wanted), _server_query(wanted))


def _file_query(wanted: Sequence[str]) -> str:
    return " AND ".join(f'"{word}" *' for word in wanted)


def _server_query(wanted: Sequence[str]) -> str:
    return " & ".join(f"'{word}':*" for word in wanted)
