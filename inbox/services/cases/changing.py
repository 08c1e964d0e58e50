"""What a person changes on a case while it is worked on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError, StaleError
from inbox.events import CaseChanged
from inbox.i18n import tr
from inbox.services import conversations
from inbox.services.cases.rooms import locked, members
from inbox.services.rows import BulkResult, Refusal
from inbox.states import CaseStatus, Priority
from inbox.store.db import record
from inbox.store.models import Agent, Case, CaseType, Team

KEEP: Any = object()
"""Leave a field as it is, where ``None`` means "nobody" or "none"."""


def require(s: Session, case_id: int, *, version: int | None = None) -> Case:
    """The case, locked until this transaction ends. Raises NotFoundError, StaleError, or RuleError for a joined one."""
    locked(s, Case, case_id)
    case = find(s, case_id)
    if case.joined_into_id is not None:
        raise RuleError(
            "Case {id} was joined into case {other}", "Go on in case {other}.", id=case_id, other=case.joined_into_id
        )
    if version is not None and version != case.version:
        raise StaleError("Somebody changed case {id} meanwhile", "Look at it again, then repeat.", id=case_id)
    return case


def find(s: Session, case_id: int) -> Case:
    """The case, for reading only."""
    case = s.get(Case, case_id)
    if case is None:
        raise NotFoundError("There is no case {id}", "Check the number.", id=case_id)
    return case


def require_open(s: Session, case_id: int, *, version: int | None = None) -> Case:
    """The case, locked, unless it is closed."""
    case = require(s, case_id, version=version)
    if case.status == CaseStatus.CLOSED:
        raise RuleError("Case {id} is closed", "Reopen it first.", id=case_id)
    return case


def change(
    s: Session,
    case_id: int,
    *,
    version: int | None = None,
    type_key: str | None = None,
    status: CaseStatus | None = None,
    owner_id: int | None = KEEP,
    team_id: int | None = KEEP,
    priority: Priority | None = None,
    due_at: datetime | None = KEEP,
    subject: str | None = None,
) -> None:
    """Change what is given. ``version`` is the one that the person saw: StaleError if somebody was faster.

    Closing and reopening are not changes of status: they have functions of their own.
    """
    case = require(s, case_id, version=version)
    if type_key is not None:
        _set_type(s, case, type_key)
    if status is not None:
        _set_status(s, case, status)
    if owner_id is not KEEP:
        _set_owner(s, case, owner_id)
    if team_id is not KEEP:
        _set(s, case, "team_id", None if team_id is None else _existing(s, Team, team_id).id)
    if priority is not None:
        _set(s, case, "priority", priority)
    if due_at is not KEEP:
        _set(s, case, "due_at", due_at)
    if subject is not None:
        _set(s, case, "subject", subject.strip())
    s.flush()
    conversations.refresh(s, members(s, [case_id]))


def assign(s: Session, case_ids: Sequence[int], agent_id: int | None) -> BulkResult:
    """Give cases to an agent, or to nobody. What can't be given is listed with the reason."""
    done, refused = [], []
    for case_id in case_ids:
        try:
            _set_owner(s, require(s, case_id), agent_id)
            done.append(case_id)
        except RuleError as error:
            refused.append(Refusal(case_id, tr("Case {id}", id=case_id), (str(error),)))
    s.flush()
    conversations.refresh(s, members(s, done))
    return BulkResult(tuple(done), tuple(refused))


def solve(s: Session, case_id: int) -> None:
    """Nothing more to do unless the customer says so; closing comes later, behind the gate."""
    change(s, case_id, status=CaseStatus.SOLVED)


def _set_type(s: Session, case: Case, key: str) -> None:
    kind = s.scalars(select(CaseType).where(CaseType.key == key)).one_or_none()
    if kind is None:
        raise NotFoundError("There is no case type {key}", "Look at the case types in the settings.", key=key)
    if kind.id == case.case_type_id:
        return
    if case.status == CaseStatus.CLOSED:
        raise RuleError("Case {id} is closed", "Reopen it first.", id=case.id)
    before = _existing(s, CaseType, case.case_type_id)
    if case.due_at == case.opened_at + timedelta(hours=before.deadline_hours):  # nobody set another by hand
        case.due_at = case.opened_at + timedelta(hours=kind.deadline_hours)
    case.case_type_id = kind.id
    _tell(s, case, "type", before.key, kind.key)


def _set_status(s: Session, case: Case, status: CaseStatus) -> None:
    if status == case.status:
        return
    if status == CaseStatus.CLOSED:
        raise RuleError("A case is closed with a reason", "Use Close, which says what is missing.")
    if case.status == CaseStatus.CLOSED:
        raise RuleError("Case {id} is closed", "Reopen it first.", id=case.id)
    _set(s, case, "status", status)


def _set_owner(s: Session, case: Case, agent_id: int | None) -> None:
    if agent_id is not None:
        agent = _existing(s, Agent, agent_id)
        if not agent.active:
            raise RuleError("{name} does not work here any more", "Choose somebody else.", name=agent.name)
    _set(s, case, "owner_id", agent_id)


def _set(s: Session, case: Case, field: str, value: Any) -> None:
    before = getattr(case, field)
    if before == value:
        return
    setattr(case, field, value)
    _tell(s, case, field.removesuffix("_id").removesuffix("_at"), before, value)


def _tell(s: Session, case: Case, what: str, before: object, after: object) -> None:
    words = ["" if value is None else str(value) for value in (before, after)]
    record(s, CaseChanged(case_id=case.id, customer_id=case.customer_id, what=what, before=words[0], after=words[1]))


def _existing(s: Session, model: type[Any], id_: int) -> Any:
    found = s.get(model, id_)
    if found is None:
        raise NotFoundError("There is no such entry any more", "Look again: somebody may have removed it.")
    return found
