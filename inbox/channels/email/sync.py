"""What to fetch next: new mail first, then the history from the newest back, then waiting for the server's word."""

import json
import logging
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from inbox.channels.base import Batch, Incoming
from inbox.channels.email import incoming
from inbox.channels.email.fetched import Summary
from inbox.channels.email.imap import FolderStatus, Imap
from inbox.channels.email.settings import EmailSettings

log = logging.getLogger(__name__)

BATCH_MAILS = 100
BATCH_BYTES = 16 << 20
POLL_SECONDS = 60.0  # where the server has no IDLE
IDLE_SECONDS = 540.0  # servers allow 29 minutes, many routers on the way only ten
IDLE_SECONDS_BESIDE_OTHERS = 120.0  # IDLE tells of one folder; the others are looked at in between


@dataclass(slots=True)
class FolderState:
    """How far a folder is fetched. The cursor is these, as JSON.

    Attributes:
        validity: UIDVALIDITY; another one means that all UIDs have changed.
        next_uid: Everything from here on is new.
        low: Everything from here to ``next_uid`` is fetched; 1 when the history is complete.
        newest: When the newest mail seen here reached the server, in seconds since 1970.
        since: After UIDs have changed: what is as new as this is new mail, not history; 0 for none.
    """

    validity: int
    next_uid: int
    low: int
    newest: int
    since: int = 0
    modseq: int = 0


