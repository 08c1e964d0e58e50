"""Searching messages and conversations: FTS5 on SQLite, a text vector with GIN on PostgreSQL.

The language is in ``search_language``, the filters in ``conditions``, what the engines do differently in ``matching``.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, join, select, text
from sqlalchemy.orm import Session

from inbox.store.conditions import Condition, conversation_condition, first_id, message_condition
from inbox.store.matching import LONGEST_WORD, Indexed, Led, conversations_with, index, matching
from inbox.store.models import Conversation, Message
from inbox.store.narrowing import by_order, few_conversations, hints
from inbox.store.ranking import best_first
from inbox.store.search_language import Query, Term, parse
from inbox.store.words import WORD, beginnable, fold

__all__ = [
    "IndexRow",
    "Query",
    "by_order",
    "conversation_conditions",
    "conversation_ids",
    "excerpt",
    "few_conversations",
    "fold",
    "hints",
    "index_messages",
    "message_ids",
    "parse",
    "tidy_index",
    "unindex",
]

_ROOM = 900_000  # bytes: a vector of PostgreSQL holds 1 MB; what a longer message says after that is not found there
_MOST_PLACES, _LAST_PLACE = 255, 16383  # of a word, in a vector

_PORTION = 2_000  # hits that are looked at before the filters are asked how many conversations pass them
_FEW = 3_000  # conversations whose messages are rather collected than met among all hits
_RARE = 500  # hits that PostgreSQL rather sorts than meets on its way through all messages
_RANKED = 2_000  # newest hits that are ranked
_MOST_INSTEAD = 100  # words put in place of one that is being typed; FTS5's expressions have their limits
_MOST_KNOWN = 50_000  # words that a connection remembers to have stored
_LOOKED_AT = 50_000  # characters of a text in which the place for the excerpt is looked for


class IndexRow(NamedTuple):
    """What of a message is searched. ``subject`` and ``body`` are the message's own, exactly as stored.

    Attributes:
        author: Name and handle of who wrote it: ``from:`` searches here.
        recipients: Names and handles of who got it: ``to:`` searches here.
        files: The names of its files.
    """

    message_id: int
    subject: str
    body: str
    author: str = ""
    recipients: str = ""
    files: str = ""


def index_messages(s: Session, rows: Sequence[IndexRow]) -> None:
    """Make stored messages searchable, in the order of their ids: newest first is then the order of the index."""
    if not rows:
        return
    ordered: list[Any] = sorted(rows, key=itemgetter(0))
    if _is_sqlite(s):
        connection = s.connection()
        connection.exec_driver_sql(
            "INSERT INTO message_words (message_id, author, recipients, files) VALUES (?, ?, ?, ?)",
            [(row.message_id, row.author, row.recipients, row.files) for row in ordered],
        )
        connection.exec_driver_sql(
            "INSERT INTO message_index (rowid, subject, body, author, recipients, files) VALUES (?, ?, ?, ?, ?, ?)",
            ordered,
        )
        _keep_terms(s, ordered)
        return
    s.execute(
        text("INSERT INTO message_index (message_id, vector) VALUES (:message_id, CAST(:vector AS tsvector))"),
        [{"message_id": row.message_id, "vector": vector(row)} for row in ordered],
    )


def _keep_terms(s: Session, rows: Sequence[IndexRow]) -> None:
    """Remember words that nobody used before. Which texts' words are known is remembered by the thread's connection."""
    connection = s.connection()
    seen: set[str] = connection.info.setdefault("terms", set())
    parts = (part for row in rows for part in row[1:])
    unseen = set("\n".join(parts).split()) - seen  # most are the same ones again and again: fold each once
    terms = beginnable(unseen)
    if terms:
        statement = "INSERT OR IGNORE INTO message_terms (term) VALUES (?)"
        connection.exec_driver_sql(statement, [(term,) for term in sorted(terms)])
    if len(seen) > _MOST_KNOWN:
        seen.clear()
    seen |= unseen


def unindex(s: Session, ids: Sequence[int]) -> None:
    """Take messages out of the index. Before their text is blanked or deleted: FTS5 reads it once more."""
    if not ids:
        return
    if not _is_sqlite(s):
        s.execute(text("DELETE FROM message_index WHERE message_id = ANY(:ids)"), {"ids": list(ids)})
        return
    s.flush()
    connection = s.connection()
    rows: list[Any] = [(id_,) for id_ in ids]
    content = "SELECT subject, body, author, recipients, files FROM message_content WHERE id = ?"
    texts = [part for row in rows for parts in connection.exec_driver_sql(content, row) for part in parts]
    known = "SELECT message_id FROM message_words WHERE message_id = ?"
    connection.exec_driver_sql(f"DELETE FROM message_index WHERE rowid = ({known})", rows)  # noqa: S608 - constant
    connection.exec_driver_sql("DELETE FROM message_words WHERE message_id = ?", rows)
    _forget_terms(s, beginnable(texts))


def _forget_terms(s: Session, terms: set[str]) -> None:
    """Forget words that no message uses any more: an erased customer's name must not stay behind."""
    connection = s.connection()
    used = "SELECT 1 FROM message_index WHERE message_index MATCH ? LIMIT 1"
    unused: list[Any] = [(term,) for term in terms if not connection.exec_driver_sql(used, (f'"{term}"',)).first()]
    if unused:
        connection.exec_driver_sql("DELETE FROM message_terms WHERE term = ?", unused)
        connection.info.pop("terms", None)


