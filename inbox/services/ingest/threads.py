"""Which conversation a message belongs to: by its thread's keys, the surest first, then by a case's number, or new."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from inbox.channels.base import Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.services.ingest.people import Handle, Person, handle_of
from inbox.states import CaseStatus, ConversationKind, Direction, Tier

_FIRST = "first:"  # what a thread is called where the channel has no name for it: by its first message
_CASE_NUMBER = re.compile(
    r"\[\s*#(\d{1,9})\s*\]|\b(?:caso|case|expediente|ticket)\s*(?:n[.ºo°]*\s*)?[#:]?\s*(\d{1,9})\b|(?<![\w&#])#(\d{1,9})\b",
    re.IGNORECASE,
)


@dataclass(slots=True, eq=False)
class Place:
    """A conversation that messages of this batch go to. ``id`` is 0 until it is stored, ``before`` how it stood."""

    id: int
    customer_id: int
    identity_id: int
    kind: ConversationKind
    remote_thread: str
    tier: Tier
    case_id: int | None = None
    before: Row[*tuple[Any, ...]] | None = None
    messages: list[Incoming] = field(default_factory=list)


@dataclass(slots=True)
class Threads:
    """Where the messages go (each place holds its own), the keys that are new, and new places that name a case."""

    places: list[Place] = field(default_factory=list)
    new_keys: dict[str, Place] = field(default_factory=dict)
    cases: list[tuple[Place, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    by_key: dict[str, Place]
    by_thread: dict[str, Place]
    by_number: dict[int, tuple[Place | None, int, int]]  # number -> its place here, the case, the case's customer


def keys_of(message: Incoming) -> tuple[str, ...]:
    """The keys of a message's thread, the surest first: what came back, what it answers, itself."""
    keys = (*(bounce.message_id for bounce in message.bounces), *message.thread_keys, message.own_key)
    return tuple(dict.fromkeys(indexable(key) for key in keys if key))


def after_ours(s: Session, account_id: int, messages: Sequence[Incoming]) -> list[Incoming]:
    """Let nothing stand before the reply of ours that it answers.

    Their server's clock may be behind ours, and a mail's time has whole seconds only; but an answer is later than what
    it answers, and only what is later wakes a case and can answer its questions.
    """
    keys = {key for message in messages if not message.outgoing for key in keys_of(message)}
    if not keys:
        return list(messages)
    columns = tables.messages.c
    found = s.execute(
        select(columns.remote_id, columns.sent_at).where(
            columns.account_id == account_id, columns.remote_id.in_(keys), columns.direction == Direction.OUT
        )
    )
    ours: dict[str, datetime] = {row[0]: row[1] for row in found}
    return [_after(message, [ours[key] for key in keys_of(message) if key in ours]) for message in messages]


def _after(message: Incoming, times: Sequence[datetime]) -> Incoming:
    if message.outgoing or not times or message.sent_at > max(times):
        return message
    return replace(message, sent_at=max(times) + timedelta(milliseconds=1))


def find(
    s: Session, account_id: int, channel: str, messages: Sequence[Incoming], people: Mapping[Handle, Person]
) -> Threads:
    """Decide for every message. Where keys point to two conversations the surest wins, and nothing is joined."""
    ordered = sorted(messages, key=lambda message: message.sent_at)
    keys = [keys_of(message) for message in ordered]
    known = _known(s, account_id, ordered, {key for each in keys for key in each})
    found = Threads()
    for message, its_keys in zip(ordered, keys, strict=True):
        thread = indexable(message.remote_thread)
        place = next((known.by_key[key] for key in its_keys if key in known.by_key), None) or known.by_thread.get(
            thread
        )
        if place is None:
            place = _by_number_or_new(message, people[handle_of(channel, message)], known, found)
        if not place.messages:
            found.places.append(place)
        place.messages.append(message)
        if thread:
            known.by_thread.setdefault(thread, place)
        for key in its_keys:
            if key not in known.by_key:
                known.by_key[key] = found.new_keys[key] = place
    return found


def _by_number_or_new(message: Incoming, person: Person, known: _Known, found: Threads) -> Place:
    for number in _numbers(message):
        place, case_id, customer_id = known.by_number.get(number, (None, 0, 0))
        if case_id and customer_id == person.customer_id:
            if place is None:
                place = _new(message, person)
                found.cases.append((place, case_id))
                known.by_number[number] = (place, case_id, customer_id)
            return place
    return _new(message, person)


