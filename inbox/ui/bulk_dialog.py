"""What a bulk action did: how many passed, and each that was refused with its reasons, one key away."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr, tr_n
from inbox.services.rows import BulkResult
from inbox.ui.dialog import Dialog
from inbox.ui.form import button, label
from inbox.ui.rows_view import Row, RowsView
from inbox.ui.tokens import px


class BulkDialog(Dialog):
    """Opened only when something was refused; choosing a line goes to it."""

    chosen = Signal(int)  # the id of what was refused

    def __init__(
        self,
        result: BulkResult,
        done: str,
        parent: QWidget | None = None,
        *,
        titles: Mapping[int, str] | None = None,
    ) -> None:
        """``done`` says what passed, counted: "12 cases were closed"."""
        count = len(result.refused)
        title = tr_n("{n} was refused", "{n} were refused", count)
        super().__init__(parent, title, done, width=560)
        names = titles or {}
        self._rows = RowsView(title, wrap_notes=True)
        self._rows.show_rows(
            [
                Row(found.id, names.get(found.id, found.title), note="\n".join(found.reasons), light="warn")
                for found in result.refused
            ],
            first=True,
        )
        self._rows.chosen.connect(self._on_chosen)
        self._rows.setMinimumHeight(px(min(360, 60 * max(1, count))))
        self.content.addWidget(label(tr("Choose one to go to it."), "hint"))
        self.content.addWidget(self._rows, 1)
        stay = button(tr("Close"))
        stay.clicked.connect(self.reject)
        go = button(tr("Go to it"), "primary")
        go.clicked.connect(lambda: self._on_chosen(self._rows.key))
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(go)
        self._rows.setFocus()

    def _on_chosen(self, key: object) -> None:
        if isinstance(key, int):
            self.accept()
            self.chosen.emit(key)
