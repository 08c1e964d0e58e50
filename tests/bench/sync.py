"""Email over IMAP from a Dovecot of our own, against mbsync on the same mailbox in the same run.

``sync-full`` is everything from the first connection to the last committed, searchable mail. ``sync-none`` is the same
once more, when nothing is new. ``sync-first`` is from the connection to the first page in the store, of a mailbox so
large that nobody would wait for all of it. Where mbsync or Dovecot is not installed, a line on stderr says so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from inbox.channels import registry
from inbox.engine.receiver import store
from inbox.services import accounts
from inbox.store.db import Database
from tests.bench.figures import Figure, at_most, median, ratio_at_least, ratio_at_most
from tests.bench.mailbox import mails
from tests.servers.dovecot import Dovecot

_USER, _PASSWORD = "shop@example.com", "secret"
_MAILS, _LARGE, _ROUNDS = 20_000, 200_000, 3
_MBSYNC = """{fsync}
IMAPAccount server
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account server

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Messages a second for the whole mailbox, milliseconds for nothing new, seconds for the first page."""
    if shutil.which("dovecot") is None:
        sys.stderr.write("sync: not measured, Dovecot (dovecot-imapd) is not installed\n")
        return
    with tempfile.TemporaryDirectory() as name:
        if {"sync-full", "sync-full-unflushed", "sync-none"} & set(wanted):
            yield from _against_mbsync(Path(name))
        if "sync-first" in wanted:
            with Dovecot() as server:
                _fill_large(server)
                spent = [_first_page(server, Path(name) / f"first-{number}") for number in range(_ROUNDS)]
            yield at_most("sync-first", median(spent), "s", 1.0)


def _against_mbsync(folder: Path) -> Iterator[Figure]:
    if shutil.which("mbsync") is None:
        sys.stderr.write("sync: not measured, mbsync (isync) is not installed\n")
        return
    with Dovecot() as server:
        for mail in mails(_MAILS):
            server.deliver(mail.replace(b"\n", b"\r\n"))
        _index(server)
        ours, none = _sync(server, folder / "ours")
        flushed, known = _mbsync(server, folder / "flushed", "FSync yes")
        unflushed, _ = _mbsync(server, folder / "unflushed", "FSync no")
    yield ratio_at_least("sync-full", _MAILS / ours, "messages/s", _MAILS / flushed, 2.5)
    yield ratio_at_least("sync-full-unflushed", _MAILS / ours, "messages/s", _MAILS / unflushed, 0.4)
    yield ratio_at_most("sync-none", none * 1000, "ms", known * 1000, 0.5)


def _settings(server: Dovecot) -> dict[str, str]:
    return {
        "address": _USER,
        "imap_host": "127.0.0.1",
        "imap_port": str(server.port),
        "imap_security": "none",
        "smtp_host": "127.0.0.1",
        "smtp_security": "none",
    }


def _index(server: Dovecot) -> None:
    """Let the server see what was delivered: the one that comes first must not pay for it."""
    with server.client() as client:
        client.select("INBOX")  # which moves them out of "new": there the server would look at each one every time
        client.fetch("1:*", "(UID RFC822.SIZE)")


def _sync(server: Dovecot, folder: Path) -> tuple[float, float]:
    """How long everything takes, and how long nothing new (the median of some tries), in seconds."""
    database = Database(folder / "inbox.db")
    database.open()
    with database.writing() as s:
        account = accounts.add(s, "email", "Atención", _settings(server))
    full = _run(server, database, account)
    none = median([_run(server, database, account) for _ in range(_ROUNDS)])
    database.close()
    return full, none


def _run(server: Dovecot, database: Database, account: int) -> float:
    """Fetch and store until nothing is new, as the receiving thread does it."""
    start = time.perf_counter()
    with database.reading() as s:
        cursor = accounts.load_cursor(s, account)
    channel = registry.plugin("email").open_channel(_settings(server), {"password": _PASSWORD})
    batches = channel.receive(cursor, threading.Event())
    for batch in batches:
        store(database, account, batch, cursor)
        cursor = batch.cursor
        if not batch.messages and not batch.remaining:
            break
    spent = time.perf_counter() - start
    batches.close()  # type: ignore[attr-defined] # it is a generator
    channel.close()
    return spent


def _mbsync(server: Dovecot, folder: Path, fsync: str) -> tuple[float, float]:
    """The same two times of mbsync into a fresh Maildir."""
    folder.mkdir()
    config = folder / "mbsyncrc"
    config.write_text(
        _MBSYNC.format(fsync=fsync, port=server.port, user=_USER, password=_PASSWORD, folder=folder), encoding="utf-8"
    )
    times = []
    for _ in range(1 + _ROUNDS):
        start = time.perf_counter()
        subprocess.run(["mbsync", "-q", "-q", "-c", str(config), "all"], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return times[0], median(times[1:])


def _fill_large(server: Dovecot) -> None:
    """A mailbox of many mails, few of them different: more than the first page is never looked at."""
    few = 500
    for mail in mails(few):
        server.deliver(mail.replace(b"\n", b"\r\n"))
    maildir = server.folder / "mail" / _USER / "Maildir"
    files = list((maildir / "new").iterdir())
    for number in range(_LARGE - few):
        os.link(files[number % few], maildir / "new" / f"{1_800_000_000 + number}.M{number}P1.test")
    _index(server)


def _first_page(server: Dovecot, folder: Path) -> float:
    """Seconds from the connection to the first mails in the store."""
    database = Database(folder / "inbox.db")
    database.open()
    with database.writing() as s:
        account = accounts.add(s, "email", "Atención", _settings(server))
    start = time.perf_counter()
    channel = registry.plugin("email").open_channel(_settings(server), {"password": _PASSWORD})
    batches = channel.receive("", threading.Event())
    for batch in batches:
        store(database, account, batch, "")
        if batch.messages:
            break
    spent = time.perf_counter() - start
    batches.close()  # type: ignore[attr-defined] # it is a generator
    channel.close()
    database.close()
    return spent
