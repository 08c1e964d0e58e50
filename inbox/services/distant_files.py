"""Files that the other side keeps until somebody looks at them: where they are, and keeping them once they are here."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from inbox.services.rows import AttachmentRow
from inbox.store.db import files_of
from inbox.store.models import Account, Attachment, Message


@dataclass(frozen=True, slots=True)
class DistantFile:
    """A file that is not here yet, and the account whose channel fetches it."""

    row: AttachmentRow
    account_id: int
    kind: str
    settings: Mapping[str, object]
    remote: str


def find(s: Session, attachment_id: int) -> DistantFile | None:
    """Where a file lies, if it is not here yet."""
    file = s.get(Attachment, attachment_id)
    if file is None or not file.remote or file.sha256 is not None or file.message_id is None:
        return None
    account = s.get_one(Account, s.get_one(Message, file.message_id).account_id)
    row = AttachmentRow(file.id, file.filename, file.content_type, file.size, file.content_id, file.inline)
    return DistantFile(row, account.id, account.kind, dict(account.settings), file.remote)


def keep(s: Session, attachment_id: int, content: bytes) -> None:
    """Keep what was fetched: the next look needs no network, and what is deleted there stays here."""
    file = s.get(Attachment, attachment_id)
    if file is not None and file.sha256 is None:
        file.sha256, file.size = files_of(s).put(s, content), len(content)
