"""The conversation list and the views of the rail: one page by its key, whatever the number of conversations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, literal, or_, select, text, tuple_, union_all
from sqlalchemy.orm import Session

from inbox.lazy_dataclass import dataclass
from inbox.services import tables
from inbox.services.names import channel_column, customer_name
from inbox.services.rows import ConversationPage, ConversationRow, ViewRow
from inbox.states import ConversationState
from inbox.store import search
from inbox.store.ids import time_of_message
from inbox.store.models import SavedView, UtcTime, from_ms, to_ms
from inbox.store.search import Query

MOST_COUNTED = 1000
"""A view's count goes no further: it means "more than 999"."""

_columns = tables.conversations.c
_NOT_DONE = "conversations.state <> 'done'"
_FEW = 500  # conversations that are rather sorted than met on the way through an order
_COUNTED = frozenset(("open", "waiting", "late", "unread", "failed", "mention", "today", "mine", "unassigned"))


_URGENT: Mapping[str, Any] = {"rank": _columns.rank, "waiting": _columns.waiting_since, "due": _columns.due_at}
"""Orders of what is open or waiting. What is done or has no value comes after it, newest first."""

_BUSY = (ConversationState.OPEN, ConversationState.WAITING)
_IN_ORDER = frozenset(("open", "waiting", "mine", "unassigned"))
"""Filters (``is:``) that have an index in every order."""


@dataclass(frozen=True, slots=True)
class _Search:
    """A list asked for: its conditions, its order, and the few conversations that come into question, if they are."""

    where: tuple[Any, ...]
    states: tuple[ConversationState, ...]  # that the part may be in that the order is about; none: newest first
    sort: str
    few: tuple[int, ...] | None


def conversations(
    s: Session,
    query: str,
    *,
    agent_id: int | None,
    sort: str = "newest",
    after: str | None = None,
    limit: int = 50,
    now: datetime | None = None,
    typing: bool = False,
) -> ConversationPage:
    """A page of the conversations that a search finds. With words in it, the newest message found comes first.

    ``after`` is the page before's; anything else in it raises ValueError. ``typing`` takes the query as unfinished: its
    last word may go on.
    """
    parsed = search.parse(query, now=now or datetime.now(UTC), agent_id=agent_id, typing=typing)
    if parsed.has_text:
        return _found_page(s, parsed, after, limit)
    wanted = _search(s, parsed, sort)
    rows: list[Row[*tuple[Any, ...]]] = []
    urgent = bool(wanted.states) and not (after or "").startswith("-")
    if urgent:
        rows = list(s.connection().execute(_urgent(wanted, after, limit + 1)))
    if len(rows) <= limit and not (sort == "rank" and len(wanted.states) == 1):
        rest = _newest(wanted, None if urgent else after, limit + 1 - len(rows))
        rows += s.connection().execute(rest)
    key = _key(sort, rows[limit - 1]) if len(rows) > limit else None
    return ConversationPage(_with_questions(s, rows[:limit]), key)


def _search(s: Session, query: Query, sort: str) -> _Search:
    said = {str(each.value) for each in query.filters if each.key == "is" and not each.negated}
    in_order = all(each.key == "is" and each.value in _IN_ORDER and not each.negated for each in query.filters)
    few = None if in_order else search.few_conversations(s, query, _FEW)
    conditions: list[Any] = search.conversation_conditions(query)
    if few is None:
        conditions = search.by_order(conditions, sort) + (search.hints(query) if sort == "newest" else [])
    states = () if sort == "newest" or "done" in said else tuple(each for each in _BUSY if each in said) or _BUSY
    return _Search(tuple(conditions), states, sort, None if few is None else tuple(few))


def conversation_rows(s: Session, ids: Sequence[int]) -> list[ConversationRow]:
    """The rows of these conversations, in this order; those that are gone are left out."""
    found = {row.id: row for row in _with_questions(s, s.execute(_rows().where(_columns.id.in_(ids))).all())}
    return [found[id_] for id_ in ids if id_ in found]


