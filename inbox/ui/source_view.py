"""A message as it came over the wire."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QVBoxLayout, QWidget

from inbox.i18n import tr
from inbox.ui.tokens import px

_MOST = 500_000


class SourceView(QDialog):
    """Shows the bytes as text: read, search and copy."""

    def __init__(self, raw: bytes, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Source of the message"))
        self.resize(px(760), px(620))
        text = QPlainTextEdit(raw[:_MOST].decode("utf-8", "replace"))
        text.setReadOnly(True)
        text.setAccessibleName(self.windowTitle())
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(14), px(14), px(14), px(14))
        layout.addWidget(text)
