"""The small buttons under the text: questions that are offered or counted, and the files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from inbox.i18n import tr, tr_n
from inbox.ui import icons, menus
from inbox.ui.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.ui.composer.written import Written

_MOST_OFFERED = 2
_LONGEST = 48


class Chips(Flow):
    """Asks by signals; hidden while there is nothing to show."""

    counted = Signal(str)  # count this sentence as a clarifying question
    none_counted = Signal()
    file_dropped = Signal(object)

    def show_written(self, written: Written, is_note: bool) -> None:
        """Show what goes with the reply."""
        self.clear()
        if not is_note:
            self._show_questions(written)
            for file in written.beside():
                drop = partial(self.file_dropped.emit, file)
                self._chip(f"{file.filename}  ×", "file", drop, tr("Take it away")).setIcon(icons.icon("paperclip"))
        self.setVisible(self.count() > 0)

    def _show_questions(self, written: Written) -> None:
        for sentence in written.offered[:_MOST_OFFERED]:
            label = tr("Count «{question}» as a clarifying question", question=_short(sentence))
            self._chip(label, "accent", partial(self.counted.emit, sentence), tr("Ctrl+Shift+Q"))
        asked = len(written.asked_now())
        if asked:
            said = tr_n("{n} clarifying question in this reply", "{n} clarifying questions in this reply", asked)
            self._chip(said, "quiet", self.none_counted.emit, tr("Press to count none of them"))

    def _chip(self, label: str, kind: str, press: Callable[[], object], tip: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("kind", kind)
        button.setToolTip(tip)
        menus.on_press(button, press)
        self.add(button)
        return button


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 2] + "…"
