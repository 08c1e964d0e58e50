"""Imports PySide so that it costs no more than it must at each start.

PySide carries fourteen modules in Python as source within its library, and compiles them at every start: a tenth of
the time to the first paint. Here their code is kept beside ours, as Python keeps that of modules in files.
"""

from __future__ import annotations

import builtins
import importlib.util
import marshal
import os
import sys
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

_OURS = ("shibokensupport/", "signature_bootstrap.py")


def import_qt() -> None:
    """Import Qt's core."""
    kept = _KeptCode(importlib.util.cache_from_source(__file__) + ".pyside", builtins.compile)
    builtins.compile = kept.compile
    try:
        import PySide6.QtCore  # noqa: F401
    finally:
        builtins.compile = kept.really_compile
    kept.save()
    # PySide reads and keeps the source of every module imported after it, in case it says ``from __feature__ import``.
    # Nothing here does: with Python's own import back, starting is 100 ms shorter and the program 20 MB smaller.
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


class _KeptCode:
    """The code that was compiled at an earlier start, by file name and checksum of the source."""

    def __init__(self, file: str, really_compile: Callable[..., Any]) -> None:
        self.file, self.really_compile = file, really_compile
        self._new = False
        self._known: dict[tuple[str, int], CodeType] = {}
        try:
            with open(file, "rb") as stream:
                magic, known = marshal.load(stream)  # noqa: S302 - lies with the compiled modules, and is trusted like them
            if magic == importlib.util.MAGIC_NUMBER:
                self._known = known
        except (OSError, ValueError, EOFError, TypeError):
            pass  # there is none yet, or it was damaged

    def compile(self, source: Any, filename: Any, mode: str, *arguments: Any, **options: Any) -> Any:
        """``compile``, but PySide's own modules only once."""
        if not str(filename).startswith(_OURS) or arguments or options:
            return self.really_compile(source, filename, mode, *arguments, **options)
        key = (filename, zlib.crc32(source if isinstance(source, bytes) else source.encode()))
        if key not in self._known:
            self._known[key] = self.really_compile(source, filename, mode)
            self._new = True
        return self._known[key]

    def save(self) -> None:
        """Keep it for the next start, where that is possible and wanted."""
        if not self._new or sys.dont_write_bytecode:
            return
        new = f"{self.file}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self.file), exist_ok=True)
            with open(new, "wb") as stream:
                marshal.dump((importlib.util.MAGIC_NUMBER, self._known), stream)
            os.replace(new, self.file)
        except OSError:
            pass  # compiled anew each time, then
