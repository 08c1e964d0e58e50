"""A desk: the program with its window on a profile of its own, offscreen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from inbox import i18n
from inbox.app import App
from inbox.channels.email import discovery
from inbox.services import settings_store
from inbox.services.rows import ConversationRow
from inbox.settings import Profile, Settings
from inbox.ui.shell import Shell
from inbox.ui.window import Window

PATIENCE = 20_000  # milliseconds


@pytest.fixture(autouse=True)
def _nobody_tells_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address that is typed in a test is looked for on the internet."""
    nowhere = discovery.Places(published=(), directory="", imap=(), smtp=(), asks_dns=False)
    monkeypatch.setattr(discovery, "PLACES", nowhere)


class Desk:
    """A running program, and what a person at it does."""

    def __init__(self, qtbot: QtBot, folder: Path, *, demo: bool = True, **settings: object) -> None:
        profile = Profile(folder)
        profile.prepare()
        chosen = Settings.load(profile).change(**{"language": "en", "theme": "light", **settings})
        self.qtbot = qtbot
        self.shell = Shell(profile, chosen, demo=demo)
        with qtbot.waitSignal(self.shell.opened, timeout=PATIENCE):
            self.shell.show()
        self.settle()

    @property
    def window(self) -> Window:
        return self.shell.window

    @property
    def app(self) -> App:
        assert self.shell.app is not None
        return self.shell.app

    def settle(self) -> None:
        """Wait until everything that was asked for has been answered."""
        self.until(lambda: self.shell.tasks.is_idle and not self.window.model.is_loading)

    def until(self, condition: Callable[[], object]) -> None:
        """Wait for something to come true."""
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=PATIENCE)

    def show_all(self) -> None:
        """All open conversations."""
        self.window.rail.choose("open")
        self.settle()

    def find(self, fits: Callable[[ConversationRow], bool]) -> ConversationRow:
        """A row of the list."""
        return next(row for row in self.window.model.rows if fits(row))

    def open(self, row: ConversationRow) -> None:
        """Open a conversation."""
        self.window.open_conversation(row.id)
        pane = self.window.pane
        self.until(lambda: pane.detail is not None and pane.detail.row.id == row.id)
        self.settle()

    def choose(self, words: str) -> None:
        """Choose an entry of the menu that is about to open."""

        def press() -> None:
            menu = QApplication.activePopupWidget()
            if not isinstance(menu, QMenu):
                QTimer.singleShot(20, press)
                return
            action = next(found for found in menu.actions() if words in found.text())
            menu.close()
            action.trigger()

        QTimer.singleShot(20, press)

    def no_undo_time(self) -> None:
        """Replies go out at once."""
        with self.app.db.writing(self.app.agent.id) as s:
            settings_store.change(s, "undo_seconds", 0.0)

    def stop(self) -> None:
        """Close the window and the program."""
        self.window.close()
        self.shell.stop()
        self.window.deleteLater()
        QApplication.processEvents()


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Start desks; they are stopped at the end."""
    desks: list[Desk] = []

    def make(folder: Path | None = None, **settings: object) -> Desk:
        desks.append(Desk(qtbot, folder or tmp_path / "profile", **settings))  # type: ignore[arg-type]  # demo or a setting
        return desks[-1]

    yield make
    for desk in desks:
        if desk.shell.app is not None:
            desk.stop()
    i18n.set_language("en")


@pytest.fixture
def desk(start: Callable[..., Desk]) -> Desk:
    """A desk in the demo's shop, in English."""
    return start()
