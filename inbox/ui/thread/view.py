"""The stream itself: cards and days, the newest at the foot; older ones come when one scrolls up, without a jump."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from inbox.i18n import tr
from inbox.ui import paint, time_text, tokens, words
from inbox.ui.style import font
from inbox.ui.thread.card import MessageCard
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inbox.services.rows import CaseRow, MessageBody, MessageRow, ThreadPage
    from inbox.services.sender_checks import SenderCheck

_GAP = 12
_STEP = 4  # cards made at a time while the rest of the page is filled in


class DayLine(QWidget):
    """Between two days: which day it was, and what happened to the case."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = text
        self.setAccessibleName(text)

    def arrange(self, width: int) -> int:
        """Its height."""
        return px(22)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), tokens.colors()
        box = QRectF(self.rect())
        used = paint.text(painter, box, self.text, font(12), look.faint, paint.CENTER)
        side = (box.width() - used) / 2 - px(12)
        middle = int(box.center().y())
        paint.line(painter, px(1), middle, side)
        paint.line(painter, box.width() - side, middle, box.width() - px(1))


class ThreadView(QScrollArea):
    """Shows a thread. Asks by signals; the conversation's pane does what they ask."""

    older_wanted = Signal()
    body_wanted = Signal(object, bool)  # message id, with remote images
    source_wanted = Signal(object)
    file_wanted = Signal(object, bool)  # AttachmentRow, save rather than open
    undo_wanted = Signal(object)
    send_now = Signal(object)
    time_wanted = Signal(object, QPoint)
    try_again = Signal(object)
    read_again = Signal(object)
    decided = Signal(object, bool)
    copied = Signal(str)
    answer_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("thread_side")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(tr("Messages"))
        self.page = QWidget()
        self.page.setObjectName("thread_page")
        self.setWidget(self.page)
        self.bodies: dict[int, MessageBody] = {}
        self.checks: dict[int, tuple[SenderCheck, ...]] = {}
        self.messages: list[MessageRow] = []
        self.before: int | None = None
        self._case: CaseRow | None = None
        self._cards: dict[int, MessageCard] = {}
        self._days: dict[date, DayLine] = {}
        self._waiting: list[MessageRow] = []  # messages of this page that have no card yet, oldest first
        self._asked_older = False
        self._fill = QTimer(self, interval=0, singleShot=True)
        self._fill.timeout.connect(self._make_more)
        self._below = QPushButton(tr("↓ New message"), self)
        self._below.setProperty("kind", "accent")
        self._below.clicked.connect(self.go_to_end)
        self._below.hide()
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().setSingleStep(px(40))

    # --- what it shows ------------------------------------------------------------------------------------------

    def show_thread(self, case: CaseRow | None, page: ThreadPage, bodies: dict[int, MessageBody]) -> None:
        """Another conversation: its newest messages first; the rest of the page follows within the next moments."""
        self.clear()
        self._case, self.bodies = case, dict(bodies)
        self.messages, self.before = list(page.messages), page.before
        self._waiting = list(page.messages)
        height, wanted = 0, self.viewport().height()
        while self._waiting and height < wanted:
            height += self._make(self._waiting.pop()).arrange(self._card_width()) + px(_GAP)
        self._place(to_end=True)
        if self._waiting:
            self._fill.start()

    def update_thread(self, case: CaseRow | None, page: ThreadPage, bodies: dict[int, MessageBody]) -> None:
        """The same conversation, read again: cards that did not change stay as they are."""
        self._make_all()
        at_end, old = self.is_at_end, {row.id: row for row in self.messages}
        oldest = page.messages[0].id if page.messages else 0
        self._case = case
        self.bodies.update(bodies)
        kept = [row for row in self.messages if row.id < oldest]
        self.before = self.before if kept else page.before
        self.messages = kept + list(page.messages)
        ids = {row.id for row in self.messages}
        for gone in [found for found in self._cards if found not in ids]:
            self._drop(gone)
        for row in page.messages:
            if row.id in self._cards and old.get(row.id) != row:
                self._drop(row.id)
            if row.id not in self._cards:
                self._make(row)
        self._place(to_end=at_end)
        if not at_end and any(row.id not in old for row in page.messages):
            self._show_below()

    def add_older(self, page: ThreadPage, bodies: dict[int, MessageBody]) -> None:
        """Older messages above; what is on screen stays where it is."""
        self._asked_older = False
        self.bodies.update(bodies)
        known = {row.id for row in self.messages}
        fresh = [row for row in page.messages if row.id not in known]
        self.messages = fresh + self.messages
        self.before = page.before
        for row in fresh:
            self._make(row)
        self._place()

    def take_bodies(self, bodies: dict[int, MessageBody]) -> None:
        """Bodies that came later than their messages."""
        self.bodies.update(bodies)
        for message_id, body in bodies.items():
            card = self._cards.get(message_id)
            if card is not None:
                card.show_body(body)
        self._place()

    def unchecked(self) -> list[int]:
        """The messages of others whose senders nobody has looked at yet."""
        return [row.id for row in self.messages if row.direction == "in" and row.id not in self.checks]

    def take_checks(self, ids: Sequence[int], checks: Mapping[int, tuple[SenderCheck, ...]]) -> None:
        """What speaks for and against the senders of these messages."""
        self.checks.update({message_id: checks.get(message_id, ()) for message_id in ids})
        for message_id, found in checks.items():
            card = self._cards.get(message_id)
            if card is not None:
                card.show_checks(found)
        if checks:
            self._place(to_end=self.is_at_end)

    def clear(self) -> None:
        """Show nothing."""
        self._fill.stop()
        for found in list(self._cards):
            self._drop(found)
        for line in self._days.values():
            line.hide()
            line.deleteLater()
        self._days, self._waiting, self.messages, self.checks = {}, [], [], {}
        self.before, self._asked_older = None, False
        self._below.hide()

    def card(self, message_id: int) -> MessageCard | None:
        """The card of a message, if it is shown."""
        return self._cards.get(message_id)

    @property
    def is_at_end(self) -> bool:
        """Whether the newest message is in sight."""
        return self.verticalScrollBar().maximum() - self.verticalScrollBar().value() <= px(24)

    def go_to_end(self) -> None:
        """To the newest message."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    # --- making cards -------------------------------------------------------------------------------------------

    def _make(self, row: MessageRow) -> MessageCard:
        card = MessageCard(row, self._about(row), self)
        card.resized.connect(self._place)
        self._cards[row.id] = card
        return card

    def _drop(self, message_id: int) -> None:
        card = self._cards.pop(message_id)
        card.hide()
        card.deleteLater()

    def _make_more(self) -> None:
        for _ in range(min(_STEP, len(self._waiting))):
            self._make(self._waiting.pop())
        self._place()
        if self._waiting:
            self._fill.start()

    def _make_all(self) -> None:
        self._fill.stop()
        while self._waiting:
            self._make(self._waiting.pop())

    def _about(self, row: MessageRow) -> str:
        """What is about the message: to whom, from which template, that the channel changed."""
        if row.direction == "note":
            return {"call": tr("call"), "visit": tr("visit")}.get(row.kind, tr("only the team sees it"))
        if row.direction == "out":
            if row.template_name:
                return tr("template «{name}»", name=row.template_name)
            return {"call": tr("call"), "visit": tr("visit")}.get(row.kind, self._to(row))
        if row.kind in ("automatic", "bounce"):
            return tr("automatic reply") if row.kind == "automatic" else tr("could not be delivered")
        index = next((place for place, found in enumerate(self.messages) if found.id == row.id), 0)
        earlier = [found for found in self.messages[:index] if found.direction != "note"]
        if earlier and earlier[-1].channel != row.channel:
            return tr("went on by {channel}", channel=words.channel(row.channel))
        return self._to(row)

    @staticmethod
    def _to(row: MessageRow) -> str:
        if not row.recipients:
            return ""
        shown = [tr("to {address}", address=", ".join(row.recipients[:3]))]
        shown += [tr("Cc {address}", address=", ".join(row.cc))] if row.cc else []
        shown += [tr("Bcc {address}", address=", ".join(row.bcc))] if row.bcc else []
        return " · ".join(shown)

    # --- where everything stands --------------------------------------------------------------------------------

    def _card_width(self) -> int:
        return max(px(200), self.width() - 2 * px(22))  # as wide as the composer, scroll bar or not

    def _place(self, *, to_end: bool = False) -> None:
        """Arrange all cards; the distance to the foot stays, so that what is read does not move."""
        bar = self.verticalScrollBar()
        from_end = 0 if to_end else bar.maximum() - bar.value()
        width, left = self._card_width(), px(22)
        placed: list[tuple[QWidget, int, int]] = []
        y, day = px(16), None
        for row in self.messages:
            card = self._cards.get(row.id)
            if card is None:
                continue
            on = row.sent_at.astimezone().date()
            if on != day:
                line, day = self._day_line(on, row), on
                placed.append((line, y, line.arrange(width)))
                y += placed[-1][2] + px(_GAP - 2)
            placed.append((card, y, card.arrange(width)))
            y += placed[-1][2] + px(_GAP)
        height = max(y + px(4), self.viewport().height())
        shift = height - y - px(4)  # a short thread stands at the foot, beside the composer
        for widget, top, tall in placed:
            widget.setGeometry(left, top + shift, width, tall)
            widget.show()
        self.page.resize(self.viewport().width(), height)
        bar.setValue(bar.maximum() - from_end)

    def _day_line(self, day: date, row: MessageRow) -> DayLine:
        text = time_text.day(row.sent_at)
        case = self._case
        if case is not None and case.opened_at.astimezone().date() == day:
            text = tr("{day} · case {number} was opened", day=text, number=case.id)
        line = self._days.get(day)
        if line is None:
            line = self._days[day] = DayLine(text, self.page)
        line.text = text
        return line

    def _on_scrolled(self) -> None:
        if self.is_at_end:
            self._below.hide()
        near = self.verticalScrollBar().value() < self.viewport().height()
        if near and self.before is not None and not self._asked_older and not self._waiting and self.messages:
            self._asked_older = True
            self.older_wanted.emit()

    def _show_below(self) -> None:
        self._below.adjustSize()
        self._below.move((self.width() - self._below.width()) // 2, self.height() - self._below.height() - px(10))
        self._below.show()
        self._below.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self.viewport()).fillRect(event.rect(), QColor(tokens.colors().sunken))
