"""What the rail is made of: a line with its count, the search field, the company's head, the menu button."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QSizePolicy, QWidget

from inbox.i18n import tr
from inbox.ui import paint, tokens
from inbox.ui.style import font
from inbox.ui.tokens import px

_CAP = 1000
_PAUSE_MS = 120  # a search starts when typing pauses so long


class RailItem(QAbstractButton):
    """One line of the rail: a badge or none, a name, a light where something is wrong, a quiet count."""

    def __init__(
        self, name: str, count: int | None = None, *, channel: str = "", light: str = "", picture: str = ""
    ) -> None:
        super().__init__()
        self.setText(name)
        self.count, self.channel, self.light, self.picture = count, channel, light, picture
        self.is_folded = False
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        spoken = f"{name}, {count}" if count else name
        self.setAccessibleName(spoken)

    def sizeHint(self) -> QSize:
        return QSize(px(44 if self.is_folded else 150), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = tokens.colors(), QRectF(self.rect()).adjusted(0, 0.5, 0, -0.5)
        if self.isChecked():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.surface)
        elif self.underMouse():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.line)
        if self.hasFocus():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, "", look.accent)
        if self.is_folded:
            self._paint_folded(painter, box)
            return
        middle, left, right = box.center().y(), float(px(10)), box.right() - px(10)
        if self.channel:
            paint.badge(painter, left, middle - px(8), self.channel, 17)
            left += px(25)
        if self.count:
            shown = f"{_CAP - 1}+" if self.count >= _CAP else str(self.count)
            counted = QRectF(left, box.top(), right - left, box.height())
            right -= paint.text(painter, counted, shown, font(12), look.faint, paint.RIGHT) + px(6)
        if self.light:
            color = look.danger if self.light == "danger" else look.warn
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawEllipse(QRectF(right - px(9), middle - px(4), px(8), px(8)))
            right -= px(14)
        face = font(13, paint.SEMIBOLD if self.isChecked() else QFont.Weight.Normal)
        ink = look.text if self.isChecked() else look.soft
        paint.text(painter, QRectF(left, box.top(), right - left, box.height()), self.text(), face, ink)

    def _paint_folded(self, painter: QPainter, box: QRectF) -> None:
        """Only the sign, and a count that fits beside it."""
        from inbox.ui import icons

        look, middle = tokens.colors(), box.center().y()
        if self.channel:
            paint.badge(painter, px(4), middle - px(8), self.channel, 17)
        else:
            color = look.text if self.isChecked() else look.soft
            painter.drawPixmap(int(px(4)), int(middle - px(8)), icons.pixmap(self.picture or "list-filter", color, 16))
        if self.light:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.danger if self.light == "danger" else look.warn))
            painter.drawEllipse(QRectF(box.right() - px(12), middle - px(4), px(8), px(8)))
        elif self.count and self.count < 100:
            counted = box.adjusted(px(22), 0, -px(4), 0)
            paint.text(painter, counted, str(self.count), font(11), look.faint, paint.RIGHT)


class SearchField(QLineEdit):
    """Search in everything, as one types; Escape empties it, Down goes to the list.

    Signals:
        searched: A text to search for, and whether it may still be typed on.
        left: On to the list.
        lost: The focus went elsewhere.
    """

    searched = Signal(str, bool)
    left = Signal()
    lost = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Search everything"))
        self.setAccessibleName(tr("Search everything"))
        self.setClearButtonEnabled(False)
        self.setMaxLength(500)
        self.setMinimumHeight(px(34))
        self.setTextMargins(px(18), 0, 0, 0)
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self._search(typing=True))
        self.textChanged.connect(lambda _text: self._pause.start())
        self.left.connect(self._on_left)

    def _search(self, *, typing: bool) -> None:
        self._pause.stop()
        self.searched.emit(self.text().strip(), typing)

    def _on_left(self) -> None:
        """Nobody types on: a quote that is not closed is a mistake now, and said."""
        unclosed = self.text().count('"') % 2 == 1
        if self._pause.isActive() or unclosed:
            self._search(typing=not unclosed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, middle = tokens.colors(), self.height() / 2
        painter.setPen(QPen(QColor(look.faint), 1.4))
        painter.drawEllipse(QRectF(px(11), middle - px(5.5), px(8), px(8)))
        painter.drawLine(int(px(18)), int(middle + px(2)), int(px(21)), int(middle + px(5)))
        if not self.text() and not self.hasFocus():
            box = QRectF(self.width() - px(26), middle - px(8), px(16), px(17))
            paint.rounded(painter, box, 4, look.sunken, look.line)
            paint.text(painter, box, "/", font(11), look.faint, paint.CENTER)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.lost.emit()


class RailHead(QWidget):
    """The company, and the agent's initials."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.company, self.agent = "", ""
        self.setFixedHeight(px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens.colors()
        mark = QRectF(px(4), px(4), px(26), px(26))
        paint.rounded(painter, mark, 7, look.accent)
        letter = (self.company or "Inbox")[:1].upper()
        paint.text(painter, mark, letter, font(13, paint.BOLD), look.on_accent, paint.CENTER)
        box = QRectF(px(39), 0, self.width() - px(39) - px(4), self.height())
        paint.text(painter, box, self.company or "Inbox", font(13, paint.SEMIBOLD), look.text)


class MenuButton(QAbstractButton):
    """The agent's initials: opens the menu that holds every command."""

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(px(44), px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = tokens.colors(), QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.line, look.accent if self.hasFocus() else "")
        paint.avatar(painter, QRectF(px(4), px(4), px(22), px(22)), self.text() or "?")
        painter.setPen(QPen(QColor(look.faint), 1.4))
        x, y = px(32), self.height() / 2 - 1
        painter.drawPolyline(QPolygonF([QPointF(x, y), QPointF(x + px(3), y + px(3)), QPointF(x + px(6), y)]))
