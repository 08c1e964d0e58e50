"""Cases as rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError
from inbox.i18n import language
from inbox.services import case_types, tables
from inbox.services.names import customer_name
from inbox.services.rows import CaseRow
from inbox.states import CaseStatus
from inbox.store.models import Agent, Case, CaseType, Customer, Identity


def case(s: Session, case_id: int) -> CaseRow:
    """One case. Raises NotFoundError."""
    found = _rows(s, Case.id == case_id, limit=1)
    if not found:
        raise NotFoundError("There is no case {id}", "Check the number.", id=case_id)
    return found[0]


def cases(
    s: Session,
    *,
    customer_id: int | None = None,
    statuses: Sequence[CaseStatus] = (),
    owner_id: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[CaseRow]:
    """Cases, the newest first; ``before`` is the last one's number of the page before. Joined ones are left out."""
    conditions: list[ColumnElement[bool]] = [Case.joined_into_id.is_(None)]
    if customer_id is not None:
        conditions.append(Case.customer_id == customer_id)
    if statuses:
        conditions.append(Case.status.in_(statuses))
    if owner_id is not None:
        conditions.append(Case.owner_id == owner_id)
    if before is not None:
        conditions.append(Case.id < before)
    return _rows(s, *conditions, limit=limit)


def _rows(s: Session, *conditions: ColumnElement[bool], limit: int) -> list[CaseRow]:
    found = s.execute(_query().where(*conditions).order_by(Case.id.desc()).limit(limit)).all()
    members: dict[int, list[int]] = {row.Case.id: [] for row in found}
    columns = tables.conversations.c
    inside = select(columns.case_id, columns.id).where(columns.case_id.in_(members)).order_by(columns.id)
    for case_id, conversation_id in s.execute(inside) if members else ():
        members[case_id].append(conversation_id)
    return [_row(row.Case, row.CaseType, row.name, row.handle, row.owner, members[row.Case.id]) for row in found]


def _query() -> Select[*tuple[Any, ...]]:
    handle = (
        select(Identity.handle)
        .where(Identity.customer_id == Case.customer_id)
        .order_by(Identity.is_primary.desc(), Identity.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )
    return (
        select(Case, CaseType, Customer.name.label("name"), handle.label("handle"), Agent.name.label("owner"))
        .join(CaseType, CaseType.id == Case.case_type_id)
        .join(Customer, Customer.id == Case.customer_id)
        .outerjoin(Agent, Agent.id == Case.owner_id)
    )


def _row(
    found: Case, kind: CaseType, name: str, handle: str | None, owner: str | None, conversation_ids: Sequence[int]
) -> CaseRow:
    return CaseRow(
        id=found.id,
        customer_id=found.customer_id,
        customer_name=customer_name(name, handle),
        case_type=case_types.row(kind, language()),
        subject=found.subject,
        status=found.status,
        priority=found.priority,
        owner_id=found.owner_id,
        owner_name=owner or "",
        team_id=found.team_id,
        opened_at=found.opened_at,
        due_at=found.due_at,
        closed_at=found.closed_at,
        close_reason=found.close_reason,
        reopened_count=found.reopened_count,
        conversation_ids=tuple(conversation_ids),
        version=found.version,
    )
