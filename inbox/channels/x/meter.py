"""What was asked of X that costs money. What is read again on the same day (UTC) is charged once."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime


class Meter:
    """Counts until somebody takes the counts to store them. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day: date | None = None
        self._seen: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()

    def read(self, kind: str, ids: Iterable[str]) -> None:
        """Things of a kind were read."""
        with self._lock:
            today = datetime.now(UTC).date()
            if self._day != today:
                self._day, self._seen = today, set()
            for each in ids:
                if (kind, each) not in self._seen:
                    self._seen.add((kind, each))
                    self._counts[kind] += 1

    def did(self, kind: str) -> None:
        """Something was written."""
        with self._lock:
            self._counts[kind] += 1

    def take(self) -> Mapping[str, int]:
        """What was counted since the last time."""
        with self._lock:
            taken, self._counts = dict(self._counts), Counter()
        return taken
