"""Versions, licences, and where things lie."""

from __future__ import annotations

import platform
import re
import sqlite3
from importlib import metadata
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, qVersion
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from inbox.i18n import tr
from inbox.ui import icons
from inbox.ui.form import button, column, label, row
from inbox.ui.settings.page import Page, section

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QBoxLayout

    from inbox.ui.settings.actions import SettingsActions

_BUNDLED = (
    ("Qt, PySide6, python-telegram-bot", "LGPL-3.0"),
    ("SQLAlchemy, Alembic, keyring, platformdirs, nh3", "MIT"),
    ("tweepy, Mastodon.py, atproto", "MIT"),
    ("IMAPClient, httpx, feedparser", "BSD"),
    ("cryptography", "Apache-2.0 / BSD"),
    ("dnspython", "ISC"),
    ("Lucide (icons)", "ISC"),
    ("SQLite", "Public Domain"),
)

_MAY_BREAK = "\u200b"  # a line may end here


class AboutPage(Page):
    """What to tell somebody who helps."""

    def __init__(self, actions: SettingsActions) -> None:
        super().__init__(actions, tr("About"), tr("What somebody who helps you will ask for."))
        app = actions.app
        self.versions = [
            ("Inbox", metadata.version("inbox")),
            ("Python", platform.python_version()),
            ("Qt", qVersion()),
            ("SQLite", sqlite3.sqlite_version),
            (tr("System"), f"{platform.system()} {platform.release()}"),
        ]
        copy = button(tr("Copy all of it"))
        copy.clicked.connect(self.copy)
        self.body.addWidget(section(tr("Versions"), *(_line(*pair) for pair in self.versions), row(copy, -1)))
        profile = app.profile
        self.body.addWidget(
            section(
                tr("Where things are"),
                *(
                    _place(name, path, opened)
                    for name, path, opened in (
                        (tr("Data"), profile.folder, profile.folder),
                        (tr("Database"), profile.database_file, profile.folder),
                        (tr("Log"), profile.log_file, profile.folder),
                    )
                ),
                sentence=tr("Messages stay on this computer and on your mail server; nothing else is told about them."),
            )
        )
        sentence = tr("Inbox itself may be used, changed and passed on freely (MIT licence).")
        licences = (_line(name, licence) for name, licence in _BUNDLED)
        self.body.addWidget(section(tr("Licences"), *licences, sentence=sentence))
        self.body.addStretch(1)

    def copy(self) -> None:
        """Versions and places as text, for a mail."""
        lines = [f"{name}: {value}" for name, value in self.versions]
        lines.append(f"{tr('Data')}: {self.act.app.profile.folder}")
        QApplication.clipboard().setText("\n".join(lines))
        self._saved.setText(tr("✓ Copied"))
        self._calm.start()


def _line(name: str, value: str) -> QBoxLayout:
    made = row(label(name, "soft"), label(value, "text"), space=16)
    made.setStretch(0, 3)
    made.setStretch(1, 2)
    return made


def _place(name: str, path: Path, folder: Path) -> QBoxLayout:
    opens = button(tr("Open the folder"), "quiet", name=tr("Open the folder: {name}", name=name))
    opens.setIcon(icons.icon("folder-open", "", 14))
    opens.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
    shown = re.sub(r"(\W|_)", rf"\1{_MAY_BREAK}", str(path))
    made = row(column(label(name, "label"), label(shown, "text"), space=2), opens, space=16)
    made.setStretch(0, 1)
    return made
