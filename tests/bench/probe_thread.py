"""The window with a conversation of 300 HTML messages: prints how long its first paint took and what it added."""

import sys
import time
from pathlib import Path

from inbox.app import open_app
from tests.bench.desk import PaintWatch, close_desk, open_desk, pause, until
from tests.bench.memory_use import megabytes
from tests.bench.probes import tell


def main(folder: Path, mailbox: Path) -> None:
    """Take the mails in, open the window, then the conversation."""
    app = open_app(folder)
    app.import_mail([mailbox])
    app.stop()
    shell = open_desk(folder)
    window, pane = shell.window, shell.window.pane
    window.rail.choose("everything")
    until(lambda: shell.tasks.is_idle and len(window.model) == 1)
    window._middle.setCurrentWidget(pane)
    pause(1)
    rows: list[object] = []
    conversation_id = window.model.ids[0]
    window.acts.conversation(conversation_id, rows.append)
    until(lambda: bool(rows))
    before = megabytes()
    watch = PaintWatch(pane.stream.viewport())
    pane.conversation_id = conversation_id
    began = time.monotonic()
    pane._show(rows[0])  # type: ignore[arg-type]  # what the worker answers
    until(lambda: watch.count > 0)
    painted = (watch.painted_at - began) * 1000
    until(lambda: shell.tasks.is_idle and not pane.stream._waiting)
    pause(1)
    added = megabytes() - before
    close_desk(shell)
    tell(painted=painted, megabytes=added)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
