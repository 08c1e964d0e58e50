"""Takes mail files in: mbox, Maildir, .eml, folders and ZIPs of them, as the history of an account that is off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from inbox.channels.base import Batch, Incoming, StopSignal
from inbox.errors import RuleError
from inbox.i18n import tr
from inbox.lazy_dataclass import dataclass
from inbox.services import accounts, ingest
from inbox.states import MessageKind
from inbox.store.db import Database
from inbox.store.models import Account, Customer

if TYPE_CHECKING:
    from inbox.channels.email.importing import FoundMail  # loaded by an import, not by every start

_BATCH = 200
_BATCH_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is. ``done`` and ``total`` are bytes; ``messages`` counts the mails so far."""

    done: int
    total: int  # 0: not known
    path: Path
    messages: int


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What came of an import.

    Attributes:
        unreadable: (file, why in the person's language). Nothing of these was stored.
        stopped: It was ended before its end; what is in stays, and importing again goes on.
    """

    new: int
    known: int
    customers: int
    unreadable: tuple[tuple[str, str], ...]
    stopped: bool = False


def import_mail(
    db: Database,
    agent_id: int,
    paths: Sequence[Path],
    progress: Callable[[ImportProgress], None],
    stop: StopSignal | None = None,
) -> ImportSummary:
    """Import what lies under the paths, a few hundred mails a transaction. Raises RuleError where there is none."""
    stop = stop or threading.Event()
    found = _Found(paths)
    with db.reading() as s:
        addresses = s.scalars(select(Account.address).where(Account.kind == "email"))
        own = frozenset(address.lower() for address in addresses if address)
        customers_before = s.scalar(select(func.count()).select_from(Customer)) or 0
    account_id = 0
    new = known = 0
    for mails in found.batches(own):
        if not account_id:
            account_id = _account(db, agent_id)
        with db.writing(agent_id) as s:
            stored = ingest.store_batch(s, account_id, Batch(mails, cursor="", backfill=True))
        new, known = new + stored.new, known + stored.known
        progress(ImportProgress(found.done, found.total, found.path, new + known))
        if stop.is_set():
            break
    if not account_id and not stop.is_set():
        raise RuleError("{path} holds no mail", _why(found), path=paths[0] if paths else "")
    with db.reading() as s:
        customers = (s.scalar(select(func.count()).select_from(Customer)) or 0) - customers_before
    return ImportSummary(new, known, customers, tuple(found.unreadable), stop.is_set())


def _why(found: _Found) -> str:
    reasons = [f"{Path(name).name}: {why}" for name, why in found.unreadable[:3]]
    return " ".join([*reasons, tr("Choose an mbox file, a Maildir, .eml files, or a folder or ZIP of them.")])


class _Found:
    """The mails under some paths, and how far they are read."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths
        self.total = sum(_size(path) for path in paths)
        self.path = paths[0] if paths else Path()
        self.unreadable: list[tuple[str, str]] = []
        self._before = 0
        self._position = 0

    @property
    def done(self) -> int:
        return min(self._before + self._position, self.total)

    def batches(self, own: frozenset[str]) -> Iterator[list[Incoming]]:
        """The mails, some hundred at a time."""
        batch: list[Incoming] = []
        size = 0
        for found in self._mails():
            if found.problem:
                number = tr("(mail {n})", n=found.number) if found.number else ""
                self.unreadable.append((f"{found.path} {number}".strip(), tr(found.problem)))
                continue
            batch.append(self._read(found, own))
            size += len(found.raw)
            if len(batch) >= _BATCH or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _read(self, found: FoundMail, own: frozenset[str]) -> Incoming:
        from inbox.channels.email.importing import to_incoming

        mail = to_incoming(found.raw, own, internal_date=_changed_at(found.path), seen=True)
        if mail.kind is MessageKind.UNREADABLE:
            self.unreadable.append((str(found.path), tr("Kept as it is: {problem}", problem=mail.problem)))
        return mail

    def _mails(self) -> Iterator[FoundMail]:
        from inbox.channels.email.importing import find_mails

        for path in self._paths:
            for found in find_mails(path):
                if found.path != self.path:
                    self._before += self._position
                    self.path = found.path
                self._position = found.position
                yield found


def _account(db: Database, agent_id: int) -> int:
    """The account that holds what was imported; made when it is first needed, and never run."""
    with db.writing(agent_id) as s:
        found = s.scalar(select(Account.id).where(Account.kind == "email", Account.address == ""))
        if found is not None:
            return found
        made = accounts.add(s, "email", tr("Imported mail"), {})
        accounts.change(s, made, enabled=False, opens_cases=False)
        return made


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(_size(entry) for entry in path.iterdir() if not entry.is_symlink())
        return path.stat().st_size
    except OSError:
        return 0


def _changed_at(path: Path) -> datetime:
    for place in (path, *path.parents):  # a mail in a ZIP is as old as that
        try:
            return datetime.fromtimestamp(place.stat().st_mtime, UTC)
        except OSError:
            continue
    return datetime.now(UTC)
