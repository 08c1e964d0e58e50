"""What wants a decision in an open conversation: an answer that came in, a case that could be joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inbox.i18n import tr
from inbox.ui import menus
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.services.rows import CaseRow, ConversationDetail, ProposedAnswer

_SHOWN = 2


class Banners(QWidget):
    """Lines under the case bar. What was declined stays away while the window is open."""

    answer_filed = Signal(object)  # ProposedAnswer
    join_wanted = Signal(object)  # CaseRow
    joined_shown = Signal(object)  # CaseRow: go and look at it

    def __init__(self) -> None:
        super().__init__()
        self._declined: set[tuple[object, ...]] = set()
        self._lines: list[QFrame] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(px(20), 0, px(20), 0)
        self._layout.setSpacing(px(6))
        self.hide()

    def show_detail(self, detail: ConversationDetail) -> None:
        """Show what this conversation wants decided."""
        for line in self._lines:
            line.hide()
            self._layout.removeWidget(line)
            line.deleteLater()
        self._lines = []
        for proposed in detail.proposed[:_SHOWN]:
            if ("answer", proposed.question_id, proposed.message_id) not in self._declined:
                self._add_answer(proposed)
        if detail.case is not None and detail.case.status != "closed":
            for other in detail.other_open_cases[:1]:
                if ("join", detail.case.id, other.id) not in self._declined:
                    self._add_join(detail.case, other)
        self._layout.setContentsMargins(px(20), px(10) if self._lines else 0, px(20), px(10) if self._lines else 0)
        self.setVisible(bool(self._lines))

    def decline(self) -> None:
        """Say no to the first."""
        self._press(2)

    def accept(self) -> None:
        """Say yes to the first."""
        self._press(1)

    @property
    def is_asking(self) -> bool:
        """Whether there is something to decide."""
        return bool(self._lines)

    def _press(self, place: int) -> None:
        buttons = self._lines[0].findChildren(QPushButton) if self._lines else []
        if buttons:
            buttons[0 if place == 1 else -1].click()

    def _add_answer(self, proposed: ProposedAnswer) -> None:
        text = tr("Is this the answer to «{question}»?", question=proposed.question)
        line = self._line(text, f"«{_short(proposed.text)}»")
        self._add(line, tr("Yes, file it"), "accent", lambda: self.answer_filed.emit(proposed))
        key = ("answer", proposed.question_id, proposed.message_id)
        self._add(line, tr("No"), "quiet", lambda: self._on_declined(key, line))

    def _add_join(self, case: CaseRow, other: CaseRow) -> None:
        title = other.subject or other.case_type.name
        line = self._line(
            tr("This customer has another open case: {number}, «{title}».", number=other.id, title=title), ""
        )
        self._add(line, tr("Join the existing one"), "accent", lambda: self.join_wanted.emit(other))
        self._add(line, tr("Look at it"), "quiet", lambda: self.joined_shown.emit(other))
        key = ("join", case.id, other.id)
        self._add(line, tr("No"), "quiet", lambda: self._on_declined(key, line))

    def _line(self, text: str, below: str) -> QFrame:
        line = QFrame()
        line.setProperty("kind", "notice")
        layout = QHBoxLayout(line)
        layout.setContentsMargins(px(12), px(6), px(6), px(6))
        layout.setSpacing(px(6))
        said = QVBoxLayout()
        said.setSpacing(px(1))
        for words, tone in ((text, "strong"), (below, "soft")):
            if words:
                label = QLabel(words)
                label.setProperty("tone", tone)
                label.setWordWrap(True)
                said.addWidget(label)
        layout.addLayout(said, 1)
        self._layout.addWidget(line)
        self._lines.append(line)
        return line

    def _add(self, line: QFrame, label: str, kind: str, press: Callable[[], object]) -> None:
        button = QPushButton(label)
        button.setProperty("kind", kind)
        menus.on_press(button, press)
        layout = line.layout()
        assert layout is not None
        layout.addWidget(button)

    def _on_declined(self, key: tuple[object, ...], line: QFrame) -> None:
        self._declined.add(key)
        self._lines.remove(line)
        line.hide()
        line.deleteLater()
        self.setVisible(bool(self._lines))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:118] + "…"
