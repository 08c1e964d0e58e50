"""Logging a call or a visit: what was said, and which clarifying questions were put."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from inbox.i18n import tr
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from inbox.services.rows import ConversationDetail


class LogDialog(QDialog):
    """Nothing is kept before a line was written."""

    logged = Signal(str, str, list)  # call or visit, text, AskedQuestions

    def __init__(self, detail: ConversationDetail | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Log a call or a visit"))
        self.resize(px(480), px(380))
        self._call, self._visit = QRadioButton(tr("Call")), QRadioButton(tr("Visit"))
        self._call.setChecked(True)
        kinds = QButtonGroup(self)
        line = QHBoxLayout()
        for choice in (self._call, self._visit):
            kinds.addButton(choice)
            line.addWidget(choice)
        line.addStretch(1)
        self.text = QPlainTextEdit()
        self.text.setProperty("kind", "place")
        self.text.setPlaceholderText(tr("What was said …"))
        self.text.setAccessibleName(tr("What was said"))
        self.text.setTabChangesFocus(True)
        self._asked = [(QCheckBox(found.text), found) for found in (detail.suggested if detail else ())[:5]]
        self.save = QPushButton(tr("Log it"))
        self.save.setProperty("kind", "primary")
        self.save.setEnabled(False)
        self.save.clicked.connect(self._on_save)
        self.text.textChanged.connect(lambda: self.save.setEnabled(bool(self.text.toPlainText().strip())))
        self._arrange(line)

    def _arrange(self, kinds: QHBoxLayout) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(20), px(18), px(20), px(18))
        layout.setSpacing(px(10))
        layout.addLayout(kinds)
        layout.addWidget(self.text, 1)
        if self._asked:
            heading = QLabel(tr("Which of these did you ask?"))
            heading.setProperty("tone", "label")
            layout.addWidget(heading)
        for box, _question in self._asked:
            layout.addWidget(box)
        foot = QHBoxLayout()
        cancel = QPushButton(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        layout.addLayout(foot)

    def _on_save(self) -> None:
        from inbox.services.rows import AskedQuestion

        asked = [
            AskedQuestion(found.text, found.bank_question_id, found.fact_kind)
            for box, found in self._asked
            if box.isChecked()
        ]
        self.logged.emit("call" if self._call.isChecked() else "visit", self.text.toPlainText().strip(), asked)
        self.accept()
