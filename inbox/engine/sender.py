"""Sends for one account: claim, hand over with no transaction open, settle. Never a second copy by itself."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from inbox.channels.base import Outgoing
from inbox.engine.light import unexpected
from inbox.engine.running import BackOff, Running, pause
from inbox.errors import (
    InboxError,
    OutcomeUnknownError,
    RejectedMessageError,
    StorageError,
    TemporaryChannelError,
)
from inbox.i18n import tr
from inbox.services import outbox

log = logging.getLogger(__name__)

_LOOK_SECONDS = 30.0  # it is woken for every reply; this is for what nobody could tell it of
_AGAIN_SECONDS = 1.0  # another engine was quicker

Outcome = Callable[[Session], object]


class Sender:
    """The thread ``send-<account>``. ``run`` ends when the account is ended."""

    def __init__(self, running: Running) -> None:
        self._running, self._db, self._id = running, running.db, running.account_id
        self._recovered = False
        self._waits = BackOff()
        self._message_waits: dict[int, BackOff] = {}
        self._is_away = False

    def run(self) -> None:
        """Send what is due, wait for the next."""
        while not self._running.stop.is_set():
            pause(self._running.send_again, self._attempt())

    def _attempt(self) -> float | None:
        """Send one message that is due. Returns the seconds until the next; ``None`` is until somebody wakes it."""
        try:
            wait = self.step()
            self._waits.reset()
            return wait
        except StorageError as error:
            if not self._is_away:
                log.warning("Sending for %s waits for the database: %s", self._running.label, error)
            self._is_away = True
        except Exception:
            log.exception("Sending for %s failed", self._running.label)
            self._running.light.sending_fails(unexpected(), stuck=False)
        return self._waits.next()

    def step(self) -> float | None:
        """The same, without a net."""
        if not self._recovered:
            with self._db.writing() as s:
                outbox.recover(s, self._id, self._running.claimant, self._running.plugin.MANIFEST.finds_sent)
            self._recovered = True
        now = datetime.now(UTC)
        with self._db.reading() as s:
            due = outbox.next_due(s, self._id)
        if due is None:
            return _LOOK_SECONDS
        if due > now:
            return min(_LOOK_SECONDS, (due - now).total_seconds())
        with self._db.writing() as s:
            message = outbox.claim(s, self._id, self._running.claimant, now)
        return _AGAIN_SECONDS if message is None else self._send(message)

    def _send(self, message: Outgoing) -> float | None:
        handed_over = False

        def hand_over() -> None:
            nonlocal handed_over
            with self._db.writing() as s:
                outbox.handed_over(s, message.message_id)
            handed_over = True

        id_, wait = message.message_id, 0.0
        try:
            receipt = self._running.channel().send(replace(message, on_handover=hand_over))
        except RejectedMessageError as error:
            log.warning("Message %s was rejected: %s", id_, error)
            self._back()
            words = str(error)
            return self._settle(lambda s: outbox.fail(s, id_, words), wait)
        except OutcomeUnknownError as error:
            log.warning("It is not known whether message %s went out: %s", id_, error)
            note = str(error)
            return self._settle(lambda s: outbox.unknown(s, id_, note), wait)
        except (TemporaryChannelError, StorageError) as error:
            return self._later(message, error, handed_over)
        except InboxError as error:
            self._later(message, error, handed_over)
            return None
        except Exception:
            log.exception("Sending message %s failed", id_)
            if not handed_over:
                return self._later(message, unexpected(), handed_over)
            note = tr("Something unexpected happened while it was sent.")
            return self._settle(lambda s: outbox.unknown(s, id_, note), wait)
        self._message_waits.pop(id_, None)
        self._back()
        return self._settle(lambda s: outbox.settle(s, id_, receipt), wait)

    def _later(self, message: Outgoing, error: InboxError, handed_over: bool) -> float:
        """Nothing went out just now: it stays in the outbox. Until a person acts, where waiting can't help."""
        passes = isinstance(error, TemporaryChannelError | StorageError)
        if not self._running.stop.is_set():
            self._away(error, stuck=not passes)
        wait = self._message_waits.setdefault(message.message_id, BackOff()).next() if passes else 0.0
        if isinstance(error, TemporaryChannelError) and error.retry_after is not None:
            wait = error.retry_after
        at = datetime.now(UTC) + timedelta(seconds=wait)
        # What an earlier try may have handed over is still to be looked for, if this one did not come so far.
        not_taken = handed_over or not message.maybe_sent
        return self._settle(lambda s: outbox.retry_later(s, message.message_id, error, at, not_taken=not_taken), 0.0)

    def _settle(self, outcome: Outcome, wait: float) -> float:
        """Write down what became of a message; as long as the database refuses, nothing else is sent."""
        waits = BackOff()
        while True:
            try:
                with self._db.writing() as s:
                    outcome(s)
                return wait
            except StorageError as error:
                log.warning("What became of a message can't be written down yet: %s", error)
                self._running.light.sending_fails(error, stuck=False)
                self._is_away = True
            if self._running.stop.wait(waits.next()):
                return wait  # it stays in "sending": the next start finds out, or asks a person

    def _away(self, error: InboxError, *, stuck: bool = False) -> None:
        if not self._is_away:
            log.warning("Sending for %s fails: %s", self._running.label, error)
        self._is_away = True
        self._running.light.sending_fails(error, stuck=stuck)

    def _back(self) -> None:
        if self._is_away:
            log.info("Sending for %s works again", self._running.label)
            self._is_away = False
        self._running.light.sending_works()
