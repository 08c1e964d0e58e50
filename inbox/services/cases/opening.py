"""Cases come to life: a person opens one, a conversation opens one by itself, a customer's message wakes one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import CaseChanged, CaseOpened, CaseReopened
from inbox.services import conversations
from inbox.services.cases.rooms import detach, enter, forget_loaded, leave, members
from inbox.services.tables import cases as cases_table
from inbox.states import CaseStatus
from inbox.store.db import record
from inbox.store.models import Account, Case, CaseConversation, CaseType, Conversation, Question, Waiver, to_ms

OTHER = "other"
"""The case type of what nobody has looked at yet."""

REOPENED: dict[str, Any] = {
    "status": CaseStatus.OPEN,
    "closed_at": None,
    "close_reason": None,
    "closed_by_id": None,
    "required_questions": None,
    "waiver_id": None,
}
"""What reopening undoes. A waiver was given for one closing: the next one needs the questions, or a new waiver."""


def open_case(s: Session, conversation_id: int, case_type_key: str = OTHER) -> int:
    """Open a case for a conversation, or name the one that is open already. A closed one stays closed."""
    conversation = s.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    now = datetime.now(UTC)
    return open_cases(s, [conversation_id], {conversation_id: now}, case_type_key)[conversation_id]


def open_cases(
    s: Session, conversation_ids: Sequence[int], opened_at: Mapping[int, datetime], case_type_key: str = OTHER
) -> dict[int, int]:
    """Open a case for each conversation that has no open one. Set-based; answers conversation id -> case id."""
    kind = s.scalars(select(CaseType).where(CaseType.key == case_type_key)).one_or_none()
    if kind is None:
        raise NotFoundError("There is no case type {key}", "Look at the case types in the settings.", key=case_type_key)
    found = s.execute(
        select(
            Conversation.id,
            Conversation.customer_id,
            Conversation.subject,
            Conversation.case_id,
            Case.status,
            Account.team_id,
        )
        .join(Account, Account.id == Conversation.account_id)
        .outerjoin(Case, Case.id == Conversation.case_id)
        .where(Conversation.id.in_(conversation_ids))
    ).all()
    opened = {row.id: row.case_id for row in found if row.case_id and row.status != CaseStatus.CLOSED}
    needing = [row for row in found if row.id not in opened]
    if not needing:
        return opened
    leave(s, [row.id for row in needing if row.case_id])
    values = [_new_case(row, kind, opened_at[row.id]) for row in needing]
    added = _insert(s, needing, values)
    enter(s, added)
    for row in needing:
        record(s, CaseOpened(case_id=added[row.id], conversation_id=row.id, customer_id=row.customer_id))
    conversations.refresh(s, list(added))
    return opened | added


def _insert(s: Session, rows: Sequence[Any], values: list[dict[str, Any]]) -> dict[int, int]:
    """Insert a case for each conversation at once. The answer has no order: equal cases are not told apart."""
    columns = cases_table.c
    made = insert(cases_table).returning(columns.id, columns.customer_id, columns.subject, columns.opened_at)
    free: dict[tuple[int, str, int], list[int]] = {}
    for case in s.execute(made, values):
        free.setdefault((case.customer_id, case.subject, to_ms(case.opened_at)), []).append(case.id)
    return {
        row.id: free[value["customer_id"], value["subject"], to_ms(value["opened_at"])].pop()
        for row, value in zip(rows, values, strict=True)
    }


def _new_case(conversation: Any, kind: CaseType, opened_at: datetime) -> dict[str, Any]:
    return {
        "customer_id": conversation.customer_id,
        "case_type_id": kind.id,
        "subject": conversation.subject,
        "status": CaseStatus.NEW,
        "team_id": conversation.team_id,
        "opened_at": opened_at,
        "waiting_since": opened_at,
        "due_at": opened_at + timedelta(hours=kind.deadline_hours),
    }


def drop(s: Session, conversation_ids: Sequence[int]) -> None:
    """Take conversations that need no case out of theirs; a case that is left with nothing is removed.

    A closed case keeps its conversation. RuleError where questions were put in a case that would be left.
    """
    found = s.execute(
        select(Conversation.id, Conversation.case_id)
        .join(Case, Case.id == Conversation.case_id)
        .where(Conversation.id.in_(conversation_ids), Case.status != CaseStatus.CLOSED)
    ).all()
    leave(s, [row.id for row in found])
    detach(s, [row.id for row in found])
    left = sorted({row.case_id for row in found} - set(_occupied(s, [row.case_id for row in found])))
    for case_id in left:
        used = select(Question.id).where(Question.case_id == case_id).limit(1)
        joined = select(Case.id).where(Case.joined_into_id == case_id).limit(1)
        if s.scalar(used) is not None:
            raise RuleError("Questions were put in case {id}", "Close it instead.", id=case_id)
        if s.scalar(joined) is None and s.scalar(select(Waiver.id).where(Waiver.case_id == case_id).limit(1)) is None:
            s.execute(delete(CaseConversation).where(CaseConversation.case_id == case_id))
            s.execute(delete(Case).where(Case.id == case_id))


def _occupied(s: Session, case_ids: Sequence[int]) -> Sequence[int | None]:
    return s.scalars(select(Conversation.case_id).where(Conversation.case_id.in_(case_ids))).all()


def customer_wrote(s: Session, conversation_ids: Sequence[int], at: datetime | Mapping[int, datetime]) -> None:
    """Tell the cases of these conversations that their customer wrote: they are ours to work on again.

    A closed case is reopened within the account's ``reopen_days``; later, its conversation gets a new case.
    Conversations without a case are left alone. Set-based.
    """
    found = s.execute(
        select(
            Conversation.id,
            Case.id.label("case_id"),
            Case.customer_id,
            Case.status,
            Case.closed_at,
            Case.waiting_since,
            Case.due_at,
            CaseType.deadline_hours,
            Account.reopen_days,
        )
        .join(Case, Case.id == Conversation.case_id)
        .join(CaseType, CaseType.id == Case.case_type_id)
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.id.in_(conversation_ids))
        .with_for_update(of=cases_table)
    ).all()
    times = {row.id: at[row.id] if isinstance(at, Mapping) else at for row in found}
    late = [row for row in found if row.status == CaseStatus.CLOSED and not _may_reopen(row, times[row.id])]
    if late:
        open_cases(s, [row.id for row in late], times)
    woken = {row.case_id: row for row in found if row not in late}
    changes = [_woken(row, times[row.id]) for row in woken.values()]
    reopened = [change for change in changes if woken[change["key"]].status == CaseStatus.CLOSED]
    live = [change for change in changes if change not in reopened]
    _update(s, live, {})
    _update(s, reopened, REOPENED | {"reopened_count": cases_table.c.reopened_count + 1})
    for case_id, row in woken.items():
        _tell(s, case_id, row)
    conversations.refresh(s, members(s, list(woken)))


def we_wrote(s: Session, answered: Mapping[int, datetime]) -> None:
    """Tell the cases of these conversations when we last answered, in another program: they wait for the customer."""
    found = s.execute(
        select(Conversation.id, Case.id.label("case_id"), Case.customer_id, Case.status)
        .join(Case, Case.id == Conversation.case_id)
        .where(Conversation.id.in_(list(answered)), Case.status.in_((CaseStatus.NEW, CaseStatus.OPEN)))
        .with_for_update(of=cases_table)
    ).all()
    if not found:
        return
    columns = cases_table.c
    s.connection().execute(
        update(cases_table)
        .where(
            columns.id == bindparam("key"),
            or_(columns.waiting_since.is_(None), columns.waiting_since <= bindparam("at")),
        )
        .values(
            status=CaseStatus.WAITING,
            waiting_since=None,
            first_reply_at=func.coalesce(columns.first_reply_at, bindparam("at")),
            version=columns.version + 1,
        ),
        [{"key": row.case_id, "at": answered[row.id]} for row in found],
    )
    case_ids = [row.case_id for row in found]
    forget_loaded(s, Case, case_ids)
    for row in found:
        change = {"what": "status", "before": row.status.value, "after": CaseStatus.WAITING.value}
        record(s, CaseChanged(case_id=row.case_id, conversation_id=row.id, customer_id=row.customer_id, **change))
    conversations.refresh(s, members(s, case_ids))


def _may_reopen(row: Any, at: datetime) -> bool:
    return bool(row.reopen_days > 0 and at - row.closed_at <= timedelta(days=row.reopen_days))


def _woken(row: Any, at: datetime) -> dict[str, Any]:
    status = CaseStatus.NEW if row.status == CaseStatus.NEW else CaseStatus.OPEN
    waiting = row.waiting_since if row.waiting_since and row.status != CaseStatus.CLOSED else at
    due = row.due_at
    if due is None or due < at or row.status == CaseStatus.CLOSED:
        due = at + timedelta(hours=row.deadline_hours)
    return {"key": row.case_id, "new_status": status, "new_waiting": waiting, "new_due": due}


def _update(s: Session, changes: list[dict[str, Any]], further: dict[str, Any]) -> None:
    if not changes:
        return
    statement = (
        update(cases_table)
        .where(cases_table.c.id == bindparam("key"))
        .values(
            {
                **further,
                "status": bindparam("new_status"),
                "waiting_since": bindparam("new_waiting"),
                "due_at": bindparam("new_due"),
                "version": cases_table.c.version + 1,
            }
        )
    )
    s.connection().execute(statement, changes)
    forget_loaded(s, Case, [change["key"] for change in changes])


def _tell(s: Session, case_id: int, row: Any) -> None:
    if row.status == CaseStatus.CLOSED:
        record(s, CaseReopened(case_id=case_id, conversation_id=row.id, customer_id=row.customer_id, why="customer"))
    elif row.status in (CaseStatus.WAITING, CaseStatus.SOLVED):
        change = {"what": "status", "before": row.status.value, "after": CaseStatus.OPEN.value}
        record(s, CaseChanged(case_id=case_id, conversation_id=row.id, customer_id=row.customer_id, **change))
