"""The window on a profile: prints the megabytes it holds idle and, given an mbox, the most while it is taken in."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from tests.bench.desk import close_desk, open_desk, pause, until
from tests.bench.memory_use import megabytes, own_megabytes
from tests.bench.probes import tell


def main(folder: Path, mails: list[Path]) -> None:
    """Open, rest, measure, take in, measure."""
    shell = open_desk(folder)
    shell.window.rail.choose("everything")
    pause(3)
    idle, resident = own_megabytes(), megabytes()
    most = [idle]
    if mails:
        app = shell.app
        done: list[object] = []
        assert app is not None
        timer = QTimer(interval=50)
        timer.timeout.connect(lambda: most.append(own_megabytes()))
        timer.start()
        shell.tasks.long(lambda job, report: app.import_mail(mails, report, job.stop_signal), done.append)
        until(lambda: bool(done))
    close_desk(shell)
    tell(idle=idle, resident=resident, busy=max(most))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
