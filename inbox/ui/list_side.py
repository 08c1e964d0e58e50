"""The middle column: what view is shown and in which order, and the conversations in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from inbox.i18n import tr, tr_n
from inbox.ui import menus, tokens, words
from inbox.ui.list_head import ListHead
from inbox.ui.list_model import ListModel
from inbox.ui.list_view import ListView
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.ui.actions import Actions

_SORTS = ("rank", "newest", "waiting", "due")


class ListSide(QWidget):
    """Head and list. ``view`` is what is shown: its key, title, query and sort."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("middle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(px(200))
        self.view: dict[str, str] = {}
        self.views: Sequence[Any] = ()  # those of the rail, with their counts
        self.model = ListModel(actions, self)
        self.list = ListView(self.model)
        self.head = ListHead()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        rule = QWidget()
        rule.setStyleSheet(f"background: {tokens.colors().line}")
        rule.setFixedHeight(1)
        column.addWidget(rule)
        column.addWidget(self.list, 1)
        menus.on_press(self.head.sort_button, self._show_sorts)
        self.list.selection_changed.connect(self.show_count)
        self.model.reset.connect(self.show_count)
        self.model.changed.connect(self.show_count)

    def preset(self, view: dict[str, str], rows: Sequence[Any]) -> None:
        """What the last close left."""
        self.view = view
        self._show_title()
        self.model.preset(rows, view["query"], view["sort"])

    def show_view(self, key: str, title: str, query: str, sort: str, *, typing: bool = False) -> None:
        """A view, an account or a search."""
        self.view = {"key": key, "title": title, "query": query, "sort": sort}
        self._show_title()
        self.model.show(query, sort, typing=typing)

    def show_count(self) -> None:
        """How many there are, or how many are chosen."""
        chosen = len(self.list.selected)
        if chosen > 1:
            self.head.show_count(tr_n("{n} chosen", "{n} chosen", chosen))
            return
        found = next((view for view in self.views if view.key == self.view["key"]), None)
        count = found.count if found is not None else None
        if count is None and self.model.after is None and not self.model.is_loading:
            count = len(self.model)
        shown = f"{count - 1}+" if count is not None and count >= 1000 else str(count)
        self.head.show_count("" if count is None else shown)

    def _show_title(self) -> None:
        self.head.show_view(self.view.get("title", ""), words.sort(self.view["sort"]))
        self.list.empty_title, self.list.empty_hint = _empty_words(self.view["key"])

    def _show_sorts(self) -> None:
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        for sort in _SORTS:
            menus.add_choice(menu, words.sort(sort), sort == self.view["sort"], partial(self._sort, sort))
        button = self.head.sort_button
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))

    def _sort(self, sort: str) -> None:
        self.view["sort"] = sort
        self._show_title()
        self.model.show(self.view["query"], sort)


class Nothing(QWidget):
    """Where a conversation will be."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("thread_side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        for text, tone in (
            (tr("Choose a conversation"), "title"),
            (tr("J and K go through the list, Enter answers."), "soft"),
        ):
            label = QLabel(text)
            label.setProperty("tone", tone)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addStretch(3)


def _empty_words(key: str) -> tuple[str, str]:
    if key == "search":
        return tr("Nothing found"), tr("Try fewer or other words. F1 shows what can be searched for.")
    if key in ("mine", "today"):
        return tr("All done here"), tr("Take one from Unassigned, or look at what waits for the customer.")
    if key == "snoozed":
        return tr("Nothing is set aside"), tr("S sets a conversation aside until a time of your choice.")
    if key == "failed":
        return tr("Everything was delivered"), ""
    return tr("Nothing here"), tr("What belongs here will appear by itself.")
