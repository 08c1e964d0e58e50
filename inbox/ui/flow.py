"""What gives way where there is little room: widgets that go on in the next line, words that are shortened."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QLayout, QLayoutItem, QPushButton, QSizePolicy, QWidget

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
        widget.ensurePolished()  # its font is needed to measure its words
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
            if isinstance(widget, QPushButton) and widget.text() and width > px(120):
                size = _shorten(widget, width)
            wide = min(size.width(), width)
            if x and x + wide > width:
                x, y, line = 0, y + line + gap, 0
            widget.setGeometry(x, y, wide, size.height())
            x, line = x + wide + gap, max(line, size.height())
        if self.minimumHeight() != y + line:
            self.setFixedHeight(y + line)


def _shorten(button: QPushButton, width: int) -> QSize:
    """Shorten a button's words to a width; they come back when there is room again."""
    if button.text() != button.property("shortened"):
        button.setProperty("whole", button.text())
    whole = str(button.property("whole"))
    button.setText(whole)
    if button.sizeHint().width() > width:
        shown = button.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideMiddle, width - px(44))
        button.setText(shown)
        button.setProperty("shortened", shown)
        return QSize(width, button.sizeHint().height())
    return button.sizeHint()


class Lines(QLayout):
    """Things beside each other that go on in the next line where the room ends; as wide as one line if it may be."""

    def __init__(self, space: int, margin: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setSpacing(px(space))
        self.setContentsMargins(px(margin), px(margin), px(margin), px(margin))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._items]
        wide = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return self._around(wide, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items]
        widest = max((size.width() for size in sizes), default=0)
        return self._around(widest, max((size.height() for size in sizes), default=0))

    def _around(self, width: int, height: int) -> QSize:
        edge = self.contentsMargins()
        return QSize(width + edge.left() + edge.right(), height + edge.top() + edge.bottom())

    def _place(self, rect: QRect, *, move: bool) -> int:
        """Where each belongs; the height of all."""
        inside = rect.marginsRemoved(self.contentsMargins())
        x, y, line = inside.left(), inside.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > inside.left() and x + size.width() > inside.right() + 1:
                x, y, line = inside.left(), y + line + self.spacing(), 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), QSize(min(size.width(), inside.width()), size.height())))
            x, line = x + size.width() + self.spacing(), max(line, size.height())
        return y + line - rect.top() + self.contentsMargins().bottom()


class ElidedLabel(QLabel):
    """One line at the right edge, shortened by … where it does not fit."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().windowText().color())
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), shown)
