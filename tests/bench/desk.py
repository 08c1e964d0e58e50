"""The real window on a profile, for the probes: opened as a person does, waited for, watched while it paints."""

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QWidget

from inbox.settings import Profile, Settings
from inbox.ui.shell import Shell

_POLL_MS = 2


class PaintWatch(QObject):
    """Knows when a widget was painted last: drawn and handed to the platform."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.first_at = self.painted_at = 0.0
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._painted)  # the whole window is painted in one go: after it
        return False

    def _painted(self) -> None:
        self.painted_at = time.monotonic()
        self.first_at = self.first_at or self.painted_at
        self.count += 1


def until(condition: Callable[[], bool], seconds: float = 300) -> None:
    """Run the event loop until something is so."""
    end = time.monotonic() + seconds
    loop = QEventLoop()

    def look() -> None:
        if condition() or time.monotonic() > end:
            loop.quit()

    timer = QTimer(interval=_POLL_MS)
    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if not condition():
        raise TimeoutError("what was waited for did not come")


def when(owner: QObject, condition: Callable[[], bool], then: Callable[[], object]) -> None:
    """Call ``then`` as soon as something is so, from the loop that runs."""
    timer = QTimer(owner, interval=_POLL_MS)

    def look() -> None:
        if condition():
            timer.stop()
            then()

    timer.timeout.connect(look)
    timer.start()


def pause(seconds: float) -> None:
    """Let the window live for some time."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def open_desk(folder: Path) -> Shell:
    """The window with everything loaded."""
    profile = Profile.find(folder)
    shell = Shell(profile, Settings.load(profile))
    shell.show()
    until(lambda: is_ready(shell))
    return shell


def is_ready(shell: Shell) -> bool:
    """Whether the store is up, the real first page is there and nothing is waited for."""
    return shell.app is not None and not shell.window.model.is_loading and shell.tasks.is_idle


def close_desk(shell: Shell) -> None:
    """As a person closes it: what stands on the screen is kept for the next start."""
    shell.window.close()
    shell.stop()
