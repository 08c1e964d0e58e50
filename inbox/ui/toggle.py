"""A switch: what it says at the left, on or off at the right; drawn from the tokens."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from inbox.ui.tokens import colors, px

_LEAST = 160  # of the words, before they go on in the next line
_WRAPPED = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft) | int(Qt.TextFlag.TextWordWrap)


class Toggle(QCheckBox):
    """Says and behaves like a check box; looks like a switch."""

    def __init__(self, text: str, *, on: bool = False) -> None:
        super().__init__(text)
        self.setChecked(on)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(bool(text))
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        return self._size(self.fontMetrics().horizontalAdvance(self.text()))

    def minimumSizeHint(self) -> QSize:
        return self._size(min(self.fontMetrics().horizontalAdvance(self.text()), px(_LEAST)))

    def _size(self, words: int) -> QSize:
        width = px(44) + (words + px(10) if self.text() else 0)
        return QSize(width, max(px(28), self.fontMetrics().height() + px(8)))

    def heightForWidth(self, width: int) -> int:
        """Long words go on in the next line."""
        room = QRect(0, 0, max(1, width - px(48)), 10_000)
        words = self.fontMetrics().boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.text())
        return max(px(28), words.height() + px(8))

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
            painter.drawText(area, _WRAPPED, self.text())
        painter.end()
