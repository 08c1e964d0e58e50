"""Runs the accounts: a Receiver and a Sender thread each, with back-off, while this process holds the account's lease.

Several engines may share a database (two windows, or a team's server): an account is run by the one that holds its
lease. The others take over when that one stops, or when it died.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from inbox.channels import registry
from inbox.engine.light import Light, Trouble
from inbox.engine.owner import is_dead, our_name
from inbox.engine.receiver import Receiver
from inbox.engine.running import Row, Running, as_texts
from inbox.engine.sender import Sender
from inbox.errors import InboxError, StorageError
from inbox.events import AccountChanged, HistoryStored, MessageReceived, ReplyQueued
from inbox.keychain import Keychain
from inbox.services import accounts
from inbox.states import AccountState
from inbox.store import search
from inbox.store.db import Database
from inbox.store.models import Account

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
_LOOK_SECONDS = 5.0  # how often it looks for accounts that another engine left
_STOP_SECONDS = 2.0  # how long the threads of an account get to end
_TIDY_BUSY, _TIDY_IDLE = 0.1, 2.0  # seconds that the full-text index is tidied after each look


class Engine:
    """The running accounts of this process. ``start`` and ``stop`` once each; everything else from any thread."""

    def __init__(
        self, db: Database, keychain: Keychain, *, only: Collection[int] | None = None, receiving: bool = True
    ) -> None:
        """``only`` limits it to some accounts; without ``receiving`` it just sends."""
        self._db, self._keychain = db, keychain
        self._only, self._receiving = only, receiving
        self.owner = our_name(db.origin)
        self._lights: dict[int, Light] = {}
        self._running: dict[int, _Threads] = {}
        self._restart: set[int] = set()
        self._lock = threading.Lock()
        self._stop, self._look, self._stored = threading.Event(), threading.Event(), threading.Event()
        self._untidy = True  # as the last run may have left it
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._renewed = 0.0
        self._refused = False
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to run the accounts; returns at once."""
        self._unsubscribe = [
            self._db.bus.subscribe(AccountChanged, lambda _: self._look.set()),
            self._db.bus.subscribe(ReplyQueued, self._on_reply_queued),
            self._db.bus.subscribe(HistoryStored, lambda _: self._stored.set()),
            self._db.bus.subscribe(MessageReceived, lambda _: self._stored.set()),
        ]
        self._thread.start()

    def stop(self) -> None:
        """End every account's threads and give the leases back. Twice is fine."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._stop.set()
        self._look.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self, account_id: int | None = None) -> None:
        """Try again now: there is something to send, or a person asks for it. ``None`` means every account."""
        with self._lock:
            for id_, threads in self._running.items():
                if account_id in (None, id_):
                    threads.running.try_again()
        self._look.set()

    def restart(self, account_id: int) -> None:
        """An account's settings or secrets changed: connect anew with them."""
        with self._lock:
            self._restart.add(account_id)
        self._look.set()

    def troubles(self) -> Mapping[int, Trouble]:
        """The lights that could not be written to the database (full, locked): they overrule what it says."""
        with self._lock:
            unwritten = {id_: light.unwritten for id_, light in self._lights.items()}
        return {id_: trouble for id_, trouble in unwritten.items() if trouble is not None}

    def lights(self) -> Mapping[int, tuple[Trouble, int | None]]:
        """What the lights of the accounts say that this process runs, and how many messages are still to come."""
        with self._lock:
            return {id_: self._lights[id_].shown for id_ in self._running}

    def runs(self, account_id: int) -> bool:
        """Whether this process runs the account."""
        with self._lock:
            return account_id in self._running

    # --- the thread "engine" ---

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._reconcile()
                self._tidy()
                self._refused = False
            except StorageError as error:
                if not self._refused:
                    log.warning("The accounts can't be looked after at the moment: %s", error)
                self._refused = True
            except Exception:
                log.exception("Looking after the accounts failed")
            self._look.wait(_LOOK_SECONDS)
            self._look.clear()
        self._end(list(self._running))

    def _tidy(self) -> None:
        """Merge what many batches left in the full-text index: a little while mail comes in, the rest when quiet."""
        busy = self._stored.is_set()
        self._stored.clear()
        self._untidy = self._untidy or busy
        deadline = time.monotonic() + (_TIDY_BUSY if busy else _TIDY_IDLE)
        while self._untidy and not self._stop.is_set() and time.monotonic() < deadline:
            with self._db.writing() as s:
                self._untidy = search.tidy_index(s)

    def _reconcile(self) -> None:
        with self._db.reading() as s:
            rows = s.scalars(select(Account).where(Account.enabled)).all()
        rows = [row for row in rows if self._only is None or row.id in self._only]
        wanted = {row.id: Row(row.id, row.kind, row.name, as_texts(row.settings)) for row in rows}
        with self._lock:
            restart, self._restart = self._restart, set()
        self._end(
            [id_ for id_, threads in self._running.items() if id_ in restart or not threads.fits(wanted.get(id_))]
        )
        now = datetime.now(UTC)
        free = {
            row.id: row.lease_owner
            for row in rows
            if row.id not in self._running
            and (
                row.lease_owner in ("", self.owner)
                or row.lease_until is None
                or row.lease_until <= now
                or is_dead(row.lease_owner)
            )
        }
        taken = self._take(free)
        for id_ in free:
            if id_ in taken:
                self._begin(wanted[id_])

    def _take(self, free: Mapping[int, str]) -> set[int]:
        """Take the free leases and renew ours, a third of their time after the last renewal."""
        due = time.monotonic() - self._renewed > LEASE_SECONDS / 3
        ours = list(self._running) if due else []
        if not free and not ours:
            return set()
        with self._db.writing() as s:
            for id_, owner in free.items():
                if owner and owner != self.owner:
                    accounts.give_lease(s, id_, owner)  # its time is over, or its process is gone
            taken = {id_ for id_ in (*free, *ours) if accounts.take_lease(s, id_, self.owner, LEASE_SECONDS)}
        if due:
            self._renewed = time.monotonic()
            self._end([id_ for id_ in ours if id_ not in taken])
        return taken

    def _begin(self, row: Row) -> None:
        with self._lock:
            light = self._lights.setdefault(row.id, Light(self._db, row.id))
        try:
            plugin = registry.plugin(row.kind)
        except InboxError as error:
            light.stuck(error)
            return
        running = Running(self._db, self._keychain, row, plugin, light, self.owner)
        threads = _Threads(running, receiving=self._receiving)
        with self._lock:
            self._running[row.id] = threads
        threads.start()

    def _end(self, account_ids: list[int]) -> None:
        with self._lock:
            ended = {id_: self._running.pop(id_) for id_ in account_ids}
        for threads in ended.values():
            threads.running.end()
        deadline = time.monotonic() + _STOP_SECONDS
        for threads in ended.values():
            threads.join(deadline)
        if not ended:
            return
        try:
            with self._db.writing() as s:
                for id_ in ended:
                    accounts.give_lease(s, id_, self.owner)
        except StorageError as error:
            log.warning("The leases of the accounts run out by themselves: %s", error)

    def _on_reply_queued(self, event: ReplyQueued) -> None:
        with self._lock:
            for id_, threads in self._running.items():
                if event.account_id in (None, id_):
                    threads.running.something_to_send()


class _Threads:
    """The two threads of an account."""

    def __init__(self, running: Running, *, receiving: bool) -> None:
        self.running = running
        manifest, id_ = running.plugin.MANIFEST, running.account_id
        self._threads = []
        if manifest.receives and receiving:
            self._threads.append(threading.Thread(target=Receiver(running).run, name=f"receive-{id_}", daemon=True))
        if manifest.sends:
            self._threads.append(threading.Thread(target=Sender(running).run, name=f"send-{id_}", daemon=True))

    def start(self) -> None:
        if not self.running.plugin.MANIFEST.receives:
            self.running.light.receiving(AccountState.ONLINE)
        for thread in self._threads:
            thread.start()

    def fits(self, row: Row | None) -> bool:
        """Whether it still runs what the database says."""
        return row is not None and (row.kind, row.settings) == (self.running.row.kind, self.running.row.settings)

    def join(self, deadline: float) -> None:
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                log.warning("The thread %s does not end: it is left behind", thread.name)
