"""The single view of a customer: who, how valuable, what is unknown, identities, facts with their age, the story."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inbox.i18n import tr, tr_n
from inbox.ui import menus, paint, time_text, tokens, words
from inbox.ui.style import font
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.services.rows import CustomerCard, FactRow, IdentityRow, MergeRow, MergeSuggestion, TimelineRow

_STORY = 8


class Line(QAbstractButton):
    """A badge or none, words, and something quiet at the right or below. Pressing it does something."""

    def __init__(self, text: str, *, channel: str = "", right: str = "", below: str = "", dim: bool = False) -> None:
        super().__init__()
        self.setText(text)
        self._channel, self._right, self._below, self._dim = channel, right, below, dim
        self.setAccessibleName(", ".join(filter(None, (text, right, below))))
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(px(120), px(44) if self._below else px(25))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), tokens.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            box = QRectF(self.rect()).adjusted(-2, 1, 2, -1)
            paint.rounded(painter, box, tokens.RADIUS_CHIP, look.hover, look.accent if self.hasFocus() else "")
        left, middle = 0.0, px(13)
        if self._channel:
            paint.badge(painter, 0, middle - px(8), self._channel, 16)
            left = px(24)
        right = float(self.width())
        if self._right:
            box = QRectF(left, middle - px(10), right - left, px(20))
            right -= paint.text(painter, box, self._right, font(12), look.faint, paint.RIGHT) + px(8)
        ink = look.faint if self._dim else look.text
        paint.text(painter, QRectF(left, middle - px(10), right - left, px(20)), self.text(), font(13), ink)
        if self._below:
            box = QRectF(left, middle + px(9), self.width() - left, px(18))
            paint.text(painter, box, self._below, font(12), look.faint)


class _Head(QWidget):
    """Initials, name, and since when."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.about = "", ""
        self.setFixedHeight(px(52))

    def name_width(self, room: float) -> float:
        """How wide the name is, shortened to fit."""
        return min(room, QFontMetricsF(font(15, paint.SEMIBOLD)).horizontalAdvance(self.name))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), tokens.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint.avatar(painter, QRectF(0, px(4), px(44), px(44)), self.name or "?", 15)
        left, room = px(55), self.width() - px(55)
        box = QRectF(left, px(4), room - px(34), px(22))
        paint.text(painter, box, self.name, font(15, paint.SEMIBOLD), look.text)
        paint.text(painter, QRectF(left, px(27), room, px(20)), self.about, font(12), look.faint)


