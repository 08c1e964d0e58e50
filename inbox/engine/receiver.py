"""Receives for one account: fetch, store in one transaction, and only then let the channel acknowledge."""

import logging
import time
from dataclasses import replace

from inbox.channels.base import Batch
from inbox.engine.light import unexpected
from inbox.engine.running import BackOff, Running, pause
from inbox.errors import InboxError, NotFoundError, StorageError, TemporaryChannelError
from inbox.services import accounts, charges, ingest
from inbox.states import AccountState, MessageKind
from inbox.store.db import Database

log = logging.getLogger(__name__)

_STEADY_SECONDS = 60.0  # a line that held so long starts the back-off anew


class Receiver:
    """The thread ``receive-<account>``. ``run`` ends when the account is ended."""

    def __init__(self, running: Running) -> None:
        self._running, self._light = running, running.light
        self._waits = BackOff()
        self._is_away = self._is_up_to_date = False

    def run(self) -> None:
        """Receive, and begin again after every failure."""
        while not self._running.stop.is_set():
            wait = self._attempt()
            if self._running.stop.is_set():
                return
            pause(self._running.receive_again, wait)

    def _attempt(self) -> float | None:
        """Receive until something ends it. Returns the seconds to wait; ``None`` is until a person acts."""
        began = time.monotonic()
        try:
            if not self._is_away:
                self._light.receiving(AccountState.CONNECTING)
            self._receive()
            return self._waits.next()
        except TemporaryChannelError as error:
            if time.monotonic() - began > _STEADY_SECONDS:
                self._waits.reset()
            self._away(error)
            return self._waits.next() if error.retry_after is None else error.retry_after
        except StorageError as error:
            self._away(error)
            return self._waits.next()
        except InboxError as error:
            self._away(error, stuck=True)
            return None
        except Exception:
            if not self._running.stop.is_set():  # else the closed connection speaks
                log.exception("Receiving for %s failed", self._running.label)
                self._light.receiving_fails(unexpected(), stuck=False)
                self._is_away = True
            return self._waits.next()

    def _receive(self) -> None:
        running = self._running
        self._is_up_to_date = False
        with running.db.reading() as s:
            cursor = accounts.load_cursor(s, running.account_id)
        batches = running.channel().receive(cursor, running.stop)
        for batch in batches:
            if not self._store(batch, cursor):
                return  # the batches are dropped here, so that nothing is acknowledged
            cursor = batch.cursor
            self._back(batch)

    def _store(self, batch: Batch, cursor: str) -> bool:
        """Store a batch, trying as long as the database refuses; false when the account is ended meanwhile."""
        waits = BackOff()
        while True:
            try:
                store(self._running.db, self._running.account_id, batch, cursor)
                return True
            except StorageError as error:
                self._away(error)
            pause(self._running.receive_again, waits.next())
            if self._running.stop.is_set():
                return False

    def _back(self, batch: Batch) -> None:
        if batch.messages:
            self._waits.reset()
        if self._is_away:
            log.info("Receiving for %s works again", self._running.label)
            self._is_away = False
        if not batch.messages and not batch.remaining:
            self._is_up_to_date = True
        elif batch.backfill or batch.remaining:
            self._is_up_to_date = False
        self._light.receiving(AccountState.ONLINE if self._is_up_to_date else AccountState.SYNCING, batch.remaining)

    def _away(self, error: InboxError, *, stuck: bool = False) -> None:
        if self._running.stop.is_set():
            return
        if not self._is_away:
            log.warning("Receiving for %s fails: %s", self._running.label, error)
        self._is_away = True
        self._light.receiving_fails(error, stuck=stuck)


def store(db: Database, account_id: int, batch: Batch, cursor: str) -> int:
    """Store a batch after ``cursor`` and return how many messages were new.

    A message that we can't store never blocks the others: then they are stored one by one, and that one as unreadable.
    """
    try:
        with db.writing() as s:
            charges.add(s, account_id, batch.charges)
            return ingest.store_batch(s, account_id, batch).new
    except (StorageError, NotFoundError):
        raise
    except Exception:
        if not batch.messages:
            raise
        log.exception("A batch of %s messages can't be stored at once", len(batch.messages))
    return _store_singly(db, account_id, batch, cursor)


def _store_singly(db: Database, account_id: int, batch: Batch, cursor: str) -> int:
    new = 0
    for message in batch.messages:
        try:
            with db.writing() as s:
                new += ingest.store_batch(s, account_id, replace(batch, messages=[message], cursor=cursor)).new
        except (StorageError, NotFoundError):
            raise
        except Exception as error:
            log.exception("The message %s can't be stored as it is: kept as unreadable", message.remote_id)
            bare = replace(
                message,
                kind=MessageKind.UNREADABLE,
                problem=f"{type(error).__name__}: {error}"[:500],
                text="",
                new_text="",
                subject="",
                attachments=(),
                bounces=(),
                recipients=(),
            )
            with db.writing() as s:
                new += ingest.store_batch(s, account_id, replace(batch, messages=[bare], cursor=cursor)).new
    with db.writing() as s:
        charges.add(s, account_id, batch.charges)
        ingest.store_batch(s, account_id, replace(batch, messages=()))
    return new