def vector(row: IndexRow) -> str:
    """A message as PostgreSQL's tsvector in words: A subject, B author, C recipients, D files and body."""
    places: dict[str, list[str]] = {}
    room = _ROOM
    position = 0
    for weight, part in zip("ABCDD", (row.subject, row.author, row.recipients, row.files, row.body), strict=True):
        for long in WORD.findall(fold(part)):
            position += 1
            word = long[:LONGEST_WORD]
            found = places.get(word)
            if found is None:
                room -= len(word.encode()) + 4
                found = places[word] = []
            if len(found) < _MOST_PLACES:
                room -= 2
                found.append(f"{min(position, _LAST_PLACE)}{weight}")
            if room < 0:
                break
        position += 1  # no phrase runs from one part into the next
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())


def tidy_index(s: Session, pages: int = 200) -> bool:
    """Merge a little of what many small batches left in the index; true while there is more to do. When idle."""
    if not _is_sqlite(s):
        return False  # PostgreSQL tidies by itself
    connection = s.connection()
    before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    connection.exec_driver_sql("INSERT INTO message_index (message_index, rank) VALUES ('merge', ?)", (pages,))
    after = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
    return bool(after - before >= 2)  # FTS5's own way of telling


# --- asking ---


def conversation_conditions(query: Query) -> list[Condition]:
    """What a conversation must fulfil beside the words that ``message_ids`` looks for.

    With words searched, what concerns the single message (before, after, has:attachment) is left to ``message_ids``.
    """
    found = query.filters
    if query.has_text:
        return [conversation_condition(query, each) for each in found if message_condition(each) is None]
    made = [conversation_condition(query, each) for each in found]
    return [*made, *(Conversation.id.not_in(conversations_with(term)) for term in query.terms)]


def message_ids(
    s: Session, query: Query, before: int | None = None, limit: int = 50, ranked: bool = False
) -> list[tuple[int, int]]:
    """The messages that a search finds, as (message id, conversation id), newest first.

    ``before`` is the message id to go on after; ``ranked`` orders the newest 2,000 by how well they match instead.
    """
    if ranked and query.has_text:
        return _ranked(s, query, limit)
    return list(islice(_walk(s, query, before, limit), limit))


