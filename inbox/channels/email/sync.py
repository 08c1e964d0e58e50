"""What to fetch next: new mail first, then the history from the newest back, then waiting for the server's word."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from inbox.channels.base import Batch, Incoming
from inbox.channels.email import incoming
from inbox.channels.email.cursor import FolderState, dump_cursor, load_cursor
from inbox.channels.email.fetched import Summary
from inbox.channels.email.history import History, Piece, Rate
from inbox.channels.email.imap import FolderStatus, Imap
from inbox.channels.email.settings import EmailSettings
from inbox.errors import SignInError

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # while history is fetched, new mail is looked for that often
_SIZES_AT_ONCE = 500  # mails whose sizes are asked for in one command
_DAY = 86_400
POLL_SECONDS = 60.0  # where the server has no IDLE
IDLE_SECONDS = 540.0  # servers allow 29 minutes, many routers on the way only ten
IDLE_SECONDS_BESIDE_OTHERS = 120.0  # IDLE tells of one folder; the others are looked at in between


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
        self._settings = settings
        self._states = load_cursor(cursor)
        self._rate = Rate()
        self._changes = 0  # of UIDs, since we connected
        self._looked = 0.0
        self._modseqs: dict[str, int] = {}  # where the folders are that were looked at since the last wait
        self._own = frozenset((settings.address.lower(), settings.user.lower()))
        self._sent = imap.find_sent()
        self._folders = [name for name in settings.folders if name == "INBOX" or self._is_there(name)]
        if not self._folders:
            raise SignInError(
                "There is no folder “{folder}” in this mailbox",
                "Check the folder's name.",
                field="folders",
                folder=", ".join(settings.folders),
            )
        listed = not settings.sent_folder  # then it was found in the server's list
        if self._sent and self._sent not in self._folders and (listed or self._is_there(self._sent)):
            self._folders.append(self._sent)

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
            for batch in chain(self._all_news(), self._all_history(), self._all_seen()):
                fetched = True
                yield batch
                if self._stopped():
                    return
            if fetched:
                told = False
                continue
            if not told:
                told = True
                yield Batch((), dump_cursor(self._states), remaining=0)
            self._wait_for_news()

    # --- new mail ---

    def _all_news(self) -> Iterator[Batch]:
        for folder in self._folders:
            yield from self._news(folder)
        self._looked = time.monotonic()

    def _news(self, folder: str) -> Iterator[Batch]:
        if self._imap.selected == folder:
            self._imap.check_alive()
        elif not self._find_news(folder):
            return
        state = self._states[folder]
        uids = self._imap.uids(state.next_uid)
        for at in range(0, len(uids), _SIZES_AT_ONCE):
            step = uids[at : at + _SIZES_AT_ONCE]
            for piece in self._rate.pieces(self._imap.summaries(step)):
                contents = self._imap.contents([each.uid for each in piece])
                mails = [mail for mail, _ in self._read(folder, piece, contents)]
                state.next_uid = piece[-1].uid + 1
                yield Batch(mails, dump_cursor(self._states))
            state.next_uid = step[-1] + 1  # some may be deleted meanwhile

    def _find_news(self, folder: str) -> bool:
        """Whether there is new mail in a folder that is not open; then it is opened. The first one always is."""
        is_first = folder == self._folders[0]
        status = self._imap.select(folder) if is_first else self._imap.status(folder)
        self._modseqs[folder] = status.modseq
        found = status.next_uid > self._state(folder, status).next_uid
        if found and not is_first:
            self._imap.select(folder)
        return found

    def _state(self, folder: str, status: FolderStatus) -> FolderState:
        state = self._states.get(folder)
        if state is not None and state.validity == status.validity and status.next_uid >= state.next_uid:
            state.modseq = state.modseq or status.modseq
            return state
        if state is not None:
            log.info("The UIDs of the mail folder %s have changed: it is fetched again", folder)
            self._changes += 1
        newest = state.newest if state is not None else int(time.time())
        self._states[folder] = FolderState(
            status.validity,
            status.next_uid,
            status.next_uid,
            newest,
            since=newest if state is not None else 0,
            modseq=status.modseq,
        )
        return self._states[folder]

    # --- history ---

    def _all_history(self) -> Iterator[Batch]:
        """The history to its end. One FETCH is always on its way while what came before it is read and stored."""
        changes = self._changes
        days = self._settings.history_days
        since = datetime.now(UTC) - timedelta(days=days) if days else None
        for state in self._states.values():
            _reach_back(state, int(since.timestamp()) if since else 0)
        history = History(self._imap, self._folders, self._states, self._rate, since)
        plan = history.pieces()
        piece = next(plan, None)
        asked = history.ask(piece) if piece else None
        while piece and asked:
            contents = history.take(asked)
            if time.monotonic() - self._looked >= LOOK_SECONDS:
                yield from self._all_news()
                if self._changes != changes:
                    return  # the UIDs at hand are no more
            if piece.is_first:
                yield from self._history_batches(piece, contents)  # somebody waits: no planning before it
            following = next(plan, None)
            asked = history.ask(following) if following else None
            if not piece.is_first:
                yield from self._history_batches(piece, contents)
            piece = following
        for state in self._states.values():
            state.low = 1

    def _history_batches(self, piece: Piece, contents: Mapping[int, bytes | str]) -> Iterator[Batch]:
        state = self._states[piece.folder]
        mails = self._read(piece.folder, piece.mails, contents)
        news = [mail for mail, date in mails if state.since and date >= state.since]
        if news:
            yield Batch(news, dump_cursor(self._states))
        old = [mail for mail, date in mails if not (state.since and date >= state.since)]
        state.low = piece.mails[0].uid
        yield Batch(old, dump_cursor(self._states), backfill=True, remaining=piece.remaining)

    # --- what was read elsewhere ---

    def _all_seen(self) -> Iterator[Batch]:
        for folder in self._folders:
            state = self._states[folder]
            # Nobody says what changed in the open folder but the server's word that woke us.
            at = self._modseqs.get(folder, state.modseq + 1)
            if state.modseq and at > state.modseq and folder != self._sent:
                yield from self._seen(folder, state)

    def _seen(self, folder: str, state: FolderState) -> Iterator[Batch]:
        self._imap.opened(folder)
        uids, newest = self._imap.changed_since(state.modseq)
        known = [uid for uid in uids if uid < state.next_uid]
        for at in range(0, len(known), _SIZES_AT_ONCE):
            keys = [key for key in self._imap.message_ids(known[at : at + _SIZES_AT_ONCE]).values() if key]
            if at + _SIZES_AT_ONCE >= len(known):
                state.modseq = newest
            yield Batch((), dump_cursor(self._states), seen=keys)
        state.modseq = self._modseqs[folder] = newest

    # --- both ---

    def _read(
        self, folder: str, piece: Sequence[Summary], contents: Mapping[int, bytes | str]
    ) -> list[tuple[Incoming, int]]:
        """The mails with the second in which they reached the server."""
        now = datetime.now(UTC)
        mails = []
        for summary in piece:
            raw = contents.get(summary.uid)
            if raw is None:
                continue  # deleted meanwhile
            date = int(summary.date.timestamp()) if summary.date else 0
            mails.append((self._incoming(folder, summary, raw, now), date))
        state = self._states[folder]
        state.newest = max([state.newest, *(date for _, date in mails)])
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
        first = self._folders[0]
        if self._imap.selected != first:
            self._find_news(first)
        self._imap.forget_told()
        if self._imap.uids(self._states[first].next_uid) or self._imap.was_told:
            return  # IDLE says nothing of what came before it
        if not self._imap.can_idle:
            self._modseqs.pop(first, None)
            self._wait(POLL_SECONDS)
            return
        seconds = IDLE_SECONDS if len(self._folders) == 1 else IDLE_SECONDS_BESIDE_OTHERS
        self._modseqs.pop(first, None)
        self._imap.wait_for_news(seconds, self._stopped)


def _reach_back(state: FolderState, second: int) -> None:
    """Begin the history anew where it shall go further back than it went; what is there is not stored twice."""
    if second < state.reach - _DAY:
        state.low, state.reach = state.next_uid, second
    elif state.low > 1:
        state.reach = max(state.reach, second)
