"""A conversation is saved from the window, as PDF and as mbox."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from inbox.channels.email.importing import find_mails
from tests.ui.conftest import Desk


@pytest.mark.parametrize("ending", ["pdf", "mbox"])
def test_the_open_conversation_is_saved(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    file = tmp_path / f"out.{ending}"
    file.write_text("old")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: (str(file), ""))
    desk.show_all()
    desk.open(desk.window.model.rows[0])
    shown = [row for row in desk.window.pane.stream.messages if row.direction != "note"]
    next(one for one in desk.window.commands if one.id == "list.export").run()
    desk.settle()
    if ending == "mbox":
        assert len([each for each in find_mails(file) if each.raw]) == len(shown)
    else:
        content = file.read_bytes()
        assert content.startswith(b"%PDF")
        assert content.rstrip().endswith(b"%%EOF")
        assert b"/Type /Page" in content
