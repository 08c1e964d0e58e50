"""The conversation list and the views of the rail: one page by its key, whatever the number of conversations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, func, literal, or_, select, text
from sqlalchemy.orm import Session

from inbox.services import tables
from inbox.services.names import channel_column, customer_name
from inbox.services.rows import ConversationPage, ConversationRow, ViewRow
from inbox.store import search
from inbox.store.ids import time_of_message
from inbox.store.models import SavedView, UtcTime, from_ms, to_ms
from inbox.store.search import Query

MOST_COUNTED = 1000
"""A view's count goes no further: it means "more than 999"."""

_columns = tables.conversations.c

# What makes SQLite and PostgreSQL see that a partial index holds all that is asked for: they compare words, not sense.
_HINTS: Mapping[str, str] = {
    "open": "conversations.state <> 'done'",
    "waiting": "conversations.state <> 'done'",
    "late": "conversations.state <> 'done'",
    "unread": "conversations.unread_count > 0",
    "failed": "conversations.has_failed",
    "mention": "conversations.kind = 'mention'",
}
_COUNTED = frozenset({*_HINTS, "today", "mine", "unassigned"})


@dataclass(frozen=True, slots=True)
class _Order:
    """A sort: its column, and whether rows without a value come last (by id)."""

    column: Any
    descending: bool = False
    optional: bool = False


_ORDERS: Mapping[str, _Order] = {
    "newest": _Order(_columns.last_message_id, descending=True),
    "rank": _Order(_columns.rank),
    "waiting": _Order(_columns.waiting_since, optional=True),
    "due": _Order(_columns.due_at, optional=True),
}


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
    where = [*search.conversation_conditions(parsed), *_hints(parsed)]
    order = _ORDERS[sort]
    rows: list[Row[*tuple[Any, ...]]] = []
    without = after is not None and after.startswith("-")
    if not without:
        rows = list(s.connection().execute(_page(where, order, after, limit + 1)))
    if order.optional and len(rows) <= limit:
        rest = _rest(where, order, after if without else None, limit + 1 - len(rows))
        rows += s.connection().execute(rest)
    key = _key(order, rows[limit - 1]) if len(rows) > limit else None
    return ConversationPage(_with_questions(s, rows[:limit]), key)


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
            where = [*search.conversation_conditions(parsed), *_hints(parsed)]
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


def _hints(query: Query) -> list[ColumnElement[bool]]:
    wanted = {str(each.value) for each in query.filters if each.key == "is" and not each.negated}
    return [text(hint) for hint in sorted({_HINTS[value] for value in wanted if value in _HINTS})]  # type: ignore[misc]  # a text is a condition


def _page(where: Iterable[Any], order: _Order, after: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    column = order.column
    statement = _rows().where(*where)
    if order.optional:
        statement = statement.where(column.is_not(None))
    if after is not None:
        value, last_id = _read_key(order, after)
        further = column < value if order.descending else column > value
        at_least = column <= value if order.descending else column >= value
        behind = _columns.id < last_id if order.descending else _columns.id > last_id
        statement = statement.where(at_least, or_(further, behind))
    by = (column.desc(), _columns.id.desc()) if order.descending else (column, _columns.id)
    return statement.order_by(*by).limit(limit)


def _rest(where: Iterable[Any], order: _Order, after: str | None, limit: int) -> Select[*tuple[Any, ...]]:
    statement = _rows().where(*where, order.column.is_(None))
    if after is not None:
        statement = statement.where(_columns.id > int(after.removeprefix("-")))
    return statement.order_by(_columns.id).limit(limit)


def _key(order: _Order, row: Row[*tuple[Any, ...]]) -> str:
    value = row._mapping[order.column.name]
    if value is None:
        return f"-{row.id}"
    number = to_ms(value) if isinstance(value, datetime) else value
    return f"{number}.{row.id}"


def _read_key(order: _Order, after: str) -> tuple[Any, int]:
    value, _, last_id = after.partition(".")
    number = int(value)
    is_time = isinstance(order.column.type, UtcTime)
    return from_ms(number) if is_time else number, int(last_id)


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
