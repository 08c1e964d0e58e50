"""What a dialog is: title, sentence, content that scrolls, a notice where it was done, buttons at the foot."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QPushButton, QSizePolicy, QWidget

from inbox.errors import InboxError
from inbox.ui.form import button, column, label, retire, row, scrolled, set_role
from inbox.ui.tokens import px


class Dialog(QDialog):
    """A decision over the window: title, a sentence, content, and buttons at the foot. Escape closes it."""

    def __init__(self, parent: QWidget | None, title: str, sentence: str = "", *, width: int = 520) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setProperty("role", "dialog")
        self.setModal(True)
        self._title = label(title, "title")
        self._sentence = label(sentence, "soft")
        self._sentence.setVisible(bool(sentence))
        self.notice = Notice()
        self.content = column(space=16)
        self._body = QWidget()
        self._body.setLayout(self.content)
        self._area = scrolled(self._body)
        self._area.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        self.foot = row(space=8)
        self._head = column(self._title, self._sentence, space=4)
        outer = column(self._head, self._area, self.notice, self.foot, space=16, margins=24)
        outer.setStretch(1, 1)
        self.setLayout(outer)
        self._width = width
        self.finished.connect(lambda _result: retire(self))

    def say(self, title: str, sentence: str = "") -> None:
        """Another title and sentence."""
        self._title.setText(title)
        self.setWindowTitle(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))

    def fit(self) -> None:
        """Take the size that the content wants, within the screen and the window beneath."""
        for child in self.findChildren(QWidget):
            child.ensurePolished()
            if not (child.isWindow() or child.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)):
                child.show()  # Qt shows what was just put in later, and measures only what is shown
        room = self.screen().availableGeometry().size()
        width = min(px(self._width), room.width() - px(32))
        inner = width - px(48)
        parts = [self._head.totalHeightForWidth(inner), self.foot.totalSizeHint().height()]
        self.content.invalidate()
        bends = self.content.hasHeightForWidth()
        wanted = self.content.totalHeightForWidth(inner) if bends else self.content.totalSizeHint().height()
        parts.append(max(wanted, self.content.totalMinimumSize().height()))  # less would bring the scroll bar
        if not self.notice.isHidden():
            parts.append(self.notice.inside.totalHeightForWidth(inner))
        height = px(48) + sum(parts) + px(16) * (len(parts) - 1) + px(40)
        self.resize(width, min(height, room.height() - 40))

    def showEvent(self, event: QShowEvent) -> None:
        """Fit before the first look."""
        self.fit()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter presses the primary button from anywhere; a digit the card that shows it."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        for made in self.findChildren(QPushButton):
            primary = control and is_enter and made.property("role") == "primary"
            meant = primary or (bool(event.text()) and made.property("digit") == event.text())
            if meant and made.isVisible() and made.isEnabled():
                made.click()
                return
        super().keyPressEvent(event)


class Notice(QFrame):
    """A sentence with a hint: what went wrong, or what went well, where it was done."""

    def __init__(self) -> None:
        super().__init__()
        self._title, self._hint = label("", "strong"), label("", "text")
        self.inside = column(self._title, self._hint, space=2, margins=12)
        self.setLayout(self.inside)
        self.hide()

    def show_error(self, error: InboxError) -> None:
        """What failed and what to do."""
        self.show_text(error.title, error.hint, role="danger")

    def show_text(self, title: str, hint: str = "", *, role: str = "ok") -> None:
        """A sentence in a role: danger, warn, ok, plain."""
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        set_role(self, f"notice-{role}")
        for inner in (self._title, self._hint):
            inner.style().unpolish(inner)
            inner.style().polish(inner)
        self.setAccessibleName(f"{title}. {hint}".strip())
        self.show()

    def clear(self) -> None:
        """Say nothing."""
        self.hide()

    @property
    def text(self) -> str:
        """What it says now."""
        return "" if self.isHidden() else f"{self._title.text()} {self._hint.text()}".strip()


def ask(
    parent: QWidget | None, title: str, sentence: str, *, yes: str, danger: bool, then: Callable[[], None], no: str
) -> Dialog:
    """Ask once before something that can't be taken back. ``then`` runs on yes; Escape is no."""
    dialog = Dialog(parent, title, sentence, width=440)
    sure, stay = button(yes, "danger" if danger else "primary"), button(no)
    dialog.foot.addStretch(1)
    dialog.foot.addWidget(stay)
    dialog.foot.addWidget(sure)
    stay.clicked.connect(dialog.reject)
    sure.clicked.connect(dialog.accept)
    dialog.accepted.connect(then)
    dialog.open()
    stay.setFocus()
    return dialog
