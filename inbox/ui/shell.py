"""The running program with its window: first paint, then the store in a worker, then the accounts; and the way back."""

from __future__ import annotations

import gc
import logging
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from inbox import i18n
from inbox.i18n import tr
from inbox.ui import style
from inbox.ui.snapshot import Snapshot
from inbox.ui.tasks import Tasks
from inbox.ui.window import Window

if TYPE_CHECKING:
    from pathlib import Path

    from inbox.app import App
    from inbox.errors import InboxError
    from inbox.settings import Profile, Settings

log = logging.getLogger(__name__)

SNAPSHOT = "window.json"
# Painting calls Qt some dozen times a row, and after each call a busy thread may hold the interpreter for so long.
_SWITCH_SECONDS = 0.0001
_UNSEEN_MS = 1000  # a window that is not painted (minimised) opens its store all the same


class Shell(QObject):
    """Owns the application, the window and the open program. One per process.

    Signals:
        opened: The store is up and the window shows what is true.
    """

    opened = Signal()

    def __init__(self, profile: Profile, settings: Settings, *, demo: bool = False, db_url: str | None = None) -> None:
        found = QApplication.instance()
        self.application = found if isinstance(found, QApplication) else style.make_application(sys.argv[0])
        super().__init__()
        self.profile, self.settings, self.demo, self.db_url = profile, settings, demo, db_url
        self.app: App | None = None
        self.tasks = Tasks(self)
        self._seen: QWidget | None = None  # what is watched until it was painted
        self._code = 0
        i18n.set_language(settings.language or i18n.system_language())
        self.application.setApplicationName("inbox")
        self.application.setApplicationDisplayName("Inbox")
        self.application.setQuitOnLastWindowClosed(True)
        style.apply(self.application, settings.theme, settings.text_size)
        self.window = self._make_window(Snapshot.load(self._snapshot_file))
        self.application.styleHints().colorSchemeChanged.connect(self._on_system_theme)

    @property
    def _snapshot_file(self) -> Path:
        return self.profile.folder / SNAPSHOT

    def _make_window(self, snapshot: Snapshot) -> Window:
        window = Window(self.settings, snapshot, self.tasks)
        window.settings_changed.connect(self._on_settings)
        window.demo_wanted.connect(self._start_demo)
        return window

    def run(self) -> int:
        """Show the window and run until it is closed."""
        from inbox.ui import crash

        crash.install(self.profile.log_file, lambda: self.window)
        self.show()
        code = self.application.exec()
        self.stop()
        return code or self._code

    def show(self) -> None:
        """Show the window; the store is opened right after it was painted: loading it would hold the paint up."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        self._seen = self.window.list.viewport()
        self._seen.installEventFilter(self)
        self.window.show()
        QTimer.singleShot(_UNSEEN_MS, self._open_once)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._open_once)
        return False

    def _open_once(self) -> None:
        if self._seen is not None:
            self._seen.removeEventFilter(self)
            self._seen = None
            self.open()

    def open(self) -> None:
        """Open the store in the worker."""

        def work() -> App:
            gc.disable()  # loading makes much that stays: looking for garbage in it is in vain, now and later
            try:
                from inbox.app import open_app

                return open_app(self.profile.folder, self.db_url, self.demo)
            finally:
                gc.freeze()
                gc.enable()

        self.tasks.run(work, self._on_opened, self._on_not_opened)

    def _on_opened(self, app: App) -> None:
        self.app = app
        self.window.take_app(app)
        if app.keychain.is_locked:
            self._ask_passphrase(app)
        else:
            self.tasks.run(app.start)
        if self.settings.set_aside is not None:
            name = self.settings.set_aside.name
            self.window.toast.say(tr("The settings could not be read; they were set aside as {name}.", name=name))
        self.opened.emit()

    def _ask_passphrase(self, app: App) -> None:
        """The accounts run when the vault is open, or say that it is not."""
        from inbox.ui.dialog_actions import DialogActions
        from inbox.ui.vault_dialog import VaultDialog

        dialog = VaultDialog(DialogActions(app, self.tasks, app.agent.id), "unlock", self.window)
        dialog.finished.connect(lambda _result: self.tasks.run(app.start))
        dialog.open()

    def _on_not_opened(self, error: InboxError) -> None:
        from inbox.ui import crash

        log.error("The program can't open: %s", error)
        self._code = 1
        crash.tell(self.window, error.title, error.hint)
        self.application.exit(1)

    def stop(self) -> None:
        """Keep what is to be seen first the next time, and give everything back."""
        window = self.window
        if self.app is not None:
            window.snapshot.view = window.view
            window.snapshot.rows = list(window.model.rows[:20])
            window.snapshot.save(self._snapshot_file)
            self.settings = self.settings.change(window=window.layout_now())
        window.bridge.detach()
        self.tasks.stop()
        if self.app is not None:
            self.app.stop()
            self.app = None

    # --- changes of look and language ---------------------------------------------------------------------------

    def _on_system_theme(self) -> None:
        if self.settings.theme == "system":
            self._on_settings(self.settings)

    def _on_settings(self, settings: Settings) -> None:
        """Another theme, text size or language: the window is made anew, at the same place."""
        self.settings = settings
        i18n.set_language(settings.language or i18n.system_language())
        style.apply(self.application, settings.theme, settings.text_size)
        QTimer.singleShot(0, self._replace_window)

    def _replace_window(self) -> None:
        old, app = self.window, self.app
        if app is None:
            return
        current = old.list.current
        old.pane.composer.save_draft()
        old.snapshot.view, old.snapshot.rows = old.view, list(old.model.rows[:20])
        old.bridge.detach()
        self.window = self._make_window(old.snapshot)
        self.window.setGeometry(old.geometry())
        self.window.show()
        for dialog in old.findChildren(QDialog):
            if dialog.isVisible():
                dialog.setParent(self.window, dialog.windowFlags())
                dialog.show()
        old.hide()
        old.acts.app = None
        self.tasks.run(lambda: None, lambda _none: old.deleteLater())  # after what it asked for was answered
        self.window.take_app(app)
        if current is not None:
            self.window.open_conversation(current)

    def _start_demo(self) -> None:
        """A throw-away profile in a process of its own, so that nothing of it mixes with this one."""
        import subprocess

        subprocess.Popen([sys.executable, "-m", "inbox", "--demo"], close_fds=True)
        self.window.close()
