"""The small pieces that several parts paint alike: badges, tiers, chips, dots, initials."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from inbox.ui import tokens
from inbox.ui.style import font
from inbox.ui.tokens import px

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter
SEMIBOLD = QFont.Weight.DemiBold
BOLD = QFont.Weight.Bold


def text(painter: QPainter, box: QRectF, words: str, look: QFont, color: str, align: Qt.AlignmentFlag = LEFT) -> float:
    """Draw words on one line, shortened by … where they don't fit; answers how wide they became."""
    metrics = QFontMetricsF(look)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.setFont(look)
    painter.setPen(QColor(color))
    painter.drawText(box, int(align | Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)


def rounded(
    painter: QPainter, box: QRectF, radius: float, ground: str = "", line: str = "", *, dashed: bool = False
) -> None:
    """A rounded box with a ground, a hairline, or both."""
    painter.setBrush(QColor(ground) if ground else Qt.BrushStyle.NoBrush)
    if line:
        painter.setPen(QPen(QColor(line), 1))
        box = box.adjusted(0.5, 0.5, -0.5, -0.5)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(box, radius, radius)


def badge(painter: QPainter, x: float, y: float, channel: str, size: int = 18) -> None:
    """A channel's badge: its sign on its ground. ``x`` and ``y`` are its upper left corner."""
    sign, color, ground = tokens.badge(channel)
    box = QRectF(x, y, px(size), px(size))
    rounded(painter, box, tokens.RADIUS_CHIP, ground)
    text(painter, box, sign, font(11, BOLD), color, CENTER)


def tier(painter: QPainter, x: float, middle: float, value: str) -> float:
    """A customer's tier in its small box; answers its width."""
    look = tokens.colors()
    color, line = (look.accent, look.accent) if value == "A" else (look.soft, look.line)
    box = QRectF(x, middle - px(8), px(18), px(16))
    rounded(painter, box, 4, "", line)
    text(painter, box, value, font(11, BOLD), color, CENTER)
    return box.width()


def chip(painter: QPainter, x: float, middle: float, words: str, level: str = "") -> float:
    """A chip with a state's colours (danger, warn, ok) or none; answers its width."""
    look = tokens.colors()
    color, ground = {
        "danger": (look.danger, look.danger_soft),
        "warn": (look.warn, look.warn_soft),
        "ok": (look.ok, look.ok_soft),
        "accent": (look.accent, look.accent_soft),
    }.get(level, (look.soft, look.sunken))
    face = font(12)
    width = QFontMetricsF(face).horizontalAdvance(words) + px(14)
    box = QRectF(x, middle - px(10), width, px(20))
    rounded(painter, box, tokens.RADIUS_CHIP, ground)
    text(painter, box, words, face, color, CENTER)
    return width


def dots(painter: QPainter, x: float, middle: float, asked: int, required: int, color: str = "") -> float:
    """●●○: questions asked of those required; answers the width."""
    ink = QColor(color or tokens.colors().accent)
    radius, step = px(8) / 2, px(11)
    count = max(asked, required)
    for index in range(count):
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(ink if index < asked else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(x + radius + index * step, middle), radius - 0.75, radius - 0.75)
    return count * step


def initials(name: str) -> str:
    """At most two letters of a name."""
    words = [word for word in name.replace("@", " ").split() if word[:1].isalnum()]
    ends = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in ends).upper()


def avatar(painter: QPainter, box: QRectF, name: str, size: int = 10) -> None:
    """Somebody's initials in a circle; a dashed circle with + where there is nobody."""
    look = tokens.colors()
    if not name:
        painter.setPen(QPen(QColor(look.faint), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        text(painter, box, "+", font(12), look.faint, CENTER)
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(look.accent_soft))
    painter.drawEllipse(box)
    text(painter, box, initials(name), font(size, BOLD), look.accent, CENTER)


def line(painter: QPainter, x1: float, y: float, x2: float, color: str = "") -> None:
    """A horizontal hairline."""
    painter.fillRect(QRectF(x1, y, x2 - x1, 1), QColor(color or tokens.colors().line))
