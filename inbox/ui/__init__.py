"""All of Qt. ``start`` opens the window; it is painted before the database, the channels or the services are loaded."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

import PySide6.QtCore  # noqa: F401 - puts an import function of its own in the place of Python's

if TYPE_CHECKING:
    from inbox.settings import Profile, Settings

# PySide reads and keeps the source of every module imported after it, in case it says ``from __feature__ import``.
# Nothing here does: with Python's own import back, starting is 100 ms shorter and the program 20 MB smaller.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def start(profile: Profile, settings: Settings, *, demo: bool = False, db_url: str | None = None) -> int:
    """Open the window and run until it is closed; answers the exit code."""
    from inbox.ui.shell import Shell

    return Shell(profile, settings, demo=demo, db_url=db_url).run()
