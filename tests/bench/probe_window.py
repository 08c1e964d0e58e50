"""The program as a person starts it: prints when its window was painted first, and when everything was loaded.

With ``prepare`` it is left in the view "unassigned", so that the next start begins with a page of rows.
"""

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from inbox import cli
from inbox.ui import shell
from inbox.ui.window import Window


class _FirstPaint(QObject):
    """When the whole window was painted first, and with how many rows."""

    def __init__(self, widget: QWidget, window: Window) -> None:
        super().__init__(widget)
        self.painted_at, self.rows = 0.0, 0
        self._window = window
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._on_painted)  # the whole window is painted in one go: after it
        return False

    def _on_painted(self) -> None:
        self.painted_at, self.rows = time.monotonic(), len(self._window.model)


class _Watched(shell.Shell):
    """Looks on, and closes the window when all is there."""

    def show(self) -> None:
        self.chose = False
        self.watch = _FirstPaint(self.window.list.viewport(), self.window)
        self.opened.connect(self._wait)
        super().show()

    def _wait(self) -> None:
        self._timer = QTimer(self, interval=2)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if self.window.model.is_loading or not self.tasks.is_idle:
            return
        if _PREPARE and not self.chose:
            self.chose = True
            self.window.rail.choose("unassigned")
            return
        self._timer.stop()
        times = {"painted": self.watch.painted_at, "ready": time.monotonic(), "rows": self.watch.rows}
        sys.stdout.write(json.dumps(times) + "\n")
        self.window.close()


_PREPARE = sys.argv[2:] == ["prepare"]

if __name__ == "__main__":
    shell.Shell = _Watched  # type: ignore[misc]  # the program makes this one
    sys.exit(cli.main(["--profile", sys.argv[1]]))
