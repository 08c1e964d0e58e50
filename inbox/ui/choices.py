"""A big calm card that is one button: an icon, a title, a sentence, and the key that presses it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from inbox.ui import paint
from inbox.ui.form import column, label, picture, row
from inbox.ui.tokens import colors, px


class BigChoice(QPushButton):
    """One of a few ways to go on."""

    def __init__(
        self, key: str, title: str, sentence: str, *, icon: str = "", channel: str = "", parent: QWidget | None = None
    ) -> None:
        """``channel``: its badge stands in the icon's place."""
        super().__init__(parent)
        self.setProperty("role", "big")
        self.setProperty("digit", key)  # dialogs listen to it
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        words = [label(title, "strong")] + ([label(sentence, "soft")] if sentence else [])
        texts = column(*words, space=2)
        cap = label(key, "key", wrap=False)
        cap.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        sign = _badge(channel) if channel else picture(icon, 20, colors().accent)
        inside = row(sign, texts, cap, space=16)
        inside.setStretch(1, 1)
        inside.setContentsMargins(px(16), px(12), px(16), px(12))
        self._inside = inside
        self.setLayout(inside)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(px(56), self._inside.totalHeightForWidth(width))

    def sizeHint(self) -> QSize:
        return QSize(px(320), self.heightForWidth(max(self.width(), px(320))))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(200), self.heightForWidth(max(self.width(), px(200))))


def _badge(channel: str) -> QLabel:
    size, sharp = px(20), 3  # drawn larger, for screens with fine dots
    image = QPixmap(int(size * sharp), int(size * sharp))
    image.setDevicePixelRatio(sharp)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint.badge(painter, 0, 0, channel, 20)
    painter.end()
    shown = QLabel()
    shown.setPixmap(image)
    shown.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return shown
