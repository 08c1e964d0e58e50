"""Notices that don't interrupt: a line at the foot of the window that goes by itself, perhaps with one thing to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from inbox.ui import menus
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable

_STAYS_MS = 5000


class Toast(QFrame):
    """One notice at a time; a new one takes the place of the old."""

    def __init__(self, parent: QWidget, taken: Callable[[], int]) -> None:
        """``taken`` answers how much of the window's lower edge must stay free: what one writes with."""
        super().__init__(parent)
        self._window, self._taken = parent, taken
        self.setProperty("kind", "toast")
        self._do: Callable[[], None] | None = None
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._button = QPushButton()
        menus.on_press(self._button, self.act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(16), px(10), px(12), px(10))
        layout.setSpacing(px(12))
        layout.addWidget(self._label, 1)
        layout.addWidget(self._button)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def say(self, text: str, label: str = "", do: Callable[[], None] | None = None, stays_ms: int = _STAYS_MS) -> None:
        """Show a notice, perhaps with a button."""
        self._do = do
        self._label.setText(text)
        self._button.setText(label)
        self._button.setVisible(do is not None)
        self.place()
        self.show()
        self.raise_()
        self._timer.start(stays_ms)
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # costs milliseconds of the first paint

        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    @property
    def text(self) -> str:
        """What it says."""
        return self._label.text() if not self.isHidden() else ""

    @property
    def can_act(self) -> bool:
        """Whether there is something to undo or do just now."""
        return self._do is not None and not self.isHidden()

    def act(self) -> None:
        """Do what the button offers."""
        do, self._do = self._do, None
        self.dismiss()
        if do is not None:
            do()

    def dismiss(self) -> None:
        """Take it away."""
        self._timer.stop()
        self.hide()

    def place(self) -> None:
        """In the lower middle of the window; the window calls it when its size changes."""
        window = self._window
        width = min(px(520), window.width() - px(32))
        self._label.setMinimumWidth(0)
        self.setFixedWidth(min(width, max(px(240), self.sizeHint().width())))
        self.adjustSize()
        self.move((window.width() - self.width()) // 2, window.height() - self.height() - self._taken() - px(20))
