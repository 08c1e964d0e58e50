"""The score that ``run.py score`` prints is the one that the keepers of the real mails count."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import score

ROOT = Path(__file__).resolve().parent.parent


def _fields_of(output: str) -> dict[str, tuple[str, str]]:
    lines = re.findall(r"^([\w:]+|ALL \(without sub-rows\)) +(\d+) / (\d+)", output, re.MULTILINE)
    return {name: (right, count) for name, right, count in lines}


@pytest.mark.parametrize(("folder", "function"), [("mail", "parse:parse_fields"), ("quotes", "quotes:visible_body")])
def test_it_counts_as_the_keepers_of_the_mails_do(shared_data: Path, folder: str, function: str) -> None:
    command = [sys.executable, str(shared_data / "score.py"), str(shared_data / folder)]
    function = f"inbox.channels.email.{function}"
    theirs = subprocess.run([*command, "--fn", function], cwd=ROOT, capture_output=True, text=True, check=True)
    ours = "\n".join(score.report(score.score(shared_data / folder), 0, verbose=False))
    assert _fields_of(ours) == _fields_of(theirs.stdout)
    assert _fields_of(ours)


def test_every_difference_is_shown(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(b"Subject: Hello\r\nTo: a@example.com\r\n\r\nText")
    record = {"file": "one.eml", "subject": "Goodbye", "to": ["A@example.com"], "attachment_count": 0, "cc": ["b@x.y"]}
    (tmp_path / "expected.jsonl").write_text(json.dumps(record) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.score", str(tmp_path), "-v"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "-- subject one.eml\n   wanted Goodbye\n   got    Hello" in done.stdout
    assert "-- cc one.eml" in done.stdout
    assert re.search(r"^ALL \(without sub-rows\) +2 / 4 +50.0%", done.stdout, re.MULTILINE)
    assert re.search(r"^cases fully right +0 / 1 ", done.stdout, re.MULTILINE)


def test_mailboxes_are_grouped_as_they_come_in(shared_data: Path) -> None:
    assert score.score(shared_data / "threads").totals()[0] >= 5


def test_a_folder_without_expectations_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score.main([str(tmp_path)]) == 1
    assert "expected.jsonl" in capsys.readouterr().err
