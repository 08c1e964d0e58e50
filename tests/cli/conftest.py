"""The demo's shop, and a way to give commands."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from inbox.app import open_app
from inbox.cli import main


@dataclass
class Said:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Said]


@pytest.fixture
def run(profile: Path, dburl: str, capsys: pytest.CaptureFixture[str]) -> Run:
    """Give a command, on this test's own database."""

    def give(*arguments: object) -> Said:
        try:
            code = main(["--db", dburl, "--language", "en", *map(str, arguments)])
        except SystemExit as ended:  # argparse
            code = int(ended.code or 0)
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return give


@pytest.fixture
def shop(profile: Path, dburl: str) -> None:
    """The demo, filled into this test's database."""
    open_app(profile, dburl, demo=True).stop()
