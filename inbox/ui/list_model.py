"""The rows of the conversation list: pages by key, loaded ahead, kept up to date while things come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import ConversationPage, ConversationRow
    from inbox.ui.actions import Actions

PAGE = 50
_REFRESHED = 200  # so many rows from the top are read again when something changes; deeper ones row by row


class ListModel(QObject):
    """One view of the conversations. Rows have the shape of ``ConversationRow``; those of a snapshot only look like it.

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
        self.query, self.sort, self.typing = "", "newest", False
        self.after: str | None = None
        self.is_loading = True
        self.error: InboxError | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def index_of(self, conversation_id: int | None, near: int = 0) -> int:
        """Where a conversation stands; -1 where it doesn't. It is looked for first at the place where it stood."""
        if conversation_id not in self._known:
            return -1
        try:
            return self.ids.index(conversation_id, max(0, near - _REFRESHED), near + _REFRESHED)
        except ValueError:
            return self.ids.index(conversation_id)

    def row(self, conversation_id: int) -> ConversationRow | None:
        """The row of a conversation, if it is loaded."""
        index = self.index_of(conversation_id)
        return self.rows[index] if index >= 0 else None

    def show(self, query: str, sort: str, *, typing: bool = False) -> None:
        """Another view or search, perhaps not typed to its end. What is on screen stays until the answer is there."""
        self.query, self.sort, self.typing, self.is_loading = query, sort, typing, True
        self._actions.tasks.forget("list more")
        self._actions.list_page(
            query, sort, None, PAGE, self._on_first, self._on_failed, slot="list", typing=self.typing
        )

    def preset(self, rows: Sequence[ConversationRow], query: str, sort: str) -> None:
        """Rows known beforehand: those of the last close."""
        self.query, self.sort = query, sort
        self._take(rows)
        self.after, self.is_loading = None, True
        self.reset.emit()

    def load_more(self) -> None:
        """Fetch the next page, unless it is on its way or there is none."""
        if self.after is None or self.is_loading:
            return
        self.is_loading = True
        self._actions.list_page(
            self.query,
            self.sort,
            self.after,
            PAGE,
            self._on_more,
            self._on_failed,
            slot="list more",
            typing=self.typing,
        )

    def refresh(self, changed: Collection[int] = ()) -> None:
        """Read the head of the list again, and the deeper rows that changed."""
        limit = min(max(PAGE, len(self.rows)), _REFRESHED)
        deep = [found for found in changed if found in self._known and self.index_of(found) >= limit]
        self._actions.list_head(self.query, self.sort, limit, deep, self._on_head, slot="list", typing=self.typing)

    def _take(self, rows: Sequence[ConversationRow]) -> None:
        self.rows = list(rows)
        self.ids = [row.id for row in self.rows]
        self._known = set(self.ids)

    def _on_first(self, page: ConversationPage) -> None:
        self._take(page.rows)
        self.after, self.is_loading, self.error = page.after, False, None
        self.reset.emit()

    def _on_more(self, page: ConversationPage) -> None:
        fresh = [row for row in page.rows if row.id not in self._known]
        self.rows.extend(fresh)
        self.ids.extend(row.id for row in fresh)
        self._known.update(row.id for row in fresh)
        self.after, self.is_loading = page.after, False
        self.changed.emit()

    def _on_failed(self, error: InboxError) -> None:
        self.is_loading, self.error = False, error
        self._take(())
        self.after = None
        self.reset.emit()
        self.failed.emit(error)

    def _on_head(self, answer: tuple[ConversationPage, Sequence[ConversationRow]]) -> None:
        page, deep = answer
        for row in deep:
            self.rows[self.index_of(row.id)] = row
        self.merge_head(page)

    def merge_head(self, page: ConversationPage) -> None:
        """Put a freshly read head in the place of the old one; what lies deeper stays."""
        if page.after is None:  # the whole view fitted in
            self._take(page.rows)
            self.after = None
        else:
            self._replace_head(page)
        self.is_loading, self.error = False, None
        self.changed.emit()

    def _replace_head(self, page: ConversationPage) -> None:
        ids = [row.id for row in page.rows]
        fresh = set(ids)
        last = self.index_of(ids[-1])
        if last < 0:  # nothing to join it to: the next pages are read anew
            self._take(page.rows)
            self.after = page.after
            return
        gone = [found for found in self.ids[: last + 1] if found not in fresh]
        stale = [found for found in ids if found in self._known and self.index_of(found) > last]
        self.rows[: last + 1] = page.rows
        self.ids[: last + 1] = ids
        for found in stale:  # it moved up: its old place lies deeper
            place = self.ids.index(found, len(ids))
            del self.rows[place], self.ids[place]
        self._known.difference_update(gone)
        self._known.update(fresh)
        if len(self.rows) == len(ids):
            self.after = page.after
