"""How one row of the conversation list is drawn: four lines, one glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from inbox.i18n import tr
from inbox.ui import paint, time_text, tokens, words
from inbox.ui.paint import BOLD, RIGHT, SEMIBOLD
from inbox.ui.style import font
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from datetime import datetime

    from inbox.services.rows import ConversationRow


def subject(row: ConversationRow) -> str:
    """What a row is called where it has no subject of its own."""
    if row.subject:
        return row.subject
    return (
        tr("Public mention")
        if row.kind == "mention"
        else tr("Conversation by {channel}", channel=words.channel(row.channel))
    )


def chip(row: ConversationRow, now: datetime) -> tuple[str, str]:
    """What decides the next step: its words and its level."""
    if row.has_failed:
        return tr("not delivered"), "danger"
    if row.dismissed:
        return words.dismiss_reason(row.dismissed).lower(), "ok" if row.dismissed == "praise" else ""
    if row.snoozed_until is not None and row.snoozed_until > now:
        return tr("until {time}", time=time_text.until(row.snoozed_until, now)), ""
    if row.case_status in ("closed", "solved"):
        return words.status(row.case_status).lower(), "ok"
    if row.state == "waiting":
        return tr("waiting"), ""
    return time_text.due(row.due_at, now) if row.due_at is not None else ("", "")


def spoken(row: ConversationRow, now: datetime) -> str:
    """The row for a screen reader."""
    parts = [
        tr("unread") if row.unread else "",
        row.customer_name,
        tr("tier {tier}", tier=row.tier),
        words.channel(row.channel),
        subject(row),
        row.snippet,
        chip(row, now)[0],
        tr("{asked} of {required} questions asked", asked=row.asked, required=row.required) if row.case_id else "",
        tr("owner {name}", name=row.owner_name) if row.owner_name else tr("nobody's yet"),
        time_text.ago(row.waiting_since or row.last_at, now),
    ]
    return ", ".join(part for part in parts if part)


def draw(painter: QPainter, width: int, row: ConversationRow, now: datetime) -> None:
    """Draw a row at 0, 0, without its ground."""
    left, right, middle = px(44), width - px(16), px(19)
    paint.badge(painter, px(16), px(10), row.channel)
    weight = BOLD if row.unread else SEMIBOLD
    level = chip(row, now)[1]
    used = _head(painter, right, middle, row, now, late=level == "danger" and not row.has_failed)
    _name(painter, left, right - used - px(10), middle, row, weight)
    look = tokens.colors()
    line = QRectF(left, px(28), right - left, px(19))
    paint.text(painter, line, subject(row), font(13, weight if row.unread else QFont.Weight.Normal), look.text)
    paint.text(painter, line.translated(0, px(18.5)), row.snippet, font(13), look.soft)
    _foot(painter, left, right, px(80), row, now)


def _head(painter: QPainter, right: float, middle: float, row: ConversationRow, now: datetime, *, late: bool) -> float:
    look = tokens.colors()
    face = font(12, SEMIBOLD if late else QFont.Weight.Normal)
    box = QRectF(right - px(110), middle - px(10), px(110), px(20))
    words_shown = time_text.ago(row.waiting_since or row.last_at, now)
    return paint.text(painter, box, words_shown, face, look.danger if late else look.faint, RIGHT)


def _name(
    painter: QPainter, left: float, end: float, middle: float, row: ConversationRow, weight: QFont.Weight
) -> None:
    look = tokens.colors()
    room = end - left - px(26)
    box = QRectF(left, middle - px(10), room, px(20))
    width = paint.text(painter, box, row.customer_name, font(13, weight), look.text)
    paint.tier(painter, left + width + px(7), middle, row.tier)


def _foot(painter: QPainter, left: float, right: float, middle: float, row: ConversationRow, now: datetime) -> None:
    x = float(left)
    label, level = chip(row, now)
    if label:
        x += paint.chip(painter, x, middle, label, level) + px(8)
    if row.case_id is not None and row.required:
        x += paint.dots(painter, x, middle, row.asked, row.required) + px(8)
    size = px(20)
    for tag in row.tags[:2]:
        if x + QFontMetricsF(font(12)).horizontalAdvance(tag) + px(14) > right - size - px(8):
            break
        x += paint.chip(painter, x, middle, tag) + px(4)
    if row.case_id is not None or not row.dismissed:
        paint.avatar(painter, QRectF(right - size, middle - size / 2, size, size), row.owner_name)


def draw_skeleton(painter: QPainter, width: int, shade: float) -> None:
    """A row that is on its way."""
    color = QColor(tokens.colors().line)
    color.setAlphaF(shade)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    left, room = px(44), width - px(60)
    painter.drawRoundedRect(QRectF(px(16), px(10), px(18), px(18)), 5, 5)
    for top, part in ((14, 0.45), (33, 0.7), (51, 0.95), (75, 0.25)):
        painter.drawRoundedRect(QRectF(left, px(top), room * part, px(10)), 4, 4)
