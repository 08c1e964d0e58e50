"""The questions put in a case, and what became of the messages that carry them: what the gate counts."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.lazy_dataclass import dataclass
from inbox.services.rows import QuestionRow
from inbox.states import GONE_OUT, Delivery, MessageKind
from inbox.store.models import Message, Question

SPOKEN = (MessageKind.CALL, MessageKind.VISIT)
"""Questions put by word of mouth count as soon as they are logged."""


@dataclass(frozen=True, slots=True)
class Put:
    """A question put in a case, with what became of the message that carries it."""

    question: Question
    delivery: Delivery
    kind: MessageKind
    conversation_id: int

    @property
    def text(self) -> str:
        return self.question.text

    @property
    def counts(self) -> bool:
        """Whether it reached the customer: sent, or said in a logged call or visit."""
        return self.delivery in GONE_OUT or self.kind in SPOKEN

    @property
    def is_done(self) -> bool:
        """Answered, or marked "no answer"."""
        return self.question.answered_at is not None or self.question.no_answer_at is not None

    def may_mark_at(self, waiting_hours: int) -> datetime | None:
        """From when on "no answer" is allowed; None before it was asked."""
        asked_at = self.question.asked_at
        return asked_at + timedelta(hours=waiting_hours) if asked_at is not None and self.counts else None

    def row(self, waiting_hours: int) -> QuestionRow:
        """For the screen."""
        one = self.question
        return QuestionRow(
            id=one.id,
            case_id=one.case_id,
            text=one.text,
            origin=one.origin,
            fact_kind=one.fact_kind,
            message_id=one.message_id,
            asked_at=one.asked_at if self.counts else None,
            answer_message_id=one.answer_message_id,
            answer=one.answer,
            answered_at=one.answered_at,
            no_answer_at=one.no_answer_at,
            may_mark_no_answer_at=self.may_mark_at(waiting_hours),
        )


def put_in(s: Session, case_id: int) -> list[Put]:
    """The questions of a case in the order in which they were put."""
    found = s.execute(
        select(Question, Message.delivery, Message.kind, Message.conversation_id)
        .join(Message, Message.id == Question.message_id)
        .where(Question.case_id == case_id)
        .order_by(Question.message_id, Question.id)
    )
    return [Put(*row) for row in found]
