"""An email account: receiving over IMAP, sending over SMTP, a copy in Sent."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator

from inbox.channels.base import Batch, Outgoing, Receipt, StopSignal
from inbox.channels.email import imap, smtp
from inbox.channels.email.compose import compose
from inbox.channels.email.imap import Imap
from inbox.channels.email.settings import EmailSettings
from inbox.channels.email.sync import Sync
from inbox.errors import ChannelError, OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

log = logging.getLogger(__name__)


class EmailChannel:
    """One signed-in account. Every call opens connections of its own, so that no two threads share one."""

    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._receiving: socket.socket | None = None

    def keep_secrets_with(self, keep: Callable[[str, str], None]) -> None:
        """See ``RenewingChannel``."""
        if self._settings.tokens is not None:
            self._settings.tokens.keep = keep

    def check(self) -> None:
        """Sign in to both servers, and look whether the folders are there."""
        connection = imap.connect(self._settings, checking=True)
        try:
            self._require_folders(connection)
        finally:
            connection.close()
        with smtp.signed_in(self._settings, checking=True):
            pass

    def _require_folders(self, connection: Imap) -> None:
        wanted = [("folders", name) for name in self._settings.folders]
        if self._settings.sent_folder:
            wanted.append(("sent_folder", self._settings.sent_folder))
        for field, name in wanted:
            if not connection.exists(name):
                raise SignInError(
                    "There is no folder “{folder}” in this mailbox",
                    "Check the folder's name.",
                    field=field,
                    folder=name,
                )

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what is new, then the history from the newest back, then what comes in. Ends on stop or close."""
        try:
            yield from self._receive(cursor, stop)
        except ChannelError:
            if not self._closed.is_set() and not stop.is_set():
                raise

    def _receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        def stopped() -> bool:
            return self._closed.is_set() or stop.is_set()

        def wait(seconds: float) -> None:
            while seconds > 0 and not self._closed.is_set() and not stop.wait(min(1.0, seconds)):
                seconds -= 1.0

        if stopped():
            return
        connection = imap.connect(self._settings, opened=self._opened)
        broken = True
        try:
            yield from Sync(connection, self._settings, cursor, stopped, wait).batches()
            broken = self._closed.is_set()
        finally:
            with self._lock:
                self._receiving = None
            connection.close(broken=broken)

    def _opened(self, sock: socket.socket) -> None:
        with self._lock:
            self._receiving = sock
            if self._closed.is_set():
                imap.break_line(sock)

    def send(self, message: Outgoing) -> Receipt:
        """Send a mail and keep a copy in Sent. See ``Channel.send`` for what it raises."""
        if self._closed.is_set():
            raise TemporaryChannelError("The account is being closed")
        recipients = tuple(dict.fromkeys((*message.to, *message.cc, *message.bcc)))
        if not recipients:
            raise RejectedMessageError("The message has no recipient", "Choose who gets it.")
        raw = compose(message, self._settings.address, self._settings.from_name)
        if message.maybe_sent and self._went_out(message.remote_id):
            return Receipt(message.remote_id, raw)
        with smtp.signed_in(self._settings) as connection:
            refused = smtp.transmit(connection, self._settings, recipients, raw, message.on_handover)
        self._tidy_up(raw, message.in_reply_to)
        return Receipt(message.remote_id, raw, refused)

    def _went_out(self, message_id: str) -> bool:
        """Whether an earlier try went out. Raises OutcomeUnknownError where a missing copy proves nothing."""
        connection = imap.connect(self._settings)
        try:
            sent = connection.find_sent()
            if sent and connection.has_message(sent, message_id):
                return True
        finally:
            connection.close()
        if sent and self._settings.keeps_sent:
            return False
        raise OutcomeUnknownError(
            "Nobody can tell whether the message went out: there is no copy in the Sent folder",
            "Ask the customer, or look at the mail server, before you send it again.",
        )

    def _tidy_up(self, raw: bytes, answered: str) -> None:
        if not self._settings.keeps_sent:
            self._try("The copy of a sent mail could not be put into Sent: %s", lambda line: line.keep_copy(raw))
        if self._settings.marks_answered and answered:
            folders = self._settings.folders
            self._try(
                "An answered mail could not be marked on the server: %s",
                lambda line: line.mark_answered(folders, answered),
            )

    def _try(self, words: str, step: Callable[[Imap], None]) -> None:
        """The message has gone out already: nothing that happens here may make it look as if it had not."""
        try:
            connection = imap.connect(self._settings)
            try:
                step(connection)
            finally:
                connection.close()
        except ChannelError as error:
            log.warning(words, error)

    def close(self) -> None:
        """End receiving. A message that is being sent is not broken off: nobody could tell what became of it."""
        self._closed.set()
        with self._lock:
            sock = self._receiving
        if sock is not None:
            imap.break_line(sock)
