"""A chat is not answered while the customer may still be writing: a few seconds of listening after each message."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel

from inbox.i18n import tr

if TYPE_CHECKING:
    from inbox.services.writing import Writing

SECONDS = 5.0
_LOOK_MS = 250


class Listening(QLabel):
    """Counts down beside the send button; hidden while there is nothing to wait for.

    Signals:
        over: The pause is over.
    """

    over = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("tone", "warn")
        self._known: Writing | None = None
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self.hide()

    def listen(self, known: Writing | None) -> None:
        """What is known of the conversation now; ``None`` where nothing is answered."""
        self._known = known
        self._look()

    @property
    def left(self) -> float:
        """How many seconds are still to be waited."""
        known = self._known
        if known is None or known.listening == "off" or known.heard_at is None:
            return 0.0
        return max(0.0, SECONDS - (datetime.now(UTC) - known.heard_at).total_seconds())

    @property
    def holds(self) -> bool:
        """Whether nothing can be sent yet."""
        return self._known is not None and self._known.listening == "hold" and self.left > 0

    def _look(self) -> None:
        left, was_waiting = self.left, self._timer.isActive()
        if left > 0:
            self.setText(tr("Listening … {n}", n=math.ceil(left)))
            self.setToolTip(tr("The customer may still be writing."))
            self.show()
            self._timer.start()
        else:
            self.hide()
            self._timer.stop()
            if was_waiting:
                self.over.emit()
