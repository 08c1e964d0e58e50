"""Nothing typed is ever lost: the window's process is killed while somebody types."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

_TYPIST = """
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from inbox.settings import Profile, Settings
from inbox.ui.shell import Shell

profile = Profile(Path(sys.argv[1]))
profile.prepare()
shell = Shell(profile, Settings.load(profile).change(language="en"), demo=True)
words = iter(f"word{number} " for number in range(100_000))
timer = QTimer(interval=20)


def write():
    composer = shell.window.pane.composer
    if composer.detail is None:
        if shell.window.model.rows and shell.tasks.is_idle:
            shell.window.open_conversation(shell.window.model.rows[0].id)
            print("conversation", shell.window.model.rows[0].id, flush=True)
        return
    if composer.people.fields["cc"].text() == "" and composer.manifest is not None and composer.manifest.copies:
        composer.people.toggle()
        QTest.keyClicks(composer.people.fields["cc"], "luis@empresa.example")
        composer.editor.clear()
    QTest.keyClicks(composer.editor, next(words))
    print("typed", len(composer.editor.toPlainText()), flush=True)


timer.timeout.connect(write)
shell.opened.connect(timer.start)
shell.show()
shell.application.exec()
"""


def _typed(line: str) -> int:
    return int(line.split()[1]) if line.startswith("typed") else 0


def test_what_was_typed_without_a_pause_is_there_after_kill_9(start: Callable[..., Desk], tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    typist = subprocess.Popen(
        [sys.executable, "-c", _TYPIST, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert typist.stdout is not None
    conversation, steps = 0, 0
    for line in typist.stdout:
        if line.startswith("conversation"):
            conversation = int(line.split()[1])
        steps += _typed(line) > 0
        if steps > 150:  # three seconds of typing: the draft was kept more than once meanwhile
            break
    typist.kill()
    typist.wait()
    typist.stdout.close()
    desk = start(folder, demo=False)
    desk.show_all()
    desk.open(desk.find(lambda row: row.id == conversation))
    composer = desk.window.pane.composer
    kept = composer.editor.toPlainText()
    assert kept.startswith("word0 word1 word2 ")
    numbers = [int(word.removeprefix("word")) for word in kept.split()[:-1]]
    assert numbers == list(range(len(numbers)))
    assert composer.written.cc == ("luis@empresa.example",)


def test_typing_without_a_pause_is_kept_while_one_types(desk: Desk) -> None:
    desk.open(desk.window.model.rows[0])
    composer = desk.window.pane.composer
    kept: list[str] = []
    composer.draft_changed.connect(lambda reply, _is_note: kept.append(reply.text))
    timer = QTimer(interval=50)
    timer.timeout.connect(lambda: QTest.keyClicks(composer.editor, "a"))
    timer.start()
    desk.until(lambda: len(kept) > 1)
    timer.stop()
    assert kept[0] != kept[1]
