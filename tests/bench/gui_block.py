"""The longest stop of the GUI thread while 20,000 mails come in and a person scrolls and types."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.mailbox import write_mbox
from tests.bench.probes import copy_of, probe
from tests.bench.profiles import profile

_MAILS = 20_000


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Milliseconds. The floor is the same scrolling and typing while nothing comes in."""
    with tempfile.TemporaryDirectory() as folder, copy_of(profile("window", 100_000)) as copy:
        mails = Path(folder) / "mails.mbox"
        write_mbox(mails, _MAILS)
        found = probe("gui_block", copy, mails)
    longest = found["longest"]
    yield Figure("gui-block", longest, "ms longest", "<= 30 ms", longest <= 30, found["quiet"])
