"""Cases join and split: a question stays with the case in which its message's conversation is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import CaseOpened, CasesJoined, CaseSplit, ConversationChanged
from inbox.services import conversations
from inbox.services.cases.changing import require_open
from inbox.services.cases.rooms import enter, forget_loaded, leave, locked, members
from inbox.services.tables import questions as questions_table
from inbox.states import CaseStatus, Direction
from inbox.store.db import record
from inbox.store.models import Case, CaseConversation, CaseType, Conversation, Message, Question


def join(s: Session, case_id: int, into_id: int) -> None:
    """Move all conversations and questions of a case into another of the same customer. ``split`` undoes it.

    The joined case is never closed: it is hidden and points to the one that took over.
    """
    if case_id == into_id:
        raise RuleError("A case can't be joined into itself", "Choose another case.")
    case, into = _require_pair(s, case_id, into_id)
    _move(s, members(s, [case_id]), case_id, into)
    _move_questions(s, Question.case_id == case_id, into)  # also those asked where a newer case is now
    _hide(s, case, into)


def attach(s: Session, conversation_id: int, case_id: int) -> None:
    """Put a conversation, with the questions asked in it, into a case of the same customer."""
    conversation = _require_conversation(s, conversation_id)
    old_id = conversation.case_id
    if old_id == case_id:
        return
    old = s.get(Case, old_id) if old_id is not None else None
    if old is None or old.status == CaseStatus.CLOSED:  # what was closed keeps its questions
        into = require_open(s, case_id)
        _require_same_customer(conversation.customer_id, into)
        _move(s, [conversation_id], None, into)
        return
    old, into = _require_pair(s, old.id, case_id)
    _move(s, [conversation_id], old.id, into)
    if members(s, [old.id]):
        conversations.refresh(s, members(s, [old.id]))
    else:
        _hide(s, old, into)


def split(s: Session, conversation_id: int) -> int:
    """Take a conversation out of its case; answers the case it is in now.

    What came by joining goes back to the case that was joined, with all it had brought: the inverse of the join.
    Otherwise it gets a case of its own, with the questions that were asked in it.
    """
    conversation = _require_conversation(s, conversation_id)
    if conversation.case_id is None:
        raise RuleError("This conversation has no case", "There is nothing to split.")
    old = require_open(s, conversation.case_id)
    joined = _joined_from(s, conversation_id, old.id)
    if joined is not None:
        case, leaving = joined, _brought_by(s, joined.id, old.id)
        case.joined_into_id = None
    else:
        if members(s, [old.id]) == [conversation_id]:
            raise RuleError("Case {id} has only this conversation", "There is nothing to split.", id=old.id)
        case, leaving = _case_like(s, old, conversation), [conversation_id]
    s.flush()
    _move(s, leaving, old.id, case)
    record(s, CaseSplit(case_id=old.id, conversation_id=conversation_id, other_case_id=case.id))
    conversations.refresh(s, members(s, [old.id]))
    return case.id


def _require_pair(s: Session, case_id: int, into_id: int) -> tuple[Case, Case]:
    """Both cases, locked in the order of their ids, so that two people joining the other way round can't lock up."""
    locked = {one: require_open(s, one) for one in sorted((case_id, into_id))}
    _require_same_customer(locked[case_id].customer_id, locked[into_id])
    return locked[case_id], locked[into_id]


def _require_same_customer(customer_id: int, case: Case) -> None:
    if customer_id != case.customer_id:
        raise RuleError(
            "Case {id} is another customer's", "If both are the same person, merge the customers first.", id=case.id
        )


def _require_conversation(s: Session, conversation_id: int) -> Conversation:
    conversation = locked(s, Conversation, conversation_id)
    if conversation is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    return conversation


def _move(s: Session, conversation_ids: Sequence[int], from_id: int | None, into: Case) -> None:
    """Move conversations and, out of an open case, the questions that were asked in them."""
    leave(s, conversation_ids)
    enter(s, dict.fromkeys(conversation_ids, into.id))
    if from_id is not None:
        theirs = select(Message.id).where(Message.conversation_id.in_(conversation_ids))
        _move_questions(s, and_(Question.case_id == from_id, Question.message_id.in_(theirs)), into)
    _catch_up(s, into)
    for conversation_id in conversation_ids:
        record(s, ConversationChanged(conversation_id=conversation_id, case_id=into.id, what="case"))
    conversations.refresh(s, members(s, [into.id]))


def _move_questions(s: Session, which: ColumnElement[bool], into: Case) -> None:
    moving = s.scalars(select(Question.id).where(which)).all()
    if moving:
        s.connection().execute(update(questions_table).where(questions_table.c.id.in_(moving)).values(case_id=into.id))
        forget_loaded(s, Question, moving)


def _catch_up(s: Session, case: Case) -> None:
    """A case with a new conversation in which the customer waits is ours to work on."""
    since = s.scalars(
        select(Conversation.waiting_since).where(
            Conversation.case_id == case.id, Conversation.waiting_since.is_not(None)
        )
    ).all()
    if not since:
        return
    earliest = min(time for time in since if time is not None)
    case.waiting_since = min(case.waiting_since, earliest) if case.waiting_since else earliest
    if case.status in (CaseStatus.WAITING, CaseStatus.SOLVED):
        case.status = CaseStatus.OPEN
    s.flush()


def _hide(s: Session, case: Case, into: Case) -> None:
    case.joined_into_id = into.id
    case.waiting_since = None
    s.flush()
    record(s, CasesJoined(case_id=into.id, customer_id=into.customer_id, other_case_id=case.id))


def _joined_from(s: Session, conversation_id: int, case_id: int) -> Case | None:
    """The case that brought this conversation here by the latest join, if any."""
    left = (
        select(CaseConversation.case_id)
        .where(CaseConversation.conversation_id == conversation_id, CaseConversation.left_at.is_not(None))
        .order_by(CaseConversation.left_at.desc())
    )
    for candidate in s.scalars(left):
        case = s.get(Case, candidate)
        if case is not None and case.joined_into_id == case_id:
            return case
    return None


def _brought_by(s: Session, joined_id: int, case_id: int) -> list[int]:
    """What a joined case brought into the case that it was joined into, and is still there."""
    once = select(CaseConversation.conversation_id).where(CaseConversation.case_id == joined_id)
    still: Iterable[int] = s.scalars(
        select(Conversation.id).where(Conversation.case_id == case_id, Conversation.id.in_(once))
    )
    return list(still)


def _case_like(s: Session, old: Case, conversation: Conversation) -> Case:
    """A new case of the same type and owner for a conversation that leaves."""
    kind = s.get(CaseType, old.case_type_id)
    assert kind is not None, "a case has a type"
    now = datetime.now(UTC)
    newest = s.execute(
        select(Message.direction, Message.sent_at)
        .where(Message.conversation_id == conversation.id, Message.direction != Direction.NOTE)
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()
    waits = newest is not None and newest.direction == Direction.IN
    case = Case(
        customer_id=conversation.customer_id,
        case_type_id=kind.id,
        subject=conversation.subject,
        status=CaseStatus.OPEN if waits else CaseStatus.WAITING,
        owner_id=old.owner_id,
        team_id=old.team_id,
        priority=old.priority,
        opened_at=now,
        due_at=now + timedelta(hours=kind.deadline_hours),
        waiting_since=newest.sent_at if newest is not None and waits else None,
    )
    s.add(case)
    s.flush()
    record(s, CaseOpened(case_id=case.id, conversation_id=conversation.id, customer_id=case.customer_id))
    return case
