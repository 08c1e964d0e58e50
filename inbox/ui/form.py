"""What dialogs and settings are made of: fields with their complaint beneath, cards, segments, buttons."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QDateTimeEdit,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from inbox.ui import icons
from inbox.ui.flow import Lines
from inbox.ui.tokens import px


def label(text: str, role: str = "text", *, wrap: bool = True) -> QLabel:
    """A text in one of the roles of the style sheet: title, section, strong, text, soft, error, ok."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(wrap)
    made.setSizePolicy(policy)
    return made


def button(text: str, role: str = "plain", *, name: str = "") -> QPushButton:
    """A button: ``primary`` for what comes next, ``plain``, ``quiet`` without a frame, ``danger``."""
    made = QPushButton(text)
    made.setProperty("role", role)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    made.setIconSize(QSize(px(16), px(16)))
    if name:
        made.setAccessibleName(name)
    return made


def picture(name: str, size: int = 18, color: str = "") -> QLabel:
    """An icon that says nothing by itself: what it means stands beside it."""
    made = QLabel()
    made.setPixmap(icons.pixmap(name, color, size))
    made.setFixedWidth(px(size))
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Give a widget another role and let the style sheet see it."""
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def column(*items: QWidget | QLayout | int, space: int = 8, margins: int = 0) -> QVBoxLayout:
    """Things under each other; a number is a gap of its own, a negative one a stretch."""
    made = QVBoxLayout()
    _fill(made, items, space, margins)
    return made


def row(*items: QWidget | QLayout | int, space: int = 8, margins: int = 0) -> QHBoxLayout:
    """Things beside each other; a number is a gap of its own, a negative one a stretch."""
    made = QHBoxLayout()
    _fill(made, items, space, margins)
    return made


def _fill(
    layout: QVBoxLayout | QHBoxLayout, items: Sequence[QWidget | QLayout | int], space: int, margins: int
) -> None:
    layout.setSpacing(px(space))
    layout.setContentsMargins(px(margins), px(margins), px(margins), px(margins))
    for item in items:
        if isinstance(item, int):
            layout.addStretch(1) if item < 0 else layout.addSpacing(px(item))
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def box(content: QLayout, role: str = "") -> QFrame:
    """A frame around a layout: role ``card`` has a surface and a hairline."""
    frame = QFrame()
    frame.setProperty("role", role)
    frame.setLayout(content)
    return frame


def holder(layout: QLayout) -> QWidget:
    """A plain widget around a layout."""
    made = QWidget()
    made.setLayout(layout)
    return made


def hairline() -> QFrame:
    """A line between two parts."""
    made = QFrame()
    made.setProperty("role", "hairline")
    return made


def with_lines(rows: Sequence[QWidget]) -> list[QWidget]:
    """Rows with a hairline between them."""
    found: list[QWidget] = []
    for made in rows:
        found += [hairline(), made] if found else [made]
    return found


def scrolled(content: QWidget) -> QScrollArea:
    """A page that scrolls when it is higher than the window."""
    area = QScrollArea()
    area.setProperty("role", "page")
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setProperty("role", "page")
    area.setWidget(content)
    return area


def retire(widget: QWidget) -> None:
    """Hide for good, and delete once every answer that is still on its way to it has come."""
    widget.hide()
    beneath = widget.parentWidget()
    if widget.isWindow() and beneath is not None:
        beneath.window().activateWindow()  # without a window manager nobody else gives the keyboard back
    QTimer.singleShot(10_000, widget, widget.deleteLater)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            retire(widget)
        elif (inner := item.layout()) is not None:
            clear(inner)


class Complaints(Protocol):
    """What can say that something is wrong with it."""

    def complain(self, text: str) -> None:
        """Show a complaint; an empty text takes it back."""


class Field(QWidget):
    """A label over an editor, with a hint and, when something is wrong, the complaint under it."""

    changed = Signal()  # at every key
    committed = Signal()  # when the person is done with it: Enter, leaving it, choosing

    def __init__(self, text: str, editor: QWidget, *, hint: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._hint_text = hint
        self.label = label(text, "label")
        self.label.setBuddy(editor)
        self._hint = label(hint, "hint")
        self._hint.setVisible(bool(hint))
        self._error = label("", "error")
        self._error.hide()
        self.setLayout(column(self.label, editor, self._hint, self._error, space=4))
        editor.setAccessibleName(text)
        editor.setAccessibleDescription(hint)
        self._connect(editor)

    def _connect(self, editor: QWidget) -> None:
        if isinstance(editor, QLineEdit):
            editor.textEdited.connect(self._on_changed)
            editor.editingFinished.connect(self.committed)
        elif isinstance(editor, QPlainTextEdit):
            editor.textChanged.connect(self._on_changed)
            editor.installEventFilter(self)
        elif isinstance(editor, QSpinBox):
            editor.valueChanged.connect(self._on_changed)
            editor.editingFinished.connect(self.committed)
            editor.installEventFilter(self)
        elif isinstance(editor, QComboBox):
            editor.activated.connect(self._on_changed)
            editor.activated.connect(lambda _index: self.committed.emit())
            editor.installEventFilter(self)
        elif isinstance(editor, Segments | QAbstractButton):
            signal = editor.chosen if isinstance(editor, Segments) else editor.toggled
            signal.connect(self._on_changed)
            signal.connect(lambda _value: self.committed.emit())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leaving a long text is being done with it; the wheel scrolls the page and changes no value."""
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, QPlainTextEdit):
            self.committed.emit()
        if event.type() == QEvent.Type.Wheel and not isinstance(watched, QPlainTextEdit):
            event.ignore()
            return True
        return False

    def _on_changed(self) -> None:
        self.complain("")
        self.changed.emit()

    def complain(self, text: str) -> None:
        """Show a complaint under the editor; an empty text takes it back."""
        self._error.setText(text)
        self._error.setVisible(bool(text))
        self._hint.setVisible(bool(self._hint_text) and not text)
        self.editor.setAccessibleDescription(text or self._hint_text)
        self.editor.setProperty("wrong", bool(text))
        self.editor.style().unpolish(self.editor)
        self.editor.style().polish(self.editor)

    @property
    def complaint(self) -> str:
        """The complaint that is shown now."""
        return self._error.text() if not self._error.isHidden() else ""

    def set_hint(self, text: str) -> None:
        """Another hint under the editor."""
        self._hint_text = text
        self._hint.setText(text)
        self._hint.setVisible(bool(text) and self._error.isHidden())

    @property
    def value(self) -> str:
        """What is typed or chosen, as text."""
        return value_of(self.editor)

    @value.setter
    def value(self, text: str) -> None:
        set_value(self.editor, text)