def conversation_ids(s: Session, query: Query, before: int | None = None, limit: int = 50) -> list[tuple[int, int]]:
    """The conversations that a search for words finds, as (conversation id, its newest message found).

    Newest message found first. To go on, give the last one's message id as ``before`` and leave out what was shown.
    """
    found: dict[int, int] = {}
    for message_id, conversation_id in _walk(s, query, before, limit * 2):
        found.setdefault(conversation_id, message_id)
        if len(found) == limit:
            break
    return list(found.items())


def _walk(s: Session, query: Query, before: int | None, size: int) -> Iterator[tuple[int, int]]:
    """Hits, newest first, as many as the caller takes; ``size`` is a guess of how many that will be.

    Filters that hardly any hit passes would make the way through a frequent word long. So a portion of the hits is
    tried first; where that does not yield enough, the conversations that pass are collected first, if they are few.
    """
    query = _with_terms(s, query)
    place: ColumnElement[int] = Indexed() if query.has_text else Message.id.expression
    oldest, before = _times(query, before)
    if query.has_text and not _is_sqlite(s):
        yield from _walk_on_server(s, query, before, oldest, size)
        return
    if not (query.has_text and _is_sqlite(s) and any(not isinstance(each.value, datetime) for each in query.filters)):
        yield from _drain(s, _hits(query), before, oldest, size, place)
        return
    portion, ceiling = _PORTION, before
    while True:
        floor = s.scalar(_words_only(query, ceiling, oldest).limit(1).offset(portion))
        yield from _drain(s, _hits(query), ceiling, oldest if floor is None else floor, size, place)
        if floor is None:
            return
        few = few_conversations(s, query, _FEW) if portion == _PORTION else None
        if few is not None:
            yield from _drain(s, _hits_in(query, few), floor, oldest, size, place)
            return
        portion, ceiling = portion * 4, floor


def _walk_on_server(
    s: Session, query: Query, before: int | None, oldest: int | None, size: int
) -> Iterator[tuple[int, int]]:
    """The same on PostgreSQL: it knows how frequent a word is, but takes phrases and several words for too frequent.

    Then it would walk through all messages for the few that there are.
    """
    order = None
    if sum(len(term.words) for term in query.terms) > 1:
        some = select(Indexed()).select_from(index).where(matching(query.terms)).limit(_RARE + 1).subquery()
        if (s.scalar(select(func.count()).select_from(some)) or 0) <= _RARE:
            order = Indexed() + 0  # no index has this order: the hits are looked up, then sorted
    yield from _drain(s, _hits(query), before, oldest, size, Indexed(), order)


def _times(query: Query, before: int | None) -> tuple[int | None, int | None]:
    """The ids that the times of a search for words leave: from the first (included) to the second (not included)."""
    oldest = None
    for each in query.filters:
        if query.has_text and isinstance(each.value, datetime):
            edge = first_id(each.value)
            if (each.key == "after") != each.negated:
                oldest = edge if oldest is None else max(oldest, edge)
            else:
                before = edge if before is None else min(before, edge)
    return oldest, before


def _words_only(query: Query, before: int | None, oldest: int | None) -> Select[int]:
    """Hits, newest first, whatever the filters say."""
    statement = select(Indexed()).select_from(index).where(matching(query.terms)).order_by(Indexed().desc())
    statement = statement if before is None else statement.where(Indexed() < before)
    return statement if oldest is None else statement.where(Indexed() >= oldest)


def _with_terms(s: Session, query: Query) -> Query:
    """Put the words that there are in place of one that is being typed, where they are not too many."""
    if not (_is_sqlite(s) and any(term.typed for term in query.terms)):
        return query
    return replace(query, terms=tuple(_with_term(s, term) if term.typed else term for term in query.terms))


def _with_term(s: Session, term: Term) -> Term:
    begun = term.words[-1]
    if len(term.words) > 1 or len(begun) < 4 or not begun[:4].isalpha():
        return term
    statement = text("SELECT term FROM message_terms WHERE term >= :begun AND term < :end LIMIT :most")
    found = s.scalars(statement, {"begun": begun, "end": f"{begun}\U0010ffff", "most": _MOST_INSTEAD + 1}).all()
    return term if len(found) > _MOST_INSTEAD else replace(term, instead=tuple(found))


