"""One IMAP connection: what the channel needs of it. Receiving never touches a flag. Not for two threads at once."""

import contextlib
import imaplib
import logging
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError, ProtocolError
from imapclient.imap4 import IMAP4WithTimeout

from inbox.channels.email.fetched import CONTENT, SUMMARY, Answer, Summary, read_contents, read_summaries
from inbox.channels.email.headers import message_id
from inbox.channels.email.settings import CONNECT_SECONDS, READ_SECONDS, EmailSettings, Server, tls_context
from inbox.channels.email.trouble import server_words, translated, with_token
from inbox.errors import SignInError, TemporaryChannelError

log = logging.getLogger(__name__)

_SLEPT_SECONDS = 30  # a second that took so long: the machine slept, and the line is likely to be dead
_SENT_NAMES = (
    "sent",
    "sent items",
    "sent mail",
    "sent messages",
    "enviados",
    "elementos enviados",
    "mensajes enviados",
    "correo enviado",
    "enviats",
    "elements enviats",
    "itens enviados",
    "gesendet",
    "gesendete objekte",
    "gesendete elemente",
    "envoyés",
    "messages envoyés",
    "éléments envoyés",
    "inviati",
    "posta inviata",
    "bidalitakoak",
)


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """Where a folder stands."""

    validity: int
    next_uid: int
    count: int
    modseq: int = 0  # grows with every change of a flag; 0 where the server counts no changes (CONDSTORE)


@dataclass(frozen=True, slots=True)
class Asked:
    """Mails that were asked for; the answer is on its way."""

    uids: tuple[int, ...]
    tag: bytes


