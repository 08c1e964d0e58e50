"""Putting hits in the order of how well they match."""

# ruff: noqa: S608 - the SQL is put together from constants of this module only

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from inbox.store.matching import file_query, server_query
from inbox.store.search_language import Term

_WEIGHTS = "4.0, 1.0, 2.0, 1.0, 1.0"  # a word in the subject, body, author, recipients, files
_SAMPLE = 1_000  # newest messages in which it is counted how frequent a word is

_ON_SQLITE = "SELECT rowid FROM message_index WHERE message_index MATCH ? AND rowid BETWEEN ? AND ?"
_AMONG = " AND +rowid IN (SELECT value FROM json_each(?))"
_BEST = f" ORDER BY bm25(message_index, {_WEIGHTS}), rowid DESC LIMIT ?"
_ON_SERVER = (
    "SELECT message_id FROM message_index WHERE message_id = ANY(:ids) "
    "ORDER BY ts_rank_cd(vector, CAST(:words AS tsquery)) DESC, message_id DESC LIMIT :limit"
)
_SINCE = f"SELECT message_id FROM message_words ORDER BY message_id DESC LIMIT 1 OFFSET {_SAMPLE}"
_FREQUENCY = (
    "SELECT count(*) FROM (SELECT 1 FROM message_index WHERE message_index MATCH ? AND rowid > ? "
    f"LIMIT {_SAMPLE // 2 + 1})"
)


def best_first(s: Session, terms: Sequence[Term], hits: Sequence[int], limit: int, *, all_there: bool) -> list[int]:
    """These hits of a search, given newest first, the best first; of equally good ones the newest.

    ``all_there``: no filter has left any out between the first and the last.
    """
    if not hits:
        return []
    if s.get_bind().dialect.name != "sqlite":
        values = {"ids": list(hits), "words": server_query(terms), "limit": limit}
        return list(s.scalars(text(_ON_SERVER), values))
    telling = _telling(s, terms)
    if not telling:
        return list(hits[:limit])
    connection, edges = s.connection(), (hits[-1], hits[0])
    if all_there and len(telling) == sum(not term.negated for term in terms):
        rows = connection.exec_driver_sql(_ON_SQLITE + _BEST, (file_query(terms), *edges, limit))
    else:
        asked = (file_query(telling), *edges, json.dumps(hits), limit)
        rows = connection.exec_driver_sql(_ON_SQLITE + _AMONG + _BEST, asked)
    return [row[0] for row in rows]


def _telling(s: Session, terms: Sequence[Term]) -> list[Term]:
    """The words that make a difference.

    One that stands in more than every second message makes none, by bm25's own formula; but to find that out, bm25
    would count through all of them.
    """
    wanted = [term for term in terms if not term.negated]
    connection = s.connection()
    since = connection.exec_driver_sql(_SINCE).scalar()
    if since is None:
        return wanted

    def is_everywhere(term: Term) -> bool:
        return (connection.exec_driver_sql(_FREQUENCY, (file_query([term]), since)).scalar() or 0) > _SAMPLE // 2

    return [term for term in wanted if not is_everywhere(term)]
