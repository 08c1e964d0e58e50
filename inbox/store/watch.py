"""Hearing what other processes did on the same database: their rows of the log become events on our bus."""

import json
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL

from inbox.events import KINDS, Bus, Event

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

_POLL = 0.2  # seconds between two looks at SQLite's data_version, and the longest that stop() waits for PostgreSQL
_RETRY = 2.0  # seconds before a lost server is tried again
_REMEMBERED = 20_000  # ids of rows published already
_LOOK_BACK = 2_000  # ids that may still have been uncommitted when the server went away
_COLUMNS = "id, kind, account_id, conversation_id, case_id, customer_id, message_id, details"


class Watcher:
    """The thread ``watch-database``. ``stop`` ends it."""

    def __init__(self, url: URL, origin: str, bus: Bus) -> None:
        self._url, self._origin, self._bus = url, origin, bus
        self._seen: OrderedDict[int, None] = OrderedDict()  # rows published already
        self._newest: int | None = None
        self._stop = threading.Event()
        self._started = threading.Event()
        target = self._watch_file if url.get_backend_name() == "sqlite" else self._watch_server
        self._thread = threading.Thread(target=target, name="watch-database", daemon=True)

    def start(self) -> None:
        """Start, and wait until it listens: what is committed from now on is heard."""
        self._thread.start()
        self._started.wait(10)

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _publish(self, rows: Iterable[tuple[Any, ...]]) -> None:
        for _, kind, *ids, details in rows:
            event = rebuild(kind, ids, details if isinstance(details, Mapping) else json.loads(details or "{}"))
            if event is not None:
                self._bus.publish(event)

    # --- SQLite ---

    def _watch_file(self) -> None:
        path = Path(self._url.database or "")
        lost = False
        last = version = -1
        while not self._stop.is_set():
            try:
                with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
                    if last < 0:
                        last = connection.execute("SELECT coalesce(max(id), 0) FROM activity").fetchone()[0]
                    version = -1
                    self._started.set()
                    while not self._stop.is_set():
                        found = connection.execute("PRAGMA data_version").fetchone()[0]
                        if found != version:
                            last = self._read_file(connection, last)
                            version = found
                        if lost:
                            log.warning("The database can be read again")
                            lost = False
                        self._stop.wait(_POLL)
            except sqlite3.Error as error:
                if not lost:
                    log.warning("Other programs' changes can't be heard at the moment: %s", error)
                    lost = True
                self._stop.wait(_RETRY)
        self._started.set()

    def _read_file(self, connection: sqlite3.Connection, last: int) -> int:
        """Publish others' rows after ``last`` in small portions; returns the newest id seen."""
        while True:
            rows = connection.execute(
                f"SELECT {_COLUMNS}, origin FROM activity WHERE id > ? ORDER BY id LIMIT 500",  # noqa: S608 - constant
                (last,),
            ).fetchall()
            self._publish(row[:-1] for row in rows if row[-1] != self._origin)
            if not rows or self._stop.is_set():
                return last
            last = rows[-1][0]

    # --- PostgreSQL ---

    def _watch_server(self) -> None:
        import psycopg  # only a team's database needs it

        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        lost = False
        while not self._stop.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                    connection.execute("LISTEN inbox")
                    self._catch_up(connection)
                    if lost:
                        log.warning("The database server is back")
                        lost = False
                    self._started.set()
                    self._listen(connection)
            except psycopg.Error as error:
                if not lost:
                    log.warning("The database server can't be reached: %s", str(error).splitlines()[0])
                    lost = True
                self._stop.wait(_RETRY)
        self._started.set()

    def _catch_up(self, connection: "psycopg.Connection[Any]") -> None:
        """The first time learn what is old; after that publish what was missed while the server was away."""
        if self._newest is not None:
            self._read_server(connection, self._newest - _LOOK_BACK, None)
            return
        row = connection.execute("SELECT coalesce(max(id), 0) FROM activity").fetchone()
        self._newest = row[0] if row else 0
        old = connection.execute("SELECT id FROM activity WHERE id > %s", (self._newest - _LOOK_BACK,))
        self._seen.update((key, None) for (key,) in old)

    def _listen(self, connection: "psycopg.Connection[Any]") -> None:
        while not self._stop.is_set():
            # collected first: while it waits for notices, the connection can do nothing else
            for notice in list(connection.notifies(timeout=_POLL, stop_after=1)):
                origin, first, last = notice.payload.split()
                if origin != self._origin:
                    self._read_server(connection, int(first) - 1, int(last))

    def _read_server(self, connection: "psycopg.Connection[Any]", after: int, until: int | None) -> None:
        """Publish others' rows of a range that were not published yet: ids of several transactions may interleave."""
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM activity "  # noqa: S608 - constant
            "WHERE id > %s AND id <= coalesce(%s, id) AND origin <> %s ORDER BY id",
            (after, until, self._origin),
        ).fetchall()
        fresh = [row for row in rows if row[0] not in self._seen]
        self._seen.update((row[0], None) for row in fresh)
        self._newest = max([self._newest or 0, *(row[0] for row in fresh)])
        while len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        self._publish(fresh)


def rebuild(kind: str, ids: Iterable[int | None], details: Mapping[str, Any]) -> Event | None:
    """The event that a row of the log tells of; ``None`` for a kind that a newer program wrote."""
    made = KINDS.get(kind)
    if made is None:
        return None
    known = {name: value for name, value in details.items() if name in made.__dataclass_fields__}
    names = ("account_id", "conversation_id", "case_id", "customer_id", "message_id")
    return made(**dict(zip(names, ids, strict=True)), **known)
