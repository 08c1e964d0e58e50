"""Searching: newest first, ranked, filtered, with each key while a word is typed, and against notmuch."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from inbox.store import search
from inbox.store.db import Database
from tests.bench import notmuch
from tests.bench.figures import Figure, at_most, milliseconds, percentile, ratio_at_most
from tests.bench.profiles import profile

_QUERIES = (
    "lavadora", "factura", "golpe embalaje", "garantía", "devolucion", "frigorífico técnico", '"número de serie"',
    "ES-365534", "from:garcía", "from:ana pedido", "reembolso -tarjeta", "recla*", "transporte dirección teléfono",
    "before:2023-01-01 avería", "after:2026-01-01 invoice", "motor ruido puerta", "de la que", "subject pantalla",
    '"golpe en"', "washer warranty",
)  # fmt: skip
_FILTERED = ("de tag:vip", "de is:failed", "la has:question is:mention", "pedido tag:vip", "de customer:nadie")
_TYPED = ("lavadora", "reembolso", "garantia", "factura", "técnico")
_MESSAGES, _MANY, _COMPARED = 200_000, 1_000_000, 20_000


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Each query several times; the floor is SQLite's own answer in its simplest form."""
    if "search" in wanted or "search-ranked" in wanted:
        file = profile("search", _MESSAGES) / "inbox.db"
        floor = percentile(list(_plain(file)), 0.95)
        for name, ranked, limit in (("search", False, 3), ("search-ranked", True, 10)):
            if name in wanted:
                p95 = percentile(list(_times(file, _QUERIES, ranked=ranked)), 0.95)
                yield Figure(name, p95, "ms p95", f"<= {limit} ms", p95 <= limit, floor)
    if any(name.startswith("search-to-notmuch") for name in wanted) and notmuch.is_there():
        yield from _against_notmuch(wanted)
    if "search-filtered" in wanted:
        file = profile("many", _MANY, words=12, one_each=True) / "inbox.db"
        yield at_most("search-filtered", percentile(list(_times(file, _FILTERED)), 0.95), "ms p95", 500)
    if "search-type" in wanted:
        file = profile("many", _MANY, words=12, one_each=True) / "inbox.db"
        keys = [word[:length] for word in _TYPED for length in range(2, len(word) + 1)]
        p95 = percentile(list(_times(file, keys, typing=True)), 0.95)
        yield Figure("search-type", p95, "ms p95", "<= 16 ms", p95 <= 16)


def _against_notmuch(wanted: Sequence[str]) -> Iterator[Figure]:
    """Both in this process, over the same messages; fewer than above, for notmuch takes its time to index them."""
    file = profile("search", _COMPARED) / "inbox.db"
    with notmuch.searching(_COMPARED) as answer:
        theirs = [notmuch.query(each) for each in _QUERIES]
        spent = [milliseconds(lambda each=each: answer(each)) for _ in range(6) for each in theirs]  # type: ignore[misc]  # bound now
    floor = percentile(spent[len(theirs) :], 0.95)
    for name, ranked, limit in (("search-to-notmuch", False, 0.1), ("search-to-notmuch-ranked", True, 0.3)):
        if name in wanted:
            ours = percentile(list(_times(file, _QUERIES, ranked=ranked)), 0.95)
            yield ratio_at_most(name, ours, "ms p95", floor, limit)


def _times(
    file: Path, queries: Sequence[str], *, ranked: bool = False, typing: bool = False, rounds: int = 5
) -> Iterator[float]:
    database = Database(file)
    database.open()
    now = datetime.now(UTC)

    def answer(query: str) -> None:
        with database.reading() as s:
            parsed = search.parse(query, now=now, agent_id=1, typing=typing)
            if typing:
                search.conversation_ids(s, parsed, None, 50)
            else:
                search.message_ids(s, parsed, None, 50, ranked=ranked)

    for number in range(rounds + 1):
        times = [milliseconds(lambda query=query: answer(query)) for query in queries]  # type: ignore[misc]  # bound now
        if number:  # the first round warms the caches
            yield from times
    database.close()


def _plain(file: Path) -> Iterator[float]:
    link = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    statement = "SELECT rowid FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC LIMIT 50"
    for word in ("lavadora", "factura", "garantia", "golpe AND embalaje"):
        for _ in range(5):
            yield milliseconds(lambda word=word: link.execute(statement, (word,)).fetchall())  # type: ignore[misc]  # bound now
    link.close()
