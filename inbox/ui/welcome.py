"""The first start: three ways to begin, each one key away."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr
from inbox.ui.choices import BigChoice
from inbox.ui.form import column, label, picture, row, scrolled
from inbox.ui.tokens import colors, px


class Welcome(QWidget):
    """Stands in the window while there is no account. The window does what was chosen."""

    demo_chosen = Signal()
    account_chosen = Signal()
    import_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.choices = [
            BigChoice("1", *_words_of_demo(), icon="play"),
            BigChoice("2", *_words_of_account(), icon="at-sign"),
            BigChoice("3", *_words_of_import(), icon="archive"),
        ]
        for number, (made, signal) in enumerate(
            zip(self.choices, (self.demo_chosen, self.account_chosen, self.import_chosen), strict=True), start=1
        ):
            made.clicked.connect(signal)
            QShortcut(
                QKeySequence(str(number)), self, made.click, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
        foot = label(tr("Everything stays on this computer. You can do the others later, in the settings."), "hint")
        foot.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        middle = QWidget()
        middle.setMaximumWidth(px(560))
        title = label(tr("Welcome to Inbox"), "huge")
        sentence = label(tr("All your customers' messages in one place. How would you like to begin?"), "soft")
        head = row(picture("inbox", 36, colors().accent), column(title, sentence, space=4), space=16)
        head.setStretch(1, 1)
        middle.setLayout(column(head, 12, *self.choices, 8, foot, space=12, margins=24))
        page = QWidget()
        around = row(-1, middle, -1, space=0)
        around.setStretch(1, 100)
        page.setLayout(column(-1, around, -1, -1, space=0))
        self.setLayout(column(scrolled(page), space=0))
        self.setFocusProxy(self.choices[0])


def _words_of_demo() -> tuple[str, str]:
    return tr("Try the demo"), tr(
        "A shop with simulated customers who answer what you ask. Nothing leaves this computer."
    )


def _words_of_account() -> tuple[str, str]:
    return tr("Add an email account"), tr("Your address and password are usually enough. Mail stays on the server too.")


def _words_of_import() -> tuple[str, str]:
    return tr("Import a mailbox"), tr("Files you saved from another program: mbox, Maildir, .eml, or a folder of them.")