class CustomerPanel(QScrollArea):
    """The right edge of the window. Asks by signals; the window does what they ask."""

    question_wanted = Signal(object)  # SuggestedQuestion
    tier_chosen = Signal(str)
    name_changed = Signal(str)
    notes_changed = Signal(str)
    tags_changed = Signal(tuple)
    identity_wanted = Signal()
    identity_menu_wanted = Signal(object, QPoint)
    fact_menu_wanted = Signal(object, QPoint)
    consent_menu_wanted = Signal(QPoint)
    conversation_chosen = Signal(object)
    merge_wanted = Signal(object)  # MergeSuggestion
    unmerge_wanted = Signal(object)  # MergeRow

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.card: CustomerCard | None = None
        self._notes: QPlainTextEdit | None = None
        self._whole_story = False
        self._new_page()

    def _new_page(self) -> None:
        page = QWidget()
        page.setObjectName("panel")
        self._layout = QVBoxLayout(page)
        self._layout.setContentsMargins(px(18), px(14), px(18), px(16))
        self._layout.setSpacing(0)
        self.setWidget(page)

    def show_card(self, card: CustomerCard) -> None:
        """Another customer, or the same one as they are now."""
        is_same = self.card is not None and self.card.id == card.id
        if is_same and self.is_written_in():
            return  # it is shown when they are done
        place = self.verticalScrollBar().value() if self.card is not None and self.card.id == card.id else 0
        if self.card is None or self.card.id != card.id:
            self._whole_story = False
        self.card = card
        self._new_page()
        self._add_head(card)
        self._add_unknown(card)
        self._add_suggestions(card)
        self._add_identities(card)
        self._add_facts(card)
        self._add_tags(card)
        self._add_notes(card)
        self._add_story(card)
        self._layout.addStretch(1)
        self._add_foot(card)
        self.verticalScrollBar().setValue(place)

    def is_written_in(self) -> bool:
        """Whether somebody is typing in a field: notes or tags."""
        fields = (*self.findChildren(QPlainTextEdit), *self.findChildren(QLineEdit))
        return any(field.hasFocus() for field in fields)

    def clear(self) -> None:
        """Nobody."""
        self.card = None
        self._notes = None
        self._new_page()

    # --- parts --------------------------------------------------------------------------------------------------

    def _add_head(self, card: CustomerCard) -> None:
        head = _Head()
        head.name = card.name
        since = tr("Customer since {year}", year=card.created_at.astimezone().year)
        cases = tr_n("{n} case", "{n} cases", card.case_count)
        head.about = " · ".join(filter(None, (card.company, since, cases)))
        head.setToolTip(f"{card.name}\n{head.about}")
        tier = QPushButton(card.tier, head)
        tier.setProperty("kind", "accent" if card.tier == "A" else "")
        tier.setStyleSheet(f"padding: 0; font-size: {px(11)}px; font-weight: 700; border-radius: 4px;")
        tier.setAccessibleName(tr("Tier {tier}: change", tier=card.tier))
        tier.setToolTip(tr("How valuable this customer is: press to change"))
        tier.setCursor(Qt.CursorShape.PointingHandCursor)
        width = self.viewport().width() - px(36) - px(55) - px(34)
        tier.setGeometry(px(55) + int(head.name_width(width)) + px(6), px(7), px(20), px(17))
        menus.on_press(tier, lambda: self._show_tiers(tier))
        self._layout.addWidget(head)

    def _show_tiers(self, button: QWidget) -> None:
        menu = QMenu(self)
        for value, label in (("A", tr("A: very valuable")), ("B", tr("B: valuable")), ("C", tr("C: everybody else"))):
            menus.add(menu, label, partial(self.tier_chosen.emit, value))
        menu.exec(button.mapToGlobal(button.rect().bottomLeft()))

    def _add_unknown(self, card: CustomerCard) -> None:
        if not card.unknown:
            return
        first = card.unknown[0]
        box = QFrame()
        box.setProperty("kind", "unknown")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(px(12), px(9), px(12), px(9))
        inside.setSpacing(px(3))
        inside.addWidget(_label(tr("Still to confirm") if first.known else tr("Not known yet"), "strong"))
        inside.addWidget(_label(first.text, "soft"))
        line = QHBoxLayout()
        line.setSpacing(px(6))
        ask = QPushButton(tr("Ask"))
        ask.setProperty("kind", "link")
        ask.setAccessibleName(tr("Ask: {question}", question=first.text))
        ask.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(ask, lambda: self.question_wanted.emit(first))
        line.addWidget(ask)
        line.addWidget(_label("Q", "key"))
        line.addStretch(1)
        inside.addLayout(line)
        self._layout.addSpacing(px(10))
        self._layout.addWidget(box)

    def _add_suggestions(self, card: CustomerCard) -> None:
        for found in card.suggestions[:2]:
            self._add_suggestion(found)

    def _add_suggestion(self, found: MergeSuggestion) -> None:
        box = QFrame()
        box.setProperty("kind", "notice")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(px(12), px(8), px(12), px(8))
        inside.setSpacing(px(2))
        inside.addWidget(_label(tr("The same as {name}?", name=found.name), "strong"))
        inside.addWidget(_label(" · ".join((*found.handles[:2], *found.reasons)), "soft"))
        look = QPushButton(tr("Compare"))
        look.setProperty("kind", "link")
        menus.on_press(look, lambda: self.merge_wanted.emit(found))
        inside.addWidget(look, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addSpacing(px(10))
        self._layout.addWidget(box)

    def _add_identities(self, card: CustomerCard) -> None:
        self._heading(tr("Identities"), "+", tr("Add an identity"), self.identity_wanted.emit)
        for identity in card.identities:
            self._add_identity(identity)

    def _add_identity(self, identity: IdentityRow) -> None:
        text = identity.handle
        if identity.name and identity.channel not in ("email",):
            text = f"{identity.name} · {identity.handle}"
        right = "" if identity.valid else tr("invalid")
        line = Line(text, channel=_shown_channel(identity), right=right, dim=not identity.valid)
        tip = tr("First choice") if identity.is_primary else ""
        line.setToolTip("\n".join(filter(None, (text, tip, identity.invalid_reason))))
        menus.on_press(line, lambda: self.identity_menu_wanted.emit(identity, _below(line)))
        self._layout.addWidget(line)

    def _add_facts(self, card: CustomerCard) -> None:
        if not card.facts:
            return
        self._heading(tr("What we know"))
        for fact in card.facts:
            self._add_fact(fact)

    def _add_fact(self, fact: FactRow) -> None:
        source = words.channel(fact.source) if fact.source else ""
        right = " · ".join(filter(None, (source, time_text.age(fact.confirmed_at))))
        line = Line(fact.value, below=f"{fact.label} · {right}")
        menus.on_press(line, lambda: self.fact_menu_wanted.emit(fact, _below(line)))
        self._layout.addWidget(line)

    def _add_tags(self, card: CustomerCard) -> None:
        self._heading(tr("Tags"))
        field = QLineEdit(", ".join(card.tags))
        field.setProperty("kind", "place")
        field.setPlaceholderText(tr("none: type some, with commas"))
        field.setAccessibleName(tr("Tags"))
        field.editingFinished.connect(lambda: self._on_tags(field))
        self._layout.addWidget(field)

    def _on_tags(self, field: QLineEdit) -> None:
        tags = tuple(dict.fromkeys(tag.strip() for tag in field.text().split(",") if tag.strip()))
        if self.card is not None and tags != tuple(self.card.tags):
            self.tags_changed.emit(tags)

    def _add_notes(self, card: CustomerCard) -> None:
        self._heading(tr("Notes"))
        field = _Notes(card.notes)
        field.left.connect(lambda: self._on_notes(field))
        self._notes = field
        self._layout.addWidget(field)

    def _on_notes(self, field: _Notes) -> None:
        if self.card is not None and field.toPlainText() != self.card.notes:
            self.notes_changed.emit(field.toPlainText())

    def _add_story(self, card: CustomerCard) -> None:
        if not card.timeline:
            return
        more = len(card.timeline) > _STORY and not self._whole_story
        self._heading(tr("Story"), tr("All") if more else "", tr("Show the whole story"), self._show_whole_story)
        for entry in card.timeline[: None if self._whole_story else _STORY]:
            self._add_entry(entry)

    def _show_whole_story(self) -> None:
        self._whole_story = True
        if self.card is not None:
            self.show_card(self.card)

    def _add_entry(self, entry: TimelineRow) -> None:
        note = " · ".join(filter(None, (entry.note, time_text.date(entry.at))))
        line = Line(entry.title, channel=entry.channel, below=note)
        if entry.conversation_id is not None:
            menus.on_press(line, lambda: self.conversation_chosen.emit(entry.conversation_id))
        else:
            line.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)  # it tells, and leads nowhere
            line.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._layout.addWidget(line)
        self._layout.addSpacing(px(3))

    def _add_foot(self, card: CustomerCard) -> None:
        self._layout.addSpacing(px(14))
        for merge in card.merges:
            self._add_merge(merge)
        said = " · ".join(
            f"{words.channel(kind)} {tr('yes') if given else tr('no')}" for kind, given in sorted(card.consents.items())
        )
        button = QPushButton(tr("Consent: {list}", list=said or tr("none noted")))
        button.setProperty("kind", "link")
        button.setStyleSheet(f"color: {tokens.colors().faint}; font-weight: 400; font-size: {px(12)}px;")
        menus.on_press(button, lambda: self.consent_menu_wanted.emit(_below(button)))
        self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_merge(self, merge: MergeRow) -> None:
        button = QPushButton(tr("Split {name} off again", name=merge.absorbed_name))
        button.setProperty("kind", "link")
        button.setToolTip(tr("Joined on {date}", date=time_text.date(merge.merged_at)))
        menus.on_press(button, lambda: self.unmerge_wanted.emit(merge))
        self._layout.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _heading(self, title: str, label: str = "", tip: str = "", press: Callable[[], object] = lambda: None) -> None:
        line = QHBoxLayout()
        line.setContentsMargins(0, px(15), 0, px(3))
        line.addWidget(_label(title, "label"), 1)
        if label:
            button = QPushButton(label)
            button.setProperty("kind", "quiet")
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setFixedHeight(px(20))
            button.setStyleSheet("padding: 0 4px;")
            menus.on_press(button, press)
            line.addWidget(button)
        self._layout.addLayout(line)


class _Notes(QPlainTextEdit):
    """A customer's notes: kept when one leaves the field."""

    left = Signal()

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setProperty("kind", "place")
        self.setPlaceholderText(tr("Notes about this customer …"))
        self.setAccessibleName(tr("Notes about this customer"))
        self.setTabChangesFocus(True)
        room = QRect(0, 0, px(205), px(1000))
        wanted = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
        self.setFixedHeight(min(px(130), max(px(48), wanted + px(22))))

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]  # a QFocusEvent
        self.left.emit()


def _shown_channel(identity: IdentityRow) -> str:
    """The channel of an identity's badge: a simulated one is told by the shape of its handle."""
    handle = identity.handle
    if identity.channel != "demo":
        return identity.channel
    if handle.startswith("+"):
        return "telegram"
    if handle.startswith("@"):
        return "mastodon" if "@" in handle[1:] else "x"
    return "email" if "@" in handle else "livechat"


def _label(text: str, tone: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("tone", tone)
    label.setWordWrap(tone != "key")
    return label


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(widget.rect().bottomLeft())
