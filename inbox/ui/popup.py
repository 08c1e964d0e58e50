"""A light window over the main one, used by the keyboard alone: a line to type in, and what it finds."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QGraphicsDropShadowEffect, QLineEdit, QVBoxLayout, QWidget

from inbox.ui.form import column, hairline, picture, retire, row
from inbox.ui.rows_view import RowsView
from inbox.ui.tokens import colors, px

_SHADOW = 14  # room around the frame for its shadow


class Popup(QDialog):
    """Frameless, with the one shadow. Arrow keys move in ``rows`` while the line keeps the keyboard; Escape closes.

    A subclass fills ``inside`` and answers to ``typed``, ``rows.moved`` and ``rows.chosen``.
    """

    typed = Signal(str)

    def __init__(self, parent: QWidget | None, name: str, placeholder: str, *, icon: str, wrap_notes: bool) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName(name)
        self.setWindowTitle(name)
        self.seek = QLineEdit()
        self.seek.setProperty("role", "seek")
        self.seek.setPlaceholderText(placeholder)
        self.seek.setAccessibleName(name)
        self.rows = RowsView(name, wrap_notes=wrap_notes)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.frame = QFrame()
        self.frame.setProperty("role", "popup")
        self.head = row(picture(icon), self.seek, space=8)
        self.inside: QVBoxLayout = column(self.head, hairline(), space=8, margins=12)
        self.frame.setLayout(self.inside)
        shadow = QGraphicsDropShadowEffect(self.frame)
        shadow.setBlurRadius(px(_SHADOW) * 2)
        shadow.setOffset(0, px(4))
        shadow.setColor(QColor(colors().shadow))
        self.frame.setGraphicsEffect(shadow)
        self.setLayout(column(self.frame, margins=_SHADOW))
        self.seek.textChanged.connect(self.typed)
        self.seek.installEventFilter(self)
        self.finished.connect(lambda _result: retire(self))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keys of the list, while the line has the keyboard."""
        if watched is self.seek and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            return self.handle_key(event)
        return False

    def handle_key(self, event: QKeyEvent) -> bool:
        """Up, down, a page, and Enter; true where it was one of them."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        by = steps.get(Qt.Key(event.key()))
        if by is not None:
            for _ in range(abs(by)):
                self.rows.step(1 if by > 0 else -1)
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.rows.key is not None:
                self.rows.chosen.emit(self.rows.key)
            return True
        return False

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.seek.setFocus()

    def open_over(self, width: int, height: int) -> None:
        """Show it in the upper middle of the window beneath."""
        parent = self.parentWidget()
        around = parent.window().geometry() if parent else self.screen().availableGeometry()
        self._show_at(QRect(0, 0, px(width), px(height)), QPoint(around.center().x(), around.top() + px(72)), True)

    def open_at(self, place: QPoint, width: int, height: int) -> None:
        """Show it above a place on the screen (the cursor of the composer), or under it where there is no room."""
        size = QRect(0, 0, px(width), px(height))
        room = self.screen().availableGeometry()
        above = place.y() - size.height() >= room.top()
        self._show_at(size, QPoint(place.x(), place.y() - size.height() if above else place.y() + px(20)), False)

    def _show_at(self, size: QRect, place: QPoint, middle: bool) -> None:
        room = self.screen().availableGeometry()
        width, height = min(size.width(), room.width()), min(size.height(), room.height())
        left = place.x() - width // 2 if middle else place.x() - px(_SHADOW)
        left = max(room.left(), min(left, room.right() - width))
        top = max(room.top(), min(place.y(), room.bottom() - height))
        self.setGeometry(left, top, width, height)
        self.show()
        self.seek.setFocus()
