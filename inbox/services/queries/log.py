"""The log in sentences, one's own day in numbers, and single messages found by a search."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from inbox.services import settings_store, tables
from inbox.services.names import customer_name
from inbox.services.queries.sentences import sentence
from inbox.services.rows import ActivityRow, DayNumbers, SearchHit
from inbox.states import GONE_OUT, Direction
from inbox.store import search
from inbox.store.conditions import first_id


def search_messages(
    s: Session, query: str, *, agent_id: int | None, limit: int = 50, ranked: bool = False, now: datetime | None = None
) -> list[SearchHit]:
    """The messages that a search finds, newest first, or with ``ranked`` the best of the newest 2,000 first."""
    parsed = search.parse(query, now=now or datetime.now(UTC), agent_id=agent_id)
    ids = [message_id for message_id, _ in search.message_ids(s, parsed, limit=limit, ranked=ranked)]
    messages, conversations, identities = tables.messages.c, tables.conversations, tables.identities
    rows = s.execute(
        select(
            messages.id,
            messages.conversation_id,
            messages.subject,
            messages.text,
            messages.sent_at,
            tables.customers.c.name,
            identities.c.handle,
            conversations.c.subject.label("conversation_subject"),
        )
        .join(conversations, conversations.c.id == messages.conversation_id)
        .join(tables.customers, tables.customers.c.id == conversations.c.customer_id)
        .join(identities, identities.c.id == conversations.c.identity_id)
        .where(messages.id.in_(ids))
    )
    found = {row.id: row for row in rows}
    return [
        SearchHit(
            message_id=row.id,
            conversation_id=row.conversation_id,
            customer_name=customer_name(row.name, row.handle),
            subject=row.subject or row.conversation_subject,
            excerpt=search.excerpt(row.text, parsed),
            sent_at=row.sent_at,
        )
        for row in (found[id_] for id_ in ids if id_ in found)
    ]


def activity(
    s: Session,
    *,
    case_id: int | None = None,
    customer_id: int | None = None,
    conversation_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[ActivityRow]:
    """What happened to a case, a customer or a conversation, the newest first."""
    log, agents = tables.activity.c, tables.agents
    wanted = [
        column == value
        for column, value in (
            (log.case_id, case_id),
            (log.customer_id, customer_id),
            (log.conversation_id, conversation_id),
        )
        if value is not None
    ]
    if before is not None:
        wanted.append(log.id < before)
    rows = s.execute(
        select(*log, agents.c.name.label("agent_name"))
        .select_from(tables.activity.outerjoin(agents, agents.c.id == log.agent_id))
        .where(*wanted)
        .order_by(log.id.desc())
        .limit(limit)
    ).all()
    return [
        ActivityRow(
            id=row.id,
            at=row.at,
            kind=row.kind,
            agent_name=row.agent_name or "",
            text=sentence(row.kind, row.details),
            case_id=row.case_id,
            conversation_id=row.conversation_id,
        )
        for row in rows
    ]


def day_numbers(s: Session, agent_id: int, now: datetime, tz: tzinfo) -> DayNumbers:
    """What an agent did since midnight: replies sent, cases closed, and how long the customers had waited (mean)."""
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    replies = _replies(s, agent_id, midnight)
    waits = _waits(s, replies)
    cases = tables.cases.c
    closed = s.scalar(select(func.count()).where(cases.closed_by_id == agent_id, cases.closed_at >= midnight))
    return DayNumbers(
        replied=len(replies),
        closed=closed or 0,
        mean_wait=sum(waits) / len(waits) if waits else None,
        target_wait=settings_store.number(s, "target_wait_seconds"),
    )


def _replies(s: Session, agent_id: int, since: datetime) -> list[int]:
    messages = tables.messages.c
    return list(
        s.scalars(
            select(messages.id).where(
                messages.id >= first_id(since),
                messages.agent_id == agent_id,
                messages.direction == Direction.OUT,
                messages.delivery.in_(GONE_OUT),
            )
        )
    )


def _waits(s: Session, reply_ids: Sequence[int]) -> list[float]:
    """For each reply the seconds since the customer's first message after our last one, where there was one."""
    reply, earlier, asked = tables.messages.alias(), tables.messages.alias(), tables.messages.alias()
    last_reply = (
        select(func.max(earlier.c.id))
        .where(
            earlier.c.conversation_id == reply.c.conversation_id,
            earlier.c.direction == Direction.OUT,
            earlier.c.id < reply.c.id,
        )
        .correlate(reply)
        .scalar_subquery()
    )
    first_asked = (
        select(func.min(asked.c.sent_at))
        .where(
            asked.c.conversation_id == reply.c.conversation_id,
            and_(asked.c.direction == Direction.IN, asked.c.id < reply.c.id, asked.c.id > func.coalesce(last_reply, 0)),
        )
        .correlate(reply)
        .scalar_subquery()
    )
    rows = s.execute(select(reply.c.sent_at, first_asked.label("asked_at")).where(reply.c.id.in_(reply_ids)))
    return [(row.sent_at - row.asked_at).total_seconds() for row in rows if row.asked_at is not None]
