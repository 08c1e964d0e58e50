"""Opening a conversation of 300 HTML messages: from the rows in hand to the first paint, and the memory it adds."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.mailbox import write_mbox
from tests.bench.probes import probe

_MESSAGES, _ROUNDS = 300, 5


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Milliseconds and megabytes, medians of processes."""
    times, added = [], []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "thread.mbox"
        write_mbox(file, _MESSAGES, one_thread=True)
        for number in range(_ROUNDS):
            found = probe("thread", Path(folder) / f"profile-{number}", file)
            times.append(found["painted"])
            added.append(found["megabytes"])
    spent, memory = median(times), median(added)
    yield Figure("open-thread", spent, "ms", "<= 50 ms", spent <= 50)
    yield Figure("open-thread", memory, "MB added", "<= 25 MB", memory <= 25)
