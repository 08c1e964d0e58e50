"""Where problems are written down: a file in the profile, kept small."""

import logging
import os

from inbox.settings import Profile

_LARGEST = 2 << 20


def start_log(profile: Profile) -> None:
    """Write the log of this process to the profile's file; the one before it is kept when it has grown large.

    A profile that can't be written is told elsewhere, and by then in better words.
    """
    file = profile.log_file
    try:
        if not profile.folder.is_dir():
            return
        if file.exists() and file.stat().st_size > _LARGEST:
            file.replace(file.with_suffix(".log.1"))
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        handler = logging.FileHandler(file, encoding="utf-8", delay=True)
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    if root.level in (logging.NOTSET, logging.WARNING):
        root.setLevel(logging.INFO)
