"""A sentence above the composer's buttons, perhaps with something to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout

from inbox.ui import menus
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable


class Notice(QFrame):
    """Hidden until there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "trouble")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(px(12), px(8), px(12), px(8))
        self._inside = inside
        self.hide()

    def say(self, text: str, *offers: tuple[str, Callable[[], object]]) -> None:
        """Show a sentence; each offer is a button's label and what it does."""
        self.take_away()
        said = QLabel(text)
        said.setWordWrap(True)
        self._inside.addWidget(said)
        for label, do in offers:
            button = QPushButton(label)
            button.setProperty("kind", "link")
            menus.on_press(button, do)
            self._inside.addWidget(button)
        self.setAccessibleName(text)
        self.show()

    def take_away(self) -> None:
        """Nothing to say any more."""
        while (item := self._inside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.accessibleName()
