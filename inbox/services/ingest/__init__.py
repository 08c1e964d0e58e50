"""What came in, stored: one transaction a batch, a handful of set-based statements whatever its size."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from inbox.channels.base import Batch, Incoming, Receipt
from inbox.errors import NotFoundError
from inbox.events import ConversationChanged, HistoryStored, MessageReceived
from inbox.lazy_dataclass import dataclass
from inbox.services import accounts, cases, outbox, tables
from inbox.services.cleaning import cleaned, indexable
from inbox.services.ingest import changes, missing_links, people, returned, storing, threads
from inbox.services.ingest.listing import CaseStep, Outcome, Rules, outcome, young_since
from inbox.services.ingest.storing import Arrival, remote_id_of
from inbox.services.ingest.threads import Place
from inbox.states import Delivery, Direction
from inbox.store.bulk import among
from inbox.store.db import next_message_ids, record

_IN_DOUBT = (Delivery.SENDING, Delivery.UNKNOWN)

_messages, _conversations = tables.messages.c, tables.conversations.c
_KNOWN = select(_messages.remote_id, _messages.id, _messages.direction, _messages.delivery).where(
    _messages.account_id == bindparam("account_id"), among(_messages.remote_id, "remote_ids")
)
_CASES = select(_conversations.id, _conversations.case_id).where(among(_conversations.id, "ids"))


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a batch. Known messages were there already and were left as they are."""

    new: int
    known: int
    conversation_ids: tuple[int, ...]


def store_batch(s: Session, account_id: int, batch: Batch) -> Stored:
    """Store what a channel hands over, with everything that follows from it, and its cursor."""
    account = s.execute(
        select(tables.accounts.c.kind, tables.accounts.c.opens_cases, tables.accounts.c.case_days).where(
            tables.accounts.c.id == account_id
        )
    ).one_or_none()
    if account is None:
        raise NotFoundError("There is no account {id}", "It was removed meanwhile.", id=account_id)
    changes.rename_threads(s, account_id, batch.moved)
    new = _skip_known(s, account_id, cleaned(batch.messages))
    stored = _store(s, account_id, account, batch.backfill, new) if new else ()
    changes.apply_edits(s, account_id, batch.edits)
    changes.apply_deliveries(s, account_id, batch.deliveries)
    changes.apply_seen(s, account_id, batch.seen)
    accounts.save_cursor(s, account_id, batch.cursor)
    if new and batch.backfill:
        record(s, HistoryStored(account_id=account_id, count=len(new)))
    return Stored(len(new), len(batch.messages) - len(new), stored)


def _store(
    s: Session, account_id: int, account: Row[*tuple[Any, ...]], backfill: bool, messages: Sequence[Incoming]
) -> tuple[int, ...]:
    channel: str = account.kind
    messages = returned.identified(s, account_id, messages)
    if not backfill:
        messages = threads.after_ours(s, account_id, messages)
    messages = sorted(messages, key=attrgetter("sent_at"))
    who = people.resolve(s, channel, messages)
    found = threads.find(s, account_id, messages, who)
    ids = next_message_ids(s, [message.sent_at for message in messages])
    arrivals = list(map(Arrival, ids, messages, found.place_of, who))
    for each in arrivals:
        each.place.newest_id = each.id  # the last one stays
    rules = Rules(account.opens_cases, young_since(datetime.now(UTC), account.case_days), backfill)
    outcomes = [(place, outcome(place, rules)) for place in found.places]
    storing.insert_conversations(s, account_id, [each for each in outcomes if not each[0].id])
    storing.update_conversations(s, [each for each in outcomes if each[0].before is not None])
    storing.insert_messages(s, account_id, channel, arrivals)
    storing.insert_keys(s, account_id, found.new_keys)
    missing_links.close(s, account_id, found.links)
    _tell_cases(s, found, outcomes)
    _tell_senders(s, account_id, messages)
    if not backfill:
        _tell_everybody(s, account_id, arrivals)
    return tuple(place.id for place in found.places)


def _skip_known(s: Session, account_id: int, messages: Iterable[Incoming]) -> list[Incoming]:
    """Leave out what is stored already: by its id, or as a reply of ours that comes back from the Sent folder."""
    once: dict[str, Incoming] = {}
    for message in messages:
        if not message.remote_id:
            message = replace(message, remote_id=f"sha256:{sha256(message.raw).hexdigest()}")
        once.setdefault(remote_id_of(message), message)
    sent_keys = {indexable(message.own_key) for message in once.values() if message.outgoing and message.own_key}
    if not once:
        return []
    rows = s.execute(_KNOWN, {"account_id": account_id, "remote_ids": {*once, *sent_keys}})
    known = {row.remote_id: row for row in rows}
    new = []
    for remote_id, message in once.items():
        reply = known.get(indexable(message.own_key)) if message.outgoing and message.own_key else None
        if reply is not None and reply.direction is Direction.OUT:
            if reply.delivery in _IN_DOUBT:
                outbox.settle(s, reply.id, Receipt(remote_id=reply.remote_id, raw=message.raw))
        elif remote_id not in known:
            new.append(message)
    return new


def _tell_cases(s: Session, found: threads.Threads, outcomes: Sequence[tuple[Place, Outcome]]) -> None:
    """Open, wake or park the cases of these conversations; conversations that name a case join it first."""
    attached = {place for place, _ in found.cases}
    for place, case_id in found.cases:
        cases.attach(s, place.id, case_id)
    times: dict[CaseStep, dict[int, datetime]] = {step: {} for step in CaseStep}
    for place, result in outcomes:
        woken = place in attached and result.step is CaseStep.OPENS
        times[CaseStep.CUSTOMER_WROTE if woken else result.step][place.id] = result.at
    if opening := times[CaseStep.OPENS]:
        cases.open_cases(s, list(opening), opening)
    if writing := times[CaseStep.CUSTOMER_WROTE]:
        cases.customer_wrote(s, list(writing), writing)
    if answered := times[CaseStep.WE_WROTE]:
        cases.we_wrote(s, answered)


def _tell_senders(s: Session, account_id: int, messages: Sequence[Incoming]) -> None:
    """Let the outbox know which of our replies came back."""
    for message in messages:
        for bounce in message.bounces:
            outbox.came_back(s, account_id, bounce.message_id, bounce)


def _tell_everybody(s: Session, account_id: int, arrivals: Sequence[Arrival]) -> None:
    rows = s.execute(_CASES, {"ids": {each.place.id for each in arrivals}})
    case_of = {row[0]: row[1] for row in rows}
    for each in arrivals:
        where = {
            "account_id": account_id,
            "conversation_id": each.place.id,
            "case_id": case_of[each.place.id],
            "customer_id": each.place.customer_id,
            "message_id": each.id,
        }
        if each.message.outgoing:
            record(s, ConversationChanged(what="sent_elsewhere", **where))
        else:
            record(s, MessageReceived(**where))
