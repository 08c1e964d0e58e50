"""From a parsed batch to committed, searchable rows, against plain sqlite3 inserting the same rows."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from inbox.channels.base import Author, Batch, Incoming
from inbox.services import accounts, ingest
from inbox.store.db import Database
from tests.bench.corpus import Corpus, Mail
from tests.bench.figures import Figure, median, ratio_at_least

_MAILS, _BATCH, _ROUNDS = 10_000, 200, 3


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Messages a second: ours, and the floor in the same batches."""
    messages = [_incoming(mail) for mail in Corpus().mails(_MAILS, 150)]
    ours, floor = [], []
    for _ in range(_ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "inbox.db"
            ours.append(_MAILS / _ingest(file, messages))
            floor.append(_MAILS / _plain(file, Path(folder) / "plain.db"))
    yield ratio_at_least("ingest", median(ours), "messages/s", median(floor), 0.8)


def _incoming(mail: Mail) -> Incoming:
    text = mail.text
    return Incoming(
        remote_id=f"{mail.number}@correo.example",
        author=Author(mail.address, mail.name),
        sent_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=mail.number),
        raw=b"From: x\r\n\r\n" + text.encode(),
        text=text,
        new_text=text,
        subject=mail.subject,
        own_key=f"{mail.number}@correo.example",
        thread_keys=(f"thread-{mail.thread}@correo.example",),
        recipients=("atencion@casaverde.example",),
    )


def _ingest(file: Path, messages: Sequence[Incoming]) -> float:
    database = Database(file)
    database.open()
    with database.writing() as s:
        account = accounts.add(s, "email", "Atención", {"address": "atencion@casaverde.example"})
    start = time.perf_counter()
    for number in range(0, len(messages), _BATCH):
        part = messages[number : number + _BATCH]
        with database.writing() as s:
            ingest.store_batch(s, account, Batch(part, str(number), backfill=True))
    spent = time.perf_counter() - start
    database.close()
    return spent


def _plain(source: Path, target: Path) -> float:
    """Insert the rows of ``source`` into the same tables and indexes, in as many commits, by plain sqlite3."""
    origin = sqlite3.connect(source)
    link = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-8192", "temp_store=MEMORY"):
        link.execute(f"PRAGMA {pragma}")
    tables = (
        "customers",
        "identities",
        "conversations",
        "thread_keys",
        "messages",
        "message_sources",
        "message_words",
        "message_terms",
    )
    for kind in ("table", "view", "index"):
        for name, table, sql in origin.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = ?", (kind,)):
            wanted = table in tables or name in ("message_index", "message_content")
            if sql and wanted:
                link.execute(sql)
    for command, value in (("automerge", 0), ("crisismerge", 1999), ("hashsize", 16 << 20)):
        link.execute("INSERT INTO message_index(message_index, rank) VALUES (?, ?)", (command, value))
    work: list[tuple[str, list[Any]]] = []
    for table in tables:
        work.append((table, origin.execute(f"SELECT * FROM {table}").fetchall()))
    words = "SELECT id, subject, body, author, recipients, files FROM message_content ORDER BY id"
    work.append(("message_index(rowid, subject, body, author, recipients, files)", origin.execute(words).fetchall()))
    origin.close()
    rounds = _MAILS // _BATCH
    start = time.perf_counter()
    for number in range(rounds):
        link.execute("BEGIN IMMEDIATE")
        for table, rows in work:
            part = rows[len(rows) * number // rounds : len(rows) * (number + 1) // rounds]
            if part:
                marks = ",".join("?" * len(part[0]))
                link.executemany(f"INSERT INTO {table} VALUES ({marks})", part)
        link.execute("COMMIT")
    spent = time.perf_counter() - start
    link.close()
    return spent