def views(s: Session, agent_id: int | None, now: datetime | None = None) -> list[ViewRow]:
    """The built-in views and this agent's, with counts where an index answers them."""
    mine = or_(SavedView.agent_id.is_(None), SavedView.agent_id == agent_id)
    found = s.scalars(select(SavedView).where(mine).order_by(SavedView.position, SavedView.id)).all()
    now = now or datetime.now(UTC)
    counts: dict[int, ColumnElement[int]] = {}
    for view in found:
        parsed = search.parse(view.query, now=now, agent_id=agent_id)
        if _is_counted(parsed):
            where = [*search.conversation_conditions(parsed), *search.hints(parsed)]
            few = select(literal(1)).select_from(tables.conversations).where(*where).limit(MOST_COUNTED).subquery()
            counts[view.id] = select(func.count()).select_from(few).scalar_subquery()
    values = s.execute(select(*counts.values())).one() if counts else ()
    counted = dict(zip(counts, values, strict=True))
    return [
        ViewRow(
            id=view.id,
            key=view.key or "",
            name=view.name,
            query=view.query,
            sort=view.sort,
            count=counted.get(view.id),
        )
        for view in found
    ]


def _is_counted(query: Query) -> bool:
    filters = [(each.key, each.value, each.negated) for each in query.filters]
    plain = all(key == "is" and value in _COUNTED and not negated for key, value, negated in filters)
    return bool(filters) and plain and not query.terms


