"""Scrolls the list and types a reply, first in quiet, then while an mbox is taken in; a heartbeat hears each stop.

Prints the longest stop, the one that a thousandth of the beats exceed, and the longest in quiet, in milliseconds.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest

from inbox.ui.shell import Shell
from tests.bench.desk import close_desk, open_desk, until
from tests.bench.figures import percentile
from tests.bench.probes import tell

_BEAT_MS, _ACT_MS, _QUIET_SECONDS = 5, 40, 10
_WORDS = "Gracias por escribirnos, vamos a mirar su pedido y le decimos algo hoy mismo. "


class _Person:
    """Acts 25 times a second; what an act itself costs is part of what is measured."""

    def __init__(self, shell: Shell) -> None:
        self._list, self._editor = shell.window.list, shell.window.pane.composer.editor
        self._step = 0
        self._timer = QTimer(interval=_ACT_MS)
        self._timer.timeout.connect(self._act)
        self._timer.start()

    def _act(self) -> None:
        self._step += 1
        bar = self._list.verticalScrollBar()
        bar.setValue(bar.value() + 60 if self._step % 200 < 150 else bar.value() - 180)
        if self._step % 3 == 0:
            QTest.keyClicks(self._editor, _WORDS[self._step // 3 % len(_WORDS)], Qt.KeyboardModifier.NoModifier)


def _stops(until_done: Callable[[], bool]) -> list[float]:
    """How late each beat came."""
    stops: list[float] = []
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        now = time.perf_counter()
        stops.append(max(0.0, (now - last) * 1000 - _BEAT_MS))
        last = now

    timer = QTimer(interval=_BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start()
    until(until_done)
    timer.stop()
    return stops


def main(folder: Path, mails: Path) -> None:
    """Open a conversation, act in quiet, then while mails come in."""
    shell = open_desk(folder)
    window, app = shell.window, shell.app
    assert app is not None
    window.rail.choose("everything")
    until(lambda: shell.tasks.is_idle)
    window.open_conversation(window.model.ids[0])
    until(lambda: shell.tasks.is_idle and window.has_conversation())
    person = _Person(shell)
    end = time.monotonic() + _QUIET_SECONDS
    quiet = _stops(lambda: time.monotonic() > end)
    done: list[object] = []
    began = time.monotonic()
    shell.tasks.long(lambda job, report: app.import_mail([mails], report, job.stop_signal), done.append)
    busy = _stops(lambda: bool(done))
    spent = time.monotonic() - began
    del person
    close_desk(shell)
    tell(longest=max(busy), p999=percentile(busy, 0.999), p99=percentile(busy, 0.99), quiet=max(quiet), seconds=spent)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
