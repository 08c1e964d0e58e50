"""The program as a person starts it: prints when its window was painted first, and when everything was loaded.

With ``prepare`` it is left in the view "unassigned", so that the next start begins with a page of rows. Qt is imported
where the program imports it, not before.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from inbox import cli


def watched(start: Callable[..., int]) -> Callable[..., int]:
    """What opens the window, with somebody who looks on and closes it when all is there."""

    def start_watched(*arguments: Any) -> int:
        from inbox.ui import shell
        from tests.bench.desk import PaintWatch, is_ready, when

        class Watched(shell.Shell):
            def show(self) -> None:
                self.watch = PaintWatch(self.window.list.viewport())
                self.rows = len(self.window.model)
                self.opened.connect(lambda: when(self, lambda: is_ready(self), self._on_ready))
                super().show()

            def _on_ready(self) -> None:
                times = {"painted": self.watch.first_at, "ready": time.monotonic(), "rows": self.rows}
                sys.stdout.write(json.dumps(times) + "\n")
                if sys.argv[2:] == ["prepare"]:
                    self.window.rail.choose("unassigned")
                when(self, lambda: is_ready(self), self.window.close)

        shell.Shell = Watched  # type: ignore[misc]  # the program makes this one
        return start(*arguments)

    return start_watched


if __name__ == "__main__":
    cli._start_window = watched(cli._start_window)
    sys.exit(cli.main(["--profile", sys.argv[1]]))
