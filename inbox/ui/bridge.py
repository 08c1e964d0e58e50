"""What happens in the program, told to the window: one Qt signal, bursts merged."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.events import Bus, Event

MERGE_MS = 100


class Changes:
    """What changed since the last time: ids, and the names of the events."""

    __slots__ = ("accounts", "cases", "conversations", "customers", "kinds", "received")

    def __init__(self) -> None:
        self.conversations: set[int] = set()
        self.cases: set[int] = set()
        self.customers: set[int] = set()
        self.accounts: set[int] = set()
        self.kinds: set[str] = set()
        self.received = 0

    def add(self, event: Event) -> None:
        """Take an event in."""
        for ids, value in (
            (self.conversations, event.conversation_id),
            (self.cases, event.case_id),
            (self.customers, event.customer_id),
            (self.accounts, event.account_id),
        ):
            if value is not None:
                ids.add(value)
        self.kinds.add(type(event).__name__)
        self.received += type(event).__name__ == "MessageReceived"


class Bridge(QObject):
    """Hears the bus in any thread and emits ``changed(Changes)`` in the GUI thread, at most once in 100 ms."""

    changed = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: Changes | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._timer = QTimer(self, interval=MERGE_MS, singleShot=True)
        self._timer.timeout.connect(self._tell)
        self._woken.connect(self._timer.start)

    def attach(self, bus: Bus) -> None:
        """Listen to a bus."""
        from inbox.events import Event  # loaded by the time there is a bus, not before

        self._unsubscribe = bus.subscribe(Event, self._hear)

    def detach(self) -> None:
        """Hear no more."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _hear(self, event: Event) -> None:
        with self._lock:
            is_first = self._waiting is None
            if self._waiting is None:
                self._waiting = Changes()
            self._waiting.add(event)
        if is_first:
            self._woken.emit()

    def _tell(self) -> None:
        with self._lock:
            changes, self._waiting = self._waiting, None
        if changes is not None:
            self.changed.emit(changes)
