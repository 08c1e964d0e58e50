"""The name of an engine in a lease: it says which process it is, so that a dead one is not waited for."""

import os
import socket
import sys
from pathlib import Path


def our_name(token: str) -> str:
    """The name of this process's engine; ``token`` keeps two engines of one process apart."""
    return f"{_place()} {os.getpid()} {token}"


def is_dead(name: str) -> bool:
    """Whether the engine of that name ran on this machine and its process is gone. In doubt it is not."""
    place, _, rest = name.partition(" ")
    number = rest.partition(" ")[0]
    return place == _place() and number.isdigit() and not _is_alive(int(number))


def _place() -> str:
    """The machine, and on Linux the space of process numbers: two containers may share a host name."""
    try:
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
    except OSError:
        space = boot = ""
    return "/".join(part for part in (socket.gethostname().replace(" ", "-"), boot, space) if part)


def _is_alive(number: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end it; its lease runs out in half a minute
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
