"""Where problems are written down: a file in the profile, kept small."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from inbox.settings import Profile

_LARGEST = 2 << 20


@contextmanager
def logging_to(profile: Profile) -> Iterator[None]:
    """Write the log to the profile's file; the one before it is kept when it has grown large.

    A profile that can't be written is told elsewhere, and in better words.
    """
    handler = _open(profile)
    if handler is None:
        yield
        return
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(min(before, logging.INFO))
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()


def _open(profile: Profile) -> logging.Handler | None:
    file = profile.log_file
    try:
        if not profile.folder.is_dir():
            return None
        if file.exists() and file.stat().st_size > _LARGEST:
            file.replace(file.with_suffix(".log.1"))
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        handler = logging.FileHandler(file, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    return handler
