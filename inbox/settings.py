"""The profile folder, and what one person set on this machine.

Settings that everybody on a database shares stand in the database. This module is on the way to the first paint: it
imports little.
"""

import json
import logging
import os
import re
import stat
from dataclasses import asdict, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from inbox.errors import SettingsError
from inbox.lazy_dataclass import dataclass

log = logging.getLogger(__name__)

TEXT_SIZES = (100, 125, 150, 175, 200)  # per cent


@dataclass(frozen=True, slots=True)
class Profile:
    """The folder that holds everything of one person: database, files, settings, log. Only its owner may look in."""

    folder: Path

    @classmethod
    def find(cls, folder: str | Path | None = None) -> Self:
        """The profile that was named, else ``INBOX_PROFILE``, else the system's place for such data."""
        named = folder or os.environ.get("INBOX_PROFILE")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs  # costs time that a window with a named profile need not spend

        return cls(Path(platformdirs.user_data_dir("inbox", appauthor=False)))

    def prepare(self) -> None:
        """Make the folder if need be; raises SettingsError where it can't be written to."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.name == "posix" and stat.S_IMODE(self.folder.stat().st_mode) & 0o077:
                self.folder.chmod(0o700)
            probe = self.folder / f".probe-{os.getpid()}"
            probe.touch(mode=0o600)
            probe.unlink()
        except OSError as error:
            raise SettingsError(
                "The profile folder {folder} can't be used ({reason})",
                "Give it write permission, or choose another one with --profile or INBOX_PROFILE.",
                folder=self.folder,
                reason=error.strerror or error,
            ) from error

    @property
    def database_file(self) -> Path:
        """The database of one desk."""
        return self.folder / "inbox.db"

    @property
    def settings_file(self) -> Path:
        """What ``Settings`` keeps."""
        return self.folder / "settings.json"

    @property
    def log_file(self) -> Path:
        """Where problems are written down."""
        return self.folder / "inbox.log"

    @property
    def vault_file(self) -> Path:
        """The secrets, encrypted, where the system has no keychain."""
        return self.folder / "vault"

    def identity(self) -> str:
        """A token made once: it keeps the secrets of two profiles apart in the keychain, and moves with the folder."""
        file = self.folder / "identity"
        try:
            found = file.read_text(encoding="ascii").strip()
            if re.fullmatch(r"[0-9a-f]{16}", found):
                return found
        except (FileNotFoundError, UnicodeDecodeError):
            pass
        except OSError as error:
            raise _unusable(file, error) from error
        made = os.urandom(8).hex()
        write_private(file, made.encode())
        return made


@dataclass(frozen=True, slots=True)
class Settings:
    """What one person set. Immutable: ``change`` gives the new ones and writes them.

    Attributes:
        language: Two letters; empty follows the system.
        theme: ``system``, ``light`` or ``dark``.
        text_size: Per cent, one of ``TEXT_SIZES``.
        db_url: A shared database; empty is the profile's own.
        window: The window's layout, as the window wrote it.
        others: What a newer program wrote; kept as it is.
        set_aside: Where a damaged settings file was put, when that happened just now: to be told to the person.
    """

    file: Path
    language: str = ""
    theme: str = "system"
    text_size: int = 100
    db_url: str = ""
    window: dict[str, Any] = field(default_factory=dict)
    others: dict[str, Any] = field(default_factory=dict)
    set_aside: Path | None = None

    @classmethod
    def load(cls, profile: Profile) -> Self:
        """Read the profile's settings; without a file, the defaults. A damaged file is set aside, never overwritten."""
        file = profile.settings_file
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            if not isinstance(values, dict):
                raise ValueError("not an object")
        except (FileNotFoundError, NotADirectoryError):  # ``Profile.prepare`` says what is wrong with the folder
            return cls(file)
        except OSError as error:
            raise _unusable(file, error) from error
        except ValueError as error:
            return cls(file, set_aside=_set_aside(file, error))
        return cls(file, **_understood(values))

    def change(self, **values: Any) -> Self:
        """The settings with some of them changed, already on disk. What another window changed meanwhile is kept."""
        now = type(self).load(Profile(self.file.parent))
        changed = replace(now, **values)
        content = {name: value for name, value in asdict(changed).items() if name in _NAMES}
        text = json.dumps(content | changed.others, ensure_ascii=False, indent=1)
        write_private(self.file, text.encode())
        return changed


_TYPES: dict[str, tuple[type, ...]] = {
    "language": (str,),
    "theme": (str,),
    "text_size": (int,),
    "db_url": (str,),
    "window": (dict,),
}
_NAMES = frozenset(_TYPES)
assert {f.name for f in fields(Settings)} - _NAMES == {"file", "others", "set_aside"}


def _understood(values: dict[str, Any]) -> dict[str, Any]:
    """The settings of a file: a value of the wrong type is left at its default."""
    known: dict[str, Any] = {
        name: value for name, value in values.items() if name in _NAMES and isinstance(value, _TYPES[name])
    }
    if known.get("theme") not in (None, "system", "light", "dark"):
        del known["theme"]
    if "text_size" in known:
        wanted = int(known["text_size"])
        known["text_size"] = min(TEXT_SIZES, key=lambda size: abs(size - wanted))
    return known | {"others": {name: value for name, value in values.items() if name not in _NAMES}}


def write_private(file: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner only; raises SettingsError."""
    try:
        new = file.with_name(f".{file.name}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(file)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unusable(file, error) from error


def _set_aside(file: Path, error: ValueError) -> Path:
    aside = file.with_name(f"{file.stem}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}{file.suffix}")
    try:
        file.rename(aside)
    except OSError as refused:
        raise _unusable(file, refused) from refused
    log.warning("The settings could not be read (%s): set aside as %s", error, aside)
    return aside


def _unusable(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        "{file} can't be used ({reason})",
        "Look at its permissions and at the free space on the disk.",
        file=file,
        reason=error.strerror or error,
    )
