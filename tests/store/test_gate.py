"""The gate's triggers, asked by plain SQL on both engines: what the services forbid, no other path allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from inbox.errors import RuleError
from inbox.events import SettingsChanged
from inbox.states import ConversationState, Delivery, Direction, MessageKind, QuestionOrigin, Role
from inbox.store.db import Database, next_message_ids, record
from inbox.store.models import (
    Account,
    Agent,
    Case,
    CaseType,
    Conversation,
    Customer,
    Identity,
    Message,
    Question,
    Setting,
    to_ms,
)

NOW = datetime.now(UTC)
CLOSE = "UPDATE cases SET status = 'closed', closed_at = :now, close_reason = 'resolved'"


class Shop:
    """A database with one open case, and plain SQL to shake it."""

    def __init__(self, db: Database) -> None:
        self.db = db
        with db.writing() as s:
            account = Account(kind="demo", name="Shop", created_at=NOW)
            customer = Customer(name="Ana", created_at=NOW)
            kind = CaseType(key="x-order", name_en="Order", name_es="Pedido", required_questions=2, waiting_hours=48)
            s.add_all([account, customer, kind, Agent(name="Luis"), Agent(name="Eva", role=Role.SUPERVISOR)])
            s.flush()
            identity = Identity(customer_id=customer.id, channel="demo", handle="ana", created_at=NOW)
            case = Case(customer_id=customer.id, case_type_id=kind.id, opened_at=NOW)
            s.add_all([identity, case])
            s.flush()
            conversation = Conversation(
                account_id=account.id,
                remote_thread="1",
                customer_id=customer.id,
                identity_id=identity.id,
                case_id=case.id,
                state=ConversationState.OPEN,
            )
            s.add(conversation)
            s.flush()
            self.account_id, self.case_id, self.conversation_id = account.id, case.id, conversation.id
            self.type_id, self.customer_id = kind.id, customer.id

    def run(self, statement: str, **values: Any) -> None:
        with self.db.writing() as s:
            s.execute(text(statement), {"now": to_ms(NOW), **values} if ":now" in statement else values)

    def value(self, statement: str) -> Any:
        with self.db.reading() as s:
            return s.execute(text(statement)).scalar()

    def message(self, delivery: Delivery = Delivery.SENT, kind: MessageKind = MessageKind.TEXT) -> int:
        with self.db.writing() as s:
            return self._message(s, delivery, kind)

    def _message(self, s: Session, delivery: Delivery, kind: MessageKind) -> int:
        id_ = next_message_ids(s, [NOW])[0]
        logged = kind in (MessageKind.CALL, MessageKind.VISIT)
        s.add(
            Message(
                id=id_,
                account_id=self.account_id,
                conversation_id=self.conversation_id,
                remote_id=str(id_),
                direction=Direction.NOTE if logged else Direction.OUT,
                delivery=Delivery.NONE if logged else delivery,
                kind=kind,
                sent_at=NOW,
            )
        )
        return id_

    def ask(
        self,
        delivery: Delivery = Delivery.SENT,
        kind: MessageKind = MessageKind.TEXT,
        *,
        answered: bool = True,
        asked_at: datetime = NOW,
    ) -> int:
        with self.db.writing() as s:
            message_id = self._message(s, delivery, kind)
            s.flush()
            question = Question(
                case_id=self.case_id,
                origin=QuestionOrigin.FREE,
                text="Which one?",
                message_id=message_id,
                asked_at=asked_at,
                answered_at=NOW if answered else None,
            )
            s.add(question)
            s.flush()
            return question.id

    def close(self) -> None:
        self.run(CLOSE)

    def waive(self, agent: str = "Eva", reason: str = "Told us on the phone") -> None:
        self.run(
            "INSERT INTO waivers (case_id, agent_id, reason, given_at) "
            "SELECT :case, id, :reason, :now FROM agents WHERE name = :agent",
            case=self.case_id,
            reason=reason,
            agent=agent,
        )

    def allow_waivers(self, allowed: object = True) -> None:
        with self.db.writing() as s:
            s.add(Setting(name="waivers_allowed", value=allowed))


@pytest.fixture
def shop(db: Database) -> Shop:
    return Shop(db)


def refused(words: str) -> Any:
    return pytest.raises(RuleError, match=words)


def test_a_case_closes_after_two_answered_questions(shop: Shop) -> None:
    shop.ask()
    with refused("were not asked yet"):
        shop.close()
    shop.ask()
    shop.close()
    assert shop.value("SELECT status FROM cases") == "closed"


def test_a_case_whose_type_asks_for_three_questions_needs_three(shop: Shop) -> None:
    shop.run("UPDATE case_types SET required_questions = 3")
    shop.ask()
    shop.ask()
    with refused("were not asked yet"):
        shop.close()
    shop.ask()
    shop.close()


def test_questions_of_a_logged_call_and_visit_count(shop: Shop) -> None:
    shop.ask(kind=MessageKind.CALL)
    shop.ask(kind=MessageKind.VISIT)
    shop.close()


@pytest.mark.parametrize("delivery", [Delivery.FAILED, Delivery.UNKNOWN])
def test_a_question_that_did_not_go_out_does_not_count(shop: Shop, delivery: Delivery) -> None:
    shop.ask()
    shop.ask(delivery, answered=False)
    with refused("were not asked yet"):
        shop.close()


def test_a_case_with_an_unanswered_question_stays_open(shop: Shop) -> None:
    for answered in (True, True, False):
        shop.ask(answered=answered)
    with refused("has no answer yet"):
        shop.close()


@pytest.mark.parametrize("delivery", [Delivery.QUEUED, Delivery.SENDING])
def test_a_case_with_a_question_under_way_stays_open(shop: Shop, delivery: Delivery) -> None:
    shop.ask()
    shop.ask()
    shop.ask(delivery, answered=False)
    with refused("still on its way"):
        shop.close()


def test_no_case_is_born_closed(shop: Shop) -> None:
    with refused("can't be made closed"):
        shop.run(
            "INSERT INTO cases (customer_id, case_type_id, subject, status, priority, opened_at, closed_at, "
            "close_reason, reopened_count, version) "
            "VALUES (:customer, :type, '', 'closed', 'normal', :now, :now, 'resolved', 0, 1)",
            customer=shop.customer_id,
            type=shop.type_id,
        )


def _closed(shop: Shop) -> tuple[int, int]:
    asked = shop.ask(), shop.ask()
    shop.close()
    return asked


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cases SET required_questions = 1",
        "UPDATE cases SET close_reason = 'no_answer'",
        "UPDATE cases SET closed_at = closed_at + 1",
        "UPDATE cases SET joined_into_id = id",
        "DELETE FROM questions",
        "UPDATE questions SET answered_at = NULL",
        "UPDATE questions SET asked_at = asked_at - 1",
        "UPDATE questions SET message_id = (SELECT min(id) FROM messages)",
        "INSERT INTO questions (case_id, origin, text, fact_kind, message_id, answer) "
        "SELECT case_id, origin, text, fact_kind, message_id, answer FROM questions",
    ],
)
def test_what_a_closed_case_was_closed_on_stays(shop: Shop, change: str) -> None:
    _closed(shop)
    with refused("is closed"):
        shop.run(change)


@pytest.mark.parametrize("delivery", [Delivery.FAILED, Delivery.UNKNOWN])
@pytest.mark.parametrize(
    "change",
    ["delivery = 'sent'", "delivery = 'read'", "delivery = 'queued'", "kind = 'call'"],
)
def test_no_question_of_a_closed_case_goes_out_after_all(shop: Shop, delivery: Delivery, change: str) -> None:
    shop.ask(delivery, answered=False)
    _closed(shop)
    late = f"UPDATE messages SET {change} WHERE delivery = '{delivery.value}'"
    with refused("A question in a closed case"):
        shop.run(late)
    shop.run("UPDATE cases SET status = 'open', closed_at = NULL, close_reason = NULL")
    shop.run(late)


def test_the_message_of_a_question_is_not_deleted_nor_given_another_id(shop: Shop) -> None:
    _closed(shop)
    with refused("A question was asked in this message"):
        shop.run("DELETE FROM messages")
    with refused("counts on this message"):
        shop.run("UPDATE messages SET id = id + 1")


def test_no_question_is_put_in_a_message_that_does_not_exist(shop: Shop) -> None:
    question = (
        "INSERT INTO questions (case_id, origin, text, fact_kind, message_id, answer) "
        "VALUES (:case, 'free', 'Which?', '', 77, '')"
    )
    with refused("has not gone out"):
        shop.run(question, case=shop.case_id)


def test_a_closed_case_can_be_given_to_a_merged_customer_and_its_texts_blanked(shop: Shop) -> None:
    _closed(shop)
    shop.run("UPDATE cases SET customer_id = customer_id, subject = '', owner_id = NULL")
    shop.run("UPDATE questions SET text = '', answer = '', fact_id = NULL")


def test_a_reopened_case_must_pass_again(shop: Shop) -> None:
    _closed(shop)
    shop.run("UPDATE cases SET status = 'open', closed_at = NULL, close_reason = NULL")
    shop.run("UPDATE questions SET answered_at = NULL")
    with refused("has no answer yet"):
        shop.close()


def test_no_question_moves_into_a_closed_case(shop: Shop) -> None:
    _closed(shop)
    closed = shop.case_id
    with shop.db.writing() as s:
        other = Case(customer_id=shop.customer_id, case_type_id=shop.type_id, opened_at=NOW)
        s.add(other)
        s.flush()
        shop.case_id = other.id
    question = shop.ask()
    with refused("is closed"):
        shop.run("UPDATE questions SET case_id = :case WHERE id = :id", case=closed, id=question)


def test_cases_with_questions_replies_or_a_close_are_not_deleted(shop: Shop) -> None:
    question = shop.ask(Delivery.FAILED, answered=False)
    with refused("can't be deleted"):
        shop.run("DELETE FROM cases")
    shop.run("DELETE FROM questions WHERE id = :id", id=question)
    with refused("can't be deleted"):  # the failed reply is there still
        shop.run("DELETE FROM cases")
    shop.run("DELETE FROM messages")
    shop.run("UPDATE conversations SET case_id = NULL")
    shop.run("DELETE FROM cases")
    assert shop.value("SELECT count(*) FROM cases") == 0


def test_only_a_question_that_went_out_can_be_answered(shop: Shop) -> None:
    question = shop.ask(Delivery.QUEUED, answered=False)
    with refused("has not gone out"):
        shop.run("UPDATE questions SET answered_at = :now WHERE id = :id", id=question)
    with refused("has not gone out"):
        shop.ask(Delivery.FAILED, answered=True)
    shop.run("UPDATE messages SET delivery = 'delivered'")
    shop.run("UPDATE questions SET answered_at = :now WHERE id = :id", id=question)


def test_no_answer_is_marked_only_after_the_waiting_time(shop: Shop) -> None:
    early = shop.ask(answered=False, asked_at=NOW - timedelta(hours=47))
    late = shop.ask(answered=False, asked_at=NOW - timedelta(hours=49))
    mark = "UPDATE questions SET no_answer_at = :at WHERE id = :id"
    shop.run(mark, id=late, at=to_ms(NOW))
    with refused("too early"):
        shop.run(mark, id=early, at=to_ms(NOW))
    with refused("too early"):  # nor by a time that is still to come
        shop.run(mark, id=early, at=to_ms(NOW + timedelta(hours=2)))
    with refused("too early"):
        shop.run("UPDATE questions SET asked_at = NULL WHERE id = :id", id=late)


def test_a_question_that_never_went_out_is_not_given_up_on(shop: Shop) -> None:
    question = shop.ask(Delivery.UNKNOWN, answered=False, asked_at=NOW - timedelta(hours=90))
    with refused("too early"):
        shop.run("UPDATE questions SET no_answer_at = :now WHERE id = :id", id=question)


def test_a_message_that_a_closed_case_counts_on_stays_sent(shop: Shop) -> None:
    _closed(shop)
    shop.run("UPDATE messages SET delivery = 'read'")
    for change in ("delivery = 'failed'", "direction = 'in', delivery = 'none'"):
        with refused("counts on this message"):
            shop.run(f"UPDATE messages SET {change}")
    shop.run("UPDATE cases SET status = 'open', closed_at = NULL, close_reason = NULL")
    shop.run("UPDATE messages SET delivery = 'failed'")


def test_waivers_are_off_until_an_administrator_turns_them_on(shop: Shop) -> None:
    with refused("by a waiver"):
        shop.waive()
    shop.allow_waivers(False)
    with refused("by a waiver"):
        shop.waive()


def test_a_waiver_takes_a_supervisor_and_a_reason(shop: Shop) -> None:
    shop.allow_waivers()
    with refused("by a waiver"):
        shop.waive(agent="Luis")
    with refused("by a waiver"):
        shop.waive(reason="  ")
    shop.waive()
    with refused("were not asked yet"):  # given, but not named by the case
        shop.close()
    shop.run("UPDATE cases SET waiver_id = (SELECT id FROM waivers)")
    shop.close()
    with refused("can't be changed"):
        shop.run("UPDATE waivers SET reason = 'x'")
    with refused("can't be changed"):
        shop.run("DELETE FROM waivers")


def test_a_waiver_of_another_case_opens_nothing(shop: Shop) -> None:
    shop.allow_waivers()
    shop.waive()
    with shop.db.writing() as s:
        other = Case(customer_id=shop.customer_id, case_type_id=shop.type_id, opened_at=NOW)
        s.add(other)
        s.flush()
        other_id = other.id
    with refused("were not asked yet"):
        shop.run(f"{CLOSE}, waiver_id = (SELECT id FROM waivers) WHERE id = :id", id=other_id)


def test_the_log_is_only_added_to(shop: Shop) -> None:
    with shop.db.writing() as s:
        record(s, SettingsChanged(what="x"))
    shop.run("UPDATE activity SET details = '{}'")  # erasure
    with refused("can't be changed"):
        shop.run("UPDATE activity SET kind = 'Nothing'")
    with refused("can't be changed"):
        shop.run("DELETE FROM activity")


def test_a_conversation_with_a_reply_is_not_dismissed(shop: Shop) -> None:
    message = shop.message(Delivery.FAILED)
    shop.run("UPDATE conversations SET dismissed = 'spam'")
    shop.run("UPDATE conversations SET dismissed = NULL")
    shop.run("UPDATE messages SET delivery = 'sent' WHERE id = :id", id=message)
    with refused("was replied to"):
        shop.run("UPDATE conversations SET dismissed = 'spam'")


def test_rows_that_the_gate_reads_are_not_replaced_or_emptied(shop: Shop) -> None:
    _closed(shop)
    with shop.db.writing() as s:
        record(s, SettingsChanged(what="x"))
    for table in ("cases", "questions", "messages", "activity"):
        change = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        with refused("can't be"):
            shop.run(change if shop.db.is_sqlite else f"TRUNCATE {table} CASCADE")
