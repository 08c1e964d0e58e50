"""A switch: what it says at the left, on or off at the right; drawn from the tokens."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from inbox.ui.tokens import colors, px


class Toggle(QCheckBox):
    """Says and behaves like a check box; looks like a switch."""

    def __init__(self, text: str, *, on: bool = False) -> None:
        super().__init__(text)
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        width = px(44) + (self.fontMetrics().horizontalAdvance(self.text()) + px(10) if self.text() else 0)
        return QSize(width, max(px(28), self.fontMetrics().height() + px(8)))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        """The whole line can be clicked."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        c, on = colors(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.5)
        track = QRectF(px(2), (self.height() - px(20)) / 2, px(36), px(20))
        painter.setPen(QPen(QColor(c.accent if on else c.disabled), 1))
        painter.setBrush(QColor(c.accent if on else c.sunken))
        painter.drawRoundedRect(track, px(10), px(10))
        knob = QRectF(track.right() - px(17) if on else track.left() + px(3), track.top() + px(3), px(14), px(14))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.on_accent if on else c.soft))
        painter.drawEllipse(knob)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(c.accent), px(2)))
            painter.drawRoundedRect(track.adjusted(-px(1), -px(1), px(1), px(1)), px(11), px(11))
        if self.text():
            painter.setPen(QColor(c.text))
            area = self.rect().adjusted(px(48), 0, 0, 0)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), self.text())
        painter.end()
