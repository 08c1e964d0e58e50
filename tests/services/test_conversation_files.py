"""A conversation as files: what is written is read again as the same mails."""

from datetime import timedelta
from pathlib import Path

import pytest

from inbox.channels.email.importing import find_mails, to_incoming
from inbox.errors import NotFoundError, StorageError
from inbox.services import conversation_files, replies
from inbox.store.db import Database
from inbox.store.models import Conversation
from tests.services.arriving import mail, receive, rows

MANY = 120  # more than a page


def fill(db: Database, account: int) -> int:
    """A conversation whose texts would break a careless mbox, and a note that is nobody else's."""
    mails = []
    for n in range(MANY):
        key, text = f"k{n}@correo.example", f"From aquí\r\n>From allí {n}\r\n\r\nFrom x Mon Nov  2 10:00:00 2026\r\nñ"
        head = f"Message-ID: <{key}>\r\nFrom: ana@example.com\r\nSubject: =?utf-8?q?N=C2=BA?= {n}\r\n"
        raw = (head + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text).encode()
        answers = ("k0@correo.example",) if n else ()
        mails.append(mail(text, key=key, answers=answers, raw=raw, ago=timedelta(minutes=MANY - n)))
    receive(db, account, *mails)
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        replies.add_note(s, conversation.id, "Solo para nosotros", agent_id=None)
        replies.queue(s, conversation.id, "Respuesta: sí", agent_id=None, delay=3600)
    return int(conversation.id)


def texts(place: Path) -> list[str]:
    found = [to_incoming(each.raw, ()) for each in find_mails(place)]
    return [each.text.replace("\r\n", "\n").strip() for each in found]


def test_an_mbox_holds_every_message_as_it_was(db: Database, account: int, tmp_path: Path) -> None:
    conversation_id = fill(db, account)
    with db.reading() as s:
        assert conversation_files.write_mbox(s, conversation_id, tmp_path / "x.mbox") == MANY + 1
    found = texts(tmp_path / "x.mbox")
    assert found[7] == "From aquí\n>From allí 7\n\nFrom x Mon Nov  2 10:00:00 2026\nñ"
    assert [text.splitlines()[1] for text in found[:-1]] == [f">From allí {n}" for n in range(MANY)]
    assert found[-1] == "Respuesta: sí"
    assert "nosotros" not in (tmp_path / "x.mbox").read_text("utf-8")


def test_each_mail_is_a_file_byte_for_byte(db: Database, account: int, tmp_path: Path) -> None:
    conversation_id = fill(db, account)
    with db.reading() as s:
        assert conversation_files.write_eml(s, conversation_id, tmp_path / "out") == MANY + 1
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == MANY + 1
    assert b"Subject: =?utf-8?q?N=C2=BA?= 0\r\n" in files[0].read_bytes()


def test_nothing_is_written_over(db: Database, account: int, tmp_path: Path) -> None:
    conversation_id = fill(db, account)
    (tmp_path / "x.mbox").write_text("mine")
    with pytest.raises(StorageError), db.reading() as s:
        conversation_files.write_mbox(s, conversation_id, tmp_path / "x.mbox")
    assert (tmp_path / "x.mbox").read_text() == "mine"


def test_a_conversation_that_is_not_there(db: Database, account: int, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError), db.reading() as s:
        conversation_files.write_mbox(s, 999, tmp_path / "out")
    assert not (tmp_path / "out").exists()
