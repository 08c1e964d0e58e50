"""Searching messages and conversations: FTS5 on SQLite, a text vector with GIN on PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from inbox.store.words import WORD, fold

_LONGEST_WORD = 200  # characters; longer ones are no words
_ROOM = 900_000  # bytes: a vector of PostgreSQL holds 1 MB; what a longer message says after that is not found there
_MOST_PLACES, _LAST_PLACE = 255, 16383  # of a word, in a vector


@dataclass(frozen=True, slots=True)
class IndexRow:
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
    ordered = sorted(rows, key=lambda row: row.message_id)
    if s.get_bind().dialect.name == "sqlite":
        connection = s.connection()
        connection.exec_driver_sql(
            "INSERT INTO message_words (message_id, author, recipients, files) VALUES (?, ?, ?, ?)",
            [(row.message_id, row.author, row.recipients, row.files) for row in ordered],
        )
        connection.exec_driver_sql(
            "INSERT INTO message_index (rowid, subject, body, author, recipients, files) VALUES (?, ?, ?, ?, ?, ?)",
            [(row.message_id, row.subject, row.body, row.author, row.recipients, row.files) for row in ordered],
        )
        return
    s.execute(
        text("INSERT INTO message_index (message_id, vector) VALUES (:message_id, CAST(:vector AS tsvector))"),
        [{"message_id": row.message_id, "vector": vector(row)} for row in ordered],
    )


def unindex(s: Session, ids: Sequence[int]) -> None:
    """Take messages out of the index. Before their text is blanked or deleted: FTS5 reads it once more."""
    if s.get_bind().dialect.name == "sqlite":
        rows: list[Any] = [(id_,) for id_ in ids]
        if rows:
            s.flush()
            known = "SELECT message_id FROM message_words WHERE message_id = ?"
            s.connection().exec_driver_sql(f"DELETE FROM message_index WHERE rowid = ({known})", rows)  # noqa: S608
            s.connection().exec_driver_sql("DELETE FROM message_words WHERE message_id = ?", rows)
        return
    s.execute(text("DELETE FROM message_index WHERE message_id = ANY(:ids)"), {"ids": list(ids)})


def vector(row: IndexRow) -> str:
    """A message as PostgreSQL's tsvector in words: A subject, B author, C recipients, D files and body."""
    places: dict[str, list[str]] = {}
    room = _ROOM
    position = 0
    for weight, part in zip("ABCDD", (row.subject, row.author, row.recipients, row.files, row.body), strict=True):
        for long in WORD.findall(fold(part)):
            position += 1
            word = long[:_LONGEST_WORD]
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
