"""The words of a search as each engine's full-text query, and the pieces of SQL that differ between the two."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, cast, column, join, select, table
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from inbox.store.models import Message
from inbox.store.search_language import Term

LONGEST_WORD = 200  # characters; longer ones are cut, in the index of PostgreSQL and in its queries

index = table("message_index", column("rowid"), column("message_id"), column("vector"))


class Matches(FunctionElement[bool]):
    """Whether a row of ``message_index`` matches: give ``file_query(terms), server_query(terms)``.

    It has no type: as a Boolean it would be written ``... MATCH ... = 1`` for SQLite, which means something else.
    """

    name = "matches"
    inherit_cache = True


@compiles(Matches, "sqlite")
def _matches_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    words, _ = element.clauses
    return f"message_index MATCH {compiler.process(words, **options)}"


@compiles(Matches, "postgresql")
def _matches_on_server(element: Any, compiler: Any, **options: Any) -> str:
    _, words = element.clauses
    return f"message_index.vector @@ CAST({compiler.process(words, **options)} AS tsquery)"


class Indexed(FunctionElement[int]):
    """The id of the message that a row of ``message_index`` stands for; the order to read hits in."""

    type = BigInteger()
    name = "indexed"
    inherit_cache = True


@compiles(Indexed, "sqlite")
def _indexed_on_sqlite(_element: Any, _compiler: Any, **_: Any) -> str:
    return "message_index.rowid"


@compiles(Indexed, "postgresql")
def _indexed_on_server(_element: Any, _compiler: Any, **_: Any) -> str:
    return "message_index.message_id"


class Led(FunctionElement[int]):
    """The same value, but SQLite may not start from this condition: the index leads, in the order of its rowid.

    SQLite knows no figures of the index and would now and then turn a join round and search it once a row.
    """

    type = BigInteger()
    name = "led"
    inherit_cache = True


@compiles(Led, "sqlite")
def _led_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(Led, "postgresql")
def _led_on_server(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


class Folded(FunctionElement[str]):
    """A text without accents and capitals."""

    type = Text()
    name = "folded"
    inherit_cache = True


@compiles(Folded, "sqlite")
def _folded_by_us(element: Any, compiler: Any, **options: Any) -> str:
    return f"inbox_fold({compiler.process(element.clauses, **options)})"  # store.db registers words.fold by this name


@compiles(Folded, "postgresql")
def _folded_by_server(element: Any, compiler: Any, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"lower(regexp_replace(normalize({text}, NFD), '[\u0300-\u036f]', '', 'g'))"


def folded(expression: Any) -> ColumnElement[str]:
    """A column's or expression's text, folded."""
    return Folded(cast(expression, Text))


def matching(terms: Sequence[Term]) -> Matches:
    """The condition that a row of ``message_index`` matches all of these."""
    return Matches(file_query(terms), server_query(terms))


def conversations_with(term: Term) -> Select[int]:
    """The conversations in which a term stands somewhere."""
    wanted = matching([replace(term, negated=False)])
    hits = join(index, Message, Message.id == Led(Indexed()))
    return select(Message.conversation_id).select_from(hits).where(wanted).correlate(None)


def file_query(terms: Sequence[Term]) -> str:
    """The words for FTS5. Every word is quoted: nothing that was typed is taken for its grammar."""
    wanted = " AND ".join(_file_term(term) for term in terms if not term.negated)
    for term in terms:
        if term.negated:
            wanted = f"({wanted}) NOT {_file_term(term)}"
    return wanted


def _file_term(term: Term) -> str:
    part = f"{term.part} : " if term.part else ""
    if term.instead:
        either = " OR ".join(f'"{word}"' for word in term.instead)
        return f"({part}({either}))"
    phrase = " ".join(term.words)
    return f'({part}"{phrase}"{" *" if term.prefix else ""})'


def server_query(terms: Sequence[Term]) -> str:
    """The words as PostgreSQL's tsquery; they hold letters and digits only."""
    return " & ".join(("!" if term.negated else "") + _server_term(term) for term in terms)


def _server_term(term: Term) -> str:
    weight = {"": "", "author": "B", "recipients": "C"}[term.part]
    last = len(term.words) - 1
    found = []
    for place, word in enumerate(term.words):
        label = ("*" if term.prefix and place == last else "") + weight
        found.append(f"'{word[:LONGEST_WORD]}'" + (f":{label}" if label else ""))
    return "(" + " <-> ".join(found) + ")"
