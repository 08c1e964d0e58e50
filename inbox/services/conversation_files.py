"""A conversation as files that every mail program opens: one mbox, or a folder of .eml."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy.orm import Session

from inbox.errors import StorageError
from inbox.services import messages, queries
from inbox.services.rows import MessageRow
from inbox.states import Direction
from inbox.store.db import files_of
from inbox.store.models import Account

_QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)
_UNSAFE = re.compile(r"[^\w.-]+")
_AT_ONCE = 50
_SHOWN = "%a %b %d %H:%M:%S %Y"


def write_mbox(s: Session, conversation_id: int, file: Path) -> int:
    """Write all messages of a conversation into a new mbox; answers how many. The team's notes stay here."""
    queries.thread(s, conversation_id, limit=1)  # one that is not there leaves no empty file behind
    try:
        with file.open("xb") as out:
            count = 0
            for row, raw in _mails(s, conversation_id):
                line = f"From inbox {row.sent_at.strftime(_SHOWN)}\n"
                out.write(line.encode() + _QUOTED.sub(rb">\1", raw.replace(b"\r\n", b"\n")).rstrip(b"\n") + b"\n\n")
                count += 1
            return count
    except OSError as error:
        raise _refused(file, error) from error


def write_eml(s: Session, conversation_id: int, folder: Path) -> int:
    """Write each message of a conversation into a file of its own, in the order of time; answers how many."""
    queries.thread(s, conversation_id, limit=1)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        count = 0
        for row, raw in _mails(s, conversation_id):
            count += 1
            subject = _UNSAFE.sub("-", row.subject).strip("-.")[:60]
            name = f"{count:04d} {row.sent_at:%Y-%m-%d} {subject}".strip()
            with (folder / f"{name}.eml").open("xb") as out:
                out.write(raw)
        return count
    except OSError as error:
        raise _refused(folder, error) from error


def _refused(place: Path, error: OSError) -> StorageError:
    return StorageError(
        "{place} can't be written ({reason})",
        "Choose a place that is new, and where you may write.",
        place=place,
        reason=error.strerror or str(error),
    )


def messages_of(s: Session, conversation_id: int) -> Iterator[MessageRow]:
    """All messages of a conversation, the oldest first, without the team's notes."""
    pages: list[int | None] = [None]  # where each page ends, the newest first
    while (before := queries.thread(s, conversation_id, before=pages[-1], limit=_AT_ONCE).before) is not None:
        pages.append(before)
    for before in reversed(pages):
        for row in queries.thread(s, conversation_id, before=before, limit=_AT_ONCE).messages:
            if row.conversation_id == conversation_id and row.direction is not Direction.NOTE:
                yield row


def _mails(s: Session, conversation_id: int) -> Iterator[tuple[MessageRow, bytes]]:
    for row in messages_of(s, conversation_id):
        is_mail = s.get_one(Account, row.account_id).kind == "email"  # the demo plays it
        raw = files_of(s).get_source(s, row.id) if is_mail else b""
        yield row, raw or _composed(s, row)


def _composed(s: Session, row: MessageRow) -> bytes:
    """A message of a channel that knows no mails, and a reply that has not gone out, as a mail."""
    mail = EmailMessage(policy=SMTP)
    for name, value in (("From", _person(row)), ("To", ", ".join(row.recipients)), ("Subject", row.subject)):
        mail[name] = " ".join(value.split()) if name == "Subject" else _unstructured(value)
    mail["Date"] = format_datetime(row.sent_at)
    mail["Message-ID"] = f"<inbox-{row.id}@export.invalid>"
    mail.set_content(row.text or row.subject)
    for file in row.attachments:
        found, content = messages.attachment(s, file.id)
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=found.filename)
    return mail.as_bytes()


def _person(row: MessageRow) -> str:
    return f"{row.author} <{row.author_handle}>" if row.author_handle else row.author


def _unstructured(value: str) -> str:
    """An address field that a mail program can read, whatever a channel calls its people."""
    name, _, handle = value.rpartition("<")
    plain = re.sub(r"[^\w .-]+", " ", name or value).strip()
    address = handle.rstrip(">") if "@" in handle.strip("@") else ""
    ascii_address = address if re.fullmatch(r"[!-;=?-~]+@[\w.-]+", address, re.ASCII) else "unknown@export.invalid"
    return f'"{plain}" <{ascii_address}>' if value else ""
