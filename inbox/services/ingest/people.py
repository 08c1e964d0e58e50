"""Who wrote: identities and customers, found or made. A known handle decides, else a strong key, never a name."""

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inbox.channels.base import Author, Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.states import Tier
from inbox.store.bulk import insert_rows
from inbox.store.ids import next_ids

Handle = tuple[str, str]
"""A channel's kind and a handle there."""

UNKNOWN_SENDER = "?"
"""What the handle begins with where a message names no sender: each is a customer by itself, nothing goes out to it."""

_ATTEMPTS = 3
_NEW_CUSTOMER = {
    "company": "",
    "tier": Tier.C,
    "language": "",
    "preferred_channel": "",
    "tags": [],
    "consents": {},
    "notes": "",
    "version": 1,
}


@dataclass(frozen=True, slots=True)
class Person:
    """An identity and the customer it belongs to."""

    identity_id: int
    customer_id: int
    tier: Tier = Tier.C


@dataclass(slots=True)
class _Wanted:
    """A handle that the batch names, with what else is said of it."""

    name: str
    keys: tuple[Handle, ...]
    first_at: datetime
    nick: str = ""
    profile_url: str = ""
    followers: int | None = None


@dataclass(slots=True)
class _Known:
    identity_id: int
    customer_id: int
    tier: Tier
    name: str
    customer_name: str


def counterpart(message: Incoming) -> Author:
    """The customer of a message: its author, or for a message of ours the one it went to."""
    if not message.outgoing:
        author = message.author
    elif message.counterpart is not None:
        author = message.counterpart
    else:
        author = Author(handle=message.recipients[0] if message.recipients else "")
    return author if author.handle else Author(UNKNOWN_SENDER + message.remote_id, author.name)


def resolve(s: Session, channel: str, messages: Sequence[Incoming]) -> list[Person]:
    """Find or make whom each of these messages is from or to. The oldest first: its name is the one that stays.

    Another process may make the same one at the same moment (PostgreSQL; SQLite has one writer): then again.
    """
    handles, wanted = _wanted(channel, messages)
    attempts = 1 if s.get_bind().dialect.name == "sqlite" else _ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            with s.begin_nested() if attempts > 1 else nullcontext():
                people = _find_or_make(s, wanted)
            return [people[handle] for handle in handles]
        except IntegrityError:
            if attempt == attempts:
                raise
    raise AssertionError("not reached")


def _wanted(channel: str, messages: Sequence[Incoming]) -> tuple[list[Handle], dict[Handle, _Wanted]]:
    handles: list[Handle] = []
    wanted: dict[Handle, _Wanted] = {}
    for message in messages:
        author = counterpart(message)
        handle = (channel, indexable(author.handle))
        handles.append(handle)
        found = wanted.get(handle)
        if found is None:
            found = wanted[handle] = _Wanted("", (), message.sent_at)
        found.name = found.name or author.name
        found.nick, found.profile_url = author.nick or found.nick, author.profile_url or found.profile_url
        found.followers = author.followers if author.followers is not None else found.followers
        if author.keys:
            keys = ((kind, indexable(key)) for kind, key in author.keys if key)
            found.keys = tuple(dict.fromkeys((*found.keys, *keys)))
    return handles, wanted


def _find_or_make(s: Session, wanted: dict[Handle, _Wanted]) -> dict[Handle, Person]:
    known = _find(s, {*wanted, *(key for each in wanted.values() for key in each.keys)})
    _name_the_nameless(s, wanted, known)
    _keep_profiles(s, wanted, known)
    customers: dict[Handle, int] = {handle: found.customer_id for handle, found in known.items()}
    newcomers: list[Handle] = []
    strangers: dict[Handle, list[Handle]] = {}  # the handle that makes a new customer -> those that belong to it
    leader: dict[Handle, Handle] = {}
    for handle, each in wanted.items():
        if handle not in customers and handle not in leader:
            joined = next((key for key in each.keys if key in customers or key in leader), None)
            if joined is None:
                strangers[handle] = []
                leader[handle] = handle
            elif joined in customers:
                customers[handle] = customers[joined]
            else:
                leader[handle] = leader[joined]
            newcomers.append(handle)
        for key in each.keys:
            if key not in customers and key not in leader:
                if handle in customers:
                    customers[key] = customers[handle]
                else:
                    leader[key] = leader[handle]
                newcomers.append(key)
    for handle, customer_id in zip(
        strangers, _make_customers(s, [wanted[handle] for handle in strangers]), strict=True
    ):
        customers[handle] = customer_id
    for handle, first in leader.items():
        customers[handle] = customers[first]
    people = {handle: Person(each.identity_id, each.customer_id, each.tier) for handle, each in known.items()}
    people.update(_make_identities(s, newcomers, wanted, customers, people, set(strangers)))
    return {handle: people[handle] for handle in wanted}


