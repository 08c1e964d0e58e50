"""Contents: attachments and raw messages, each stored once under its SHA-256.

One desk: files beside the database as ``files/ab/cdef...`` (0600). A team: in the database, for every desk.
SQLAlchemy is imported when a function needs it, never with this module: the window's start must not load it.
"""

import hashlib
import os
import secrets
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inbox.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

LARGE = 256 * 1024  # raw messages above this, packed, become files


class FileStore:
    """The contents of one database. ``folder`` is ``None`` where they lie in the database itself."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def put(self, s: "Session", content: bytes) -> str:
        """Keep a content and return its SHA-256. Raises StorageError where the disk refuses."""
        from inbox.store.models import File

        sha256 = hashlib.sha256(content).hexdigest()
        if self.folder is not None:
            _write(self._place(sha256), content)
        row = {"sha256": sha256, "size": len(content), "data": content if self.folder is None else None}
        s.execute(_insert(s, File).values(row).on_conflict_do_nothing())
        return sha256

    def get(self, s: "Session", sha256: str) -> bytes:
        """A content. Raises StorageError where it is gone or was changed by somebody."""
        content = self._from_database(s, sha256) if self.folder is None else _read(self._place(sha256))
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            raise StorageError(
                "A stored file is missing or damaged",
                "Restore the folder {folder} from a copy; the message itself can still be read.",
                folder=self.folder or "files",
            )
        return content

    def path(self, s: "Session", sha256: str) -> Path | None:
        """Where a content lies as a file; ``None`` in a team's database, or where it is gone."""
        if self.folder is None:
            return None
        place = self._place(sha256)
        return place if place.exists() else None

    def remove_unused(self, s: "Session") -> int:
        """Delete the contents that no attachment and no raw message needs; returns how many."""
        from sqlalchemy import delete, exists, select

        from inbox.store.models import Attachment, File, MessageSource

        unused = select(File.sha256).where(
            ~exists().where(Attachment.sha256 == File.sha256), ~exists().where(MessageSource.sha256 == File.sha256)
        )
        found = list(s.scalars(unused))
        for first in range(0, len(found), 500):
            s.execute(delete(File).where(File.sha256.in_(found[first : first + 500])))
        if self.folder is not None:
            self._remove_with_commit(s, found)
        return len(found)

    def _remove_with_commit(self, s: "Session", found: Sequence[str]) -> None:
        """Set files aside now, and delete them once the transaction is through; a rollback brings them back.

        Set aside under another name, so that a content that comes in again meanwhile is written anew and stays.
        """
        from sqlalchemy import event

        moved = [
            (place, place.with_name(f"{place.name}.removed")) for place in map(self._place, found) if place.exists()
        ]
        for place, aside in moved:
            place.replace(aside)

        def committed(_: "Session") -> None:
            for _place, aside in moved:
                aside.unlink(missing_ok=True)
            moved.clear()

        def rolled_back(_: "Session") -> None:
            for place, aside in moved:
                if aside.exists():
                    aside.replace(place)
            moved.clear()

        event.listen(s, "after_commit", committed, once=True)
        event.listen(s, "after_rollback", rolled_back, once=True)

    def pack_sources(self, s: "Session", sources: Iterable[tuple[int, bytes]]) -> list[dict[str, Any]]:
        """Rows for ``message_sources``: packed, and large ones as files. Insert them with one executemany."""
        rows = []
        for message_id, raw in sources:
            packed = zlib.compress(raw, 1)
            sha256 = self.put(s, packed) if len(packed) > LARGE else ""
            rows.append({"message_id": message_id, "data": b"" if sha256 else packed, "sha256": sha256})
        return rows

    def put_source(self, s: "Session", message_id: int, raw: bytes) -> None:
        """Keep a message's raw bytes, in place of any that it had."""
        from inbox.store.models import MessageSource

        row = self.pack_sources(s, [(message_id, raw)])[0]
        s.execute(
            _insert(s, MessageSource)
            .values(row)
            .on_conflict_do_update(index_elements=["message_id"], set_={"data": row["data"], "sha256": row["sha256"]})
        )

    def get_source(self, s: "Session", message_id: int) -> bytes:
        """A message's raw bytes; empty where none were kept."""
        from inbox.store.models import MessageSource

        row = s.get(MessageSource, message_id)
        if row is None:
            return b""
        return zlib.decompress(self.get(s, row.sha256) if row.sha256 else row.data) if row.sha256 or row.data else b""

    def get_start(self, s: "Session", message_id: int, most: int = 1 << 16) -> bytes:
        """The first bytes of a message: its head, without unpacking what hangs at it."""
        from inbox.store.models import MessageSource

        row = s.get(MessageSource, message_id)
        if row is None or not (row.data or row.sha256):
            return b""
        place = self.path(s, row.sha256) if row.sha256 else None
        if place is not None:
            with place.open("rb") as file:
                return zlib.decompressobj().decompress(file.read(most), most)
        packed = self.get(s, row.sha256) if row.sha256 else row.data
        return zlib.decompressobj().decompress(packed, most)

    def _place(self, sha256: str) -> Path:
        assert self.folder is not None
        return self.folder / sha256[:2] / sha256[2:]

    @staticmethod
    def _from_database(s: "Session", sha256: str) -> bytes | None:
        from inbox.store.models import File

        row = s.get(File, sha256)
        return row.data if row else None


def _read(place: Path) -> bytes | None:
    """A file's content; one that a crash left set aside is still good."""
    for found in (place, place.with_name(f"{place.name}.removed")):
        if found.exists():
            return found.read_bytes()
    return None


def _insert(s: "Session", model: Any) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    make: Any = sqlite.insert if s.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(model)


def _write(place: Path, content: bytes) -> None:
    """Write under a temporary name and rename, so that a crash leaves no half file under a good name."""
    if place.exists():
        return
    temporary = place.with_name(f".{secrets.token_hex(8)}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(place)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise StorageError(
            "A file can't be stored",
            "Free some space on the disk and check that you may write to {folder}. {words}",
            folder=place.parent.parent,
            words=error.strerror or "",
        ) from error
