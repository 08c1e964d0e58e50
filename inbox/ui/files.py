"""Files in and out of the window: chosen, dropped, opened, saved; images fetched because a person asked."""

from __future__ import annotations

import mimetypes
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from inbox.errors import StorageError
from inbox.i18n import tr
from inbox.services.dangerous_files import runs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inbox.services.rows import AttachmentRow, NewFile
    from inbox.ui.actions import Actions

_REMOTE = re.compile(r"""<img\b[^>]*?\bsrc=["'](https?://[^"']+)["']""", re.I)
_MOST_IMAGES, _LARGEST_IMAGE, _PATIENCE = 60, 5_000_000, 10.0  # seconds


def choose(parent: QWidget, actions: Actions, then: Callable[[list[NewFile]], None]) -> None:
    """Ask for files and read them."""
    paths, _kind = QFileDialog.getOpenFileNames(parent, tr("Attach files"))
    read(actions, paths, then)


def read(actions: Actions, paths: Sequence[str], then: Callable[[list[NewFile]], None]) -> None:
    """Read files in the worker."""
    if not paths:
        return

    def work() -> list[NewFile]:
        from inbox.services.rows import NewFile

        found = []
        for name in paths:
            path = Path(name)
            try:
                content = path.read_bytes()
            except OSError as error:
                raise StorageError(
                    "{name} can't be read", "{reason}", name=path.name, reason=error.strerror or str(error)
                ) from error
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            found.append(NewFile(path.name, kind, content))
        return found

    actions.tasks.run(work, then)


def from_image(image: QImage) -> NewFile:
    """A pasted picture as a file."""
    from inbox.services.rows import NewFile

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs forget QIODevice
    return NewFile(tr("picture") + ".png", "image/png", bytes(content.data()))


def open_or_save(parent: QWidget, actions: Actions, file: AttachmentRow, *, save: bool) -> None:
    """Open a file in its program, or save it; what could run is only saved."""
    name = safe_name(file.filename)
    if save or runs(name):
        chosen, _kind = QFileDialog.getSaveFileName(parent, tr("Save the file"), str(Path.home() / name))
        if chosen:
            actions.attachment(file.id, lambda found: _write(actions, Path(chosen), found[1], show=False))
        return
    folder = Path(tempfile.mkdtemp(prefix="inbox-"))
    actions.attachment(file.id, lambda found: _write(actions, folder / name, found[1], show=True))


def _write(actions: Actions, path: Path, content: bytes, *, show: bool) -> None:
    def work() -> None:
        try:
            path.write_bytes(content)
        except OSError as error:
            raise StorageError(
                "{name} can't be written", "{reason}", name=path.name, reason=error.strerror or str(error)
            ) from error

    def done(_none: None) -> None:
        if show:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        else:
            actions.said.emit(tr("Saved as {name}", name=path.name), "", None)

    actions.tasks.run(work, done)


def safe_name(name: str) -> str:
    """A sender's file name without anything that leads out of a folder."""
    cleaned = re.sub(r"[\x00-\x1f/\\:*?\"<>|]", "_", name).strip(" .")
    return cleaned[-120:] or "file"


def fetch_images(actions: Actions, markup: str, then: Callable[[dict[str, bytes]], None]) -> None:
    """Fetch a message's remote images, in a thread of their own; those that can't be had are left out."""
    urls = list(dict.fromkeys(_REMOTE.findall(markup)))[:_MOST_IMAGES]

    def work(job: object, report: object) -> dict[str, bytes]:
        import html

        import httpx

        found: dict[str, bytes] = {}
        with httpx.Client(timeout=_PATIENCE, follow_redirects=True, headers={"User-Agent": "Mozilla/5.0"}) as client:
            for url in urls:
                address = html.unescape(url)
                try:
                    with client.stream("GET", address) as answer:
                        is_image = answer.headers.get("content-type", "").startswith("image/")
                        if answer.is_success and is_image:
                            found[address] = _limited(answer)
                except (httpx.HTTPError, httpx.InvalidURL, ValueError):
                    continue
        return found

    actions.tasks.long(work, then)


def _limited(answer: object) -> bytes:
    content = b""
    for part in answer.iter_bytes():  # type: ignore[attr-defined]  # an httpx.Response, loaded only there
        content += part
        if len(content) > _LARGEST_IMAGE:
            return b""
    return content
