"""Everything about a customer, or about all, as a folder of JSON and files that anybody can read."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, Table, or_, select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import StorageError
from inbox.services import customers, tables
from inbox.services.merging.kin import below
from inbox.store.db import files_of

_UNSAFE = re.compile(r"[^\w.@ ()+-]+")
_LONGEST_NAME = 80
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    customers: int
    messages: int
    files: int


def export(
    s: Session, customer_id: int | None, folder: Path, progress: Callable[[int], None] = lambda done: None
) -> Exported:
    """Write a customer (or with ``None`` all of them) into a folder, each into one of its own.

    A customer's folder holds ``customer.json`` and, by conversation, the messages as they came (``.eml`` for email)
    with their files. ``progress`` hears how many customers are done. Raises StorageError where it can't be written,
    or holds something already.
    """
    ids = [customers.find_survivor(s, customer_id)] if customer_id is not None else _everybody(s)
    if customer_id is not None:
        customers.require(s, ids[0])
    messages = files = 0
    try:
        if folder.exists() and any(folder.iterdir()):
            raise StorageError(
                "{folder} holds something already", "Choose a folder that is new or empty.", folder=folder
            )
        for done, each in enumerate(ids, 1):
            target = folder if customer_id is not None else folder / f"customer-{each}"
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            counted = _export_one(s, each, target)
            messages, files = messages + counted[0], files + counted[1]
            progress(done)
    except OSError as error:
        raise StorageError(
            "The export can't be written",
            "Choose another folder, or free some space. {words}",
            words=error.strerror or str(error),
        ) from error
    return Exported(len(ids), messages, files)


def _everybody(s: Session) -> list[int]:
    columns = tables.customers.c
    alive = select(columns.id).where(columns.merged_into_id.is_(None), columns.erased_at.is_(None))
    return list(s.scalars(alive.order_by(columns.id)))


def _export_one(s: Session, customer_id: int, folder: Path) -> tuple[int, int]:
    talks, cases, log = tables.conversations, tables.cases, tables.activity
    of_case = select(cases.c.id).where(cases.c.customer_id == customer_id)
    of_talk = select(talks.c.id).where(talks.c.customer_id == customer_id)
    about = or_(log.c.customer_id == customer_id, log.c.case_id.in_(of_case), log.c.conversation_id.in_(of_talk))
    messages = files = 0
    conversations = []
    for conversation in _rows(s, select(talks).where(talks.c.customer_id == customer_id).order_by(talks.c.id)):
        place = folder / f"conversation-{conversation['id']}"
        conversation["messages"], written = _messages(s, conversation["id"], place)
        messages, files = messages + len(conversation["messages"]), files + written
        conversations.append(conversation)
    merges = tables.merges.c
    content = {
        "customer": _one(s, tables.customers, customer_id),
        "merged_from": _rows(s, select(tables.customers).where(tables.customers.c.id.in_(below(s, customer_id)[1:]))),
        "merges": _rows(s, select(tables.merges).where(merges.survivor_id.in_(below(s, customer_id)))),
        "identities": _of_customer(s, tables.identities, customer_id),
        "facts": _of_customer(s, tables.facts, customer_id),
        "cases": _of_customer(s, cases, customer_id),
        "questions": _rows(s, select(tables.questions).where(tables.questions.c.case_id.in_(of_case))),
        "conversations": conversations,
        "activity": _rows(s, select(log).where(about).order_by(log.c.id)),
    }
    _write_json(folder / "customer.json", content)
    return messages, files


def _messages(s: Session, conversation_id: int, folder: Path) -> tuple[list[dict[str, Any]], int]:
    columns = tables.messages.c
    ids = s.scalars(select(columns.id).where(columns.conversation_id == conversation_id).order_by(columns.id)).all()
    found: list[dict[str, Any]] = []
    files = 0
    for first in range(0, len(ids), _AT_ONCE):
        query = (
            select(tables.messages, tables.accounts.c.kind.label("channel"))
            .join(tables.accounts, tables.accounts.c.id == columns.account_id)
            .where(columns.id.in_(ids[first : first + _AT_ONCE]))
        )
        for message in _rows(s, query.order_by(columns.id)):
            raw = files_of(s).get_source(s, message["id"])
            if raw:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                name = f"{message['id']}{'.eml' if message['channel'] == 'email' else '.txt'}"
                (folder / name).write_bytes(raw)
                message["source"] = f"{folder.name}/{name}"
            message["files"] = _attachments(s, message, raw, folder)
            files += len(message["files"])
            found.append(message)
    return found, files


def _attachments(s: Session, message: Mapping[str, Any], raw: bytes, folder: Path) -> list[dict[str, Any]]:
    columns = tables.attachments.c
    found = _rows(s, select(tables.attachments).where(columns.message_id == message["id"]).order_by(columns.id))
    for each in found:
        plugin = registry.plugin(message["channel"])
        content = files_of(s).get(s, each["sha256"]) if each["sha256"] else plugin.read_part(raw, each["part"])
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{message['id']}-{each['id']}-{_safe(each['filename'])}"
        (folder / name).write_bytes(content)
        each["file"] = f"{folder.name}/{name}"
    return found


def _safe(filename: str) -> str:
    """A file name that is one on every system, and never a path."""
    name = _UNSAFE.sub("_", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) < len("template"):
        return f"{stem[:_LONGEST_NAME]}.{ending}"
    return name[:_LONGEST_NAME] or "file"


def _of_customer(s: Session, table: Table, customer_id: int) -> list[dict[str, Any]]:
    return _rows(s, select(table).where(table.c.customer_id == customer_id).order_by(table.c.id))


def _one(s: Session, table: Table, id_: int) -> dict[str, Any]:
    return _rows(s, select(table).where(table.c.id == id_))[0]


def _rows(s: Session, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    found: Iterable[Row[*tuple[Any, ...]]] = s.execute(query)
    return [dict(row._mapping) for row in found]


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content, ensure_ascii=False, indent=1, default=_plain) + "\n", encoding="utf-8")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    raise TypeError(f"{type(value).__name__} can't be exported")