def _drain(
    s: Session,
    statement: Select[int, int],
    before: int | None,
    floor: int | None,
    size: int,
    place: ColumnElement[int],
    order: ColumnElement[int] | None = None,
) -> Iterator[tuple[int, int]]:
    """The rows of a statement, page by page, from ``before`` (not included) down to ``floor`` (included)."""
    if floor is not None:
        statement = statement.where(place >= floor)
    while True:
        page = statement if before is None else statement.where(place < before)
        rows = s.execute(page.order_by((place if order is None else order).desc()).limit(size)).all()
        yield from ((row[0], row[1]) for row in rows)
        if len(rows) < size:
            return
        before, size = rows[-1][0], min(size * 2, 2_000)


def _is_sqlite(s: Session) -> bool:
    return s.get_bind().dialect.name == "sqlite"


def _hits(query: Query) -> Select[int, int]:
    """Every message that a search finds, without an order."""
    statement = select(Message.id, Message.conversation_id)
    conditions = conversation_conditions(query)
    if not query.has_text:
        with_conversation = statement.join(Conversation, Conversation.id == Message.conversation_id)
        return with_conversation.where(*conditions) if conditions else statement
    found = join(index, Message, Message.id == Led(Indexed()))
    if conditions:
        found = found.join(Conversation, Conversation.id == Led(Message.conversation_id))
    return statement.select_from(found).where(matching(query.terms), *_message_conditions(query), *conditions)


def _hits_in(query: Query, conversations: Sequence[int]) -> Select[int, int]:
    """The same where only these conversations come into question: no hit in another one is looked up at all."""
    ids = select(Message.id).where(Message.conversation_id.in_(conversations)).correlate(None)
    return _hits(query).where(Led(Indexed()).in_(ids))


def _message_conditions(query: Query) -> list[Condition]:
    return [made for each in query.filters if (made := message_condition(each)) is not None]


def _ranked(s: Session, query: Query, limit: int) -> list[tuple[int, int]]:
    """The newest hits, the best first; of equally good ones the newest."""
    query = _with_terms(s, query)
    unfiltered = all(isinstance(each.value, datetime) for each in query.filters)
    if unfiltered:
        oldest, before = _times(query, None)
        hits = list(s.scalars(_words_only(query, before, oldest).limit(_RANKED)))
    else:
        hits = [message_id for message_id, _ in islice(_walk(s, query, None, _RANKED), _RANKED)]
    ids = best_first(s, query.terms, hits, limit, all_there=unfiltered)
    places = dict(s.execute(select(Message.id, Message.conversation_id).where(Message.id.in_(ids))).all())
    return [(id_, places[id_]) for id_ in ids]


# --- showing ---


def excerpt(message_text: str, query: Query, length: int = 160) -> str:
    """The part of a message around the first word found, in one line; its beginning where the word is elsewhere."""
    plain = " ".join(unicodedata.normalize("NFC", message_text[:_LOOKED_AT]).split())
    place = _first_place(plain, query) if query.has_text else 0
    if len(plain) <= length:
        return plain
    start = max(0, min(place - length // 3, len(plain) - length))
    if start:
        start = plain.find(" ", start, start + 30) + 1 or start
    end = start + length
    if end < len(plain):
        end = max(plain.rfind(" ", end - 30, end), start + length - 30)
    return ("… " if start else "") + plain[start:end] + (" …" if end < len(plain) else "")


def _first_place(plain: str, query: Query) -> int:
    wanted = [(term.words[0], term.prefix and len(term.words) == 1) for term in query.terms if not term.negated]
    for found in WORD.finditer(plain):
        word = fold(found[0])
        if any(word.startswith(each) if prefix else word == each for each, prefix in wanted):
            return found.start()
    return 0
