"""Every command of the window: what menus, the command palette and the sheet of keys read, and what keys run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget


class Command:
    """Something a person can do.

    Attributes:
        id: Stable, dotted: ``case.close``.
        label: In the person's language.
        keys: Portable key sequences; a bare letter works where no text is being typed.
        run: Does it, in the GUI thread.
        enabled: Whether it can be done now.
        group: The menu it stands in, in the person's language.
    """

    __slots__ = ("enabled", "group", "id", "keys", "label", "run")

    def __init__(
        self,
        id: str,
        label: str,
        keys: tuple[str, ...],
        run: Callable[[], None],
        enabled: Callable[[], bool] = lambda: True,
        group: str = "",
    ) -> None:
        self.id, self.label, self.keys, self.run, self.enabled, self.group = id, label, keys, run, enabled, group

    @property
    def key_text(self) -> str:
        """The first key as this system writes it; empty without one."""
        return QKeySequence(self.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if self.keys else ""


class Commands(QObject):
    """The registry. The window fills it; menus and palette read it."""

    ran = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands: dict[str, Command] = {}
        self._actions: dict[str, QAction] = {}

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def __getitem__(self, command_id: str) -> Command:
        return self._commands[command_id]

    def add(self, *commands: Command) -> None:
        """Register; the same id again replaces."""
        for command in commands:
            self._commands[command.id] = command

    def install(self, window: QWidget) -> None:
        """Make the keys work in a window."""
        for command in self:
            action = QAction(command.label, window)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.setAutoRepeat(command.id.startswith("list."))
            action.triggered.connect(lambda _checked=False, id=command.id: self.run(id))
            window.addAction(action)
            self._actions[command.id] = action

    def action(self, command_id: str) -> QAction:
        """The Qt action of an installed command, for a menu."""
        return self._actions[command_id]

    def run(self, command_id: str) -> None:
        """Run a command, if it can be done now."""
        command = self._commands[command_id]
        if command.enabled():
            command.run()
            self.ran.emit(command_id)

    def groups(self) -> dict[str, list[Command]]:
        """The commands by group, in the order of registration."""
        grouped: dict[str, list[Command]] = {}
        for command in self:
            grouped.setdefault(command.group, []).append(command)
        return grouped
