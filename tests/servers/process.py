"""Child processes: start one, wait until its port answers, end it."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

HOST = "127.0.0.1"


class MissingPackageError(Exception):
    """A server's program is not on this machine. The text names the system package that brings it."""

    HINT = "sudo apt-get install"

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is missing: {self.HINT} {package}")
        self.package = package


def find_program(name: str, package: str, *folders: Path) -> str:
    """The path of a program, looked for in the folders, then in PATH and where the system keeps its daemons."""
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingPackageError(name, package)
    return found


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        port: int = sock.getsockname()[1]
        return port


def wait_for_port(
    process: subprocess.Popen[bytes],
    port: int,
    log: Path,
    *,
    also: Callable[[], bool] = lambda: True,
    seconds: float = 15,
) -> None:
    """Return once the process accepts connections and ``also`` holds; raise RuntimeError when it ends instead."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            if also():
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.01)
            raise RuntimeError(f"ended at once: {log.read_text(errors='replace')[-2000:]}")
        if time.monotonic() > end:
            raise RuntimeError(f"does not answer on port {port}: {log.read_text(errors='replace')[-2000:]}")


def start(
    command: Sequence[str], log: Path, *, env: dict[str, str] | None = None, user: str | None = None
) -> subprocess.Popen[bytes]:
    """Start a child with its output in ``log``; it leads a process group, so that ``stop`` reaches its children."""
    with log.open("ab") as out:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            start_new_session=True,
        )


def wait_for_silence(port: int, *, seconds: float = 10) -> None:
    """Return once nobody listens any more: a killed server's children may hold its socket for a moment longer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            return
        threading.Event().wait(0.01)
    raise RuntimeError(f"somebody still listens on port {port}")


def stop(process: subprocess.Popen[bytes], *, signal: int = 15, seconds: float = 10) -> None:
    """End the child, the hard way when it doesn't listen."""
    if process.poll() is None:
        process.send_signal(signal)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait(timeout=seconds)


@contextlib.contextmanager
def public_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that other users may enter: pytest's own folders are closed to the servers' users."""
    folder = Path(tempfile.mkdtemp(prefix=f"{prefix}-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
