"""The floor of starting: an empty window, painted."""

import sys
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget


class _Empty(QWidget):
    painted_at = 0.0

    def paintEvent(self, event: QPaintEvent) -> None:
        QTimer.singleShot(0, self._painted)

    def _painted(self) -> None:
        self.painted_at = time.monotonic()
        self.close()


def main() -> None:
    """Print when it was painted."""
    application = QApplication(sys.argv[:1])
    window = _Empty()
    window.resize(1440, 900)
    window.show()
    application.exec()
    sys.stdout.write(f'{{"painted": {window.painted_at}}}\n')


if __name__ == "__main__":
    main()
