"""Where keys alone settle nothing: ids used twice, ids that strangers share, and answers whose mail never came.

A wrong join shows one customer what another wrote; a missed one can be mended with a click. In doubt nothing is joined.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from sqlalchemy import bindparam, func, literal, select
from sqlalchemy.orm import Session

from inbox.channels.base import Incoming
from inbox.services import tables
from inbox.services.cleaning import indexable
from inbox.services.ingest.people import UNKNOWN_SENDER
from inbox.states import ConversationKind, Direction
from inbox.store.bulk import among

NOBODY = 0  # whose mail names no sender: all of them together are one customer as far as topics go
_ANSWERS_WITHIN = timedelta(days=60)  # later, an answer to something unknown is not about what was said before
_ANSWER = re.compile(
    r"(?:\s*(?:re|aw|sv|antw|resp|rif|odp|vs|rép|ynt|r|答复|回复|回覆)\s*(?:\[\d+\])?\s*[:：])+\s*", re.I
)

_messages, _conversations, _identities = tables.messages.c, tables.conversations.c, tables.identities.c
_SAID = (
    select(
        _messages.conversation_id,
        _messages.own_key,
        _messages.direction,
        _messages.subject,
        _messages.recipients,
        _identities.handle,
    )
    .join(tables.identities, _identities.id == _messages.identity_id, isouter=True)
    .where(among(_messages.conversation_id, "ids"), _messages.direction != Direction.NOTE)
)
_ALIKE = select(_conversations.id, _conversations.customer_id).where(
    _conversations.account_id == bindparam("account_id"),
    among(_conversations.customer_id, "customers"),
    among(_conversations.subject, "subjects"),
    _conversations.kind == ConversationKind.DIRECT,
)
_NOBODYS = (
    select(_conversations.id, literal(NOBODY).label("customer_id"))
    .join(tables.identities, _identities.id == _conversations.identity_id)
    .where(
        _conversations.account_id == bindparam("account_id"),
        among(_conversations.subject, "subjects"),
        _conversations.kind == ConversationKind.DIRECT,
        _identities.handle.startswith(UNKNOWN_SENDER, autoescape=True),
    )
)
_BEGINNINGS = select(_messages.conversation_id, _messages.subject, _messages.sent_at).where(
    _messages.id.in_(
        select(func.min(_messages.id))
        .where(among(_messages.conversation_id, "ids"))
        .group_by(_messages.conversation_id)
    )
)


Found = TypeVar("Found")


class Said(NamedTuple):
    """What of a message tells whose thread it is in. ``author`` is empty for ours."""

    key: str
    subject: str
    author: str
    recipients: frozenset[str]


class Beginning(NamedTuple):
    """How a conversation began: an answer to it may come whose own parent is unknown."""

    conversation_id: int
    customer_id: int
    subject: str
    at: datetime


def base_subject(subject: str) -> str:
    """The subject without the "Re:" before it, as conversations keep it."""
    return _ANSWER.sub("", subject, count=1).strip() if _ANSWER.match(subject) else subject.strip()


def is_answer(subject: str) -> bool:
    """Whether a subject says that this is an answer."""
    return _ANSWER.match(subject) is not None


def said(message: Incoming) -> Said:
    """A message of this batch, as its conversation will know it."""
    author = "" if message.outgoing else message.author.handle.lower()
    return Said(
        indexable(message.own_key), message.subject, author, frozenset(each.lower() for each in message.recipients)
    )


def said_in(s: Session, conversation_ids: Iterable[int]) -> dict[int, list[Said]]:
    """What is stored of conversations."""
    found: dict[int, list[Said]] = {each: [] for each in conversation_ids}
    if found:
        for row in s.execute(_SAID, {"ids": list(found)}):
            author = "" if row.direction is Direction.OUT else (row.handle or "").lower()
            recipients = frozenset(each.lower() for each in row.recipients or ())
            found[row.conversation_id].append(Said(indexable(row.own_key), row.subject, author, recipients))
    return found


def is_used_twice(message: Incoming, before: Iterable[Said]) -> bool:
    """Whether another message has its id already: one of another sender, or about something else."""
    own = said(message)
    return any(each.key == own.key and _differ(each, own) for each in before)


def _differ(one: Said, other: Said) -> bool:
    strangers = bool(one.author and other.author and one.author != other.author)
    return strangers or base_subject(one.subject) != base_subject(other.subject)


def belongs(message: Incoming, key: str, before: Sequence[Said]) -> bool:
    """Whether someone who is not the conversation's customer belongs to it.

    Who answers a message that we hold was given it. What nobody has seen may be a letter to many, whose answers
    are nobody else's business: then writer and readers must know of each other.
    """
    if any(each.key == key for each in before):
        return True
    own = said(message)
    return any(own.author in each.recipients or (each.author and each.author in own.recipients) for each in before)


def beginnings(s: Session, account_id: int, answers: Mapping[int, Sequence[Incoming]]) -> list[Beginning]:
    """Conversations that these answers, given by customer, may belong to by what they are about."""
    subjects = {base_subject(each.subject) for messages in answers.values() for each in messages} - {""}
    if not subjects:
        return []
    values = {"account_id": account_id, "customers": list(answers), "subjects": list(subjects)}
    alike = {row.id: row.customer_id for row in s.execute(_ALIKE, values)}
    if NOBODY in answers:
        alike |= {row.id: row.customer_id for row in s.execute(_NOBODYS, values)}
    if not alike:
        return []
    return [
        Beginning(row.conversation_id, alike[row.conversation_id], base_subject(row.subject), row.sent_at)
        for row in s.execute(_BEGINNINGS, {"ids": list(alike)})
        if not is_answer(row.subject)
    ]


def only_recent(begun: Iterable[tuple[datetime, Found]], sent_at: datetime) -> Found | None:
    """The one that began a while before, if it is the only one."""
    fitting = [found for at, found in begun if timedelta() <= sent_at - at <= _ANSWERS_WITHIN]
    return fitting[0] if len(fitting) == 1 else None
