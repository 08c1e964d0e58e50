"""The light beside an account: what its two threads see, written to the database when it changes."""

import logging
import threading
import time

from inbox.errors import InboxError, TemporaryChannelError
from inbox.events import AccountChanged
from inbox.i18n import tr
from inbox.lazy_dataclass import dataclass
from inbox.services import accounts
from inbox.states import AccountState
from inbox.store.db import Database

log = logging.getLogger(__name__)

_REMAINING_SECONDS = 1.0  # the number of messages still to come is written at most this often


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a light says: the state, and in the person's language what is wrong and what to do."""

    state: AccountState
    title: str = ""
    hint: str = ""


class Light:
    """One account's. A trouble in sending is shown before a quiet receiving."""

    def __init__(self, db: Database, account_id: int) -> None:
        self._db, self._account_id = db, account_id
        self._lock = threading.Lock()
        self._receiving = Trouble(AccountState.CONNECTING)
        self._sending: Trouble | None = None
        self._remaining: int | None = None
        self._written: tuple[Trouble, int | None] | None = None
        self._written_at = 0.0
        self.unwritten: Trouble | None = None

    @property
    def shown(self) -> tuple[Trouble, int | None]:
        """What it says, and how many messages are still to come; whatever the database says."""
        with self._lock:
            return self._sending or self._receiving, self._remaining

    def receiving(self, state: AccountState, remaining: int | None = None) -> None:
        """All is well with receiving, so far."""
        self._show(receiving=Trouble(state), remaining=remaining)

    def receiving_fails(self, error: InboxError, *, stuck: bool) -> None:
        """Receiving fails; ``stuck`` means until a person acts."""
        self._show(receiving=_trouble(error, stuck=stuck))

    def sending_fails(self, error: InboxError, *, stuck: bool) -> None:
        """Sending fails; ``stuck`` means until a person acts."""
        self._show(sending=_trouble(error, stuck=stuck))

    def sending_works(self) -> None:
        """What went before is over."""
        if self._sending is not None:
            with self._lock:
                self._sending = None
            self._show()

    def stuck(self, error: InboxError) -> None:
        """The account can't even be opened."""
        self.receiving_fails(error, stuck=True)

    def _show(
        self, *, receiving: Trouble | None = None, sending: Trouble | None = None, remaining: int | None = None
    ) -> None:
        with self._lock:
            if receiving is not None:
                self._receiving, self._remaining = receiving, remaining
            self._sending = sending or self._sending
            shown = self._sending or self._receiving
            wanted = (shown, self._remaining)
            if wanted == self._written:
                self._clear()
                return
            soon = time.monotonic() - self._written_at < _REMAINING_SECONDS
            if self._written is not None and shown == self._written[0] and soon and self._remaining:
                return
            self._write(shown)

    def _write(self, shown: Trouble) -> None:
        try:
            with self._db.writing() as s:
                accounts.set_state(s, self._account_id, shown.state, shown.title, shown.hint, self._remaining)
        except InboxError as error:  # full or locked; or the account was removed just now
            log.debug("The light of account %s can't be written: %s", self._account_id, error)
            self.unwritten = shown
            self._db.bus.publish(AccountChanged(account_id=self._account_id, what="state"))
            return
        self._written, self._written_at = (shown, self._remaining), time.monotonic()
        self._clear()

    def _clear(self) -> None:
        """What could not be written is over."""
        if self.unwritten is not None:
            self.unwritten = None
            self._db.bus.publish(AccountChanged(account_id=self._account_id, what="state"))


def unexpected() -> TemporaryChannelError:
    """What the person reads of a mistake of ours; the log holds the traceback."""
    return TemporaryChannelError(
        "Something unexpected happened", "It is tried again by itself. Details are in the log."
    )


def _trouble(error: InboxError, *, stuck: bool) -> Trouble:
    hint = error.hint or tr("It is tried again by itself.")
    return Trouble(AccountState.SIGN_IN if stuck else AccountState.RETRYING, error.title, hint)