def value_of(editor: QWidget) -> str:
    """What is typed or chosen in an editor, as text."""
    match editor:
        case QLineEdit():
            return editor.text().strip()
        case QPlainTextEdit():
            return editor.toPlainText()
        case QSpinBox():
            return str(editor.value())
        case QComboBox():
            return str(editor.currentData())
        case Segments():
            return editor.value
        case QAbstractButton():
            return "yes" if editor.isChecked() else "no"
        case _:
            raise TypeError(type(editor).__name__)


def set_value(editor: QWidget, text: str) -> None:
    """Put a value into an editor without telling anybody."""
    blocked = editor.blockSignals(True)
    match editor:
        case QLineEdit():
            editor.setText(text)
        case QPlainTextEdit():
            editor.setPlainText(text)
        case QSpinBox():
            editor.setValue(int(text or 0))
        case QComboBox():
            editor.setCurrentIndex(max(0, editor.findData(text)))
        case Segments():
            editor.choose(text)
        case QAbstractButton():
            editor.setChecked(text == "yes")
        case _:
            raise TypeError(type(editor).__name__)
    editor.blockSignals(blocked)


def line(text: str = "", *, placeholder: str = "", secret: bool = False) -> QLineEdit:
    """A line to type in."""
    made = QLineEdit(text)
    made.setPlaceholderText(placeholder)
    if secret:
        made.setEchoMode(QLineEdit.EchoMode.Password)
    return made


def lines(text: str = "", *, placeholder: str = "", rows: int = 4) -> QPlainTextEdit:
    """Several lines to type in; Tab goes on to the next field."""
    made = QPlainTextEdit(text)
    made.setPlaceholderText(placeholder)
    made.setTabChangesFocus(True)
    made.setFixedHeight(rows * px(18) + px(20))
    return made


class Number(QSpinBox):
    """A whole number; its arrows are drawn in the theme's colour."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _draw(self, "chevron-up", self.height() // 2 - px(11))
        _draw(self, "chevron-down", self.height() // 2 - px(1))


class Choice(QComboBox):
    """One of many; its arrow is drawn in the theme's colour."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _draw(self, "chevron-down", (self.height() - px(12)) // 2)


class Moment(QDateTimeEdit):
    """A day and a time, with a calendar; its arrow is drawn in the theme's colour."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        _draw(self, "chevron-down", (self.height() - px(12)) // 2)


def _draw(widget: QWidget, name: str, top: int) -> None:
    painter = QPainter(widget)
    painter.drawPixmap(widget.width() - px(22), top, icons.pixmap(name, size=12))
    painter.end()


def number(value: int, low: int, high: int, *, suffix: str = "") -> QSpinBox:
    """A whole number within limits."""
    made = Number()
    made.setRange(low, high)
    made.setValue(value)
    made.setSuffix(suffix)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setMinimumWidth(px(96))
    made.lineEdit().setTextMargins(px(8), 0, px(16), 0)
    return made


def choice(options: Sequence[tuple[str, str]], value: str = "") -> QComboBox:
    """One of many: (value, what the person reads)."""
    made = Choice()
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for key, text in options:
        made.addItem(text, key)
    made.setCurrentIndex(max(0, made.findData(value)))
    return made


class Segments(QFrame):
    """One of a few, side by side where there is room; arrow keys go from one to the next."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], value: str = "") -> None:
        super().__init__()
        self.setProperty("role", "segments")
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._keys = [key for key, _ in options]
        layout = Lines(2, 2)
        for number_, (key, text) in enumerate(options):
            made = button(text, "segment")
            made.setCheckable(True)
            made.setChecked(key == value)
            self._group.addButton(made, number_)
            layout.addWidget(made)
        self.setLayout(layout)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._keys[index]))
        if options:
            self.setFocusProxy(self._group.button(0))

    @property
    def value(self) -> str:
        """The chosen key."""
        index = self._group.checkedId()
        return self._keys[index] if index >= 0 else ""

    def choose(self, key: str) -> None:
        """Show a key as chosen."""
        if key in self._keys:
            self._group.button(self._keys.index(key)).setChecked(True)
