"""The profile folder and one person's settings."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from inbox.errors import SettingsError
from inbox.settings import Profile, Settings, write_private

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def made(folder: Path) -> Profile:
    profile = Profile(folder)
    profile.prepare()
    return profile


def test_the_named_folder_comes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_PROFILE", str(tmp_path / "environment"))
    assert Profile.find(tmp_path / "named").folder == tmp_path / "named"
    assert Profile.find().folder == tmp_path / "environment"
    monkeypatch.delenv("INBOX_PROFILE")
    assert Profile.find().folder.name == "inbox"


def test_only_its_owner_may_look_into_a_profile(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "profile"
    assert stat.S_IMODE(made(folder).folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    assert stat.S_IMODE(made(folder).folder.stat().st_mode) == 0o700


def test_a_profile_that_cannot_be_written_is_refused_in_words(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    with pytest.raises(SettingsError, match=r"The profile folder .* can't be used .*--profile"):
        Profile(in_the_way / "profile").prepare()
    assert in_the_way.read_text() == "not a folder"


def test_a_profile_in_a_place_that_is_not_ones_own_is_refused_in_words(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    place = Path("/proc") if AS_ROOT else closed  # nothing else stops root
    with pytest.raises(SettingsError, match="can't be used"):
        Profile(place / "inbox-profile").prepare()


def test_settings_are_kept_for_the_next_start(tmp_path: Path) -> None:
    profile = made(tmp_path)
    settings = Settings.load(profile)
    assert (settings.language, settings.theme, settings.text_size) == ("", "system", 100)
    settings.change(language="es", theme="dark").change(window={"width": 1440})
    again = Settings.load(profile)
    assert (again.language, again.theme, again.window) == ("es", "dark", {"width": 1440})
    assert stat.S_IMODE(profile.settings_file.stat().st_mode) == 0o600


def test_what_a_newer_program_or_another_window_wrote_is_kept(tmp_path: Path) -> None:
    profile = made(tmp_path)
    ours = Settings.load(profile)
    profile.settings_file.write_text(json.dumps({"theme": "dark", "telepathy": {"on": True}}))
    assert ours.change(text_size=150).theme == "dark"
    assert json.loads(profile.settings_file.read_text())["telepathy"] == {"on": True}


def test_values_of_the_wrong_kind_fall_back_to_the_defaults(tmp_path: Path) -> None:
    profile = made(tmp_path)
    profile.settings_file.write_text(json.dumps({"theme": "pink", "text_size": 137, "language": 7, "window": []}))
    settings = Settings.load(profile)
    assert (settings.theme, settings.text_size, settings.language, settings.window) == ("system", 125, "", {})


@pytest.mark.parametrize("content", [b"{broken", b"[]", b"\xff\xfe{}"])
@pytest.mark.expected_log("settings could not be read")
def test_a_damaged_settings_file_is_set_aside_and_told(tmp_path: Path, content: bytes) -> None:
    profile = made(tmp_path)
    profile.settings_file.write_bytes(content)
    settings = Settings.load(profile)
    assert settings.set_aside is not None
    assert settings.set_aside.read_bytes() == content
    assert settings.change(theme="light").theme == "light"
    assert Settings.load(profile).set_aside is None


def test_settings_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    write_private(file, b"before")
    blocked = tmp_path / "folder"
    blocked.mkdir()
    with pytest.raises(SettingsError, match="can't be used"):
        write_private(blocked, b"after")  # a folder can't be replaced by a file
    assert {path.name for path in tmp_path.iterdir()} == {"settings.json", "folder"}
    assert file.read_bytes() == b"before"


def test_the_identity_of_a_profile_stays_and_differs(tmp_path: Path) -> None:
    one, two = made(tmp_path / "one"), made(tmp_path / "two")
    assert one.identity() == one.identity() != two.identity()


def test_the_settings_load_without_what_is_slow() -> None:
    slow = ("platformdirs", "sqlalchemy", "tempfile")
    script = f"import sys, inbox.settings; print([name for name in {slow} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
