"""The gate: a case closes only after its clarifying questions were asked and answered.

The triggers of ``store/gate.py`` hold the same rules in the database, so that no other program goes round them; here
they are said in sentences first.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from inbox.errors import GateError, RuleError
from inbox.events import CaseClosed, CaseCloseRefused, CaseReopened, GateWaived
from inbox.i18n import language, tr, tr_n
from inbox.services import conversations, dates, settings_store
from inbox.services.cases.changing import find, require, require_open
from inbox.services.cases.opening import REOPENED
from inbox.services.cases.put import Put, put_in
from inbox.services.cases.rooms import members
from inbox.services.rows import BulkResult, Gate, Refusal
from inbox.states import CaseStatus, CloseReason, Delivery, Role
from inbox.store.db import moment, record, record_refusal
from inbox.store.models import Agent, Case, CaseType, Waiver


def gate(s: Session, case_id: int) -> Gate:
    """What stands between a case and its closing, in sentences."""
    case = find(s, case_id)
    return _gate(s, case, put_in(s, case_id))


def _gate(s: Session, case: Case, put: Sequence[Put]) -> Gate:
    kind = s.get(CaseType, case.case_type_id)
    assert kind is not None, "a case has a type"
    closed = case.status == CaseStatus.CLOSED
    required = max(2, case.required_questions if closed and case.required_questions else kind.required_questions)
    counting = [one for one in put if one.counts]
    rows = tuple(one.row(kind.waiting_hours) for one in put)
    moving = _on_the_way(put)
    if closed:
        missing: tuple[str, ...] = ()
    elif case.joined_into_id is not None:
        missing = (tr("It was joined into case {id}.", id=case.joined_into_id),)
    elif case.waiver_id is not None:
        missing = tuple(moving)
    else:
        missing = (*moving, *_unanswered(counting, kind), *_unasked(put, required))
    return Gate(
        required=required,
        asked=len(counting),
        answered=sum(one.is_done for one in counting),
        missing=missing,
        questions=rows,
        waived=case.waiver_id is not None,
    )


def _unasked(put: Sequence[Put], required: int) -> list[str]:
    needed = _needed(put, required)
    if not needed:
        return []
    sentences = [tr_n("Ask {n} more clarifying question.", "Ask {n} more clarifying questions.", needed)]
    if any(one.delivery == Delivery.FAILED for one in put):
        sentences.append(tr("A reply with a question was not delivered: send it again."))
    return sentences


def _unanswered(counting: Sequence[Put], kind: CaseType) -> list[str]:
    sentences = []
    for one in counting:
        if one.is_done:
            continue
        from_then = one.may_mark_at(kind.waiting_hours)
        if from_then is not None and from_then <= datetime.now(UTC):
            text = tr("«{question}» has no answer yet; it can be marked «no answer» now.", question=one.text)
        elif from_then is not None:
            at = dates.moment(from_then, language())
            text = tr(
                "«{question}» has no answer yet; from {at} it can be marked «no answer».", question=one.text, at=at
            )
        else:
            text = tr("«{question}» has no answer yet.", question=one.text)
        sentences.append(text)
    return sentences


def _on_the_way(put: Sequence[Put]) -> list[str]:
    sentences = []
    if any(one.delivery in (Delivery.QUEUED, Delivery.SENDING) for one in put):
        sentences.append(tr("A reply with a question is still on its way."))
    if any(one.delivery == Delivery.UNKNOWN for one in put):
        sentences.append(tr("It is not known whether a reply with a question went out: say so first."))
    return sentences


def _needed(put: Sequence[Put], required: int) -> int:
    """How many must still be asked, beside those that are on their way."""
    underway = (Delivery.QUEUED, Delivery.SENDING, Delivery.UNKNOWN)
    return max(0, required - sum(one.counts or one.delivery in underway for one in put))


def close(s: Session, case_id: int, reason: CloseReason) -> None:
    """Close a case if the gate is open. Raises GateError, which names what is missing; the refusal is logged."""
    case = require(s, case_id)
    if case.status == CaseStatus.CLOSED:
        return
    put = put_in(s, case_id)
    found = _gate(s, case, put)
    if not found.is_open:
        missing = " ".join(found.missing)
        record_refusal(s, CaseCloseRefused(case_id=case_id, customer_id=case.customer_id, missing=missing))
        raise GateError(
            "Case {id} can't be closed yet",
            "Ask the questions that are missing, and record the answers.",
            missing=found.missing,
            questions_needed=0 if found.waived else _needed(put, found.required),
            id=case_id,
        )
    case.status = CaseStatus.CLOSED
    case.closed_at = moment(s)
    case.close_reason = CloseReason(reason)
    case.closed_by_id = s.info.get("agent_id")
    case.required_questions = found.required
    case.waiting_since = None
    s.flush()
    record(s, CaseClosed(case_id=case_id, customer_id=case.customer_id, reason=case.close_reason.value))
    conversations.refresh(s, members(s, [case_id]))


def close_many(s: Session, case_ids: Sequence[int], reason: CloseReason) -> BulkResult:
    """Close the cases that pass the gate, and list the others with what each is missing."""
    done, refused = [], []
    for case_id in dict.fromkeys(case_ids):
        try:
            close(s, case_id, reason)
            done.append(case_id)
        except GateError as error:
            refused.append(Refusal(case_id, _name(s, case_id), error.missing))
        except RuleError as error:
            refused.append(Refusal(case_id, _name(s, case_id), (str(error),)))
    return BulkResult(tuple(done), tuple(refused))


def _name(s: Session, case_id: int) -> str:
    case = s.get(Case, case_id)
    subject = case.subject if case else ""
    return tr("Case {id} · {subject}", id=case_id, subject=subject) if subject else tr("Case {id}", id=case_id)


def reopen(s: Session, case_id: int, why: str = "agent") -> None:
    """Work on a closed case again. Its questions still count; a waiver doesn't."""
    case = require(s, case_id)
    if case.status != CaseStatus.CLOSED:
        return
    for field, value in REOPENED.items():
        setattr(case, field, value)
    case.reopened_count += 1
    s.flush()
    record(s, CaseReopened(case_id=case_id, customer_id=case.customer_id, why=why))
    conversations.refresh(s, members(s, [case_id]))


def may_waive(s: Session, agent_id: int) -> bool:
    """Whether this agent may let a case pass without its questions."""
    agent = s.get(Agent, agent_id)
    is_senior = agent is not None and agent.active and agent.role in (Role.SUPERVISOR, Role.ADMIN)
    return is_senior and settings_store.is_on(s, "waivers_allowed")


def waive(s: Session, case_id: int, agent_id: int, reason: str) -> None:
    """Let a case pass without its questions: a supervisor's exception, where an administrator allows any."""
    case = require_open(s, case_id)
    if not settings_store.is_on(s, "waivers_allowed"):
        raise RuleError(
            "Closing without the questions is switched off",
            "Ask the questions; an administrator can allow exceptions in the settings.",
        )
    settings_store.require_role(s, agent_id, Role.SUPERVISOR, Role.ADMIN)
    if not reason.strip():
        raise RuleError("An exception needs a reason", "Write why this case may close without its questions.")
    waiver = Waiver(case_id=case_id, agent_id=agent_id, reason=reason.strip(), given_at=datetime.now(UTC))
    s.add(waiver)
    s.flush()
    case.waiver_id = waiver.id
    s.flush()
    record(s, GateWaived(case_id=case_id, customer_id=case.customer_id, reason=waiver.reason))
