"""From a mail's bytes to all of its fields, against the standard library's parser, which decodes nothing by then."""

import email
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from inbox.channels.email.importing import find_mails
from inbox.channels.email.parse import parse
from tests.bench.figures import Figure, median, ratio_at_least
from tests.bench.mailbox import write_mbox

_MAILS, _ROUNDS = 5_000, 5
_TARGET = 3.3  # times the floor: 10,000 a second where the floor reads 3,010


def measure(wanted: Sequence[str]) -> Iterator[Figure]:
    """Mails a second: ours, and the floor, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mails.mbox"
        write_mbox(file, _MAILS)
        mails = [found.raw for found in find_mails(file)]
    ours, floor = [], []
    for _ in range(_ROUNDS):
        ours.append(_rate(parse, mails))
        floor.append(_rate(email.message_from_bytes, mails))
    yield ratio_at_least("parse", median(ours), "mails/s", median(floor), _TARGET)


def _rate(read: Callable[[bytes], object], mails: Sequence[bytes]) -> float:
    start = time.perf_counter()
    for mail in mails:
        read(mail)
    return len(mails) / (time.perf_counter() - start)
