"""The rows of the conversation list: pages by key, loaded ahead, kept up to date while things come in."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import ConversationPage, ConversationRow
    from inbox.ui.actions import Actions

PAGE = 50
_NEAR = 200  # so many rows are read at once when something changes; and a row is looked for first so near its old place


class _Part:
    """Rows that were read together. ``after`` is the key before the first of them; ``None`` at the head."""

    __slots__ = ("after", "count", "is_stale")

    def __init__(self, after: str | None, count: int, *, is_stale: bool = False) -> None:
        self.after, self.count, self.is_stale = after, count, is_stale


class ListModel(QObject):
    """One view of the conversations. Rows have the shape of ``ConversationRow``; those of a snapshot only look like it.

    When something changes, the head and what is on screen are read again at once; the parts between are stale until
    somebody looks at them.

    Signals:
        reset: Another view: everything is new.
        changed: Rows came, went or changed; an id keeps its meaning.
    """

    reset = Signal()
    changed = Signal()
    failed = Signal(object)

    def __init__(self, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.rows: list[ConversationRow] = []
        self.ids: list[int] = []
        self._known: set[int] = set()
        self._parts: list[_Part] = []
        self._on_screen = (0, 0)
        self._is_new = True  # what is in ``rows`` may be of another view
        self._is_rereading = False
        self.query, self.sort, self.typing = "", "newest", False
        self.after: str | None = None
        self.is_loading = True
        self.error: InboxError | None = None  # the view could not be read
        self.more_error: InboxError | None = None  # its next page could not be read; what is there stays

    def __len__(self) -> int:
        return len(self.rows)

    def index_of(self, conversation_id: int | None, near: int = 0) -> int:
        """Where a conversation stands; -1 where it doesn't. It is looked for first at the place where it stood."""
        if conversation_id not in self._known:
            return -1
        try:
            return self.ids.index(conversation_id, max(0, near - _NEAR), near + _NEAR)
        except ValueError:
            return self.ids.index(conversation_id)

    def row(self, conversation_id: int) -> ConversationRow | None:
        """The row of a conversation, if it is loaded."""
        index = self.index_of(conversation_id)
        return self.rows[index] if index >= 0 else None

    def show(self, query: str, sort: str, *, typing: bool = False) -> None:
        """Another view or search, perhaps not typed to its end. What is on screen stays until the answer is there."""
        self.query, self.sort, self.typing, self.is_loading, self._is_new = query, sort, typing, True, True
        self._actions.tasks.forget("list more")
        self._actions.list_page(
            query, sort, None, PAGE, self._on_first, self._on_failed, slot="list", typing=self.typing
        )

    def preset(self, rows: Sequence[ConversationRow], query: str, sort: str) -> None:
        """Rows known beforehand: those of the last close."""
        self.query, self.sort = query, sort
        self._take(rows, None)
        self.is_loading = self._is_new = True
        self.reset.emit()

    def load_more(self) -> None:
        """Fetch the next page, unless it is on its way, there is none, or it failed: ``try_again`` is for that."""
        if self.after is None or self.is_loading or self.more_error is not None:
            return
        self.is_loading = True
        after = self.after

        def take(page: ConversationPage) -> None:
            self._on_more(page, after)

        self._actions.list_page(
            self.query, self.sort, after, PAGE, take, self._on_more_failed, slot="list more", typing=self.typing
        )

    def try_again(self) -> None:
        """Read what could not be read."""
        if self.error is not None:
            self.show(self.query, self.sort, typing=self.typing)
        elif self.more_error is not None:
            self.more_error = None
            self.load_more()
            self.changed.emit()

    def refresh(self, changed: Collection[int] = ()) -> None:
        """Something changed: read the head and what is on screen again, and elsewhere the rows that changed."""
        if self._is_new:
            self.show(self.query, self.sort, typing=self.typing)
            return
        for part in self._parts:
            part.is_stale = True
        head = self._groups(range(len(self._parts)))[:1]
        self._reread([*head, *self._groups(self._stale_on_screen(beyond=len(head[0])))] if head else [[]], changed)

    def look_at(self, first: int, last: int) -> None:
        """Which rows are on screen: what is stale of them is read again."""
        self._on_screen = (first, last)
        if not self._is_rereading and not self.is_loading:
            stale = self._groups(self._stale_on_screen())
            if stale:
                self._reread(stale)

    # --- asking -------------------------------------------------------------------------------------------------

    def _placed(self) -> list[tuple[int, _Part]]:
        """Each part with the index of its first row."""
        placed, start = [], 0
        for part in self._parts:
            placed.append((start, part))
            start += part.count
        return placed

    def _stale_on_screen(self, beyond: int = 0) -> list[int]:
        """The numbers of the stale parts that are on screen."""
        if not any(part.is_stale for part in self._parts):
            return []
        first, last = self._on_screen
        return [
            n
            for n, (start, part) in enumerate(self._placed())
            if n >= beyond and part.is_stale and start <= last and first < start + part.count
        ]

    def _groups(self, numbers: Sequence[int]) -> list[list[_Part]]:
        """Parts that follow each other, in groups that are read as one."""
        groups: list[list[_Part]] = []
        before = count = 0
        for n in numbers:
            part = self._parts[n]
            if not groups or n != before + 1 or count + part.count > _NEAR:
                groups.append([])
                count = 0
            groups[-1].append(part)
            before, count = n, count + part.count
        return groups

    def _reread(self, groups: Sequence[Sequence[_Part]], changed: Collection[int] = ()) -> None:
        asked, covered = [], 0
        for parts in groups:
            count = min(sum(part.count for part in parts), _NEAR)
            covered += count
            asked.append((parts[0].after if parts else None, max(PAGE, count)))
        deep = [found for found in changed if found in self._known] if covered < len(self.rows) else []
        self._is_rereading = True

        def take(answer: tuple[Sequence[ConversationPage], Sequence[ConversationRow]]) -> None:
            pages, rows = answer
            for row in rows:
                self._renew(row)
            for (after, _limit), page in zip(asked, pages, strict=True):
                self._put(after, page)
            self._is_rereading = self.is_loading = False
            self.error = None
            self.changed.emit()

        self._actions.list_parts(self.query, self.sort, asked, deep, take, slot="list", typing=self.typing)

    # --- answers ------------------------------------------------------------------------------------------------

    def _take(self, rows: Sequence[ConversationRow], after: str | None) -> None:
        self.rows = list(rows)
        self.ids = [row.id for row in self.rows]
        self._known = set(self.ids)
        self._parts, self._is_new = [_Part(None, len(self.rows))], False
        self.after, self.error, self.more_error, self._is_rereading = after, None, None, False

    def _on_first(self, page: ConversationPage) -> None:
        self._take(page.rows, page.after)
        self.is_loading = False
        self.reset.emit()

    def _on_more(self, page: ConversationPage, after: str) -> None:
        if after != self.after:  # the end of the list has changed meanwhile: what follows it is asked for anew
            self.is_loading = False
            self.changed.emit()
            return
        fresh = [row for row in page.rows if row.id not in self._known]
        self._parts.append(_Part(after, len(fresh)))
        self.rows.extend(fresh)
        self.ids.extend(row.id for row in fresh)
        self._known.update(row.id for row in fresh)
        self.after, self.is_loading = page.after, False
        self.changed.emit()

    def _on_failed(self, error: InboxError) -> None:
        self._take((), None)
        self.is_loading, self.error = False, error
        self.reset.emit()
        self.failed.emit(error)

    def _on_more_failed(self, error: InboxError) -> None:
        self.is_loading, self.more_error = False, error
        self.changed.emit()

    # --- putting fresh rows in the place of old ones ------------------------------------------------------------

    def merge_head(self, page: ConversationPage) -> None:
        """Put a freshly read head in the place of the old one; what lies deeper stays."""
        self._put(None, page)
        self.is_loading, self.error = False, None
        self.changed.emit()

    def _put(self, after: str | None, page: ConversationPage) -> None:
        """Put the rows that come after a key in the place of the old ones; what lies deeper stays."""
        number = next((n for n, part in enumerate(self._parts) if part.after == after), -1)
        if number < 0 and self._parts:
            return  # another part that was read with it has taken its place
        number = max(0, number)
        start = sum(part.count for part in self._parts[:number])
        self._drop([row.id for row in page.rows], start, self._end_of(start, number, page))
        start = sum(part.count for part in self._parts[:number])  # what moved down stood above
        end = self._end_of(start, number, page)
        self._known.difference_update(self.ids[start:end])
        self._known.update(row.id for row in page.rows)
        self.rows[start:end] = page.rows
        self.ids[start:end] = [row.id for row in page.rows]
        self._rearrange(number, end - start, _Part(after, len(page.rows)), page.after)
        if sum(part.count for part in self._parts[: number + 1]) == len(self.rows):
            self.after = page.after

    def _end_of(self, start: int, number: int, page: ConversationPage) -> int:
        """Where the old rows end that a page replaces: before the first one that comes after its last."""
        if page.after is None or not page.rows:
            return len(self.rows)  # the view ends here
        last = page.rows[-1]
        if ":" not in page.after:
            return bisect_right(self.rows, self._order(last), start, key=self._order)
        index = self.index_of(last.id, start)  # words were searched for: the rows don't say by what they are ordered
        return index + 1 if index >= start else start + sum(part.count for part in self._parts[number : number + 1])

    def _order(self, row: ConversationRow) -> tuple[float, ...]:
        """What the rows of this view are ordered by, as the services do it."""
        if self.sort == "newest":
            return (-row.last_message_id, -row.id)
        if self.sort == "rank":
            return (row.rank, row.id)
        at = row.due_at if self.sort == "due" else row.waiting_since
        return (at is None, at.timestamp() if at is not None else 0, row.id)

    def _renew(self, row: ConversationRow) -> None:
        """A row elsewhere changed. If it belongs to another place now, it is read there when somebody looks."""
        index = self.index_of(row.id)
        if self._order(row) == self._order(self.rows[index]):
            self.rows[index] = row
        else:
            self._drop([row.id], 0, 0)

    def _drop(self, ids: Collection[int], start: int, end: int) -> None:
        """Take rows away that stand elsewhere than between two places: they moved."""
        for found in ids:
            index = self.index_of(found, start)
            if index >= 0 and not start <= index < end:
                del self.rows[index], self.ids[index]
                self._known.discard(found)
                self._part_at(index).count -= 1
                start, end = (start - 1, end - 1) if index < start else (start, end)

    def _part_at(self, index: int) -> _Part:
        for start, part in self._placed():
            if index < start + part.count:
                return part
        return self._parts[-1]

    def _rearrange(self, number: int, replaced: int, fresh: _Part, after: str | None) -> None:
        """Let a fresh part stand for so many rows from a part on; what is left of the last one follows it, stale."""
        left, end = replaced, number
        while end < len(self._parts) and (left > 0 or end == number):
            left -= self._parts[end].count
            end += 1
        if after is None:  # the view ends with what was read
            left, end = 0, len(self._parts)
        follows = [_Part(after, -left, is_stale=True)] if left < 0 else []
        self._parts[number:end] = [fresh, *follows]
