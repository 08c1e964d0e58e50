"""What only the team sees: notes, and the calls and visits that are logged. A question put in those counts at once."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import NoteAdded, QuestionAsked
from inbox.services import conversations
from inbox.services.cases.changing import require_open
from inbox.services.cases.put import SPOKEN
from inbox.services.cases.rooms import members
from inbox.services.question_text import is_courtesy
from inbox.services.replies import drafts
from inbox.services.replies.queueing import index, put
from inbox.services.rows import AskedQuestion
from inbox.states import CaseStatus, Direction, MessageKind
from inbox.store.db import moment, next_message_ids, record
from inbox.store.models import Conversation, Message


def add_note(s: Session, conversation_id: int, text: str, *, agent_id: int | None) -> int:
    """Write something for the team. It has no recipient and never leaves."""
    conversation = s.get(Conversation, conversation_id)
    if conversation is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    message = _write(s, conversation, text, MessageKind.TEXT, agent_id)
    if agent_id is not None:
        drafts.drop_draft(s, conversation_id, agent_id, is_note=True)
    conversations.refresh(s, [conversation_id])
    return message.id


def log_contact(
    s: Session, case_id: int, kind: MessageKind, text: str, *, agent_id: int | None, ask: Sequence[AskedQuestion] = ()
) -> int:
    """Log a call or a visit, with the clarifying questions that were put in it: they count from now on."""
    if kind not in SPOKEN:
        raise RuleError("Only calls and visits are logged", "Write a note instead.")
    for one in ask:
        if is_courtesy(one.text):
            raise RuleError(
                "«{question}» is courtesy: it does not count as a clarifying question",
                "Leave it out.",
                question=one.text,
            )
    case = require_open(s, case_id)
    rooms = members(s, [case_id])
    newest = s.scalars(
        select(Conversation).where(Conversation.id.in_(rooms)).order_by(Conversation.last_message_id.desc()).limit(1)
    ).one_or_none()
    if newest is None:
        raise RuleError("Case {id} has no conversation", "Attach a conversation to it first.", id=case_id)
    message = _write(s, newest, text, kind, agent_id)
    now = message.sent_at
    for question_id in put(s, case_id, message.id, ask, asked_at=now):
        record(
            s,
            QuestionAsked(
                case_id=case_id, customer_id=case.customer_id, message_id=message.id, question_id=question_id
            ),
        )
    case.waiting_since = None  # somebody spoke to the customer
    case.first_reply_at = case.first_reply_at or now
    if case.status == CaseStatus.NEW:
        case.status = CaseStatus.OPEN
    s.flush()
    conversations.refresh(s, rooms)
    return message.id


def _write(s: Session, conversation: Conversation, text: str, kind: MessageKind, agent_id: int | None) -> Message:
    if not text.strip():
        raise RuleError("There is nothing to write down yet", "Type the text first.")
    now = moment(s)
    message = Message(
        id=next_message_ids(s, [now])[0],
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        remote_id=f"note-{uuid.uuid4().hex}",
        direction=Direction.NOTE,
        kind=kind,
        agent_id=agent_id,
        sent_at=now,
        text=text.strip(),
    )
    s.add(message)
    s.flush()
    index(s, message)
    record(
        s,
        NoteAdded(
            account_id=message.account_id,
            conversation_id=conversation.id,
            case_id=conversation.case_id,
            customer_id=conversation.customer_id,
            message_id=message.id,
        ),
    )
    return message
