"""``inbox doctor``: what this installation is made of, what is wrong with it, and the mend."""

import importlib.util
import platform
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from inbox import __version__
from inbox.cli.command import Command, print_json, printable
from inbox.errors import InboxError
from inbox.i18n import tr

if TYPE_CHECKING:
    from inbox.app import App

_PACKAGES = ("PySide6-Essentials", "SQLAlchemy", "imapclient", "httpx", "keyring", "nh3")
_QT_TRY = "from PySide6.QtWidgets import QApplication; QApplication([])"
_QT_SECONDS = 30
QT_PACKAGES = (
    "libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1"
    " libxcb-shape0 libxcb-xkb1 libxcb-render-util0 libxcb-image0 libxkbcommon-x11-0"
)
"""What Qt needs on Debian; the same as in ``run.py``, which may not import this."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    is_well: bool
    text: str
    mend: str = ""


def configure(parser: ArgumentParser) -> None:
    """It has no options of its own."""


def run(command: Command) -> int:
    """Print every finding as soon as it is known; the exit code is 1 when something is wrong."""
    wrong = 0
    for finding in _findings(command):
        wrong += not finding.is_well
        if command.as_json:
            print_json(finding)
            continue
        print(printable(f"{'ok ' if finding.is_well else '!! '} {finding.what}: {finding.text}"))
        if finding.mend:
            print(printable(f"    {finding.mend}"))
    return 1 if wrong else 0


def _findings(command: Command) -> Iterator[Finding]:
    yield Finding("inbox", True, f"{__version__} · Python {platform.python_version()} · {platform.platform()}")
    yield from _packages()
    yield _sqlite()
    yield _profile(command)
    try:
        with command.app() as app:
            yield Finding(tr("database"), True, app.db.name)
            yield _keychain(app)
            yield from _accounts(app)
    except InboxError as error:
        yield Finding(tr("database"), False, error.title, error.hint)
    yield _qt()


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, True, version(name))
        except PackageNotFoundError:
            yield Finding(name, False, tr("missing"), tr("Run “python3 run.py” once, or install the program anew."))


def _sqlite() -> Finding:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE t USING fts5(x)")
            has_search = True
        except sqlite3.OperationalError:
            has_search = False
    connection.close()
    mend = "" if has_search else tr("This Python's SQLite lacks FTS5: use another Python.")
    return Finding("SQLite", has_search, sqlite3.sqlite_version, mend)


def _profile(command: Command) -> Finding:
    try:
        command.profile.prepare()
    except InboxError as error:
        return Finding(tr("profile"), False, error.title, error.hint)
    if command.settings.set_aside is not None:
        text = tr("The settings were damaged; they are kept as {file}", file=command.settings.set_aside)
        return Finding(tr("profile"), False, text, tr("The program goes on with the usual settings."))
    return Finding(tr("profile"), True, str(command.profile.folder))


def _keychain(app: "App") -> Finding:
    try:
        return Finding(tr("keychain"), True, app.keychain.check())
    except InboxError as error:
        return Finding(tr("keychain"), False, error.title, error.hint)


def _accounts(app: "App") -> Iterator[Finding]:
    from inbox.services import queries

    with app.db.reading() as s:
        rows = queries.accounts(s)
    for row in rows:
        name = tr("account {id} ({name})", id=row.id, name=row.name)
        if not row.enabled:
            yield Finding(name, True, tr("off"))
            continue
        try:
            app.test_account(row.kind, row.settings, {}, row.id)
            yield Finding(name, True, tr("works"))
        except InboxError as error:
            yield Finding(name, False, error.title, error.hint)


def _qt() -> Finding:
    """Try a window in a process of its own: where a library is missing, Qt ends the process."""
    if importlib.util.find_spec("PySide6") is None:
        return Finding("Qt", False, tr("missing"), tr("Without it there is no window; the commands work."))
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and a literal
            [sys.executable, "-c", _QT_TRY], capture_output=True, text=True, timeout=_QT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Finding("Qt", False, tr("a window does not open"), tr("Look whether the desktop answers."))
    if done.returncode == 0:
        return Finding("Qt", True, tr("a window opens"))
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return Finding("Qt", False, lines[0] if lines else tr("a window does not open"), _qt_mend(done.stderr))


def _qt_mend(words: str) -> str:
    if "could not connect to display" in words:
        return tr("There is no screen here: without one there is no window, and the commands work.")
    if "cannot open shared object file" in words or "xcb" in words:
        return tr("On Debian and Ubuntu: apt-get install --no-install-recommends {packages}", packages=QT_PACKAGES)
    return tr("Without it there is no window; the commands work.")
