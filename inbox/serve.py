"""The shell without a window: runs the accounts until it is told to stop."""

import signal
import threading
from types import FrameType

from inbox.app import App


def serve(app: App) -> None:
    """Run until SIGTERM or SIGINT; prints ``ready`` when the accounts run. Only in the main thread."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        app.start()
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for this line
        stop.wait()
    finally:
        app.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
