"""All of Qt. ``start`` opens the window; it is painted before the database, the channels or the services are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.ui.qt_import import import_qt

if TYPE_CHECKING:
    from inbox.settings import Profile, Settings

import_qt()


def start(profile: Profile, settings: Settings, *, demo: bool = False, db_url: str | None = None) -> int:
    """Open the window and run until it is closed; answers the exit code."""
    from inbox.ui.shell import Shell

    return Shell(profile, settings, demo=demo, db_url=db_url).run()
