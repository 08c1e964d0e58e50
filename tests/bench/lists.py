"""The conversation list at a million conversations: its page in SQL, from the call to the paint, scrolling, news."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select

from inbox.services import queries
from inbox.store.db import Database
from inbox.store.models import SavedView
from tests.bench.figures import Figure, at_most, milliseconds, percentile
from tests.bench.probes import copy_of, probe
from tests.bench.profiles import profile

_CONVERSATIONS, _ROUNDS, _AGENT = 1_000_000, 10, 1
_SORTS = ("newest", "rank", "waiting", "due")
_LIMITS = {"list-paint": 50.0, "list-scroll": 8.0, "list-insert": 16.0}


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Milliseconds, p95."""
    folder = profile("many", _CONVERSATIONS, words=12, one_each=True)
    if "list-page" in wanted:
        for name, others in (("list-page", False), ("list-page-other-sorts", True)):
            yield at_most(name, percentile(list(_pages(folder / "inbox.db", others)), 0.95), "ms p95", 2)
    if any(name in wanted for name in _LIMITS):
        with copy_of(folder) as copy:
            times = probe("lists", copy)
        for name, limit in _LIMITS.items():
            if name in wanted:
                yield at_most(name, percentile(times[name], 0.95), "ms p95", limit)


def _pages(file: Path, others: bool) -> Iterator[float]:
    """What SQLite takes for the statements of each view's first page, in its own sort or in the others."""
    pages = _statements(file, others)
    link = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    link.execute("PRAGMA mmap_size=67108864")
    for number in range(_ROUNDS + 1):
        for page in pages:
            spent = milliseconds(lambda page=page: [link.execute(*each).fetchall() for each in page])  # type: ignore[misc]  # bound now
            if number:  # the first round warms the caches
                yield spent
    link.close()


def _statements(file: Path, others: bool) -> list[list[tuple[str, Any]]]:
    """The statements that the service sends for each view and sort."""
    database = Database(file)
    database.open()
    pages: list[list[tuple[str, Any]]] = []

    def note(_link: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        pages[-1].append((statement, parameters))

    with database.reading() as s:
        views = s.execute(select(SavedView.query, SavedView.sort)).all()
        s.connection()  # BEGIN is none of the page's statements
        event.listen(Engine, "before_cursor_execute", note)
        for query, its_own in views:
            for sort in [sort for sort in _SORTS if sort != its_own] if others else [its_own]:
                pages.append([])
                queries.conversations(s, query, agent_id=_AGENT, sort=sort)
        event.remove(Engine, "before_cursor_execute", note)
    database.close()
    return pages
