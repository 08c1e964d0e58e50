"""Which reply of ours a delivery report speaks of where it does not name it: by recipient, subject and time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels.base import Bounce, Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.states import Delivery, Direction
from inbox.store.conditions import first_id

_LONGEST = timedelta(days=7)  # servers give up after five days, as a rule
_CLOCKS = timedelta(hours=1)  # how much theirs may be behind ours
_WENT_OUT = (Delivery.SENT, Delivery.DELIVERED, Delivery.READ, Delivery.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Reply:
    own_key: str
    subject: str
    recipients: frozenset[str]
    sent_at: datetime


def identified(s: Session, account_id: int, messages: Sequence[Incoming]) -> Sequence[Incoming]:
    """The messages, their delivery reports naming the reply that they speak of wherever one can be told."""
    reports = [message for message in messages if message.bounces]
    if not reports:
        return messages
    known = _known(s, account_id, {bounce.message_id for message in reports for bounce in message.bounces})
    lost = [each for each in reports if any(bounce.message_id not in known for bounce in each.bounces)]
    if not lost:
        return messages
    replies = _replies(s, account_id, [message.sent_at for message in lost])
    return [_named(message, known, replies) if message.bounces else message for message in messages]


def _known(s: Session, account_id: int, keys: Iterable[str]) -> set[str]:
    by_key = {indexable(key): key for key in keys if key}
    rows = s.scalars(
        select(tables.thread_keys.c.key).where(
            tables.thread_keys.c.account_id == account_id, tables.thread_keys.c.key.in_(by_key)
        )
    )
    return {by_key[key] for key in rows}


def _replies(s: Session, account_id: int, times: Sequence[datetime]) -> list[_Reply]:
    """What may have come back, the newest first."""
    columns = tables.messages.c
    rows = s.execute(
        select(columns.own_key, columns.subject, columns.recipients, columns.sent_at)
        .where(
            columns.account_id == account_id,
            columns.id.between(first_id(min(times) - _LONGEST), first_id(max(times) + _CLOCKS)),
            columns.direction == Direction.OUT,
            columns.delivery.in_(_WENT_OUT),
            columns.own_key != "",
        )
        .order_by(columns.id.desc())
    )
    return [_Reply(row[0], _plain(row[1]), frozenset(map(_plain, row[2])), row[3]) for row in rows]


def _named(message: Incoming, known: set[str], replies: Sequence[_Reply]) -> Incoming:
    bounces = tuple(
        bounce if bounce.message_id in known else _found(bounce, message.sent_at, replies) for bounce in message.bounces
    )
    return replace(message, bounces=bounces)


def _found(bounce: Bounce, at: datetime, replies: Sequence[_Reply]) -> Bounce:
    """Without a subject it must be the only reply that went there; a wrong guess is worse than none."""
    recipient, subject = _plain(bounce.recipient), _plain(bounce.subject)
    fitting = [
        reply
        for reply in replies
        if recipient in reply.recipients
        and (not subject or subject == reply.subject)
        and at - _LONGEST <= reply.sent_at <= at + _CLOCKS
    ]
    if not recipient or not fitting or (not subject and len(fitting) > 1):
        return bounce
    return replace(bounce, message_id=fitting[0].own_key)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
