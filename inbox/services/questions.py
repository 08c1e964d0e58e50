"""Clarifying questions: which are worth asking, which were put, and what was answered."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import NotFoundError, RuleError
from inbox.events import QuestionAnswered
from inbox.i18n import language as language_in_use
from inbox.services import case_types, conversations, customers, dates
from inbox.services.answer_text import is_yes, split_answers
from inbox.services.cases.changing import find, require_open
from inbox.services.cases.put import SPOKEN, Put, put_in
from inbox.services.cases.rooms import members
from inbox.services.question_text import fold
from inbox.services.rows import ProposedAnswer, SuggestedQuestion
from inbox.states import CaseStatus, Delivery, Direction, MessageKind
from inbox.store.db import moment, record
from inbox.store.models import Account, BankQuestion, Case, CaseType, Conversation, Fact, Message, Question

MOST = 3
"""Never more clarifying questions than these are asked for in a case."""


def suggest(s: Session, case_id: int, language: str) -> list[SuggestedQuestion]:
    """The questions of the bank worth asking now, the best first; never more than are missing to three.

    Left out is what was asked in this case. What is known as a fresh fact comes last, as a confirmation.
    """
    case = find(s, case_id)
    asked = [one for one in put_in(s, case_id) if one.delivery != Delivery.FAILED]
    room = MOST - len(asked)
    if room <= 0 or case.status == CaseStatus.CLOSED:
        return []
    used_ids = {one.question.bank_question_id for one in asked}
    used_kinds = {one.question.fact_kind for one in asked} - {""}
    used_texts = {fold(one.text) for one in asked}
    facts = known_facts(s, case.customer_id)
    plain, confirming = [], []
    for bank in _bank(s, case.case_type_id):
        text = bank.text_es if language == "es" else bank.text_en
        if bank.id in used_ids or bank.fact_kind in used_kinds or fold(text) in used_texts:
            continue
        fact = facts.get(bank.fact_kind)
        if fact is not None and is_fresh(fact, bank.fresh_days):
            confirming.append(_confirmation(bank, fact, language))
        else:
            plain.append(SuggestedQuestion(bank.id, text, bank.fact_kind))
    return [*plain, *confirming][:room]


def _bank(s: Session, case_type_id: int) -> Sequence[BankQuestion]:
    return s.scalars(
        select(BankQuestion)
        .where(BankQuestion.case_type_id == case_type_id, BankQuestion.active)
        .order_by(BankQuestion.position, BankQuestion.id)
    ).all()


def _confirmation(bank: BankQuestion, fact: Fact, language: str) -> SuggestedQuestion:
    label = case_types.fact_label(bank.fact_kind, language)
    if language == "es":
        text = f"¿Sigue siendo correcto este dato: {label}, {fact.value}?"
    else:
        text = f"Is this still right: {label}, {fact.value}?"
    return SuggestedQuestion(bank.id, text, bank.fact_kind, fact.value)


def known_facts(s: Session, customer_id: int) -> dict[str, Fact]:
    """What is known about a customer: fact kind -> the fact confirmed last."""
    found = s.scalars(select(Fact).where(Fact.customer_id == customer_id).order_by(Fact.confirmed_at, Fact.id))
    return {fact.kind: fact for fact in found}


def is_fresh(fact: Fact, fresh_days: int) -> bool:
    """Whether a fact still counts as known."""
    return fact.confirmed_at >= datetime.now(UTC) - timedelta(days=fresh_days)


def answer(s: Session, question_id: int, *, message_id: int | None = None, text: str = "", learn: bool = True) -> None:
    """Record the customer's answer, and file the fact that it teaches unless ``learn`` is off.

    ``message_id`` is the message that answers it; without ``text`` all that is new in it counts. An answer given by
    word of mouth has a text alone.
    """
    put, case = _require_put(s, question_id)
    if not put.counts:
        raise RuleError(
            "«{question}» has not reached the customer",
            "Send it first; then its answer can be recorded.",
            question=put.text,
        )
    message = _require_answer(s, message_id, case) if message_id is not None else None
    said = text.strip() or (new_text(s, message) if message is not None else "")
    if not said:
        raise RuleError("There is no answer to record", "Choose the message that answers it, or type what was said.")
    question = put.question
    question.answer, question.answer_message_id = said, message_id
    question.answered_at, question.no_answer_at = moment(s), None
    if learn and question.fact_kind:
        question.fact_id = _file(s, case, question, said, message_id)
    _settled(s, case, question, answered=True)


def _file(s: Session, case: Case, question: Question, said: str, message_id: int | None) -> int:
    fact = known_facts(s, case.customer_id).get(question.fact_kind)
    if fact is not None and fact.value in question.text and is_yes(said):  # a confirmation was asked
        customers.confirm_fact(s, fact.id)
        return fact.id
    return customers.learn(s, case.customer_id, question.fact_kind, said, message_id=message_id, case_id=case.id)


def no_answer(s: Session, question_id: int) -> None:
    """Mark that the customer never answered. Raises RuleError before the case type's waiting time is over."""
    put, case = _require_put(s, question_id)
    kind = s.get(CaseType, case.case_type_id)
    assert kind is not None, "a case has a type"
    from_then = put.may_mark_at(kind.waiting_hours)
    if from_then is None:
        raise RuleError(
            "«{question}» has not reached the customer", "Send it first, and give the customer time.", question=put.text
        )
    now = datetime.now(UTC)
    if now < from_then:
        raise RuleError(
            "It is too early for «no answer»",
            "The customer has time until {at}.",
            at=dates.moment(from_then, language_in_use()),
        )
    if put.question.answered_at is not None:
        raise RuleError("«{question}» has an answer", "It can't be marked «no answer» as well.", question=put.text)
    put.question.no_answer_at = now
    _settled(s, case, put.question, answered=False)


