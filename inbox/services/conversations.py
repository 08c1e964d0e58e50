"""Conversations in the list: read, snoozed, dismissed, tagged; their columns kept in step with case and messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import NotFoundError
from inbox.events import ConversationChanged
from inbox.i18n import tr
from inbox.services import tables
from inbox.services.cleaning import indexable, one_line
from inbox.services.rows import BulkResult, Refusal
from inbox.states import CaseStatus, ConversationState, Delivery, Direction, DismissReason, Tier
from inbox.store.db import record
from inbox.store.models import Conversation, to_ms

_SECOND = 1 << 21  # message ids within a second; see store.models.Message

BONUS_MS: Mapping[Tier, int] = {Tier.A: 4 * 3_600_000, Tier.B: 3_600_000, Tier.C: 0}
"""How much sooner a customer of value comes up in the list, as if they had waited that much longer."""

_LOST = (Delivery.FAILED, Delivery.UNKNOWN)
_STATES = {
    CaseStatus.NEW: ConversationState.OPEN,
    CaseStatus.OPEN: ConversationState.OPEN,
    CaseStatus.WAITING: ConversationState.WAITING,
    CaseStatus.SOLVED: ConversationState.DONE,
    CaseStatus.CLOSED: ConversationState.DONE,
}


def rank_of(since: datetime, tier: Tier) -> int:
    """Where a conversation stands in the order of urgency: small first."""
    return to_ms(since) - BONUS_MS[tier]


def mark_read(s: Session, ids: Sequence[int], read: bool = True) -> None:
    """Mark conversations read, or unread again."""
    columns = tables.conversations.c
    other_way = columns.unread_count > 0 if read else columns.unread_count == 0
    statement = update(tables.conversations).where(columns.id.in_(ids), other_way).values(unread_count=int(not read))
    changed = s.scalars(statement.returning(columns.id)).all()
    forget_loaded(s, changed)
    for conversation_id in changed:
        record(s, ConversationChanged(conversation_id=conversation_id, what="read", value="yes" if read else "no"))


def dismiss(s: Session, ids: Sequence[int], reason: DismissReason) -> BulkResult:
    """Put away what needs no case. Refused where a reply went out; a case in which nothing was done goes with it."""
    from inbox.services import cases  # it imports this module

    s.flush()
    rows = _standing(s, ids)
    reasons = {row.id: _objection(row) for row in rows}
    gone = [id_ for id_ in dict.fromkeys(ids) if id_ not in reasons]
    refused = [Refusal(row.id, row.subject or str(row.id), (reasons[row.id],)) for row in rows if reasons[row.id]]
    refused += [Refusal(id_, str(id_), (tr("There is no such conversation."),)) for id_ in gone]
    passing = [row for row in rows if not reasons[row.id]]
    cases.drop(s, [row.id for row in passing])
    _set(
        s,
        [row.id for row in passing],
        dismissed=reason,
        state=ConversationState.DONE,
        waiting_since=None,
        unread_count=0,
    )
    refresh(s, [row.id for row in passing])
    for row in passing:
        record(s, ConversationChanged(conversation_id=row.id, what="dismissed", value=reason.value))
    return BulkResult(tuple(row.id for row in passing), tuple(refused))


def restore(s: Session, ids: Sequence[int]) -> None:
    """Take dismissed conversations back among the open ones."""
    columns = tables.conversations.c
    dismissed = s.scalars(select(columns.id).where(columns.id.in_(ids), columns.dismissed.is_not(None))).all()
    _set(s, dismissed, dismissed=None, state=ConversationState.OPEN)
    refresh(s, dismissed)
    for conversation_id in dismissed:
        record(s, ConversationChanged(conversation_id=conversation_id, what="restored"))


def snooze(s: Session, ids: Sequence[int], until: datetime | None) -> None:
    """Hide conversations until then, or until something comes in; ``None`` wakes them."""
    _set(s, ids, snoozed_until=until)
    for conversation_id in ids:
        value = until.isoformat() if until else ""
        record(s, ConversationChanged(conversation_id=conversation_id, what="snoozed", value=value))


def set_tags(s: Session, conversation_id: int, tags: Sequence[str]) -> None:
    """Replace a conversation's tags; blank ones and doubles fall away."""
    if s.get(Conversation, conversation_id) is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    kept = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))
    _set(s, [conversation_id], tags=kept)
    record(s, ConversationChanged(conversation_id=conversation_id, what="tags", value=", ".join(kept)))


def register_key(s: Session, account_id: int, key: str, conversation_id: int) -> None:
    """Let later messages that refer to this key find the conversation."""
    columns, key = tables.thread_keys.c, indexable(key)
    known = s.scalar(select(columns.conversation_id).where(columns.account_id == account_id, columns.key == key))
    if known is None:
        s.execute(
            insert(tables.thread_keys), {"account_id": account_id, "key": key, "conversation_id": conversation_id}
        )


