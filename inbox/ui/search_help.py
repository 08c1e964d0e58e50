"""What can be typed into the search, with examples to copy (F1)."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from inbox.i18n import tr
from inbox.ui.dialog import Dialog
from inbox.ui.form import box, button, column, label
from inbox.ui.tokens import px


class SearchHelp(Dialog):
    """The search language: an example on the left, what it finds on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        sentence = tr("Several words find messages that have all of them. Accents and capitals don't matter.")
        super().__init__(parent, tr("How to search"), sentence, width=720)
        for title, examples in _groups():
            self.content.addWidget(_group(title, examples))
        self.content.addStretch(1)
        done = button(tr("Close"))
        done.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(done)
        done.setFocus()


def _group(title: str, examples: Sequence[tuple[str, str]]) -> QWidget:
    grid = QGridLayout()
    grid.setHorizontalSpacing(px(16))
    grid.setVerticalSpacing(px(8))
    for number, (example, meaning) in enumerate(examples):
        shown = label(example, "key", wrap=False)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        shown.setAccessibleName(f"{example}: {meaning}")
        top_left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        grid.addWidget(shown, number, 0, top_left)
        grid.addWidget(label(meaning), number, 1)
    grid.setColumnMinimumWidth(0, px(250))
    grid.setColumnStretch(1, 1)
    return box(column(label(title, "label"), grid, space=8, margins=12), "card")


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            tr("Words"),
            [
                (tr("broken lamp"), tr("both words, anywhere in a message")),
                (tr('"order 20544"'), tr("these words, one after the other")),
                (tr("invoic*"), tr("every word that begins so")),
                (tr("refund -voucher"), tr("the first word, and not the second")),
            ],
        ),
        (
            tr("People and places"),
            [
                (tr("from:ana@example.com"), tr("who wrote it: a name, an address or a part of one")),
                (tr("to:sales"), tr("who got it")),
                (tr('customer:"Ana Torres"'), tr("everything of a customer, by name or number")),
                (tr("channel:email"), tr("by which channel it came")),
                (tr("account:1"), tr("by which of our accounts: its name or number")),
            ],
        ),
        (
            tr("Cases"),
            [
                (tr("case:123"), tr("a case by its number")),
                (tr("type:complaint"), tr("the kind of case")),
                (tr("owner:Luis"), tr("who handles it")),
                (tr("tag:urgent"), tr("what carries a tag")),
                (
                    tr("is:open"),
                    tr("how it stands: open, waiting, solved, closed, unread, mine, unassigned, late, failed …"),
                ),
            ],
        ),
        (
            tr("Time and content"),
            [
                (tr("after:2026-11-01"), tr("since that day")),
                (tr("before:yesterday"), tr("until the day before; 7d means seven days ago")),
                (tr("has:attachment"), tr("with files; has:question finds cases in which we asked something")),
            ],
        ),
    ]
