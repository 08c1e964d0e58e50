"""The memory of the whole program, idle on a million conversations and while history comes in."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Figure, at_most, ratio_at_most
from tests.bench.mailbox import write_mbox
from tests.bench.probes import copy_of, probe
from tests.bench.profiles import profile

_MAILS = 10_000


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Megabytes of this process alone: what the libraries and the cached file of the database share is not counted."""
    with tempfile.TemporaryDirectory() as folder, copy_of(profile("many", 1_000_000, words=12, one_each=True)) as copy:
        mails = Path(folder) / "mails.mbox"
        if "memory-sync" in wanted:
            write_mbox(mails, _MAILS)
        found = probe("memory", copy, *([mails] if "memory-sync" in wanted else []))
    if "memory-idle" in wanted:
        yield at_most("memory-idle", found["idle"], "MB", 120)
    if "memory-sync" in wanted:
        yield ratio_at_most("memory-sync", found["busy"], "MB", found["idle"], 1.6)
