"""Importing mailboxes: choose files or a folder, watch it go, stop it, and see what could not be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QProgressBar, QPushButton, QWidget

from inbox.i18n import tr, tr_n
from inbox.ui.choices import BigChoice
from inbox.ui.dialog import Dialog
from inbox.ui.form import box, button, clear, column, label
from inbox.ui.rows_view import Row, RowsView
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.app import ImportProgress, ImportSummary
    from inbox.errors import InboxError
    from inbox.ui.dialog_actions import DialogActions
    from inbox.ui.tasks import Job


class ImportDialog(Dialog):
    """Choosing, running and the summary are its three pages. What was read before a stop is kept."""

    imported = Signal(object)  # ImportSummary

    def __init__(self, actions: DialogActions, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Import a mailbox"), width=560)
        self._actions = actions
        self._job: Job | None = None
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._state = label("", "soft")
        self._show_choice()

    # --- choosing ---

    def _show_choice(self) -> None:
        self.say(
            tr("Import a mailbox"),
            tr("Importing the same files twice is harmless: what is known is skipped."),
        )
        files = BigChoice("1", tr("Choose files …"), tr("mbox or .eml, as many as you like"), icon="file-text")
        folder = BigChoice("2", tr("Choose a folder …"), tr("A Maildir, or a folder of such files"), icon="folder-open")
        files.clicked.connect(self._choose_files)
        folder.clicked.connect(self._choose_folder)
        self.content.addWidget(files)
        self.content.addWidget(folder)
        self.content.addStretch(1)
        self._feet(button(tr("Cancel")))

    def _choose_files(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(self, tr("Choose files"))
        if names:
            self.start([Path(name) for name in names])

    def _choose_folder(self) -> None:
        if name := QFileDialog.getExistingDirectory(self, tr("Choose a folder")):
            self.start([Path(name)])

    # --- running ---

    def start(self, paths: Sequence[Path]) -> None:
        """Import these files and folders."""
        clear(self.content)
        self._bar, self._state = QProgressBar(), label(tr("Looking at the files …"), "soft")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(tr("Progress"))
        self.say(tr("Importing"), ", ".join(path.name for path in paths))
        self.content.addWidget(self._bar)
        self.content.addWidget(self._state)
        self.content.addStretch(1)
        self._feet(button(tr("Stop")))
        self._job = self._actions.import_mail(paths, self._show_progress, self.show_summary, self._show_error)
        self._refit()

    def _show_progress(self, progress: ImportProgress) -> None:
        if progress.total:
            self._bar.setRange(0, 1000)  # bytes may be more than Qt's bar can count
            self._bar.setValue(min(1000, progress.done * 1000 // progress.total))
        self._state.setText(tr_n("{n} message read", "{n} messages read", progress.messages))

    def _show_error(self, error: InboxError) -> None:
        self._job = None
        clear(self.content)
        self._show_choice()
        self.notice.show_error(error)
        self._refit()

    # --- the summary ---

    def show_summary(self, summary: ImportSummary) -> None:
        """What came of it."""
        self._job = None
        clear(self.content)
        self.notice.clear()
        self.say(tr("Stopped: what was read is kept") if summary.stopped else tr("The import is done"))
        lines = [tr_n("{n} message is new", "{n} messages are new", summary.new)]
        if summary.known:
            lines.append(tr_n("{n} message was known already", "{n} messages were known already", summary.known))
        if summary.customers:
            lines.append(tr_n("{n} customer was added", "{n} customers were added", summary.customers))
        self.content.addWidget(box(column(*(label(text) for text in lines), space=4, margins=16), "well"))
        if summary.unreadable:
            self._show_unreadable(summary.unreadable)
        self.content.addStretch(1)
        done = button(tr("Done"), "primary")
        self._feet(done)
        self._refit()
        done.setFocus()
        self.imported.emit(summary)

    def _show_unreadable(self, unreadable: Sequence[tuple[str, str]]) -> None:
        title = tr_n("{n} file could not be read", "{n} files could not be read", len(unreadable))
        rows = RowsView(title, wrap_notes=True)
        rows.show_rows([Row(number, name, note=why, light="warn") for number, (name, why) in enumerate(unreadable)])
        rows.setFixedHeight(px(min(200, 54 * len(unreadable))))
        self.content.addWidget(label(title, "label"))
        self.content.addWidget(rows)

    def _feet(self, *buttons: QPushButton) -> None:
        clear(self.foot)
        self.foot.addStretch(1)
        for made in buttons:
            self.foot.addWidget(made)
            made.clicked.connect(self.reject)

    def _refit(self) -> None:
        if self.isVisible():
            self.fit()

    def reject(self) -> None:
        """Escape and Stop stop a running import, and wait for its summary; otherwise they close."""
        if self._job is not None:
            self._job.stop()
            self._state.setText(tr("Stopping …"))
            return
        super().reject()

    def showEvent(self, event: QShowEvent) -> None:
        """The first choice has the keyboard."""
        super().showEvent(event)
        if (first := self.findChild(BigChoice)) is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)
