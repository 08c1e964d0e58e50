"""An account of X on the command line: added, its searches priced, and what it cost listed."""

import io
from pathlib import Path

import pytest

from inbox.cli import main
from inbox.services import charges
from inbox.store.db import Database
from tests.channels.x.place import SECRETS, XPlace


def test_an_account_is_added_with_what_its_searches_will_cost(
    profile: Path, dburl: str, place: XPlace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(SECRETS.values()) + "\n"))
    settings = [f"address={place.settings['address']}", f"server={place.http.url}", "streams=broken parcel"]
    named = [word for each in settings for word in ("--set", each)]
    how = ["--db", dburl, "--language", "en"]
    assert main([*how, "accounts", "add", "x", *named, "--secret-stdin"]) == 0
    assert "“broken parcel” will cost about 15.00 USD a month" in capsys.readouterr().out
    db = Database(dburl)
    db.open()
    with db.writing() as s:
        charges.add(s, 1, {"post_with_link": 3})
    db.close()
    assert main([*how, "accounts", "list"]) == 0
    listed = capsys.readouterr().out
    assert "this month, USD" in listed
    assert "0.60" in listed
    assert main([*how, "accounts", "test", "1"]) == 0
    assert "15.00 USD" in capsys.readouterr().out
