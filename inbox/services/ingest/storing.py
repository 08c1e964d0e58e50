"""The rows of a batch: messages with their sources, files, words and keys. One statement a table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, case, literal, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Attachment, Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.services.ingest.listing import Outcome
from inbox.services.ingest.people import Person
from inbox.services.ingest.threads import Place
from inbox.states import Delivery, Direction
from inbox.store import search
from inbox.store.bulk import insert_rows
from inbox.store.db import files_of
from inbox.store.ids import next_ids

_PART_LENGTH = 40  # of attachments.part


class Arrival(NamedTuple):
    """A message with the id that it gets, the conversation that it goes to, and whom it is from or to."""

    id: int
    message: Incoming
    place: Place
    person: Person


def insert_conversations(s: Session, account_id: int, new: Sequence[tuple[Place, Outcome]]) -> None:
    """Store new conversations and give their places the ids."""
    if not new:
        return
    ids = next_ids(s, tables.conversations, len(new))
    varying: dict[str, list[Any]] = {name: [outcome.columns[name] for _, outcome in new] for name in new[0][1].columns}
    varying |= {
        "id": ids,
        "remote_thread": [place.remote_thread for place, _ in new],
        "kind": [place.kind for place, _ in new],
        "customer_id": [place.customer_id for place, _ in new],
        "identity_id": [place.identity_id for place, _ in new],
        "stream": [next((each.stream for each in place.messages if each.stream), "") for place, _ in new],
    }
    same = {"account_id": account_id, "tags": [], "has_failed": False, "version": 1}
    insert_rows(s, tables.conversations, varying, same)
    for conversation_id, (place, _) in zip(ids, new, strict=True):
        place.id = conversation_id


def update_conversations(s: Session, known: Sequence[tuple[Place, Outcome]]) -> None:
    """Bring known conversations up to date; counters by what was added, so that nobody's change is lost."""
    if not known:
        return
    columns = tables.conversations.c
    newer = columns.last_message_id < bindparam("b_last_message_id")
    names = ("subject", "state", "waiting_since", "dismissed", "snoozed_until")
    given: dict[str, Any] = {name: bindparam(f"b_{name}") for name in names}
    changed = (
        update(tables.conversations)
        .where(columns.id == bindparam("b_id"))
        .values(
            **given,
            rank=bindparam("b_rank"),
            snippet=case((newer, bindparam("b_snippet")), else_=columns.snippet),
            last_message_id=case((newer, bindparam("b_last_message_id")), else_=columns.last_message_id),
            message_count=columns.message_count + bindparam("b_message_count"),
            unread_count=case((bindparam("b_answered"), literal(0)), else_=columns.unread_count)
            + bindparam("b_unread_count"),
        )
    )
    rows = [
        {f"b_{name}": value for name, value in outcome.columns.items()}
        | {"b_id": place.id, "b_answered": outcome.answered}
        for place, outcome in known
    ]
    s.connection().execute(changed, rows)


def insert_messages(s: Session, account_id: int, channel: str, arrivals: Sequence[Arrival]) -> None:
    """Store the messages with everything that hangs on them."""
    files = files_of(s)
    messages = [each.message for each in arrivals]
    varying: dict[str, list[Any]] = {
        "id": [each.id for each in arrivals],
        "conversation_id": [each.place.id for each in arrivals],
        "remote_id": [remote_id_of(each) for each in messages],
        "own_key": [each.own_key for each in messages],
        "direction": [Direction.OUT if each.outgoing else Direction.IN for each in messages],
        "kind": [each.kind for each in messages],
        "identity_id": [None if each.message.outgoing else each.person.identity_id for each in arrivals],
        "sent_at": [each.sent_at for each in messages],
        "subject": [each.subject for each in messages],
        "text": [each.text for each in messages],
        "has_html": [each.has_html for each in messages],
        "recipients": [each.recipients for each in messages],
        "problem": [each.problem for each in messages],
        "delivery": [Delivery.SENT if each.outgoing else Delivery.NONE for each in messages],
    }
    same = {"account_id": account_id, "delivery_note": "", "claimed_by": "", "attempts": 0}
    insert_rows(s, tables.messages, varying, same)
    sources = files.pack_sources(s, [(each.id, each.message.raw) for each in arrivals])
    _insert(s, tables.message_sources, sources)
    insert_attachments(s, channel, [(each.id, each.message) for each in arrivals])
    search.index_messages(s, [words(each.id, each.message) for each in arrivals])


def insert_attachments(s: Session, channel: str, messages: Iterable[tuple[int, Incoming]]) -> None:
    """Store what is attached to messages, given with their ids."""
    rows = [row for message_id, message in messages for row in _attachments(s, channel, message_id, message)]
    _insert(s, tables.attachments, rows)


def _insert(s: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        insert_rows(s, table, {name: [row[name] for row in rows] for name in rows[0]})


def insert_keys(s: Session, account_id: int, keys: Mapping[str, Place]) -> None:
    """Store the keys by which later messages find these conversations."""
    varying: dict[str, list[Any]] = {"key": list(keys), "conversation_id": [place.id for place in keys.values()]}
    insert_rows(s, tables.thread_keys, varying, {"account_id": account_id})


def remote_id_of(message: Incoming) -> str:
    """The key under which a message is known on its account."""
    return indexable(message.remote_id)


def _attachments(s: Session, channel: str, message_id: int, message: Incoming) -> Iterable[dict[str, Any]]:
    for each in message.attachments:
        content, part = _content(channel, each, message.raw)
        yield {
            "message_id": message_id,
            "filename": each.filename,
            "content_type": each.content_type,
            "size": each.size,
            "sha256": None if content is None else files_of(s).put(s, content),
            "part": part,
            "content_id": each.content_id,
            "inline": each.inline,
            "remote": each.remote,
        }


def _content(channel: str, attachment: Attachment, raw: bytes) -> tuple[bytes | None, str]:
    """What to store of an attachment: its content, or where it lies in the raw bytes."""
    if attachment.content is None and len(attachment.part) > _PART_LENGTH:
        return registry.plugin(channel).read_part(raw, attachment.part), ""
    return attachment.content, attachment.part


def words(message_id: int, message: Incoming) -> search.IndexRow:
    """What of a message is searched."""
    recipients = " ".join(message.recipients)
    if message.counterpart is not None:
        recipients = f"{recipients} {message.counterpart.name} {message.counterpart.handle}"
    author = f"{message.author.name} {message.author.handle}"
    files = " ".join([each.filename for each in message.attachments])
    return search.IndexRow(message_id, message.subject, message.text, author, recipients, files)
