"""What the sections are made of: a page with its title, and a list with an editor beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QBoxLayout, QFrame, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inbox.i18n import tr
from inbox.ui import icons
from inbox.ui.dialog import Notice
from inbox.ui.form import Field, box, button, clear, column, holder, label, row, scrolled
from inbox.ui.rows_view import RowsView
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent

    from inbox.errors import InboxError
    from inbox.ui.settings.actions import SettingsActions


class Page(QWidget):
    """A section. A subclass fills ``body`` and reads its rows in ``load``."""

    def __init__(self, actions: SettingsActions, title: str, sentence: str) -> None:
        super().__init__()
        self.act = actions
        self.title = title
        self.setProperty("role", "page")
        self._saved = label("", "ok", wrap=False)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(2500)
        self._calm.timeout.connect(lambda: self._saved.setText(""))
        self.notice = Notice()
        self.body: QVBoxLayout = column(space=16)
        heading = row(label(title, "title"), -1, self._saved, space=8)
        head = column(heading, label(sentence, "soft"), space=4)
        self.setLayout(column(head, self.notice, self.body, space=16, margins=24))

    def load(self) -> None:
        """Read what is shown; called when the section is opened and when something changed elsewhere."""

    def keep(self, change: Callable[[Callable[[], None], Callable[[InboxError], None]], None]) -> None:
        """Run a change: ``change(then, failed)``; say "Saved", or what is wrong."""
        change(self.say_saved, self.say_error)

    def say_saved(self) -> None:
        """A word that goes away by itself."""
        self.notice.clear()
        self._saved.setText(tr("✓ Saved"))
        self._calm.start()

    def say_error(self, error: InboxError) -> None:
        """What could not be kept, and why; what was typed stays."""
        self._saved.setText("")
        self.notice.show_error(error)


def section(title: str, *items: QWidget | QBoxLayout, sentence: str = "") -> QFrame:
    """A card with a title."""
    hint = [label(sentence, "hint")] if sentence else []
    return box(column(column(label(title, "section"), *hint, space=2), *items, space=16, margins=20), "card")


def pair(*fields: QWidget) -> QBoxLayout:
    """Fields side by side, of the same width, their tops level."""
    made = row(space=16)
    for field in fields:
        made.addLayout(column(field, -1, space=0), 1)
    return made


class ListPage(Page):
    """Rows at the left, the chosen one's editor at the right (under it where the window is narrow)."""

    def __init__(
        self,
        actions: SettingsActions,
        title: str,
        sentence: str,
        *,
        add: str,
        ordered: bool = False,
        list_width: int = 260,
    ) -> None:
        super().__init__(actions, title, sentence)
        self._list_width = list_width
        self.list = RowsView(title)
        self.list.moved.connect(self._on_moved)
        self.add = button(add, "quiet")
        self.add.setIcon(icons.icon("plus", "", 14))
        self.add.clicked.connect(self.begin_new)
        tools = row(self.add, -1, space=4)
        self.up, self.down = arrow_buttons(self._move)
        if ordered:
            tools.addWidget(self.up)
            tools.addWidget(self.down)
        self.left: QVBoxLayout = column(self.list, tools, space=4, margins=8)
        self._side = box(self.left, "card")
        self.editor: QVBoxLayout = column(space=16)
        inside = holder(column(self.editor, -1, space=0))
        self._area = scrolled(inside)
        self._area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._split = row(self._side, self._area, space=16)
        self._split.setStretch(1, 1)
        self.body.addLayout(self._split, 1)
        self.key: object = None  # of the row in the editor; None while a new one is written

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else under each other."""
        super().resizeEvent(event)
        narrow = self.width() < px(self._list_width + 420)
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._split.direction() != way:
            self._split.setDirection(way)
        if narrow:
            self._side.setMinimumWidth(0)
            self._side.setMaximumWidth(16777215)
            self._side.setMaximumHeight(px(190))
        else:
            self._side.setFixedWidth(px(self._list_width))
            self._side.setMaximumHeight(16777215)

    def show_key(self, key: object) -> None:
        """Put a row into the editor; a subclass fills ``editor``."""

    def begin_new(self) -> None:
        """An empty editor; a subclass fills ``editor``. Nothing is kept before it has a name."""

    def reorder(self, keys: Sequence[object]) -> None:
        """Keep another order of the rows."""

    def empty_editor(self) -> None:
        """Take the old fields out."""
        self.notice.clear()
        clear(self.editor)

    def _on_moved(self, key: object) -> None:
        if key is not None and key != self.key:
            self.key = key
            self.show_key(key)

    def _move(self, by: int) -> None:
        keys = [found.key for found in self.list.rows if not found.heading]
        if self.key not in keys:
            return
        place = keys.index(self.key)
        if 0 <= place + by < len(keys):
            keys[place], keys[place + by] = keys[place + by], keys[place]
            self.reorder(keys)


def arrow_buttons(move: Callable[[int], None]) -> tuple[QPushButton, QPushButton]:
    """Two small buttons that move a row up or down."""
    up, down = button("", "quiet", name=tr("Move up")), button("", "quiet", name=tr("Move down"))
    up.setIcon(icons.icon("arrow-up", "", 14))
    down.setIcon(icons.icon("arrow-down", "", 14))
    up.setToolTip(tr("Move up"))
    down.setToolTip(tr("Move down"))
    up.clicked.connect(lambda: move(-1))
    down.clicked.connect(lambda: move(1))
    return up, down


class Fields:
    """The fields of an editor: keeps all of them whenever one is committed and something is different."""

    def __init__(
        self, fields: dict[str, Field], keep: Callable[[dict[str, str]], None], required: Sequence[str]
    ) -> None:
        self.fields, self._keep, self._required = fields, keep, required
        self._before = self.values()
        for field in fields.values():
            field.committed.connect(self.commit)

    def values(self) -> dict[str, str]:
        """All of them, by name."""
        return {name: field.value for name, field in self.fields.items()}

    def __getitem__(self, name: str) -> Field:
        return self.fields[name]

    def commit(self) -> None:
        """Keep, if something changed and nothing that is needed is empty."""
        values = self.values()
        if values == self._before:
            return
        empty = [name for name in self._required if not values[name].strip()]
        for name in empty:
            if self._before[name].strip():  # a new row's other fields may be filled in first
                self.fields[name].complain(tr("This is needed."))
        if empty:
            return
        self._before = values
        self._keep(values)

    def forget(self) -> None:
        """What was kept last was refused: the next commit tries again."""
        self._before = dict.fromkeys(self._before, "\0")