def _urgent(wanted: _Search, after: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    """The part that the order is about. Each state has an index in that order: their heads are put together."""
    column = _URGENT[wanted.sort]
    place = (column, _columns.last_message_id, _columns.id)
    where = [*wanted.where, column.is_not(None)]
    if after is not None:
        where += _behind(place, after)
    if wanted.few is not None:
        where += [_columns.state.in_(wanted.states), _columns.id.in_(wanted.few)]
    elif len(wanted.states) == 1:
        where += [_columns.state == wanted.states[0], text(_NOT_DONE)]
    else:
        heads = (
            select(_columns.id).where(*where, _columns.state == state, text(_NOT_DONE)).order_by(*place).limit(limit)
            for state in wanted.states
        )
        where = [_columns.id.in_(union_all(*(select(head.subquery().c.id) for head in heads)))]
    return _rows().where(*where).order_by(*place).limit(limit)


def _newest(wanted: _Search, after: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    """All, newest first; or in another order, what that order is not about."""
    place = (_columns.last_message_id, _columns.id)
    where = [*wanted.where]
    if wanted.few is not None:
        where.append(_columns.id.in_(wanted.few))
    if len(wanted.states) == 1:
        where += [_URGENT[wanted.sort].is_(None), text(_NOT_DONE)]
    elif wanted.states:
        where.append(~and_(_columns.state != ConversationState.DONE, _URGENT[wanted.sort].is_not(None)))
    if after is not None:
        last, id_ = _numbers(after.removeprefix("-"))
        where += [place[0] <= last, tuple_(*place) < tuple_(literal(last), literal(id_))]
    return _rows().where(*where).order_by(place[0].desc(), place[1].desc()).limit(limit)


def _behind(place: tuple[Any, Any, Any], after: str) -> list[ColumnElement[bool]]:
    value, last, id_ = _numbers(after)
    column = place[0]
    edge = from_ms(value) if isinstance(column.type, UtcTime) else value
    return [column >= edge, tuple_(*place) > tuple_(literal(edge, column.type), literal(last), literal(id_))]


def _key(sort: str, row: Row[*tuple[Any, ...]]) -> str:
    newest = f"{row.last_message_id}.{row.id}"
    if sort == "newest":
        return newest
    value = row._mapping[_URGENT[sort].name]
    if value is None or row.state == ConversationState.DONE:
        return f"-{newest}"
    return f"{to_ms(value) if isinstance(value, datetime) else value}.{newest}"


def _numbers(after: str) -> tuple[int, ...]:
    return tuple(int(number) for number in after.split("."))


def _found_page(s: Session, query: Query, after: str | None, limit: int) -> ConversationPage:
    """The key holds the last message and what was shown: a conversation may match with older messages too."""
    before, shown = (None, []) if after is None else _read_found_key(after)
    found = [each for each in search.conversation_ids(s, query, before, limit + 1 + len(shown)) if each[0] not in shown]
    ids = [conversation_id for conversation_id, _ in found[:limit]]
    key = None
    if len(found) > limit:
        key = f"{found[limit - 1][1]}:" + ",".join(f"{id_:x}" for id_ in (*shown, *ids))
    return ConversationPage(tuple(conversation_rows(s, ids)), key)


def _read_found_key(after: str) -> tuple[int, list[int]]:
    before, _, shown = after.partition(":")
    return int(before), [int(each, 16) for each in shown.split(",") if each]


@cache
def _rows() -> Select[*tuple[Any, ...]]:
    """The columns of a row. Only outer joins: the conversations and their index lead, whatever the planner thinks."""
    customers, identities, cases, agents = tables.customers, tables.identities, tables.cases, tables.agents
    joined = (
        tables.conversations.outerjoin(tables.accounts, tables.accounts.c.id == _columns.account_id)
        .outerjoin(customers, customers.c.id == _columns.customer_id)
        .outerjoin(identities, identities.c.id == _columns.identity_id)
        .outerjoin(cases, cases.c.id == _columns.case_id)
        .outerjoin(tables.case_types, tables.case_types.c.id == cases.c.case_type_id)
        .outerjoin(agents, agents.c.id == _columns.owner_id)
    )
    return select(
        *_columns,
        channel_column().label("channel"),
        customers.c.name.label("customer_name"),
        customers.c.tier,
        identities.c.handle,
        cases.c.status.label("case_status"),
        func.coalesce(cases.c.required_questions, tables.case_types.c.required_questions).label("required"),
        agents.c.name.label("owner_name"),
    ).select_from(joined)


def _with_questions(s: Session, rows: Sequence[Row[*tuple[Any, ...]]]) -> tuple[ConversationRow, ...]:
    counts = _question_counts(s, {row.case_id for row in rows if row.case_id is not None})
    return tuple(_row(row, *counts.get(row.case_id, (0, 0))) for row in rows)


def _question_counts(s: Session, case_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Case -> (asked and sent, of these answered or marked "no answer")."""
    ids = list(case_ids)
    if not ids:
        return {}
    rows = s.connection().execute(_counting(), {"case_ids": ids})
    return {row[0]: (row[1], row[2]) for row in rows}


@cache
def _counting() -> Select[*tuple[Any, ...]]:
    questions = tables.questions.c
    settled = and_(
        questions.asked_at.is_not(None), or_(questions.answered_at.is_not(None), questions.no_answer_at.is_not(None))
    )
    return (
        select(questions.case_id, func.count(questions.asked_at), func.count().filter(settled))
        .where(questions.case_id.in_(bindparam("case_ids", expanding=True)))
        .group_by(questions.case_id)
    )


def _row(row: Row[*tuple[Any, ...]], asked: int, answered: int) -> ConversationRow:
    return ConversationRow(
        id=row.id,
        account_id=row.account_id,
        channel=row.channel,
        kind=row.kind,
        customer_id=row.customer_id,
        customer_name=customer_name(row.customer_name, row.handle),
        tier=row.tier,
        subject=row.subject,
        snippet=row.snippet,
        state=row.state,
        unread=row.unread_count > 0,
        last_message_id=row.last_message_id,
        last_at=time_of_message(row.last_message_id),
        waiting_since=row.waiting_since,
        due_at=row.due_at,
        rank=row.rank,
        case_id=row.case_id,
        case_status=row.case_status,
        owner_id=row.owner_id,
        owner_name=row.owner_name or "",
        asked=asked,
        answered=answered,
        required=row.required or 2,
        dismissed=row.dismissed,
        has_failed=row.has_failed,
        tags=tuple(row.tags),
        snoozed_until=row.snoozed_until,
    )