def refresh(s: Session, ids: Sequence[int]) -> None:
    """Compute the list's columns anew from case, customer and messages. Call it after changing any of these."""
    if not ids:
        return
    s.flush()
    _refresh_newest(s, ids)
    columns = tables.conversations.c
    status, waiting = _of_case(tables.cases.c.status), _of_case(tables.cases.c.waiting_since)
    has_case = columns.case_id.is_not(None)
    by_case = case(
        *((status == before.value, after.value) for before, after in _STATES.items()),
        else_=ConversationState.DONE.value,
    )
    state = case(
        (columns.dismissed.is_not(None), ConversationState.DONE.value),
        (has_case, by_case),
        (columns.state == ConversationState.WAITING, ConversationState.OPEN.value),
        else_=columns.state,
    )
    done = status.in_([CaseStatus.SOLVED.value, CaseStatus.CLOSED.value])
    tier = select(tables.customers.c.tier).where(tables.customers.c.id == columns.customer_id).scalar_subquery()
    bonus = case(*((tier == each.value, ms) for each, ms in BONUS_MS.items()), else_=0)
    since = case((has_case, waiting), else_=columns.waiting_since)
    messages = tables.messages.c
    held = and_(messages.delivery == Delivery.QUEUED, messages.not_before.is_(None))  # see services.breaker
    lost = (
        select(literal(1))
        .where(tables.messages.c.conversation_id == columns.id, or_(messages.delivery.in_(_LOST), held))
        .correlate(tables.conversations)
        .exists()
    )
    s.connection().execute(
        update(tables.conversations)
        .where(columns.id.in_(ids))
        .values(
            state=state,
            owner_id=_of_case(tables.cases.c.owner_id),
            due_at=case((done, None), else_=_of_case(tables.cases.c.due_at)),
            waiting_since=since,
            rank=func.coalesce(since, columns.last_message_id // _SECOND * 1000) - bonus,
            has_failed=lost,
        )
    )
    forget_loaded(s, ids)


def forget_loaded(s: Session, ids: Sequence[int]) -> None:
    """Read conversations anew that set-based SQL has changed, where this session had loaded them."""
    wanted = set(ids)
    for loaded in list(s.identity_map.values()):
        if isinstance(loaded, Conversation) and loaded.__dict__.get("id") in wanted:
            s.expire(loaded)


def _of_case(column: Any) -> Any:
    return (
        select(column)
        .where(tables.cases.c.id == tables.conversations.c.case_id)
        .correlate(tables.conversations)
        .scalar_subquery()
    )


def _refresh_newest(s: Session, ids: Sequence[int]) -> None:
    """Number of messages, the newest one and its snippet. Notes don't count: the list is about the customer."""
    columns, of_it = tables.conversations.c, tables.messages.c
    spoken = (of_it.conversation_id == columns.id) & (of_it.direction != Direction.NOTE)
    newest = select(func.max(of_it.id)).where(spoken).correlate(tables.conversations).scalar_subquery()
    count = (
        select(func.count())
        .select_from(tables.messages)
        .where(spoken)
        .correlate(tables.conversations)
        .scalar_subquery()
    )
    rows = s.execute(
        select(
            columns.id, columns.last_message_id, columns.message_count, newest.label("newest"), count.label("count")
        ).where(columns.id.in_(ids))
    ).all()
    changed = [row for row in rows if (row.newest or 0, row.count) != (row.last_message_id, row.message_count)]
    if not changed:
        return
    snippets = _snippets(s, [row.newest for row in changed if row.newest])
    s.connection().execute(
        update(tables.conversations)
        .where(columns.id == bindparam("b_id"))
        .values(
            last_message_id=bindparam("b_newest"), message_count=bindparam("b_count"), snippet=bindparam("b_snippet")
        ),
        [
            {
                "b_id": row.id,
                "b_newest": row.newest or 0,
                "b_count": row.count,
                "b_snippet": snippets.get(row.newest or 0, ""),
            }
            for row in changed
        ],
    )


def _snippets(s: Session, message_ids: Sequence[int]) -> dict[int, str]:
    of_it, kind = tables.messages.c, tables.accounts.c.kind
    rows = s.execute(
        select(of_it.id, of_it.text, of_it.problem, kind)
        .join(tables.accounts, tables.accounts.c.id == of_it.account_id)
        .where(of_it.id.in_(message_ids))
    )
    return {row.id: one_line(row.problem or registry.plugin(row.kind).visible_text(row.text)) for row in rows}


def _standing(s: Session, ids: Sequence[int]) -> Sequence[Row[*tuple[Any, ...]]]:
    columns, of_it = tables.conversations.c, tables.messages.c
    replies = (of_it.conversation_id == columns.id, of_it.direction == Direction.OUT, of_it.delivery != Delivery.FAILED)
    worked_on = [
        select(literal(1)).where(table.c.case_id == columns.case_id) for table in (tables.questions, tables.waivers)
    ]
    joined = select(literal(1)).where(tables.cases.c.joined_into_id == columns.case_id)
    return s.execute(
        select(
            columns.id,
            columns.subject,
            columns.case_id,
            select(literal(1)).where(*replies).correlate(tables.conversations).exists().label("replies"),
            or_(*(each.correlate(tables.conversations).exists() for each in (*worked_on, joined))).label("worked_on"),
            _of_case(tables.cases.c.status).label("status"),
        ).where(columns.id.in_(ids))
    ).all()


def _objection(row: Row[*tuple[Any, ...]]) -> str:
    if row.replies:
        return tr("A reply went out in it: close its case instead.")
    if row.case_id is not None and (row.worked_on or row.status == CaseStatus.CLOSED):
        return tr("Its case has been worked on: close the case instead.")
    return ""


def _set(s: Session, ids: Sequence[int], **values: Any) -> None:
    if ids:
        s.connection().execute(update(tables.conversations).where(tables.conversations.c.id.in_(ids)).values(**values))
        forget_loaded(s, ids)
