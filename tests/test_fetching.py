"""A file that the other side keeps is fetched once, when somebody looks at it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from inbox.app import fetching
from inbox.channels.base import Attachment, Author, Batch, Incoming
from inbox.errors import RejectedMessageError, SettingsError
from inbox.keychain import Keychain
from inbox.services import accounts, distant_files, ingest, messages
from inbox.services.distant_files import DistantFile
from inbox.store.db import Database
from inbox.store.models import Attachment as StoredAttachment
from tests.channels.telegram.place import TOKEN, TelegramPlace
from tests.servers.http import Answer


@pytest.fixture
def keychain(profile: Path) -> Keychain:
    return Keychain(str(profile))


@pytest.fixture
def place() -> Iterator[TelegramPlace]:
    with TelegramPlace() as server:
        server.always["getFile"] = Answer({"ok": True, "result": {"file_id": "f", "file_path": "photos/1.jpg"}})
        yield server


def put(db: Database, place: TelegramPlace) -> tuple[int, int]:
    """A message with a photo that lies at Telegram: the account and the file."""
    with db.writing() as s:
        account_id = accounts.add(s, "telegram", "Bot", dict(place.settings))
    photo = Attachment("photo.jpg", "image/jpeg", 5, remote="f")
    message = Incoming(
        "1:1", Author("1", "Ana"), datetime(2020, 1, 1, tzinfo=UTC), b"{}", "", remote_thread="1", attachments=(photo,)
    )
    with db.writing() as s:
        ingest.store_batch(s, account_id, Batch((message,), "c", backfill=True))
        return account_id, s.query(StoredAttachment).one().id


def find(db: Database, file_id: int) -> DistantFile | None:
    with db.reading() as s:
        return distant_files.find(s, file_id)


def test_a_file_is_fetched_once_and_stays(db: Database, keychain: Keychain, place: TelegramPlace) -> None:
    account_id, file_id = put(db, place)
    keychain.set(account_id, "token", TOKEN)
    handler = place.http.handler
    place.http.handler = lambda request: (
        Answer(b"photo", headers={"Content-Type": "image/jpeg"}) if "/file/" in request.path else handler(request)
    )
    file = find(db, file_id)
    assert file is not None
    assert fetching.fetch(db, keychain, file) == b"photo"
    assert find(db, file_id) is None, "it is here now"
    with db.reading() as s:
        row, content = messages.attachment(s, file_id)
    assert (row.filename, row.size, content) == ("photo.jpg", 5, b"photo")


def test_a_file_that_is_gone_is_told_so_and_can_be_asked_for_again(
    db: Database, keychain: Keychain, place: TelegramPlace
) -> None:
    account_id, file_id = put(db, place)
    keychain.set(account_id, "token", TOKEN)
    file = find(db, file_id)
    assert file is not None
    with pytest.raises(RejectedMessageError, match="no longer there"):
        fetching.fetch(db, keychain, file)
    assert find(db, file_id) is not None


def test_without_its_secret_nothing_is_fetched(db: Database, keychain: Keychain, place: TelegramPlace) -> None:
    _, file_id = put(db, place)
    file = find(db, file_id)
    assert file is not None
    with pytest.raises(SettingsError, match="keychain"):
        fetching.fetch(db, keychain, file)
