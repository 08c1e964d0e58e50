"""The keys sheet (?): all commands with their keys, in groups, read from the registry of commands."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from inbox.i18n import tr
from inbox.ui.commands import Command
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, box, button, clear, column, label, line
from inbox.ui.fuzzy import score
from inbox.ui.tokens import px


class KeysList(QWidget):
    """The groups in two columns of about the same height."""

    def __init__(self, commands: Iterable[Command], *, columns: int = 2) -> None:
        super().__init__()
        self._commands = [found for found in commands if found.keys]
        self._columns = columns
        self._layout = QHBoxLayout()
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(16))
        self.setLayout(self._layout)
        self.show_matching("")

    def show_matching(self, query: str) -> None:
        """Only the commands that fit what is typed."""
        clear(self._layout)
        found = [c for c in self._commands if not query.strip() or score(query, f"{c.label} {c.key_text}") is not None]
        groups: dict[str, list[Command]] = {}
        for command in found:
            groups.setdefault(command.group, []).append(command)
        if not groups:
            self._layout.addWidget(label(tr("No command is called that."), "soft"))
            return
        piles: list[list[QWidget]] = [[] for _ in range(self._columns)]
        heights = [0] * self._columns
        for group, commands in groups.items():
            lowest = heights.index(min(heights))
            piles[lowest].append(_group(group, commands))
            heights[lowest] += len(commands) + 2
        for pile in piles:
            self._layout.addLayout(column(*pile, -1, space=16), 1)


def _group(name: str, commands: Iterable[Command]) -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(px(16), px(12), px(16), px(12))
    grid.setHorizontalSpacing(px(12))
    grid.setVerticalSpacing(px(8))
    grid.addWidget(label(name, "label"), 0, 0, 1, 2)
    for number, command in enumerate(commands, start=1):
        grid.addWidget(label(command.label), number, 0)
        keys = label(command.key_text, "key", wrap=False)
        grid.addWidget(keys, number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    grid.setColumnStretch(0, 1)
    return box(grid, "card")


class KeysSheet(Dialog):
    """All keys on one sheet, with a line to find one."""

    def __init__(self, commands: Iterable[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Keys"), tr("Everything can be done without the mouse."), width=860)
        self._seek = line(placeholder=tr("Find a command or a key"))
        field = Field(tr("Find"), self._seek)
        self._list = KeysList(commands)
        field.changed.connect(lambda: self._list.show_matching(self._seek.text()))
        self.content.addWidget(field)
        self.content.addWidget(self._list)
        self.content.addStretch(1)
        done = button(tr("Close"))
        done.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(done)