def take_back(s: Session, question_id: int) -> None:
    """Undo a wrong answer or "no answer": the question is open again."""
    put, case = _require_put(s, question_id)
    question = put.question
    question.answer, question.answer_message_id, question.fact_id = "", None, None
    question.answered_at = question.no_answer_at = None
    _settled(s, case, question, answered=False)


def _settled(s: Session, case: Case, question: Question, *, answered: bool) -> None:
    s.flush()
    record(
        s,
        QuestionAnswered(case_id=case.id, customer_id=case.customer_id, question_id=question.id, answered=answered),
    )
    conversations.refresh(s, members(s, [case.id]))


def _require_put(s: Session, question_id: int) -> tuple[Put, Case]:
    case_id = s.scalar(select(Question.case_id).where(Question.id == question_id))
    if case_id is None:
        raise NotFoundError("There is no question {id}", "Its reply may have been taken back.", id=question_id)
    case = require_open(s, case_id)
    return next(one for one in put_in(s, case_id) if one.question.id == question_id), case


def _require_answer(s: Session, message_id: int, case: Case) -> Message:
    found = s.execute(
        select(Message, Conversation.case_id, Conversation.customer_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.id == message_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no message {id}", "It may have been removed.", id=message_id)
    message: Message = found[0]
    if message.direction != Direction.IN and message.kind not in SPOKEN:
        raise RuleError("Only a customer's message can answer", "Choose the customer's message, or log the call.")
    if case.id != found.case_id and case.customer_id != found.customer_id:
        raise RuleError("This message is another customer's", "Choose a message of this case.")
    return message


def proposals(s: Session, case_id: int) -> list[ProposedAnswer]:
    """For each question that has no answer yet, what the customer wrote after it that seems to answer it."""
    waiting = [one for one in put_in(s, case_id) if one.counts and not one.is_done]
    if not waiting:
        return []
    asking: dict[int, list[Put]] = {}
    for one in waiting:
        asking.setdefault(one.question.message_id, []).append(one)
    incoming = _incoming(s, case_id, after=min(asking))
    proposed: list[ProposedAnswer] = []
    used: set[int] = set()
    for message_id in sorted(asking, reverse=True):  # the newest question gets the first message after it
        following = [one for one in incoming if one.id > message_id and one.id not in used]
        put = asking[message_id]
        if following:
            pairs = _pair(s, put, following)
            used.update(message.id for message, _ in pairs)
            proposed += [
                ProposedAnswer(one.question.id, one.text, message.id, text, one.question.fact_kind)
                for one, (message, text) in zip(put, pairs, strict=True)
            ]
    return sorted(proposed, key=lambda one: one.question_id)


def _incoming(s: Session, case_id: int, after: int) -> Sequence[Message]:
    return s.scalars(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Conversation.case_id == case_id,
            Message.direction == Direction.IN,
            Message.kind == MessageKind.TEXT,
            Message.id > after,
        )
        .order_by(Message.id)
        .limit(50)
    ).all()


def _pair(s: Session, put: Sequence[Put], following: Sequence[Message]) -> list[tuple[Message, str]]:
    first = following[0]
    texts = split_answers(first.text, new_text(s, first), [one.text for one in put])
    if len(put) > 1 and len(set(texts)) == 1 and len(following) >= len(put):  # a chat: one line, one answer
        return [(message, new_text(s, message)) for message in following[: len(put)]]
    return [(first, text) for text in texts]


def new_text(s: Session, message: Message) -> str:
    """What a message says anew, without quotation and signature, as its channel folds it."""
    kind = s.scalar(select(Account.kind).where(Account.id == message.account_id))
    return registry.plugin(kind or "").visible_text(message.text).strip()


def drop(s: Session, message_ids: Iterable[int]) -> None:
    """Forget the questions of messages that were never sent."""
    for question in s.scalars(select(Question).where(Question.message_id.in_(list(message_ids)))):
        s.delete(question)
    s.flush()


_BLANKS = re.compile(r"\s+")


def stands_in(question: str, text: str) -> bool:
    """Whether a question's words stand in a reply, however it is wrapped."""
    return _BLANKS.sub(" ", question).strip().casefold() in _BLANKS.sub(" ", text).casefold()
