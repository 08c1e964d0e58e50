"""Runs the probes: small programs of this package, each in a process of its own, which print what they measured."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
_SCREEN = Path(__file__).with_name("screen.json")  # Qt's own screen without a display is too small for the window
_SECONDS = 900


def probe(name: str, *arguments: str | Path) -> dict[str, Any]:
    """Run a probe; its figures, with ``began``: when the process was started, on the clock that all processes share."""
    command = [sys.executable, "-m", f"tests.bench.probe_{name}", *map(str, arguments)]
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=_ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {"began": began, **figures}


def _environment() -> dict[str, str]:
    """As on a person's machine: modules are compiled once. No screen, no keychain of this machine."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTHONPYCACHEPREFIX": str(_ROOT / "build" / "bench" / "compiled"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "QT_QPA_PLATFORM": f"offscreen:configfile={_SCREEN}",
    }


def tell(**figures: Any) -> None:
    """Print what a probe measured."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


@contextmanager
def copy_of(profile: Path) -> Iterator[Path]:
    """A copy of a profile that may be written to, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="copy-", dir=profile.parent) as folder:
        target = Path(folder) / "profile"
        shutil.copytree(profile, target)
        yield target
