"""Qt is imported without compiling its Python part anew, and without a look into every source."""

import os
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import builtins, linecache
compiled = []
really = builtins.compile
def counting(source, filename, *rest, **options):
    compiled.append(str(filename))
    return really(source, filename, *rest, **options)
builtins.compile = counting
import inbox.ui
assert builtins.compile is counting
import inbox.events
from PySide6.QtCore import QSize
try:
    QSize(1, "x")
except TypeError as error:
    assert "Supported signatures" in str(error), error  # PySide's Python part works
print(sum(name.startswith("shibokensupport") for name in compiled), inbox.events.__file__ in linecache.cache)
"""


def _start(folder: Path) -> str:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_python_part_of_qt_is_compiled_once(tmp_path: Path) -> None:
    first, second = _start(tmp_path), _start(tmp_path)
    assert int(first.split()[0]) > 5
    assert second == "0 False"


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    _start(tmp_path)
    (kept,) = tmp_path.rglob("*.pyside")
    kept.write_bytes(kept.read_bytes()[:100])
    assert int(_start(tmp_path).split()[0]) > 5
    assert _start(tmp_path) == "0 False"
    kept.write_bytes(b"i\x01\x00\x00\x00")  # a number where two things are expected
    assert int(_start(tmp_path).split()[0]) > 5
