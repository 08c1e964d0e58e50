"""A reply in the outbox, as long as nobody has begun to send it: taken back, sent now, or sent at another time."""

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import ReplyQueued, ReplyUndone
from inbox.services import breaker, conversations, questions
from inbox.services.cases.rooms import locked
from inbox.services.replies import drafts
from inbox.services.rows import AskedQuestion, DraftRow
from inbox.states import Delivery
from inbox.store import search
from inbox.store.db import record
from inbox.store.models import Message, Question, ThreadKey


def reschedule(s: Session, message_id: int, at: datetime | None) -> None:
    """Send it at another time; now where none is given: also what was held. RuleError once it is on its way."""
    message = _require_waiting(s, message_id)
    was_held = breaker.is_held(message)
    if was_held:
        breaker.let_pass(message)
    message.not_before = max(at, datetime.now(UTC)) if at is not None else datetime.now(UTC)
    s.flush()
    if was_held:
        conversations.refresh(s, [message.conversation_id])
    record(
        s,
        ReplyQueued(account_id=message.account_id, conversation_id=message.conversation_id, message_id=message_id),
    )


def _require_waiting(s: Session, message_id: int) -> Message:
    message = locked(s, Message, message_id)
    if message is None:
        raise NotFoundError("There is no message {id}", "It may have been removed.", id=message_id)
    if message.delivery != Delivery.QUEUED or message.handed_over_at is not None:
        raise RuleError("It is too late to change this reply", "It is on its way to the customer already.")
    return message


def undo(s: Session, message_id: int) -> DraftRow:
    """Take a reply back into a draft, with its questions and files. RuleError once it is on its way."""
    message = _require_waiting(s, message_id)
    put_rows = s.scalars(select(Question).where(Question.message_id == message_id).order_by(Question.id)).all()
    asked = [AskedQuestion(one.text, one.bank_question_id, one.fact_kind) for one in put_rows]
    case_id = put_rows[0].case_id if put_rows else None
    draft = drafts.restore(s, message, asked)
    questions.drop(s, [message_id])
    search.unindex(s, [message_id])
    s.execute(delete(ThreadKey).where(ThreadKey.account_id == message.account_id, ThreadKey.key == message.own_key))
    account_id, conversation_id = message.account_id, message.conversation_id
    s.delete(message)
    s.flush()
    conversations.refresh(s, [conversation_id])
    record(
        s,
        ReplyUndone(account_id=account_id, conversation_id=conversation_id, case_id=case_id, message_id=message_id),
    )
    return draft
