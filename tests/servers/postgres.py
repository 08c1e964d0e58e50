"""A real PostgreSQL of our own, on loopback, for tests that don't care about the next power cut."""

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.process import HOST, find_program, free_port, public_folder, start, stop, wait_for_port

PACKAGE = "postgresql"
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum": "off",
}


class Postgres:
    """The server. Use it as a context manager; ``url`` is the administrator's, for ``postgresql+psycopg``.

    As root it runs as the system's user ``postgres``, since PostgreSQL refuses root.
    """

    def __init__(self) -> None:
        self._cleanup = contextlib.ExitStack()
        self.port = free_port()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._bin = _newest_bin()
        self.folder = self._cleanup.enter_context(public_folder("postgres"))
        with contextlib.ExitStack() as undo:
            undo.callback(self._cleanup.close)
            if self._user:
                shutil.chown(self.folder, self._user, self._user)
            self._initialise()
            self.start()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._cleanup.close()

    def start(self) -> None:
        """Start on the same port as before; the data is still there."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        log = self.folder / "log"
        command = [f"{self._bin}/postgres", "-D", f"{self.folder}/data", "-p", str(self.port), *settings]
        self._process = start(command, log, user=self._user)
        wait_for_port(self._process, self.port, log, also=self._is_ready)

    def _is_ready(self) -> bool:
        lines = (self.folder / "data/postmaster.pid").read_text(encoding="utf-8").splitlines()
        return lines[-1].strip() == "ready"  # before, it answers "the database system is starting up"

    def stop(self) -> None:
        """Stop at once; open connections break. Twice is fine."""
        if self._process is not None:
            stop(self._process, signal=signal.SIGQUIT)
            self._process = None

    def url(self, database: str = "postgres") -> str:
        """Where a database of this server is."""
        return f"postgresql+psycopg://postgres@{HOST}:{self.port}/{database}"

    def _initialise(self) -> None:
        command = [f"{self._bin}/initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust"]
        command += ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"]
        log = self.folder / "initdb.log"
        if start(command, log, user=self._user).wait(timeout=60):
            raise RuntimeError(f"initdb failed: {log.read_text(errors='replace')}")


def _newest_bin() -> Path:
    versions = Path("/usr/lib/postgresql")  # Debian keeps them beside each other, out of PATH
    folders = sorted(versions.glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return Path(find_program("initdb", PACKAGE, *folders)).parent
