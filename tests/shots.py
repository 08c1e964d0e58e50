"""Pictures of every screen: ``python -m tests.shots [NAME…]`` writes PNGs to build/shots.

A shot is a function that brings an open program to a screen and answers the widget to be drawn; it is registered with
its name in ``SHOTS``. Each is drawn in light and dark, Spanish and English, with large text, and at 1024 × 700.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1.5")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from inbox.settings import Profile, Settings
from inbox.ui.shell import Shell
from tests import shots_dialogs

# A laptop's screen: on the platform's own, of 800 × 800, dialogs would be small.
SCREEN = {"screens": [{"name": "laptop", "x": 0, "y": 0, "width": 2160, "height": 1350, "logicalDpi": 96, "dpr": 1}]}
FOLDER = Path(__file__).resolve().parent.parent / "build" / "shots"
VARIANTS = (
    ("light-es", {"theme": "light", "language": "es"}, (1440, 900)),
    ("dark-es", {"theme": "dark", "language": "es"}, (1440, 900)),
    ("light-en", {"theme": "light", "language": "en"}, (1440, 900)),
    ("large-es", {"theme": "light", "language": "es", "text_size": 200}, (1440, 900)),
    ("small-es", {"theme": "light", "language": "es"}, (1024, 700)),
)

Shot = Callable[[Shell], QWidget]


def settle(shell: Shell, seconds: float = 20) -> None:
    """Let the window live until everything that was asked for has been answered and painted."""
    loop, left = QEventLoop(), seconds

    def look() -> None:
        nonlocal left
        left -= 0.02
        if left < 0 or (shell.tasks.is_idle and not shell.window.model.is_loading):
            loop.quit()

    timer = QTimer(interval=20)
    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    QTimer.singleShot(250, loop.quit)  # the bursts of events are merged for a tenth of a second
    loop.exec()


def _open(shell: Shell, view: str, number: int) -> QWidget:
    shell.window.rail.choose(view)
    settle(shell)
    shell.window.list.go_to(number)
    settle(shell)
    return shell.window


def window(shell: Shell) -> QWidget:
    """The window as it is most of the day."""
    settle(shell)
    rows = shell.window.model.rows
    place = next((n for n, row in enumerate(rows) if row.customer_name in ("Ana Torres Vidal", "Ann Tower")), 0)
    _open(shell, "mine", place)
    pane = shell.window.pane
    pane.composer.editor.insert(_REPLIES[shell.settings.language])
    pane.ask()
    settle(shell)
    return shell.window


_REPLIES = {
    "es": "Gracias, Ana. Podemos recogerla mañana y entregarle otra sin coste.",
    "en": "Thank you, Ann. We can collect it tomorrow and bring you another one free of charge.",
}


def note(shell: Shell) -> QWidget:
    """A note being written."""
    _open(shell, "mine", 1)
    shell.window.pane.note()
    shell.window.pane.composer.editor.insert("Transporte confirma la recogida.")
    return shell.window


def hole(shell: Shell) -> QWidget:
    """A reply that is stopped because a value is missing."""
    _open(shell, "mine", 0)
    shell.window.pane.composer.editor.insert("Su pedido ⟨order number⟩ sale hoy. ¿De qué color era la caja?")
    shell.window.pane.composer.send()
    settle(shell)
    return shell.window


def empty(shell: Shell) -> QWidget:
    """A search that finds nothing."""
    shell.window.rail.search.setText("zanzibar")
    settle(shell, 1)
    settle(shell)
    return shell.window


def mentions(shell: Shell) -> QWidget:
    """What is said in public."""
    return _open(shell, "mentions", 0)


def toast(shell: Shell) -> QWidget:
    """A notice with an undo."""
    _open(shell, "mine", 0)
    shell.window.toast.say("Sale para Ana", "Deshacer", lambda: None)
    return shell.window


SHOTS: list[tuple[str, Shot]] = [
    ("window", window),
    ("note", note),
    ("hole", hole),
    ("empty", empty),
    ("mentions", mentions),
    ("toast", toast),
]


def _dialog(draw: Callable[..., QWidget]) -> Shot:
    def shot(shell: Shell) -> QWidget:
        assert shell.app is not None
        dialog = draw(shell.app, shell.tasks, shell.window.commands, shell.window)
        dialog.show()
        settle(shell)
        return dialog

    return shot


SHOTS += [(name, _dialog(draw)) for name, draw in shots_dialogs.shots()]


def main(names: list[str]) -> None:
    """Draw the named screens, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    screen = FOLDER / "screen.json"
    screen.write_text(json.dumps(SCREEN), encoding="utf-8")
    if os.environ["QT_QPA_PLATFORM"] == "offscreen":
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    for variant, settings, (width, height) in VARIANTS:
        for name, shot in SHOTS:
            if names and name not in names and f"{name}-{variant}" not in names:
                continue
            with tempfile.TemporaryDirectory() as folder:
                profile = Profile(Path(folder))
                shell = Shell(profile, Settings.load(profile).change(**settings), demo=True)
                loop = QEventLoop()
                shell.opened.connect(loop.quit)
                shell.show()
                shell.window.resize(width, height)
                loop.exec()
                settle(shell)
                file = FOLDER / f"{name}-{variant}.png"
                shot(shell).grab().save(str(file))
                shell.window.close()
                shell.stop()
                shell.window.deleteLater()
                print(file.relative_to(FOLDER.parent.parent))


if __name__ == "__main__":
    main(sys.argv[1:])
