"""The way into the database: reading(), writing(), and the log of what happened.

SQLite, for one desk: WAL, readers beside one writer. The writers of this process queue up in order at a lock of our
own instead of knocking at the database's door; those of other processes wait at that door (``busy_timeout``). Commits
are flushed to the disk (``synchronous=FULL``, one flush a commit): what was stored is acknowledged to the other side
right after, and a Telegram update that was acknowledged is not sent again, so that not even a power cut may take it
back.

PostgreSQL, for a team: psycopg 3, the same services.
"""

import logging
import os
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL, Connection, Engine, create_engine, event as sa_event, insert, make_url, select, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from inbox.errors import RuleError, StorageError
from inbox.events import KINDS, Bus, Event
from inbox.store import failures, schema
from inbox.store.conditions import first_id
from inbox.store.files import FileStore
from inbox.store.models import Activity, Message
from inbox.store.watch import Watcher
from inbox.store.words import fold

log = logging.getLogger(__name__)

BUSY_SECONDS = 10.0  # how long a writer waits for another process
_ALLOCATING = 0x1B0C6  # PostgreSQL's advisory lock: one transaction takes message ids at a time
_IDS = ("account_id", "conversation_id", "case_id", "customer_id", "message_id")
_DETAILS = {name: tuple(field.name for field in fields(kind) if field.name not in _IDS) for name, kind in KINDS.items()}