def _numbers(message: Incoming) -> list[int]:
    """The case numbers that a customer's subject names."""
    if message.outgoing or not any(digit in message.subject for digit in "0123456789"):
        return []
    return [int(next(filter(None, groups))) for groups in _CASE_NUMBER.findall(message.subject)]


def _new(message: Incoming, person: Person) -> Place:
    return Place(
        id=0,
        customer_id=person.customer_id,
        identity_id=person.identity_id,
        kind=message.conversation_kind,
        remote_thread=indexable(message.remote_thread or _FIRST + message.remote_id),
        tier=person.tier,
    )


def _known(s: Session, account_id: int, messages: Sequence[Incoming], keys: set[str]) -> _Known:
    threads = {indexable(message.remote_thread) for message in messages if message.remote_thread}
    numbers = {number for message in messages for number in _numbers(message)}
    by_key = _conversations_of_keys(s, account_id, keys) if keys else {}
    by_thread = _conversations_of_threads(s, account_id, threads) if threads else {}
    by_number = _conversations_of_cases(s, account_id, numbers) if numbers else {}
    here = {*by_key.values(), *by_thread.values(), *(place for place, _, _ in by_number.values() if place)}
    places = _places(s, here) if here else {}
    return _Known(
        {key: places[conversation_id] for key, conversation_id in by_key.items()},
        {thread: places[conversation_id] for thread, conversation_id in by_thread.items()},
        {number: (places.get(place or 0), case, customer) for number, (place, case, customer) in by_number.items()},
    )


def _conversations_of_keys(s: Session, account_id: int, keys: Iterable[str]) -> dict[str, int]:
    rows = s.execute(
        select(tables.thread_keys.c.key, tables.thread_keys.c.conversation_id).where(
            tables.thread_keys.c.account_id == account_id, tables.thread_keys.c.key.in_(keys)
        )
    )
    return {row[0]: row[1] for row in rows}


def _conversations_of_threads(s: Session, account_id: int, threads: Iterable[str]) -> dict[str, int]:
    rows = s.execute(
        select(tables.conversations.c.remote_thread, tables.conversations.c.id).where(
            tables.conversations.c.account_id == account_id, tables.conversations.c.remote_thread.in_(threads)
        )
    )
    return {row[0]: row[1] for row in rows}


def _conversations_of_cases(
    s: Session, account_id: int, numbers: Iterable[int]
) -> dict[int, tuple[int | None, int, int]]:
    """Number -> (the case's newest conversation on this account, the case, its customer). A joined case leads on.

    A closed case that has no conversation here is left out: there is nothing to go on with.
    """
    target = tables.cases.alias()
    case_id = func.coalesce(target.c.id, tables.cases.c.id)
    newest = (
        select(func.max(tables.conversations.c.id))
        .where(tables.conversations.c.case_id == case_id, tables.conversations.c.account_id == account_id)
        .scalar_subquery()
    )
    rows = s.execute(
        select(
            tables.cases.c.id,
            newest,
            case_id,
            func.coalesce(target.c.customer_id, tables.cases.c.customer_id),
            func.coalesce(target.c.status, tables.cases.c.status),
        )
        .join_from(tables.cases, target, target.c.id == tables.cases.c.joined_into_id, isouter=True)
        .where(tables.cases.c.id.in_(numbers))
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows if row[1] or row[4] != CaseStatus.CLOSED}


def _places(s: Session, ids: Iterable[int]) -> dict[int, Place]:
    columns = tables.conversations.c
    rows = s.execute(
        select(
            columns.id,
            columns.customer_id,
            columns.identity_id,
            columns.kind,
            columns.remote_thread,
            columns.case_id,
            columns.subject,
            columns.snippet,
            columns.state,
            columns.last_message_id,
            columns.message_count,
            columns.unread_count,
            columns.waiting_since,
            columns.rank,
            columns.dismissed,
            columns.snoozed_until,
            tables.customers.c.tier,
        )
        .join(tables.customers, tables.customers.c.id == columns.customer_id)
        .where(columns.id.in_(ids))
    ).all()
    return {
        row.id: Place(row.id, row.customer_id, row.identity_id, row.kind, row.remote_thread, row.tier, row.case_id, row)
        for row in rows
    }
