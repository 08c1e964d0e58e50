"""Queueing a reply from the command line, and waiting for what becomes of it."""

import mimetypes
import re
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from inbox.cli.command import Command
from inbox.errors import RuleError, StorageError
from inbox.i18n import language, tr
from inbox.states import Delivery

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.app import App
    from inbox.services.rows import AskedQuestion, NewFile

_PATIENCE = 90.0  # seconds until a reply that did not go out is left to the next engine
_LOOK = 0.2


class Everything:
    """The warnings that a person accepts who says --yes: all."""

    def __contains__(self, kind: object) -> bool:
        return True


def asked_questions(s: "Session", case_id: int | None, wanted: Iterable[str]) -> "list[AskedQuestion]":
    """The questions that were named: by the kind of fact that the bank's one asks for, by its text, or one's own."""
    from inbox.services import case_types, queries
    from inbox.services.rows import AskedQuestion

    bank = case_types.bank(s, queries.case(s, case_id).case_type.id) if case_id is not None else []
    found = []
    for name in wanted:
        for row in bank:
            if name in (row.fact_kind, row.text_es, row.text_en, str(row.id)):
                text = row.text_es if language() == "es" else row.text_en
                found.append(AskedQuestion(name if name in (row.text_es, row.text_en) else text, row.id, row.fact_kind))
                break
        else:
            if re.fullmatch(r"[a-z_]+|\d+", name):
                kinds = ", ".join(row.fact_kind for row in bank) or "-"
                raise RuleError(
                    "No question of the bank asks for “{name}”",
                    "Give the kind of fact of one of: {names}. Or write the question out.",
                    name=name,
                    names=kinds,
                )
            found.append(AskedQuestion(name))
    return found


def read_files(paths: Sequence[Path]) -> "list[NewFile]":
    """The files to attach; raises StorageError."""
    from inbox.services.rows import NewFile

    files = []
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StorageError(
                "{file} can't be read ({reason})", "Check its name.", file=path, reason=error.strerror or error
            ) from error
        files.append(NewFile(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", content))
    return files


def report(command: Command, app: "App", message_id: int) -> int:
    """Say what became of a queued reply, waiting for it unless --no-wait; the exit code is 1 if it did not go out."""
    delivery, note = Delivery.QUEUED, ""
    if not command.options.no_wait:
        delivery, note = _wait(app, message_id)
    words = {
        Delivery.QUEUED: tr("queued"),
        Delivery.SENDING: tr("being sent"),
        Delivery.FAILED: tr("not delivered"),
        Delivery.UNKNOWN: tr("perhaps sent: nobody can tell, please decide"),
    }.get(delivery, tr("sent"))
    text = tr("Message {id}: {state}", id=message_id, state=words)
    command.say(f"{text} ({note})" if note else text, id=message_id, delivery=delivery.value, note=note)
    return 1 if delivery in (Delivery.FAILED, Delivery.UNKNOWN) else 0


def _wait(app: "App", message_id: int) -> tuple[Delivery, str]:
    """Send it from here, if no other engine runs its account, and wait until it is settled."""
    from inbox.engine import Engine
    from inbox.events import ReplySettled
    from inbox.store.models import Message

    with app.db.reading() as s:
        account_id = s.get_one(Message, message_id).account_id
    settled = threading.Event()
    app.bus.subscribe(ReplySettled, lambda _: settled.set())
    engine = Engine(app.db, app.keychain, only={account_id}, receiving=False)
    app.db.watch()
    engine.start()
    try:
        for _ in range(int(_PATIENCE / _LOOK)):
            settled.wait(_LOOK)
            settled.clear()
            with app.db.reading() as s:
                message = s.get_one(Message, message_id)
            if message.delivery not in (Delivery.QUEUED, Delivery.SENDING):
                break
            if message.delivery is Delivery.QUEUED and (message.attempts or message.not_before is None):
                break  # put off: the next engine tries again; or held, until somebody decides
        return message.delivery, message.delivery_note
    finally:
        engine.stop()


def read_text(text: str) -> str:
    """A text from the command line; ``-`` reads standard input."""
    return sys.stdin.read().strip() if text == "-" else text.strip()


def require_text(text: str) -> str:
    """The same; raises RuleError where there is none."""
    found = read_text(text)
    if not found:
        raise RuleError("There is nothing to send", "Give --text or --template.")
    return found
