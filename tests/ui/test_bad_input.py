"""What goes wrong is said in the window, where it was given, and nothing that was typed is lost."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from inbox.app import open_app
from inbox.cli import main
from inbox.errors import SearchError
from inbox.settings import Profile, Settings
from inbox.ui.shell import Shell
from tests.ui.conftest import PATIENCE, Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _read_box(said: list[str]) -> None:
    """Wait for the box, keep what it says, and close it."""
    box = QApplication.activeModalWidget()
    if not isinstance(box, QMessageBox):
        QTimer.singleShot(20, lambda: _read_box(said))
        return
    said.append(f"{box.text()} {box.informativeText()}")
    box.accept()


def _refused_start(qtbot: QtBot, folder: Path) -> str:
    """Start the window on a profile that can't be opened; what the dialog says."""
    said: list[str] = []
    profile = Profile(folder)
    profile.prepare()
    shell = Shell(profile, Settings.load(profile).change(language="en"))
    QTimer.singleShot(20, lambda: _read_box(said))
    shell.show()
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    shell.window.close()
    shell.stop()
    shell.window.deleteLater()
    QTimer.singleShot(0, QApplication.quit)
    QApplication.exec()  # the program has left its loop: the tests to come must find it whole
    return said[0]


def _in_a_file(folder: Path) -> Path:
    """A folder that nobody can make, root neither."""
    file = folder / "file"
    file.touch()
    return file / "profile"


def test_a_profile_that_cannot_be_written_is_told_to_who_started_by_an_icon(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.setenv("DISPLAY", ":0")
    QTimer.singleShot(20, lambda: _read_box(said))
    assert main(["--language", "en", "--profile", str(_in_a_file(tmp_path))]) == 1
    assert "can't be used" in said[0]
    assert "write permission" in said[0]
    assert capsys.readouterr().err.startswith("error: The profile folder")


def test_without_a_screen_or_without_a_window_asked_for_nothing_is_shown(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "exec", lambda box: pytest.fail(box.text()))
    folder = str(_in_a_file(tmp_path))
    assert main(["--profile", folder]) == 1
    monkeypatch.delenv("QT_QPA_PLATFORM")
    monkeypatch.setenv("DISPLAY", ":0")
    assert main(["--profile", folder, "cases"]) == 1


@pytest.mark.expected_log("can't open")
def test_a_newer_database_is_refused_when_the_window_opens(qtbot: QtBot, profile: Path) -> None:
    app = open_app(profile)
    with app.db.writing() as s:
        s.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    app.stop()
    assert "newer" in _refused_start(qtbot, profile)


@pytest.mark.expected_log("can't open")
def test_a_damaged_database_is_told_when_the_window_opens_and_left_as_it_is(qtbot: QtBot, profile: Path) -> None:
    file = Profile(profile).database_file
    file.write_bytes(b"no database at all" * 1000)
    said = _refused_start(qtbot, profile)
    assert "database" in said.lower()
    assert file.read_bytes() == b"no database at all" * 1000


def _complaint(desk: Desk) -> str:
    error = desk.window.model.error
    return str(error) if error is not None else ""


def test_a_search_with_an_unclosed_quote_is_told_in_the_list_once_one_stops_typing(desk: Desk) -> None:
    window = desk.window
    window.go_to_search()
    QTest.keyClicks(window.rail.search, '"washing')
    desk.until(lambda: window.view["key"] == "search")
    desk.settle()
    assert _complaint(desk) == ""  # it is still being typed
    window.rail.search.left.emit()
    desk.until(lambda: _complaint(desk))
    assert isinstance(window.model.error, SearchError)
    assert "position 1 is not closed" in _complaint(desk)
    window.grab()  # draws the sentence
    window.rail.search.setText('"washing machine"')
    desk.until(lambda: not _complaint(desk) and not window.model.is_loading)


def _pragma(desk: Desk, what: str) -> None:
    """Set something of the one connection that writes."""
    with desk.app.db.writing() as s:
        s.execute(text(f"PRAGMA {what}"))


@pytest.mark.expected_log  # the simulated customers may want to write too
def test_a_locked_database_keeps_the_note_and_it_can_be_saved_again(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    pane = desk.window.pane
    _pragma(desk, "busy_timeout = 100")
    pane.note()
    pane.composer.editor.insert("The carrier says tomorrow.")
    pane.composer.save_draft()
    desk.settle()
    with closing(sqlite3.connect(desk.shell.profile.database_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        pane.composer.send()
        desk.until(lambda: pane.composer.notice_text)
    assert "locked" in pane.composer.notice_text
    assert pane.composer.editor.toPlainText() == "The carrier says tomorrow."
    pane.composer.send()
    desk.until(lambda: any(row.text == "The carrier says tomorrow." for row in pane.stream.messages))


@pytest.mark.expected_log
def test_a_full_disk_keeps_the_reply_where_it_is_typed(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    with desk.app.db.writing() as s:
        pages = s.execute(text("PRAGMA page_count")).scalar() or 0
    _pragma(desk, f"max_page_count = {pages + 2}")
    long = "We are on it. " * 20_000
    composer.editor.setPlainText(long)
    composer.send()
    desk.until(lambda: composer.notice_text)
    assert "disk is full" in composer.notice_text
    assert composer.editor.toPlainText() == long
    _pragma(desk, "max_page_count = 1000000")


def test_two_windows_on_one_profile_show_each_others_changes(start: Callable[..., Desk], tmp_path: Path) -> None:
    first = start(tmp_path / "same")
    row = first.window.model.rows[0]
    first.open(row)
    second = start(tmp_path / "same", demo=False)
    second.show_all()
    second.open(second.find(lambda found: found.id == row.id))
    first.window.pane.note()
    first.window.pane.composer.editor.insert("Seen by both.")
    first.window.pane.composer.send()
    stream = second.window.pane.stream
    second.until(lambda: any(found.text == "Seen by both." for found in stream.messages))


@pytest.mark.expected_log("can't open")
def test_a_locked_database_is_told_when_the_window_opens(qtbot: QtBot, profile: Path) -> None:
    app = open_app(profile)
    with app.db.writing() as s:
        s.execute(text("PRAGMA journal_mode"))
    app.stop()
    file = Profile(profile).database_file
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        said = _refused_start(qtbot, profile)
    assert "locked by another program" in said
    assert "try again" in said
