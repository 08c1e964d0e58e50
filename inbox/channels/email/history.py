"""Which old mails to fetch next: the newest first, each folder in turn, in pieces that a line brings in no time."""

import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inbox.channels.email.cursor import FolderState
from inbox.channels.email.fetched import Summary
from inbox.channels.email.imap import Asked, FolderStatus, Imap
from inbox.errors import TemporaryChannelError

BATCH_MAILS = 100
BATCH_BYTES = 16 << 20
_FIRST_BYTES, _LEAST_BYTES = 1 << 20, 64 << 10
_PIECE_SECONDS = 0.4  # a piece holds what the line brings in this time: new mail waits for two of them
_BLOCK = 5  # pieces whose sizes are asked for at once


class Rate:
    """How quickly the line brings mails, measured while they are fetched."""

    def __init__(self) -> None:
        self._bytes = float(_FIRST_BYTES)

    def count(self, size: int, seconds: float) -> None:
        """So many bytes came in that time."""
        if size:
            self._bytes = max(_LEAST_BYTES, size / max(seconds, 0.001) * _PIECE_SECONDS)

    def pieces(self, summaries: Sequence[Summary], *, newest_first: bool = False) -> Iterator[list[Summary]]:
        """Cut into pieces that are not too big (a mail that is bigger stands alone), each in ascending order."""
        piece: list[Summary] = []
        size = 0
        for summary in reversed(summaries) if newest_first else summaries:
            if piece and (size + summary.size > min(BATCH_BYTES, self._bytes) or len(piece) == BATCH_MAILS):
                yield sorted(piece, key=lambda each: each.uid)
                piece, size = [], 0
            piece.append(summary)
            size += summary.size
        if piece:
            yield sorted(piece, key=lambda each: each.uid)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some old mails of a folder, ascending.

    Attributes:
        remaining: How many are left after them, as far as that is known.
        is_first: They are the newest of a folder of which nothing is there yet.
    """

    folder: str
    mails: Sequence[Summary]
    remaining: int
    is_first: bool


class History:
    """The order in which the history is fetched, and what of it was asked for."""

    def __init__(
        self, imap: Imap, folders: Sequence[str], states: Mapping[str, FolderState], rate: Rate, since: datetime | None
    ) -> None:
        """``since``: older mail stays on the server."""
        self._imap, self._folders, self._states, self._rate, self._since = imap, folders, states, rate, since
        self._listed: dict[str, array[int]] = {}  # UIDs still to be planned, ascending
        self._planned: dict[str, int] = {}  # the lowest UID of the first page
        self._left: dict[str, int] = {}

    def ask(self, piece: Piece) -> tuple[Asked, float]:
        """Send for a piece; ``take`` its content before anything else is asked of the connection."""
        self._open(piece.folder)
        return self._imap.ask([each.uid for each in piece.mails]), time.monotonic()

    def take(self, asked: tuple[Asked, float]) -> dict[int, bytes | str]:
        """The raw mails by UID; for one that the server can't give, a text that says why."""
        contents = self._imap.take(asked[0])
        self._rate.count(sum(map(len, contents.values())), time.monotonic() - asked[1])
        return contents

    def pieces(self) -> Iterator[Piece]:
        """All of it. What is planned is ahead of the folders' states, which say what is stored."""
        unfinished = [folder for folder in self._folders if self._states[folder].low > 1]
        while unfinished:
            for folder in list(unfinished):
                step = self._next_step(folder)
                if not step:
                    unfinished.remove(folder)
                yield from self._cut(folder, step)

    def _next_step(self, folder: str) -> list[int]:
        """The next UIDs to plan, ascending; none when the folder is through."""
        status = self._open(folder)
        if folder not in self._listed:
            state = self._states[folder]
            if folder not in self._planned and state.low == state.next_uid:
                # The first page, without the list of all UIDs, which takes long in a huge folder.
                step = [uid for uid in self._imap.newest_uids(BATCH_MAILS, status.count) if uid < state.low]
                self._planned[folder], self._left[folder] = (step[0], status.count) if step else (1, 0)
                return step
            reached = self._planned.get(folder, state.low)
            since = self._since.date() - timedelta(days=1) if self._since else None  # the server's day, wherever it is
            found = self._imap.uids(1, reached - 1, since) if reached > 1 else []
            self._listed[folder], self._left[folder] = array("Q", found), len(found)
        uids = self._listed[folder]
        step = list(uids[-_BLOCK * BATCH_MAILS :])
        del uids[-_BLOCK * BATCH_MAILS :]
        return step

    def _open(self, folder: str) -> FolderStatus:
        """Raises TemporaryChannelError where the UIDs that we hold are no more."""
        status = self._imap.opened(folder)
        if status.validity != self._states[folder].validity:
            raise TemporaryChannelError("The folder {folder} was made anew on the server", retry_after=0, folder=folder)
        return status

    def _cut(self, folder: str, step: Sequence[int]) -> Iterator[Piece]:
        summaries = self._imap.summaries(step) if step else []
        gone = len(step) - len(summaries)
        if self._since is not None:
            summaries = [each for each in summaries if each.date is None or each.date >= self._since]
        self._left[folder] -= gone
        for piece in self._rate.pieces(summaries, newest_first=True):
            self._left[folder] -= len(piece)
            yield Piece(folder, piece, max(0, sum(self._left.values())), folder not in self._listed)
