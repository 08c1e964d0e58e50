"""The window as it stood at the last close: painted first, before the store is up, then replaced by what is true.

A small JSON file in the profile. Rows read from it only look like the services' rows: loading those costs more than
the whole first paint.
"""

from __future__ import annotations

import json
import logging
import os
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

_VERSION = 2
_ROWS = 14
_TIMES = ("last_at", "waiting_since", "due_at", "snoozed_until")


class Snapshot:
    """What is kept. Empty where there is no file, or where it can't be read."""

    def __init__(self) -> None:
        self.view: dict[str, str] = {}  # key, name, query, sort of the chosen view
        self.views: list[Any] = []
        self.accounts: list[Any] = []
        self.rows: list[Any] = []
        self.day: Any = None
        self.agent_name = ""
        self.company = ""

    @classmethod
    def load(cls, file: Path) -> Snapshot:
        """Read it; what can't be read is as good as none."""
        found = cls()
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            if values.get("version") == _VERSION:
                found.view = dict(values["view"])
                found.views = [SimpleNamespace(**value) for value in values["views"]]
                found.accounts = [SimpleNamespace(**value) for value in values["accounts"]]
                found.rows = [_row(value) for value in values["rows"]]
                found.day = SimpleNamespace(**values["day"]) if values["day"] else None
                found.agent_name, found.company = str(values["agent_name"]), str(values["company"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            log.info("The window's last state could not be read: %s", error)
            return cls()
        return found

    def save(self, file: Path) -> None:
        """Write it, readable by its owner only. A full disk costs nothing but the quick start."""
        values = {
            "version": _VERSION,
            "view": self.view,
            "views": [_plain(value) for value in self.views],
            "accounts": [_account(value) for value in self.accounts],
            "rows": [_plain(value) for value in self.rows[:_ROWS]],
            "day": _plain(self.day) if self.day is not None else None,
            "agent_name": self.agent_name,
            "company": self.company,
        }
        new = file.with_suffix(".new")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                json.dump(values, out, ensure_ascii=False)
            new.replace(file)
        except OSError as error:
            log.info("The window's state could not be kept: %s", error)


def _row(value: dict[str, Any]) -> SimpleNamespace:
    for name in _TIMES:
        if value.get(name):
            value[name] = datetime.fromisoformat(value[name])
    return SimpleNamespace(**value)


def _account(value: Any) -> dict[str, Any]:
    """An account without its settings: of those only what it is shown as is kept."""
    shown = {"as": value.settings["as"]} if "as" in value.settings else {}
    return {**_plain(value), "settings": shown}


def _plain(value: Any) -> dict[str, Any]:
    names = vars(value) if isinstance(value, SimpleNamespace) else value.__dataclass_fields__
    return {name: _text(getattr(value, name)) for name in names}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