class Database:
    """One database, open in this process. Made without touching anything; ``open`` does.

    Attributes:
        origin: The token of this process in the log, by which ``watch`` tells others' events from ours.
        files: The contents of attachments and large raw messages.
    """

    def __init__(
        self,
        url: str | Path,
        bus: Bus | None = None,
        files_dir: Path | None = None,
        *,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        self.url = _parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.file = Path(self.url.database or "") if self.is_sqlite else None
        self.name = str(self.file) if self.file else self.url.render_as_string(hide_password=True)
        self.bus = bus or Bus()
        self.origin = secrets.token_hex(8)
        beside = self.file.parent / "files" if self.file else None
        self.files = FileStore(files_dir or beside if self.is_sqlite else None)
        self._busy_seconds = busy_seconds
        self._line = _Line()
        self._reader: Engine | None = None
        self._writer: Engine | None = None
        self._watcher: Watcher | None = None

    def open(self) -> None:
        """Make, upgrade or just open the database. Raises StorageError in words where it can't."""
        with failures.translated(self.name):
            if self.file is not None:
                _make_private(self.file)
                self._reader, self._writer = _sqlite_engines(self.file, self._busy_seconds)
            else:
                self._reader, self._writer = _server_engines(self.url)
            try:
                schema.prepare(self._writer, self.name, self.file)
            except BaseException:
                self.close()
                raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read transaction that sees one moment; from any thread."""
        assert self._reader is not None, "the database is not open"
        with failures.translated(self.name), Session(self._reader, autoflush=False) as session:
            session.info["files"] = self.files
            yield session

    @contextmanager
    def writing(self, agent_id: int | None = None) -> Iterator[Session]:
        """A write transaction: commits, then publishes what was recorded. An exception rolls all of it back.

        Only what was recorded as a refusal is kept where a RuleError ends it. ``agent_id`` is who did it, for the log.
        Not within another one of the same thread: it would wait for itself.
        """
        entries: list[_Entry] = []
        try:
            with self._transaction(entries, agent_id) as session:
                yield session
        except RuleError:
            self._keep_refusals(entries)
            raise
        self._publish(entries)

    def watch(self) -> None:
        """Hear what other processes do on this database and publish it on our bus, until ``close``."""
        assert self._reader is not None, "the database is not open"
        self._watcher = Watcher(self.url, self.origin, self.bus)
        self._watcher.start()

    def close(self) -> None:
        """Stop watching and give the connections back; twice is fine."""
        if self._watcher is not None:
            self._watcher.stop()
        for engine in (self._reader, self._writer):
            if engine is not None:
                engine.dispose()
        self._watcher = self._reader = self._writer = None

    @contextmanager
    def _transaction(self, entries: "list[_Entry]", agent_id: int | None = None) -> Iterator[Session]:
        assert self._writer is not None, "the database is not open"
        with (
            self._line if self.is_sqlite else _nothing(),
            failures.translated(self.name),
            Session(self._writer, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.info.update(agent_id=agent_id, entries=entries, files=self.files)
            yield session
            session.flush()
            self._log(session, entries)

    def _keep_refusals(self, entries: "Sequence[_Entry]") -> None:
        refusals = [entry for entry in entries if entry.is_refusal]
        if not refusals:
            return
        try:
            with self._transaction(refusals):
                pass
        except StorageError as error:  # the person shall hear why it was refused, not this
            log.warning("A refusal could not be logged: %s", error)
        else:
            self._publish(refusals)

    def _publish(self, entries: "Sequence[_Entry]") -> None:
        for entry in entries:
            self.bus.publish(entry.event)

    def _log(self, session: Session, entries: "Sequence[_Entry]") -> None:
        if not entries:
            return
        now = datetime.now(UTC)
        rows = [_row(entry, now, self.origin) for entry in sorted(entries, key=lambda entry: entry.at or now)]
        if self.is_sqlite:
            session.execute(insert(Activity), rows)
            return
        ids = session.scalars(insert(Activity).returning(Activity.id), rows).all()
        news = f"{self.origin} {min(ids)} {max(ids)}"
        session.execute(text("SELECT pg_notify('inbox', :news)"), {"news": news})


class _Entry(NamedTuple):
    """What will be a row of the log."""

    event: Event
    agent_id: int | None
    at: datetime | None  # None: when it is written
    is_refusal: bool


def record(s: Session, event: Event) -> None:
    """Note what happened: a row of the log in this transaction, published after its commit."""
    s.info["entries"].append(_Entry(event, s.info["agent_id"], s.info.get("at"), is_refusal=False))


def record_refusal(s: Session, event: Event) -> None:
    """Note that a rule refused. It is logged also where the RuleError that follows rolls the transaction back."""
    s.info["entries"].append(_Entry(event, s.info["agent_id"], s.info.get("at"), is_refusal=True))


@contextmanager
def as_of(s: Session, at: datetime, agent_id: int | None) -> Iterator[None]:
    """Within, what is recorded was done by this agent at that time: for a history that is told afterwards."""
    before = s.info["agent_id"]
    s.info.update(agent_id=agent_id, at=at)
    try:
        yield
    finally:
        s.info.update(agent_id=before, at=None)


def moment(s: Session) -> datetime:
    """When this is done: now, or what ``as_of`` says."""
    return s.info.get("at") or datetime.now(UTC)


def files_of(s: Session) -> FileStore:
    """The contents of the database that a session belongs to."""
    files: FileStore = s.info["files"]
    return files


def next_message_ids(s: Session, times: Sequence[datetime]) -> list[int]:
    """Free message ids in the order of the times, one each; equal times keep the order in which they are given."""
    if s.get_bind().dialect.name == "postgresql":
        s.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ALLOCATING})
    starts = [first_id(time) for time in times]
    offsets: dict[int, int] = {}  # of the milliseconds that hold messages already
    step = 1
    while True:
        ids = _spread(starts, offsets)
        clash = _existing(s, ids)
        if not clash:
            return ids
        for start, id_ in zip(starts, ids, strict=True):
            if id_ in clash:
                offsets[start] = max(offsets.get(start, 0), id_ - start + step)
        step *= 2  # a full millisecond is left behind in a few rounds


def _spread(starts: Sequence[int], offsets: dict[int, int]) -> list[int]:
    used: set[int] = set()
    following = dict(offsets)
    ids = []
    for start in starts:
        id_ = start + following.get(start, 0)
        while id_ in used:  # more than fit in a millisecond run over into the next
            id_ += 1
        following[start] = id_ - start + 1
        used.add(id_)
        ids.append(id_)
    return ids


def _existing(s: Session, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for first in range(0, len(ids), 500):
        found.update(s.scalars(select(Message.id).where(Message.id.in_(ids[first : first + 500]))))
    return found


def _row(entry: _Entry, now: datetime, origin: str) -> dict[str, Any]:
    event, kind = entry.event, type(entry.event)
    return {
        "at": entry.at or now,
        "kind": kind.__name__,
        "agent_id": entry.agent_id,
        "account_id": event.account_id,
        "conversation_id": event.conversation_id,
        "case_id": event.case_id,
        "customer_id": event.customer_id,
        "message_id": event.message_id,
        "details": {name: getattr(event, name) for name in _DETAILS[kind.__name__]},
        "origin": origin,
    }


class _Line:
    """A lock whose waiters get it in the order in which they came."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._owner: int | None = None

    def __enter__(self) -> None:
        me = threading.get_ident()
        if self._owner == me:
            raise RuntimeError("writing() within writing()")
        turn: threading.Lock | None = None
        with self._guard:
            if self._owner is None and not self._waiting:
                self._owner = me
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # released by the one before us, who made the place ours
        self._owner = me

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._owner = -1  # handed on, not free
                self._waiting.popleft().release()
            else:
                self._owner = None


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _parse_url(url: str | Path) -> URL:
    """A path is a SQLite file; ``postgresql://`` means psycopg 3, the one driver that we bring."""
    if isinstance(url, Path) or "://" not in url:
        return URL.create("sqlite", database=str(Path(url).absolute()))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown_address(url) from error
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise _unknown_address(parsed.render_as_string(hide_password=True))
    return parsed


def _unknown_address(url: str) -> StorageError:
    return StorageError(
        "The address of the database can't be understood",
        "Give a file, or postgresql://user:password@server/database, instead of {url}.",
        url=url,
    )


def _make_private(file: Path) -> None:
    """Make the file and its folder if they are missing, for their owner only (SQLite's side files too)."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise failures.not_writable(str(file)) from error


def _sqlite_engines(file: Path, busy_seconds: float) -> tuple[Engine, Engine]:
    url = URL.create("sqlite", database=str(file))
    arguments = {"check_same_thread": False, "timeout": busy_seconds}
    reader = create_engine(url, connect_args=arguments, pool_size=4, max_overflow=16)
    writer = create_engine(url, connect_args=arguments, pool_size=1, max_overflow=0, pool_timeout=busy_seconds)
    for engine, begin in ((reader, "BEGIN"), (writer, "BEGIN IMMEDIATE")):
        sa_event.listen(engine, "connect", _set_up_reader if engine is reader else _set_up_writer)
        sa_event.listen(engine, "begin", _beginner(begin))
    sa_event.listen(writer, "rollback", _forget)
    return reader, writer


def _forget(connection: Connection) -> None:
    """What ``search`` remembered to have stored may be undone by this."""
    connection.info.pop("terms", None)


def _beginner(statement: str) -> Any:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _set_up(connection: Any, *pragmas: str) -> None:
    connection.isolation_level = None  # we begin and commit ourselves; Python's own way would begin late
    cursor = connection.cursor()
    for pragma in ("foreign_keys=ON", "cache_size=-8192", "temp_store=MEMORY", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.create_function("inbox_fold", 1, _fold, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _set_up_reader(connection: Any, _: object) -> None:
    # Not for the writer: history that comes in touches pages everywhere, and would hold 64 MB of the file in memory.
    _set_up(connection, "query_only=ON", "mmap_size=67108864")


def _set_up_writer(connection: Any, _: object) -> None:
    _set_up(connection, "journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=2000")


def _server_engines(url: URL) -> tuple[Engine, Engine]:
    try:
        writer = create_engine(url, pool_size=8, max_overflow=16, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StorageError(
            "The driver for PostgreSQL is not installed",
            'Install it with: pip install "inbox[team]"',
        ) from error
    reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reader, writer
