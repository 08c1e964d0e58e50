"""What every command works with: the profile, the options, the open program, and how things are printed."""

import json
import shutil
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from inbox.i18n import tr
from inbox.settings import Profile, Settings

if TYPE_CHECKING:
    from inbox.app import App


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was given."""

    profile: Profile
    settings: Settings
    options: Namespace

    @contextmanager
    def app(self) -> Iterator["App"]:
        """The program, opened but not running."""
        from inbox.app import open_app

        app = open_app(self.profile.folder, self.options.db)
        if app.keychain.vault is not None and sys.stdin.isatty():
            app.keychain.vault.ask = ask_passphrase
        try:
            yield app
        finally:
            app.stop()

    @property
    def as_json(self) -> bool:
        """Whether machines read it."""
        return bool(self.options.json)

    def show(self, rows: Iterable[object], columns: Mapping[str, Sequence[str]], *, flexible: str = "") -> None:
        """Print rows: as JSON all they hold, else a table, or that there is nothing.

        ``columns`` maps each heading to what its cells say, one for each row; ``flexible`` names the column that
        gives way when the table is wider than the terminal.
        """
        rows = list(rows)
        if self.as_json:
            for row in rows:
                print_json(row)
        elif rows:
            print_table(columns, flexible)
        else:
            print(tr("There is nothing to show."), file=sys.stderr)

    def say(self, text: str, **values: object) -> None:
        """Say what was done: to people in words, to machines as an object."""
        if self.as_json:
            print_json(values)
        else:
            print(text)


def ask_passphrase() -> str:
    """Ask for the vault's passphrase on the terminal."""
    from getpass import getpass

    return getpass(tr("Passphrase of the vault: "))


def limit(text: str) -> int:
    """How many rows at most: the type of --limit for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def print_json(value: object) -> None:
    """Print a value as one line."""
    print(json.dumps(plain(value), ensure_ascii=False, default=str))


def plain(value: object) -> object:
    """A value as JSON can hold it: rows become objects, times ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return len(value)
    return value


def print_table(columns: Mapping[str, Sequence[str]], flexible: str) -> None:
    """Print a table as wide as the terminal, 80 columns where there is none."""
    cells = {heading: [one_line(each) for each in column] for heading, column in columns.items()}
    widths = {heading: max(map(_width, [heading, *column])) for heading, column in cells.items()}
    room = shutil.get_terminal_size((80, 24)).columns - 2 * (len(widths) - 1)
    if flexible in widths:
        others = sum(width for heading, width in widths.items() if heading != flexible)
        widths[flexible] = max(12, min(widths[flexible], room - others))
    print("  ".join(_pad(heading, widths[heading]) for heading in cells).rstrip())
    for row in zip(*cells.values(), strict=True):
        print("  ".join(_pad(each, width) for each, width in zip(row, widths.values(), strict=True)).rstrip())


def one_line(text: str) -> str:
    """A text that can't disturb a terminal: no line breaks, no control characters."""
    return "".join(each if each.isprintable() else " " for each in " ".join(text.split()))


def printable(text: str) -> str:
    """The same, with its lines."""
    return "\n".join(
        "".join(each if each.isprintable() or each == "\t" else "·" for each in line) for line in text.split("\n")
    )


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def _pad(text: str, width: int) -> str:
    if _width(text) > width:
        kept = ""
        for each in text:
            if _width(kept + each) > width - 1:
                break
            kept += each
        text = kept + "…"
    return text + " " * (width - _width(text))


def when(time: datetime | None) -> str:
    """A time in the zone of this computer, as short as it stays clear."""
    if time is None:
        return ""
    local = time.astimezone()
    if local.date() == datetime.now().astimezone().date():
        return local.strftime("%H:%M")
    return local.strftime("%Y-%m-%d %H:%M" if local.year == datetime.now().astimezone().year else "%Y-%m-%d")


def confirmed(question: str) -> bool:
    """Ask on the terminal; no answer is no."""
    if not sys.stdin.isatty():
        return False
    print(question, tr("[y/N]"), end=" ", flush=True, file=sys.stderr)
    answer = sys.stdin.readline().strip().lower()
    return bool(answer) and tr("y/yes").split("/").count(answer) > 0
