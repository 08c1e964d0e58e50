"""What stops the program: a bug goes to the log with its traceback, and the person reads a sentence either way."""

from __future__ import annotations

import logging
import os
import sys
import threading
from typing import TYPE_CHECKING

from inbox.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from PySide6.QtWidgets import QWidget

    from inbox.errors import InboxError

log = logging.getLogger(__name__)


def install(log_file: Path, parent: Callable[[], QWidget | None]) -> None:
    """Hear what nobody caught. The dialog is shown once at a time."""
    is_shown = False

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        nonlocal is_shown
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("A bug", exc_info=(kind, error, trace))
        if is_shown or threading.current_thread() is not threading.main_thread():
            return
        is_shown = True
        try:
            tell(
                parent(),
                tr("Something went wrong in the program"),
                tr("What you typed is kept. What happened is written in {file}; please report it.", file=log_file),
            )
        finally:
            is_shown = False

    sys.excepthook = hook


def tell(parent: QWidget | None, title: str, hint: str) -> None:
    """Say what failed, and what to do."""
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Inbox")
    box.setText(f"{title}.")
    box.setInformativeText(hint)
    box.exec()


def tell_without_window(error: InboxError) -> None:
    """Say why the window does not open, where there is a screen: who starts by an icon never sees stderr."""
    if not _has_screen():
        return
    from PySide6.QtWidgets import QApplication

    from inbox.ui import style

    application = QApplication.instance() or style.make_application(sys.argv[0])
    assert isinstance(application, QApplication)
    style.apply(application)
    tell(None, error.title, error.hint)


def _has_screen() -> bool:
    """Whether a dialog would be seen; without a screen Qt ends the program."""
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in ("offscreen", "minimal"):
        return False
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