def load_cursor(cursor: str) -> dict[str, FolderState]:
    """The folders' states; a cursor that can't be read is an empty one, as what is known is not stored twice."""
    try:
        folders = json.loads(cursor)["folders"] if cursor else {}
        return {name: FolderState(**state) for name, state in folders.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        log.warning("The cursor of an email account can't be read: it starts over")
        return {}


def dump_cursor(states: dict[str, FolderState]) -> str:
    """The cursor to store."""
    return json.dumps(
        {"version": 1, "folders": {name: asdict(state) for name, state in states.items()}}, separators=(",", ":")
    )


class Sync:
    """One account's folders on one connection."""

    def __init__(
        self,
        imap: Imap,
        settings: EmailSettings,
        cursor: str,
        stopped: Callable[[], bool],
        wait: Callable[[float], None],
    ) -> None:
        """``wait`` waits so many seconds or until ``stopped()``."""
        self._imap, self._stopped, self._wait = imap, stopped, wait
        self._states = load_cursor(cursor)
        self._own = frozenset((settings.address.lower(), settings.user.lower()))
        self._sent = imap.find_sent()
        self._folders = [name for name in settings.folders if name == "INBOX" or self._is_there(name)]
        if self._sent and self._sent not in self._folders and self._is_there(self._sent):
            self._folders.append(self._sent)
        self._history: dict[str, array[int]] = {}  # UIDs still to be fetched, ascending
        self._turn = 0

    def _is_there(self, folder: str) -> bool:
        found = self._imap.exists(folder)
        if not found:
            log.warning("The mail folder %s is not there", folder)
        return found

    def batches(self) -> Iterator[Batch]:
        """All batches, without end until ``stopped()``."""
        told = False
        while not self._stopped():
            fetched = False
            for folder in self._folders:
                for batch in self._news(folder):
                    fetched = True
                    yield batch
                if self._stopped():
                    return
            for batch in self._one_step_back():
                fetched = True
                yield batch
            if fetched:
                told = False
                continue
            if not told:
                told = True
                yield Batch((), dump_cursor(self._states), remaining=0)
            self._wait_for_news()

    # --- new mail ---

    def _news(self, folder: str) -> Iterator[Batch]:
        first = folder == self._folders[0]
        status = self._imap.select(folder) if first else self._imap.status(folder)
        state = self._state(folder, status)
        if status.next_uid <= state.next_uid:
            return
        if not first:
            self._imap.select(folder)
        uids = self._imap.uids(state.next_uid)
        for mails, chunk in self._fetched(folder, uids):
            state.next_uid = chunk[-1] + 1
            yield Batch([mail for mail, _ in mails], dump_cursor(self._states))
        state.next_uid = max(state.next_uid, status.next_uid)

    def _state(self, folder: str, status: FolderStatus) -> FolderState:
        state = self._states.get(folder)
        if state is not None and state.validity == status.validity and status.next_uid >= state.next_uid:
            return state
        if state is not None:
            log.info("The UIDs of the mail folder %s have changed: it is fetched again", folder)
        newest = state.newest if state is not None else int(time.time())
        self._history.pop(folder, None)
        self._states[folder] = FolderState(
            status.validity, status.next_uid, status.next_uid, newest, since=newest if state is not None else 0
        )
        return self._states[folder]

    # --- history ---

    def _one_step_back(self) -> Iterator[Batch]:
        """The next batch of history, of each folder in turn."""
        unfinished = [folder for folder in self._folders if self._states[folder].low > 1]
        if not unfinished:
            return
        folder = unfinished[self._turn % len(unfinished)]
        self._turn += 1
        state = self._states[folder]
        status = self._imap.select(folder)
        if folder in self._history:
            uids = self._history[folder]
            step = list(uids[-BATCH_MAILS:])
        elif state.low == state.next_uid:
            # The first page, without the list of all UIDs, which takes long in a huge folder.
            step = [uid for uid in self._imap.newest_uids(BATCH_MAILS, status.count) if uid < state.low]
        else:
            self._history[folder] = uids = array("Q", self._imap.uids(1, state.low - 1))
            step = list(uids[-BATCH_MAILS:])
        if not step:
            state.low = 1
            self._history.pop(folder, None)
            return
        yield from self._history_batches(folder, state, step, status.count)

    def _history_batches(self, folder: str, state: FolderState, step: list[int], count: int) -> Iterator[Batch]:
        for mails, chunk in self._fetched(folder, step, newest_first=True):
            news = [mail for mail, date in mails if state.since and date >= state.since]
            if news:
                yield Batch(news, dump_cursor(self._states))
            old = [mail for mail, date in mails if not (state.since and date >= state.since)]
            state.low = chunk[0]
            uids = self._history.get(folder)
            while uids and uids[-1] >= state.low:
                uids.pop()
            remaining = self._remaining(folder, count - len(step))
            yield Batch(old, dump_cursor(self._states), backfill=True, remaining=remaining)

    def _remaining(self, folder: str, unlisted: int) -> int:
        """How much history is left: counted where it is listed, else what the folder holds."""
        return sum(len(uids) for uids in self._history.values()) + (
            0 if folder in self._history or self._states[folder].low <= 1 else max(0, unlisted)
        )

    # --- both ---

    def _fetched(
        self, folder: str, uids: Sequence[int], *, newest_first: bool = False
    ) -> Iterator[tuple[list[tuple[Incoming, int]], list[int]]]:
        """Mails with the second they reached the server, in pieces that fit into memory, and the UIDs of each piece."""
        state = self._states[folder]
        steps = [uids[at : at + BATCH_MAILS] for at in range(0, len(uids), BATCH_MAILS)]
        for step in steps:
            summaries = self._imap.summaries(step)
            pieces = _pieces(summaries, newest_first)
            if not pieces:
                yield [], list(step)  # all of them were deleted meanwhile
            for piece in pieces:
                mails = self._read(folder, piece)
                state.newest = max([state.newest, *(date for _, date in mails)])
                yield mails, [summary.uid for summary in piece]
                if self._stopped():
                    return

    def _read(self, folder: str, piece: Sequence[Summary]) -> list[tuple[Incoming, int]]:
        contents = self._imap.contents([summary.uid for summary in piece])
        now = datetime.now(UTC)
        mails = []
        for summary in piece:
            raw = contents.get(summary.uid)
            if raw is None:
                continue  # deleted meanwhile
            date = int(summary.date.timestamp()) if summary.date else 0
            mails.append((self._incoming(folder, summary, raw, now), date))
        return mails

    def _incoming(self, folder: str, summary: Summary, raw: bytes | str, now: datetime) -> Incoming:
        if isinstance(raw, str):
            name = f"uid:{folder}:{self._states[folder].validity}:{summary.uid}"
            return incoming.unreadable(b"", raw, remote_id=name, internal_date=summary.date, seen=summary.seen, now=now)
        # In an inbox what we wrote is a copy to ourselves, or a form's; in Sent it is ours whatever the sender says.
        outgoing = True if folder == self._sent else None
        return incoming.to_incoming(
            raw, self._own, internal_date=summary.date, seen=summary.seen, outgoing=outgoing, now=now
        )

    def _wait_for_news(self) -> None:
        status = self._imap.select(self._folders[0])
        state = self._states[self._folders[0]]
        if status.next_uid > state.next_uid or status.validity != state.validity:
            return
        if not self._imap.can_idle:
            self._wait(POLL_SECONDS)
            return
        seconds = IDLE_SECONDS if len(self._folders) == 1 else IDLE_SECONDS_BESIDE_OTHERS
        self._imap.wait_for_news(seconds, self._stopped)


def _pieces(summaries: Sequence[Summary], newest_first: bool) -> list[list[Summary]]:
    """Cut into pieces of at most ``BATCH_BYTES`` (a mail that is bigger stands alone), each in ascending order."""
    pieces: list[list[Summary]] = []
    size = 0
    for summary in reversed(summaries) if newest_first else summaries:
        if not pieces or size + summary.size > BATCH_BYTES:
            pieces.append([])
            size = 0
        pieces[-1].append(summary)
        size += summary.size
    return [sorted(piece, key=lambda each: each.uid) for piece in pieces]