class Imap:
    """A signed-in connection. Errors come out as the channel's three."""

    def __init__(self, settings: EmailSettings, client: "_Client") -> None:
        self._settings, self._client = settings, client
        self.selected = ""  # the folder that is open
        self._status = FolderStatus(0, 0, 0)  # its status when it was opened

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself."""
        with translated(self._settings.imap):
            return bool(self._client.has_capability("IDLE"))

    @property
    def _counts_changes(self) -> bool:
        with translated(self._settings.imap):
            return bool(self._client.has_capability("CONDSTORE"))

    def select(self, folder: str) -> FolderStatus:
        """Open a folder for reading only: so that nothing we do marks a mail as read."""
        with translated(self._settings.imap):
            self.selected = ""
            answer = self._client.select_folder(folder, readonly=True)
            self.selected = folder
        next_uid, modseq = int(answer.get(b"UIDNEXT") or 0), int(answer.get(b"HIGHESTMODSEQ") or 0)
        if not next_uid or (not modseq and self._counts_changes):
            status = self.status(folder)  # which also has a server count changes from now on
            next_uid, modseq = next_uid or status.next_uid, status.modseq
        validity, count = int(answer.get(b"UIDVALIDITY") or 0), int(answer.get(b"EXISTS") or 0)
        self._status = FolderStatus(validity, next_uid, count, modseq)
        return self._status

    def opened(self, folder: str) -> FolderStatus:
        """As ``select``, but an open folder stays open: the status may be older. Servers look at all of it to open."""
        return self._status if self.selected == folder else self.select(folder)

    def status(self, folder: str) -> FolderStatus:
        """Where a folder stands that is not selected."""
        wanted = ["UIDVALIDITY", "UIDNEXT", "MESSAGES"]
        with translated(self._settings.imap):
            if self._counts_changes:
                wanted.append("HIGHESTMODSEQ")
            answer = self._client.folder_status(folder, wanted)
        return FolderStatus(*(answer.get(name.encode(), 0) for name in wanted))

    def exists(self, folder: str) -> bool:
        """Whether there is such a folder."""
        with translated(self._settings.imap):
            return bool(self._client.folder_exists(folder))

    def find_sent(self) -> str:
        """The folder of sent mail: the configured one, else by its mark, else by its name; empty for none."""
        if self._settings.sent_folder:
            return self._settings.sent_folder
        with translated(self._settings.imap):
            folders = self._client.list_folders()
        named = ""
        for flags, separator, name in folders:
            if any(flag.lower() == b"\\sent" for flag in flags):
                return str(name)
            last = name.split(separator.decode())[-1] if separator else name
            if not named and last.lower() in _SENT_NAMES:
                named = name
        return named

    def uids(self, first: int, last: int | None = None, since: date | None = None) -> list[int]:
        """The UIDs of the selected folder from ``first`` to ``last``, ascending; of mail that came ``since``."""
        with translated(self._settings.imap):
            found = self._client.search(["UID", f"{first}:{last or '*'}", *(["SINCE", since] if since else [])])
        return sorted(uid for uid in found if uid >= first and (last is None or uid <= last))

    def newest_uids(self, count: int, exists: int) -> list[int]:
        """The UIDs of the last ``count`` mails by their place: quick in a huge folder, where a search is not."""
        if not exists:
            return []
        with translated(self._settings.imap), self._by_number():
            found = self._client.fetch(f"{max(1, exists - count + 1)}:{exists}", ["UID"])
        return sorted(int(answer[b"UID"]) for answer in found.values() if b"UID" in answer)

    def summaries(self, uids: Sequence[int]) -> list[Summary]:
        """Size, time and whether read of mails that are there (the others are left out), ascending."""
        with translated(self._settings.imap):
            found = read_summaries(self._client.fetch_unparsed(uids, SUMMARY))
        wanted = set(uids)
        return sorted((each for each in found if each.uid in wanted), key=lambda each: each.uid)

    def changed_since(self, modseq: int) -> tuple[list[int], int]:
        """The UIDs of the selected folder's mails that are seen and changed since, and the newest change's number."""
        with translated(self._settings.imap):
            found = self._client.fetch("1:*", ["FLAGS"], [f"CHANGEDSINCE {modseq}"])
        newest = max((int(each[b"MODSEQ"][0]) for each in found.values() if b"MODSEQ" in each), default=modseq)
        return sorted(uid for uid, each in found.items() if b"\\Seen" in each.get(b"FLAGS", ())), newest

    def message_ids(self, uids: Sequence[int]) -> dict[int, str]:
        """The Message-IDs of mails, by UID; empty for one that has none."""
        with translated(self._settings.imap):
            found = self._client.fetch(uids, ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
        heads = {uid: each.get(b"BODY[HEADER.FIELDS (MESSAGE-ID)]") or b"" for uid, each in found.items()}
        return {uid: message_id(head.partition(b":")[2]) for uid, head in heads.items()}

    def contents(self, uids: Sequence[int]) -> dict[int, bytes | str]:
        """The raw mails by UID; for one that the server can't give, a text that says why."""
        try:
            return self._contents(uids)
        except IMAPClientError as error:
            if len(uids) == 1:
                return {uids[0]: server_words(error)}
        # One of them is bad: find it, and lose no other.
        return {uid: content for single in uids for uid, content in self.contents([single]).items()}

    def ask(self, uids: Sequence[int]) -> "Asked":
        """Ask for raw mails; ``take`` reads the answer, before anything else is asked. It is on its way meanwhile."""
        with translated(self._settings.imap):
            return Asked(tuple(uids), self._client.ask_fetch(uids, CONTENT))

    def take(self, asked: "Asked") -> dict[int, bytes | str]:
        """What ``contents`` returns, for mails that were asked for."""
        try:
            return self._contents(asked.uids, asked.tag)
        except IMAPClientError:
            return self.contents(asked.uids)

    def _contents(self, uids: Sequence[int], tag: bytes | None = None) -> dict[int, bytes | str]:
        with translated_but_refusals(self._settings):
            found = read_contents(self._client.fetch_unparsed(uids, CONTENT, tag))
        wanted = set(uids)
        return {
            uid: raw if raw is not None else "The server gave no content."
            for uid, raw in found.items()
            if uid in wanted
        }

    def has_message(self, folder: str, message_id: str) -> bool:
        """Whether a mail with that Message-ID lies in the folder."""
        with translated(self._settings.imap):
            self.selected = ""
            self._client.select_folder(folder, readonly=True)
            # Microsoft's servers give a mail another id, and keep ours in a field of their own.
            names = ("Message-ID", "X-Microsoft-Original-Message-ID")
            return any(self._client.search(["HEADER", name, message_id]) for name in names)

    def keep_copy(self, raw: bytes) -> None:
        """Put a mail of ours into the folder of sent mail, as read."""
        if sent := self.find_sent():
            with translated(self._settings.imap):
                self._client.append(sent, raw, [b"\\Seen"], datetime.now(UTC))

    def mark_answered(self, folders: Sequence[str], message_id: str) -> None:
        """Mark a mail as read and answered in the first of the folders that has it."""
        with translated(self._settings.imap):
            self.selected = ""
            for folder in folders:
                self._client.select_folder(folder)
                if uids := self._client.search(["HEADER", "Message-ID", message_id]):
                    self._client.add_flags(uids, [b"\\Seen", b"\\Answered"], silent=True)
                    return

    def check_alive(self) -> None:
        """Hear from the server what is new in the selected folder."""
        with translated(self._settings.imap):
            self._client.noop()

    def forget_told(self) -> None:
        """From now on ``was_told`` counts."""
        self._client._imap.untagged_responses.pop("EXISTS", None)

    @property
    def was_told(self) -> bool:
        """Whether the server told of new mail in the selected folder."""
        return "EXISTS" in self._client._imap.untagged_responses

    def wait_for_news(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """IDLE until the server says something, or the time is over, or ``stopped()``.

        Raises TemporaryChannelError where the machine slept meanwhile: nobody says that the line is dead.
        """
        with translated(self._settings.imap):
            self._client.idle()
            if not self._has_buffered():
                _wait_readable(self._client.socket(), seconds, stopped)
            self._client.idle_done()

    def _has_buffered(self) -> bool:
        """Whether something came along with the server's consent to IDLE: it would never wake a wait."""
        sock = self._client.socket()
        sock.setblocking(False)
        try:
            return bool(self._client._imap.file.peek(1))
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            sock.settimeout(READ_SECONDS)

    @contextlib.contextmanager
    def _by_number(self) -> Iterator[None]:
        self._client.use_uid = False
        try:
            yield
        finally:
            self._client.use_uid = True

    def close(self, *, broken: bool = False) -> None:
        """Say good-bye, unless the line is broken, and close it."""
        if not broken:
            with contextlib.suppress(IMAPClientError, OSError, ValueError):
                self._client.logout()
        with contextlib.suppress(IMAPClientError, OSError, ValueError):
            self._client.shutdown()


def break_line(sock: socket.socket) -> None:
    """Break a connection, from any thread: whoever reads from it wakes with an error."""
    with contextlib.suppress(OSError):
        # Not the SSL socket's own method: it takes the encryption away under the reading thread's feet.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


@contextlib.contextmanager
def translated_but_refusals(settings: EmailSettings) -> Iterator[None]:
    """As ``translated``; a NO or BAD of the server, after which the line still stands, is left as it is."""
    try:
        with translated(settings.imap):
            try:
                yield
            except (imaplib.IMAP4.abort, ProtocolError):
                raise  # the line is broken, or talks nonsense
            except IMAPClientError as error:
                raise _RefusalError(error) from error
    except _RefusalError as refusal:
        raise refusal.error from None


class _RefusalError(Exception):
    def __init__(self, error: IMAPClientError) -> None:
        super().__init__(str(error))
        self.error = error


Opened = Callable[[socket.socket], None]


class _Plain(IMAP4WithTimeout):  # type: ignore[misc] # the library has no types
    """Tells of its socket before anything is read from it, so that another thread can break the line."""

    def __init__(self, server: Server, context: ssl.SSLContext | None, opened: Opened) -> None:
        self._context, self._opened = context, opened
        super().__init__(server.host, server.port, CONNECT_SECONDS)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        sock: socket.socket = super()._create_socket(timeout)
        self._opened(sock)
        if self._context is not None:
            sock = self._context.wrap_socket(sock, server_hostname=self.host)
            self._opened(sock)
        return sock


class _Client(IMAPClient):  # type: ignore[misc] # the library has no types
    """The library's client on a connection of ours."""

    def __init__(self, server: Server, context: ssl.SSLContext | None, opened: Opened) -> None:
        self._server, self._context, self._told = server, context, opened
        timeout = SocketTimeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        super().__init__(server.host, server.port, ssl=context is not None, timeout=timeout)
        self.normalise_times = False
        self._imap.debug = 0  # else each line of every answer is made ready for a log that nobody keeps

    def _create_IMAP4(self) -> imaplib.IMAP4:
        return _Plain(self._server, self._context, self._told)

    def ask_fetch(self, uids: Sequence[int], items: str) -> bytes:
        """Send a FETCH and return its tag."""
        tag: bytes = self._imap._command("UID", "FETCH", ranges(uids), items)
        return tag

    def fetch_unparsed(self, uids: Sequence[int], items: str, tag: bytes | None = None) -> Answer:
        """The library's ``fetch`` without its reading of the answer; ``tag`` is of a FETCH that was sent already."""
        tag = tag or self.ask_fetch(uids, items)
        kind, data = self._imap._command_complete("FETCH", tag)
        self._checkok("fetch", kind, data)
        kind, data = self._imap._untagged_response(kind, data, "FETCH")
        return [each for each in data if each is not None]


def connect(settings: EmailSettings, *, checking: bool = False, opened: Opened = lambda _: None) -> Imap:
    """Open a connection and sign in. Raises SignInError or TemporaryChannelError.

    ``opened`` is told of the socket, and again of the encrypted one around it, before the server is listened to.
    """
    server = settings.imap
    context = tls_context(settings) if server.security != "none" else None
    with translated(server, checking=checking):
        client = _Client(server, context if server.security == "tls" else None, opened)
    try:
        with translated(server, checking=checking):
            if server.security == "starttls":
                if not client.has_capability("STARTTLS"):
                    raise SignInError(
                        "{host} offers no STARTTLS",
                        "Choose TLS and its port (993). Without encryption the password is not sent.",
                        field="imap_security",
                        host=server.host,
                    )
                client.starttls(context)
                opened(client.socket())
            _sign_in(client, settings)
    except BaseException:
        with contextlib.suppress(IMAPClientError, OSError, ValueError):
            client.shutdown()
        raise
    return Imap(settings, client)


def _sign_in(client: IMAPClient, settings: EmailSettings) -> None:
    if settings.tokens is not None:

        def attempt(words: str) -> None:
            said = iter((words.encode(),))  # to a second question, which brings the reason, there is nothing to say
            client.sasl_login("XOAUTH2", lambda _question: next(said, b""))

        with_token(settings.tokens, settings.user, settings.imap, attempt)
    elif settings.user.isascii() and settings.password.isascii():
        client.login(settings.user, settings.password)
    elif client.has_capability("AUTH=PLAIN"):
        client.plain_login(settings.user, settings.password)
    else:
        raise LoginError("the password has letters that this server can't take")


def ranges(uids: Sequence[int]) -> str:
    """UIDs as IMAP writes them, neighbours as ranges: servers refuse commands that are too long."""
    parts: list[str] = []
    first = last = -1
    for uid in sorted(uids):
        if uid == last + 1 and first >= 0:
            last = uid
            continue
        if first >= 0:
            parts.append(f"{first}:{last}" if last > first else str(first))
        first = last = uid
    if first >= 0:
        parts.append(f"{first}:{last}" if last > first else str(first))
    return ",".join(parts)


def _wait_readable(sock: socket.socket, seconds: float, stopped: Callable[[], bool]) -> None:
    """Wait in slices of a second, so that a stop is heard although a socket can't be woken by it."""
    if isinstance(sock, ssl.SSLSocket) and sock.pending():
        return
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        while (left := end - time.monotonic()) > 0 and not stopped():
            before = time.time()
            if selector.select(min(1.0, left)):
                return
            if time.time() - before > _SLEPT_SECONDS:
                raise TemporaryChannelError("The computer slept: connecting anew", retry_after=0)
