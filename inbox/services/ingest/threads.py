"""Which conversation a message belongs to: by its thread's keys, the surest first, by a case's number, or new."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from inbox.channels.base import Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.services.ingest import doubts
from inbox.services.ingest.doubts import Said
from inbox.services.ingest.people import Person
from inbox.states import CaseStatus, ConversationKind, Direction, Tier
from inbox.store.bulk import among

_DIGIT = re.compile("[0-9]")
_FIRST = "first:"  # what a thread is called where the channel has no name for it: by its first message
_CASE_NUMBER = re.compile(
    r"\[\s*#(\d{1,9})\s*\]|\b(?:caso|case|expediente|ticket)\s*(?:n[.ºo°]*\s*)?[#:]?\s*(\d{1,9})\b|(?<![\w&#])#(\d{1,9})\b",
    re.IGNORECASE,
)

_messages, _keys, _conversations = tables.messages.c, tables.thread_keys.c, tables.conversations.c
_OURS = select(_messages.remote_id, _messages.sent_at).where(
    _messages.account_id == bindparam("account_id"),
    among(_messages.remote_id, "keys"),
    _messages.direction == Direction.OUT,
)
_BY_KEY = select(_keys.key, _keys.conversation_id).where(
    _keys.account_id == bindparam("account_id"), among(_keys.key, "keys")
)
_BY_THREAD = select(_conversations.remote_thread, _conversations.id).where(
    _conversations.account_id == bindparam("account_id"), among(_conversations.remote_thread, "threads")
)
_PLACES = (
    select(
        _conversations.id,
        _conversations.customer_id,
        _conversations.identity_id,
        _conversations.kind,
        _conversations.remote_thread,
        _conversations.case_id,
        _conversations.subject,
        _conversations.snippet,
        _conversations.state,
        _conversations.last_message_id,
        _conversations.message_count,
        _conversations.unread_count,
        _conversations.waiting_since,
        _conversations.rank,
        _conversations.dismissed,
        _conversations.snoozed_until,
        tables.customers.c.tier,
    )
    .join(tables.customers, tables.customers.c.id == _conversations.customer_id)
    .where(among(_conversations.id, "ids"))
)


Topic = tuple[int, str]  # a customer, and what a conversation is about


@dataclass(slots=True, eq=False)
class Place:
    """A conversation that messages of this batch go to, the oldest first.

    ``id`` is 0 until it is stored, ``before`` how it stood, ``newest_id`` the last of these messages.
    """

    id: int
    customer_id: int
    identity_id: int
    kind: ConversationKind
    remote_thread: str
    tier: Tier
    case_id: int | None = None
    before: Row[*tuple[Any, ...]] | None = None
    messages: list[Incoming] = field(default_factory=list)
    newest_id: int = 0


class Link(NamedTuple):
    """A mail that came after its answers: they stand ``apart`` under its ``key``, and belong ``into`` its place."""

    apart: Place
    into: Place
    key: str
    sent_at: datetime


@dataclass(slots=True)
class Threads:
    """Where each message goes, all places, new keys, new places that name a case, and links that were missing."""

    place_of: list[Place] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    new_keys: dict[str, Place] = field(default_factory=dict)
    cases: list[tuple[Place, int]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class _Known:
    by_key: dict[str, Place]
    by_thread: dict[str, Place]
    by_number: dict[int, tuple[Place | None, int, int]]  # number -> its place here, the case, the case's customer
    places: dict[int, Place]
    said: dict[int, list[Said]] = field(default_factory=dict)  # of the stored conversations that were looked into
    begun: dict[Topic, list[tuple[datetime, Place]]] = field(default_factory=dict)


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
    found = s.execute(_OURS, {"account_id": account_id, "keys": keys})
    ours: dict[str, datetime] = {row[0]: row[1] for row in found}
    return [_after(message, [ours[key] for key in keys_of(message) if key in ours]) for message in messages]


def _after(message: Incoming, times: Sequence[datetime]) -> Incoming:
    if message.outgoing or not times or message.sent_at > max(times):
        return message
    return replace(message, sent_at=max(times) + timedelta(milliseconds=1))


def find(s: Session, account_id: int, messages: Sequence[Incoming], people: Sequence[Person]) -> Threads:
    """Decide for every message, given with its person, the oldest first.

    Where keys point to two conversations the surest wins, and nothing is joined; ``doubts`` says which keys count.
    """
    keys = [keys_of(message) for message in messages]
    known = _known(s, account_id, messages, {key for each in keys for key in each})
    _load_begun(s, account_id, zip(messages, keys, people, strict=True), known)
    found = Threads()
    for message, its_keys, person in zip(messages, keys, people, strict=True):
        thread = indexable(message.remote_thread) if message.remote_thread else ""
        place = _by_keys(s, message, its_keys, person, known) or known.by_thread.get(thread)
        if place is None:
            place = _by_number(message, person, known, found) or _by_topic(message, person, known)
        found.place_of.append(place)
        apart = known.by_key.get(its_keys[-1]) if its_keys and its_keys[-1] == indexable(message.own_key) else None
        if apart is not None and apart is not place and apart.id and apart.customer_id == place.customer_id:
            found.links.append(Link(apart, place, its_keys[-1], message.sent_at))
        if not place.messages:
            found.places.append(place)
        place.messages.append(message)
        if thread:
            known.by_thread.setdefault(thread, place)
        for key in its_keys:
            if key not in known.by_key:
                known.by_key[key] = found.new_keys[key] = place
    return found


def _by_keys(s: Session, message: Incoming, keys: Sequence[str], person: Person, known: _Known) -> Place | None:
    """The conversation of the surest key that is beyond doubt."""
    own = indexable(message.own_key)
    for key in keys:
        place = known.by_key.get(key)
        if place is None:
            continue
        if (place.customer_id == person.customer_id and key != own) or not _is_letter(message) or message.bounces:
            return place
        if place.id and place.id not in known.said:
            known.said |= doubts.said_in(s, [place.id])
        before = [*known.said.get(place.id, ()), *map(doubts.said, place.messages)]
        if not doubts.is_used_twice(message, before) if key == own else doubts.belongs(message, key, before):
            return place
    return None


def _is_letter(message: Incoming) -> bool:
    """Whether it came in and only its keys tell the thread."""
    return message.conversation_kind is ConversationKind.DIRECT and not (message.outgoing or message.remote_thread)


def _asks_for_topic(message: Incoming) -> bool:
    return _is_letter(message) and bool(message.thread_keys) and doubts.is_answer(message.subject)


def _asks(message: Incoming, person: Person) -> int:
    return person.customer_id if message.outgoing or message.author.handle else doubts.NOBODY


def _load_begun(
    s: Session, account_id: int, messages: Iterable[tuple[Incoming, Sequence[str], Person]], known: _Known
) -> None:
    """Find the conversations to which answers may belong whose own parent is unknown."""
    answers: dict[int, list[Incoming]] = {}
    for message, keys, person in messages:
        if _asks_for_topic(message) and not any(key in known.by_key for key in keys):
            answers.setdefault(_asks(message, person), []).append(message)
    begun = doubts.beginnings(s, account_id, answers)
    missing = {each.conversation_id for each in begun} - known.places.keys()
    known.places.update(_places(s, missing) if missing else {})
    for each in begun:
        topic = (each.customer_id, each.subject)
        known.begun.setdefault(topic, []).append((each.at, known.places[each.conversation_id]))


def _by_topic(message: Incoming, person: Person, known: _Known) -> Place:
    """The one conversation that the customer began about this, for an answer whose parent is unknown; or a new one."""
    topic = (_asks(message, person), doubts.base_subject(message.subject))
    if _asks_for_topic(message):
        place = doubts.only_recent(known.begun.get(topic, ()), message.sent_at)
        if place is not None:
            return place
    place = _new(message, person)
    if topic[1] and not message.remote_thread and not doubts.is_answer(message.subject):
        known.begun.setdefault(topic, []).append((message.sent_at, place))
    return place


def _by_number(message: Incoming, person: Person, known: _Known, found: Threads) -> Place | None:
    for number in _numbers(message):
        place, case_id, customer_id = known.by_number.get(number, (None, 0, 0))
        if case_id and customer_id == person.customer_id:
            if place is None:
                place = _new(message, person)
                found.cases.append((place, case_id))
                known.by_number[number] = (place, case_id, customer_id)
            return place
    return None


def _numbers(message: Incoming) -> list[int]:
    """The case numbers that a customer's subject names."""
    if message.outgoing or not _DIGIT.search(message.subject):
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
        places,
    )


def _conversations_of_keys(s: Session, account_id: int, keys: Iterable[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in s.execute(_BY_KEY, {"account_id": account_id, "keys": keys})}


def _conversations_of_threads(s: Session, account_id: int, threads: Iterable[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in s.execute(_BY_THREAD, {"account_id": account_id, "threads": threads})}


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
    rows = s.execute(_PLACES, {"ids": ids}).all()
    return {
        row.id: Place(row.id, row.customer_id, row.identity_id, row.kind, row.remote_thread, row.tier, row.case_id, row)
        for row in rows
    }
