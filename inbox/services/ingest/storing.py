"""The rows of a batch: messages with their sources, files, words and keys. One statement a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, literal, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Attachment, Incoming
from inbox.services import tables
from inbox.services.cleaning import clean, indexable
from inbox.services.ingest.listing import Outcome
from inbox.services.ingest.people import Handle, Person, handle_of
from inbox.services.ingest.threads import Place
from inbox.states import Delivery, Direction
from inbox.store import search
from inbox.store.bulk import insert_rows
from inbox.store.db import files_of
from inbox.store.ids import next_ids

_PART_LENGTH = 40  # of attachments.part


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message with the id that it gets and the conversation that it goes to."""

    id: int
    message: Incoming
    place: Place


def insert_conversations(s: Session, account_id: int, new: Sequence[tuple[Place, Outcome]]) -> None:
    """Store new conversations and give their places the ids."""
    if not new:
        return
    ids = next_ids(s, tables.conversations, len(new))
    rows = [
        {
            **outcome.columns,
            "id": conversation_id,
            "account_id": account_id,
            "remote_thread": place.remote_thread,
            "kind": place.kind,
            "customer_id": place.customer_id,
            "identity_id": place.identity_id,
            "tags": [],
            "stream": next((clean(each.stream) for each in place.messages if each.stream), ""),
            "has_failed": False,
            "version": 1,
        }
        for conversation_id, (place, outcome) in zip(ids, new, strict=True)
    ]
    insert_rows(s, tables.conversations, rows)
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


def insert_messages(
    s: Session, account_id: int, channel: str, arrivals: Sequence[Arrival], people: Mapping[Handle, Person]
) -> None:
    """Store the messages with everything that hangs on them."""
    files = files_of(s)
    rows = [_message(each, account_id, channel, people) for each in arrivals]
    insert_rows(s, tables.messages, rows)
    sources = files.pack_sources(s, [(each.id, each.message.raw) for each in arrivals])
    insert_rows(s, tables.message_sources, sources)
    insert_attachments(s, channel, [(each.id, each.message) for each in arrivals])
    search.index_messages(
        s, [words(each.id, each.message, row["subject"], row["text"]) for each, row in zip(arrivals, rows, strict=True)]
    )


def insert_attachments(s: Session, channel: str, messages: Iterable[tuple[int, Incoming]]) -> None:
    """Store what is attached to messages, given with their ids."""
    if rows := [row for message_id, message in messages for row in _attachments(s, channel, message_id, message)]:
        insert_rows(s, tables.attachments, rows)


def insert_keys(s: Session, account_id: int, keys: Mapping[str, Place]) -> None:
    """Store the keys by which later messages find these conversations."""
    if keys:
        rows = [{"account_id": account_id, "key": key, "conversation_id": place.id} for key, place in keys.items()]
        insert_rows(s, tables.thread_keys, rows)


def remote_id_of(message: Incoming) -> str:
    """The key under which a message is known on its account."""
    return indexable(message.remote_id)


def _message(arrival: Arrival, account_id: int, channel: str, people: Mapping[Handle, Person]) -> dict[str, Any]:
    message = arrival.message
    author = None if message.outgoing else people[handle_of(channel, message)].identity_id
    return {
        "id": arrival.id,
        "account_id": account_id,
        "conversation_id": arrival.place.id,
        "remote_id": remote_id_of(message),
        "own_key": clean(message.own_key),
        "direction": Direction.OUT if message.outgoing else Direction.IN,
        "kind": message.kind,
        "identity_id": author,
        "sent_at": message.sent_at,
        "subject": clean(message.subject),
        "text": clean(message.text),
        "has_html": message.has_html,
        "recipients": [clean(each) for each in message.recipients],
        "problem": clean(message.problem),
        "delivery": Delivery.SENT if message.outgoing else Delivery.NONE,
        "delivery_note": "",
        "claimed_by": "",
        "attempts": 0,
    }


def _attachments(s: Session, channel: str, message_id: int, message: Incoming) -> Iterable[dict[str, Any]]:
    for each in message.attachments:
        content, part = _content(channel, each, message.raw)
        yield {
            "message_id": message_id,
            "filename": clean(each.filename),
            "content_type": clean(each.content_type),
            "size": each.size,
            "sha256": None if content is None else files_of(s).put(s, content),
            "part": part,
            "content_id": clean(each.content_id),
            "inline": each.inline,
            "remote": clean(each.remote),
        }


def _content(channel: str, attachment: Attachment, raw: bytes) -> tuple[bytes | None, str]:
    """What to store of an attachment: its content, or where it lies in the raw bytes."""
    if attachment.content is None and len(attachment.part) > _PART_LENGTH:
        return registry.plugin(channel).read_part(raw, attachment.part), ""
    return attachment.content, attachment.part


def words(message_id: int, message: Incoming, subject: str, text: str) -> search.IndexRow:
    """What of a message is searched; ``subject`` and ``text`` as they are stored."""
    recipients = [clean(each) for each in message.recipients]
    if message.counterpart is not None:
        recipients.append(clean(f"{message.counterpart.name} {message.counterpart.handle}"))
    return search.IndexRow(
        message_id=message_id,
        subject=subject,
        body=text,
        author=clean(f"{message.author.name} {message.author.handle}"),
        recipients=" ".join(recipients),
        files=" ".join(clean(each.filename) for each in message.attachments),
    )
