"""Widgets in a row that goes on in the next line where the first is full."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from inbox.ui.tokens import px


class Flow(QWidget):
    """Add widgets; it takes the height that they need."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._gap, self._inside = gap, list[QWidget]()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add(self, widget: QWidget) -> None:
        """At the end."""
        widget.setParent(self)
        self._inside.append(widget)
        widget.show()
        self.arrange()

    def clear(self) -> None:
        """Take all away."""
        for widget in self._inside:
            widget.hide()
            widget.deleteLater()
        self._inside = []
        self.arrange()

    def count(self) -> int:
        """How many there are."""
        return len(self._inside)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def sizeHint(self) -> QSize:
        return QSize(px(200), self.minimumHeight())

    def arrange(self) -> None:
        """Put every visible one in its place."""
        x = y = line = 0
        gap, width = px(self._gap), max(px(120), self.width())
        for widget in self._inside:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            wide = min(size.width(), width)
            if x and x + wide > width:
                x, y, line = 0, y + line + gap, 0
            widget.setGeometry(x, y, wide, size.height())
            x, line = x + wide + gap, max(line, size.height())
        if self.minimumHeight() != y + line:
            self.setFixedHeight(y + line)
