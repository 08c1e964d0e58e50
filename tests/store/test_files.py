"""Contents of attachments and raw messages, on both engines."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox.errors import StorageError
from inbox.store.db import Database, files_of
from inbox.store.models import Attachment


def test_a_content_is_kept_once_for_its_owner_only(db: Database) -> None:
    with db.writing() as s:
        first, second = files_of(s).put(s, b"plano"), files_of(s).put(s, b"plano")
        assert first == second
    with db.reading() as s:
        assert files_of(s).get(s, first) == b"plano"
        assert s.execute(text("SELECT count(*), sum(size) FROM files")).one() == (1, 5)
        place = files_of(s).path(s, first)
    if db.is_sqlite:
        assert place is not None
        assert place.parts[-2:] == (first[:2], first[2:])
        assert place.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in place.parent.iterdir()] == [first[2:]]
    else:
        assert place is None


def test_a_content_that_is_gone_or_changed_is_told(db: Database) -> None:
    with db.writing() as s:
        sha256 = files_of(s).put(s, b"plano")
        place = files_of(s).path(s, sha256)
        if place is None:
            s.execute(text("UPDATE files SET data = :data"), {"data": b"other"})
        else:
            place.write_bytes(b"other")
    with db.reading() as s, pytest.raises(StorageError, match="missing or damaged"):
        files_of(s).get(s, sha256)
    with db.reading() as s, pytest.raises(StorageError, match="missing or damaged"):
        files_of(s).get(s, "0" * 64)


def test_only_unused_contents_are_removed_and_a_rollback_keeps_them(db: Database) -> None:
    with db.writing() as s:
        used, unused = files_of(s).put(s, b"used"), files_of(s).put(s, b"unused")
        s.add(Attachment(filename="a.txt", sha256=used))
    with pytest.raises(ZeroDivisionError), db.writing() as s:
        assert files_of(s).remove_unused(s) == 1
        raise ZeroDivisionError
    with db.reading() as s:
        assert files_of(s).get(s, unused) == b"unused"
    with db.writing() as s:
        assert files_of(s).remove_unused(s) == 1
    with db.reading() as s:
        assert files_of(s).get(s, used) == b"used"
        with pytest.raises(StorageError):
            files_of(s).get(s, unused)
    if db.files.folder is not None:
        assert sum(1 for each in db.files.folder.rglob("*") if each.is_file()) == 1


def test_raw_messages_come_back_whole_small_and_large(db: Database) -> None:
    with db.writing() as s:
        s.execute(
            text("SET session_replication_role = replica" if not db.is_sqlite else "PRAGMA defer_foreign_keys=ON")
        )
        for message_id, raw in ((1, b"small"), (2, os.urandom(600_000)), (1, b"replaced")):
            files_of(s).put_source(s, message_id, raw)
            assert files_of(s).get_source(s, message_id) == raw
        assert files_of(s).get_source(s, 3) == b""
        assert s.execute(text("SELECT count(*) FROM files")).scalar() == 1
        assert files_of(s).remove_unused(s) == 0
        s.execute(text("DELETE FROM message_sources"))


def test_a_disk_that_refuses_is_told(db: Database, tmp_path: Path) -> None:
    if db.files.folder is None:
        return  # a team's contents lie in the database
    db.files.folder.write_text(f"a file, not a folder {datetime.now(UTC)}")
    with pytest.raises(StorageError, match="can't be stored"), db.writing() as s:
        files_of(s).put(s, b"plano")
