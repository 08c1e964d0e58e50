"""Fixtures for dialogs and settings: a real program on a fresh profile, with the window's worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from inbox.app import App, open_app
from inbox.services import accounts
from inbox.ui import style
from inbox.ui.settings.actions import SettingsActions
from inbox.ui.tasks import Tasks


@pytest.fixture
def app(profile: Path, dburl: str) -> Iterator[App]:
    """The program, opened and not started: no account runs."""
    opened = open_app(profile, dburl)
    yield opened
    opened.stop()


@pytest.fixture
def email_account(app: App) -> int:
    """An email account that conversations can come in by."""
    with app.db.writing(app.agent.id) as s:
        return accounts.add(s, "email", "Tienda", {"address": "tienda@example.com"})


@pytest.fixture
def tasks(qapp: QApplication) -> Iterator[Tasks]:
    """The window's worker."""
    made = Tasks()
    yield made
    made.stop()


@pytest.fixture
def act(app: App, tasks: Tasks) -> SettingsActions:
    """What a person can do in the dialogs."""
    return SettingsActions(app, tasks, app.agent.id)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> QWidget:
    """What dialogs open over."""
    style.apply(qapp, "light", 100)
    made = QWidget()
    made.resize(1440, 900)
    qtbot.addWidget(made)
    made.show()
    return made