def _find(s: Session, handles: Iterable[Handle]) -> dict[Handle, _Known]:
    by_channel: dict[str, list[str]] = {}
    for channel, handle in handles:
        by_channel.setdefault(channel, []).append(handle)
    if not by_channel:
        return {}
    rows = s.execute(
        select(
            tables.identities.c.channel,
            tables.identities.c.handle,
            tables.identities.c.id,
            tables.identities.c.customer_id,
            tables.customers.c.tier,
            tables.identities.c.name,
            tables.customers.c.name,
        )
        .join(tables.customers, tables.customers.c.id == tables.identities.c.customer_id)
        .where(
            or_(
                *(
                    and_(tables.identities.c.channel == channel, tables.identities.c.handle.in_(names))
                    for channel, names in sorted(by_channel.items())
                )
            )
        )
    )
    return {(row[0], row[1]): _Known(*row[2:]) for row in rows}


def _name_the_nameless(s: Session, wanted: dict[Handle, _Wanted], known: dict[Handle, _Known]) -> None:
    named = [(known[handle], each.name) for handle, each in wanted.items() if each.name and handle in known]
    identities = [{"b_id": found.identity_id, "b_name": name} for found, name in named if not found.name]
    customers = [{"b_id": found.customer_id, "b_name": name} for found, name in named if not found.customer_name]
    for table, rows in ((tables.identities, identities), (tables.customers, customers)):
        if rows:
            s.connection().execute(
                update(table)
                .where(table.c.id == bindparam("b_id"), table.c.name == "")
                .values(name=bindparam("b_name")),
                rows,
            )


def _keep_profiles(s: Session, wanted: dict[Handle, _Wanted], known: dict[Handle, _Known]) -> None:
    """What people change at the other side: the handle that is shown there, and how many follow them."""
    rows = [
        {"b_id": known[handle].identity_id, "b_nick": each.nick, "b_url": each.profile_url, "b_count": each.followers}
        for handle, each in wanted.items()
        if handle in known and (each.nick or each.followers is not None)
    ]
    if rows:
        columns = tables.identities.c
        s.connection().execute(
            update(tables.identities)
            .where(columns.id == bindparam("b_id"))
            .values(
                nick=bindparam("b_nick"),
                profile_url=bindparam("b_url"),
                followers=func.coalesce(bindparam("b_count", type_=Integer), columns.followers),
            ),
            rows,
        )


def _make_customers(s: Session, wanted: Sequence[_Wanted]) -> list[int]:
    if not wanted:
        return []
    ids = next_ids(s, tables.customers, len(wanted))
    varying: dict[str, list[Any]] = {
        "id": ids,
        "name": [each.name for each in wanted],
        "created_at": [each.first_at for each in wanted],
    }
    insert_rows(s, tables.customers, varying, _NEW_CUSTOMER)
    return ids


def _make_identities(
    s: Session,
    handles: Sequence[Handle],
    wanted: dict[Handle, _Wanted],
    customers: dict[Handle, int],
    people: dict[Handle, Person],
    first: set[Handle],
) -> dict[Handle, Person]:
    if not handles:
        return {}
    tiers = {person.customer_id: person.tier for person in people.values()}
    primary: set[tuple[int, str]] = set()
    is_primary = []
    for key in handles:
        customer_id, channel = customers[key], key[0]
        new_to_it = key in first or customer_id not in tiers
        is_primary.append(new_to_it and (customer_id, channel) not in primary)
        primary.add((customer_id, channel))
    ids = next_ids(s, tables.identities, len(handles))
    found = [wanted.get(key) for key in handles]
    varying: dict[str, list[Any]] = {
        "id": ids,
        "customer_id": [customers[key] for key in handles],
        "channel": [channel for channel, _ in handles],
        "handle": [handle for _, handle in handles],
        "name": [each.name if each else "" for each in found],
        "nick": [each.nick if each else "" for each in found],
        "profile_url": [each.profile_url if each else "" for each in found],
        "followers": [each.followers if each else None for each in found],
        "is_primary": is_primary,
        "valid": [not handle.startswith(UNKNOWN_SENDER) for _, handle in handles],
        "created_at": [each.first_at if each else min(each.first_at for each in wanted.values()) for each in found],
    }
    insert_rows(s, tables.identities, varying, {"invalid_reason": ""})
    return {
        handle: Person(identity_id, customers[handle], tiers.get(customers[handle], Tier.C))
        for handle, identity_id in zip(handles, ids, strict=True)
    }
