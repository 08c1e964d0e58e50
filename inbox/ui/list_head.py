"""Over the list: what it shows, how many there are, and in which order."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from inbox.i18n import tr
from inbox.ui import paint, tokens
from inbox.ui.style import font
from inbox.ui.tokens import px

_ARROW = "⌄"


class ListHead(QWidget):
    """Where there is little room the order's name gives way first, then the title."""

    def __init__(self) -> None:
        super().__init__()
        self.title, self.count, self.sort_button = QLabel(), QLabel(), QPushButton()
        self.title.setProperty("tone", "heading")
        self.title.setMinimumWidth(1)
        self.count.setProperty("tone", "faint")
        self.sort_button.setProperty("kind", "quiet")
        self._title = self._order = ""
        inside = QHBoxLayout(self)
        inside.setContentsMargins(px(16), px(12), px(10), px(10))
        inside.setSpacing(px(8))
        inside.addWidget(self.title)
        inside.addWidget(self.count)
        inside.addStretch(1)
        inside.addWidget(self.sort_button)

    def show_view(self, title: str, order: str) -> None:
        """Another view, or another order of it."""
        self._title, self._order = title, order
        self.sort_button.setAccessibleName(tr("Order: {order}", order=order))
        self.sort_button.setToolTip(order)
        self._fit()

    def show_count(self, text: str) -> None:
        """How many there are, or how many are chosen."""
        self.count.setText(text)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        heading = QFontMetrics(font(tokens.HEADING, paint.SEMIBOLD))
        words = QFontMetrics(font(tokens.TEXT))
        room = self.width() - px(16 + 10 + 3 * 8 + 22) - words.horizontalAdvance(self.count.text())
        wanted = heading.horizontalAdvance(self._title) + px(4)
        left = room - wanted - words.horizontalAdvance(f" {_ARROW}")
        whole = words.horizontalAdvance(self._order) <= left
        shown = self._order if whole else words.elidedText(self._order, Qt.TextElideMode.ElideRight, max(0, left))
        self.sort_button.setText(f"{shown} {_ARROW}" if whole or left > px(60) else _ARROW)
        self.title.setText(heading.elidedText(self._title, Qt.TextElideMode.ElideRight, max(px(40), room - px(12))))
        self.title.setToolTip(self._title if self.title.text() != self._title else "")
