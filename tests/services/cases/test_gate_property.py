"""Whatever is done, in whatever order: no closed case that the gate forbids. The rule is written here again, in SQL."""

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text as sql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from inbox.channels.base import Bounce, Receipt
from inbox.errors import RuleError
from inbox.services import (
    case_types,
    cases,
    conversations,
    erasing,
    merging,
    outbox,
    questions,
    replies,
    settings_store,
)
from inbox.services.rows import AskedQuestion
from inbox.states import CaseStatus, CloseReason, DismissReason, MessageKind
from inbox.store.db import Database
from tests.services.cases.desk import FIRST, SECOND, THIRD, Desk

FORBIDDEN = """
SELECT c.id, c.required_questions, q.asked, q.pending, q.moving, q.early
FROM cases c
LEFT JOIN (
  SELECT q.case_id,
    SUM(CASE WHEN m.kind IN ('call', 'visit') OR (m.direction = 'out' AND m.delivery IN ('sent', 'delivered', 'read'))
        THEN 1 ELSE 0 END) AS asked,
    SUM(CASE WHEN (m.kind IN ('call', 'visit') OR (m.direction = 'out' AND m.delivery IN ('sent', 'delivered', 'read')))
        AND q.answered_at IS NULL AND q.no_answer_at IS NULL THEN 1 ELSE 0 END) AS pending,
    SUM(CASE WHEN m.delivery IN ('queued', 'sending') THEN 1 ELSE 0 END) AS moving,
    SUM(CASE WHEN q.no_answer_at IS NOT NULL AND (q.asked_at IS NULL OR
        q.no_answer_at < q.asked_at + t.waiting_hours * 3600000) THEN 1 ELSE 0 END) AS early
  FROM questions q JOIN messages m ON m.id = q.message_id JOIN cases o ON o.id = q.case_id
  JOIN case_types t ON t.id = o.case_type_id GROUP BY q.case_id
) q ON q.case_id = c.id
WHERE c.status = 'closed' AND (
  c.joined_into_id IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM waivers w WHERE w.id = c.waiver_id AND w.case_id = c.id) AND (
    COALESCE(q.asked, 0) < 2 OR COALESCE(q.asked, 0) < COALESCE(c.required_questions, 2)
    OR q.pending > 0 OR q.moving > 0 OR q.early > 0))
"""

PICK = st.integers(0, 5)


def forbidden(db: Database) -> list[object]:
    """The closed cases that should not be."""
    with db.reading() as s:
        return list(s.execute(sql(FORBIDDEN)).all())


class AnyOrder(RuleBasedStateMachine):
    """A desk where everything happens. A refusal is fine; a wrongly closed case, or any other error, is not."""

    desk: Desk  # one for all runs; each run begins with customers of its own

    def __init__(self) -> None:
        super().__init__()
        self.conversations: list[int] = []
        self.threads: list[str] = []

    # --- what there is to choose from ---

    def ids(self, query: str, **values: object) -> list[int]:
        marks = ", ".join(str(one) for one in self.conversations)
        with self.desk.db.reading() as s:
            return [int(one) for one in s.scalars(sql(query.replace("$here", marks)), values)]

    def case(self, pick: int) -> int:
        found = self.ids("SELECT DISTINCT case_id FROM case_conversations WHERE conversation_id IN ($here) ORDER BY 1")
        return found[pick % len(found)] if found else 0

    def question(self, pick: int) -> int:
        found = self.ids(
            "SELECT q.id FROM questions q JOIN messages m ON m.id = q.message_id WHERE m.conversation_id IN ($here)"
            " ORDER BY q.id"
        )
        return found[pick % len(found)] if found else 0

    def message(self, pick: int, *deliveries: str) -> int:
        wanted = ", ".join(f"'{one}'" for one in deliveries)
        found = self.ids(
            f"SELECT id FROM messages WHERE conversation_id IN ($here) AND delivery IN ({wanted}) ORDER BY id"
        )
        return found[pick % len(found)] if found else 0

    def conversation(self, pick: int) -> int:
        return self.conversations[pick % len(self.conversations)]

    def customer(self, pick: int) -> int:
        found = self.ids("SELECT DISTINCT customer_id FROM conversations WHERE id IN ($here) ORDER BY 1")
        return found[pick % len(found)]

    def do(self, action: Callable[[Session], object]) -> None:
        with contextlib.suppress(RuleError), self.desk.db.writing(self.desk.agent_id) as s:
            action(s)

    def shake(self, statement: str) -> None:
        """Another program's SQL. What foreign keys refuse is refused as well."""
        with contextlib.suppress(IntegrityError):
            self.do(lambda s: s.execute(sql(statement)))

    # --- customers ---

    @initialize()
    def customers_write(self) -> None:
        self.conversations, self.threads = [], []
        run = next(self.desk.numbers)
        for sender in (f"ana{run}@correo.example", f"ana{run}@correo.example", f"luis{run}@correo.example"):
            self.write_anew(sender)
        self.desk.send(self.conversations[0], ask=[FIRST, SECOND])
        self.answer_all(0)

    def write_anew(self, sender: str) -> None:
        conversation_id, message_id = self.desk.receive(sender=sender)
        self.conversations.append(conversation_id)
        with self.desk.db.reading() as s:
            key = s.scalar(sql("SELECT own_key FROM messages WHERE id = :id"), {"id": message_id})
            who = s.scalar(
                sql("SELECT handle FROM identities i JOIN conversations c ON c.identity_id = i.id WHERE c.id = :id"),
                {"id": conversation_id},
            )
        self.threads.append(f"{key} {who}")

    @rule(pick=PICK)
    def customer_writes_again(self, pick: int) -> None:
        thread, sender = self.threads[pick % len(self.threads)].split()
        self.desk.receive("Sigo esperando", sender=sender, thread=thread)

    @rule(pick=PICK)
    @precondition(lambda self: len(self.conversations) < 6)
    def customer_writes_about_something_else(self, pick: int) -> None:
        self.write_anew(self.threads[pick % len(self.threads)].split()[1])

    @rule(pick=PICK, other=PICK)
    def merge(self, pick: int, other: int) -> None:
        self.do(lambda s: merging.merge(s, self.customer(pick), self.customer(other)))

    @rule(pick=PICK)
    def unmerge(self, pick: int) -> None:
        found = self.ids("SELECT id FROM merges WHERE undone_at IS NULL ORDER BY id DESC LIMIT 3")
        if found:
            self.do(lambda s: merging.unmerge(s, found[pick % len(found)]))

    @rule(pick=PICK)
    def erase(self, pick: int) -> None:
        if pick == 0:
            self.do(lambda s: erasing.erase(s, self.customer(pick)))

    # --- replies ---

    @rule(pick=PICK, ask=st.lists(st.sampled_from([FIRST, SECOND, THIRD, "¿Algo más?"]), max_size=3, unique=True))
    def reply(self, pick: int, ask: list[str]) -> None:
        with contextlib.suppress(RuleError):
            self.desk.queue(self.conversation(pick), ask=ask)

    @rule(pick=PICK, ask=st.sampled_from([(FIRST, SECOND), (FIRST, SECOND, THIRD), (THIRD,)]))
    def reply_and_send(self, pick: int, ask: tuple[str, ...]) -> None:
        self.reply(pick, list(ask))
        self.desk.go_out()

    @rule(pick=PICK)
    def undo(self, pick: int) -> None:
        self.do(lambda s: replies.undo(s, self.message(pick, "queued")))

    @rule(how=st.sampled_from(["settle", "fail", "retry", "unknown", "crash", "leave"]), handed=st.booleans())
    def send_one(self, how: str, handed: bool) -> None:
        now = datetime.now(UTC) + timedelta(seconds=1)
        with self.desk.db.writing() as s:
            claimed = outbox.claim(s, self.desk.account_id, "one", now)
        if claimed is None:
            return
        one = claimed.message_id
        if handed:
            self.do(lambda s: outbox.handed_over(s, one))
        if how == "settle":
            self.do(lambda s: outbox.settle(s, one, Receipt(claimed.remote_id)))
        elif how == "fail":
            self.do(lambda s: outbox.fail(s, one, "550 no"))
        elif how == "retry":
            self.do(lambda s: outbox.retry_later(s, one, "421 later", now - timedelta(seconds=9)))
        elif how == "unknown":
            self.do(lambda s: outbox.unknown(s, one, "?"))
        elif how == "crash":
            self.do(lambda s: outbox.recover(s, self.desk.account_id, "two", can_find=not handed))

    @rule()
    def everything_goes_out(self) -> None:
        self.desk.go_out()

    @rule(pick=PICK, was_sent=st.booleans())
    def decide(self, pick: int, was_sent: bool) -> None:
        self.do(lambda s: outbox.decide(s, self.message(pick, "unknown"), was_sent))

    @rule(pick=PICK)
    def try_again(self, pick: int) -> None:
        self.do(lambda s: outbox.try_again(s, self.message(pick, "failed")))

    @rule(pick=PICK)
    def settle_late(self, pick: int) -> None:
        """The copy in the Sent folder turns up."""
        self.do(lambda s: outbox.settle(s, self.message(pick, "failed", "unknown", "sending"), Receipt("")))

    @rule(pick=PICK)
    def bounce(self, pick: int) -> None:
        message_id = self.message(pick, "sent", "queued", "unknown")
        with self.desk.db.reading() as s:
            key = s.scalar(sql("SELECT own_key FROM messages WHERE id = :id"), {"id": message_id}) or ""
        bounce = Bounce(key, "", "5.1.1", "no such user", permanent=True)
        self.do(lambda s: outbox.came_back(s, self.desk.account_id, key, bounce))

    @rule(pick=PICK, kind=st.sampled_from([MessageKind.CALL, MessageKind.VISIT]), ask=st.sampled_from([FIRST, THIRD]))
    def call(self, pick: int, kind: MessageKind, ask: str) -> None:
        asked = [AskedQuestion(ask)]
        agent_id = self.desk.agent_id
        self.do(lambda s: replies.log_contact(s, self.case(pick), kind, "Ha hablado", agent_id=agent_id, ask=asked))

    # --- questions ---

    @rule(pick=PICK, learn=st.booleans())
    def answer(self, pick: int, learn: bool) -> None:
        self.do(lambda s: questions.answer(s, self.question(pick), text="Desde ayer", learn=learn))

    @rule(pick=PICK)
    def answer_all(self, pick: int) -> None:
        case_id = self.case(pick)
        self.do(lambda s: self.answer_in(s, case_id))

    def answer_in(self, s: Session, case_id: int) -> None:
        for one in cases.gate(s, case_id).questions:
            if one.asked_at is not None and one.answered_at is None:
                questions.answer(s, one.id, text="Sí")

    @rule(pick=PICK, close=st.booleans())
    def work_on_it(self, pick: int, close: bool) -> None:
        """What an agent does on a good day."""
        conversation_id = self.conversation(pick)
        self.reply(pick, [FIRST, SECOND])
        self.desk.go_out()
        found = self.ids(f"SELECT case_id FROM conversations WHERE id = {conversation_id} AND case_id IS NOT NULL")
        for case_id in found:
            self.do(lambda s, case_id=case_id: self.answer_in(s, case_id))  # type: ignore[misc]
            if close:
                self.do(lambda s, case_id=case_id: cases.close(s, case_id, CloseReason.RESOLVED))  # type: ignore[misc]

    @rule(pick=PICK)
    def give_up(self, pick: int) -> None:
        """Nobody answers for days."""
        case_id = self.case(pick)
        self.days_pass()

        def act(s: Session) -> None:
            for one in cases.gate(s, case_id).questions:
                if one.asked_at is not None and one.answered_at is None:
                    questions.no_answer(s, one.id)

        self.do(act)

    @rule(pick=PICK)
    def accept_proposals(self, pick: int) -> None:
        def act(s: Session) -> None:
            for one in questions.proposals(s, self.case(pick)):
                questions.answer(s, one.question_id, message_id=one.message_id, text=one.text)

        self.do(act)

    @rule(pick=PICK)
    def no_answer(self, pick: int) -> None:
        self.do(lambda s: questions.no_answer(s, self.question(pick)))

    @rule(pick=PICK)
    def take_back(self, pick: int) -> None:
        self.do(lambda s: questions.take_back(s, self.question(pick)))

    @rule()
    def days_pass(self) -> None:
        self.desk.let_pass(hours=73)

    # --- cases ---

    @rule(pick=PICK, key=st.sampled_from(["complaint", "incident", "other"]))
    def change_type(self, pick: int, key: str) -> None:
        self.do(lambda s: cases.change(s, self.case(pick), type_key=key))

    @rule(pick=PICK, status=st.sampled_from(list(CaseStatus)))
    def change_status(self, pick: int, status: CaseStatus) -> None:
        self.do(lambda s: cases.change(s, self.case(pick), status=status))

    @rule(pick=PICK, nobody=st.booleans())
    def assign(self, pick: int, nobody: bool) -> None:
        self.do(lambda s: cases.assign(s, [self.case(pick)], None if nobody else self.desk.agent_id))

    @rule(pick=PICK, into=PICK)
    def join(self, pick: int, into: int) -> None:
        self.do(lambda s: cases.join(s, self.case(pick), self.case(into)))

    @rule(pick=PICK, into=PICK)
    def attach(self, pick: int, into: int) -> None:
        self.do(lambda s: cases.attach(s, self.conversation(pick), self.case(into)))

    @rule(pick=PICK)
    def split(self, pick: int) -> None:
        self.do(lambda s: cases.split(s, self.conversation(pick)))

    @rule(pick=PICK)
    def open_case(self, pick: int) -> None:
        self.do(lambda s: cases.open_case(s, self.conversation(pick)))

    @rule(pick=PICK, reason=st.sampled_from(list(CloseReason)))
    def close(self, pick: int, reason: CloseReason) -> None:
        self.do(lambda s: cases.close(s, self.case(pick), reason))

    @rule()
    def close_all(self) -> None:
        found = self.ids("SELECT DISTINCT case_id FROM case_conversations WHERE conversation_id IN ($here)")
        self.do(lambda s: cases.close_many(s, found, CloseReason.RESOLVED))

    @rule(pick=PICK)
    def reopen(self, pick: int) -> None:
        self.do(lambda s: cases.reopen(s, self.case(pick)))

    @rule(pick=PICK)
    def waive(self, pick: int) -> None:
        self.do(lambda s: cases.waive(s, self.case(pick), self.desk.agent_id, "Una excepción"))

    @rule(allowed=st.booleans())
    def allow_waivers(self, allowed: bool) -> None:
        self.do(lambda s: settings_store.change(s, "waivers_allowed", allowed))

    @rule(pick=PICK)
    def dismiss(self, pick: int) -> None:
        self.do(lambda s: conversations.dismiss(s, [self.conversation(pick)], DismissReason.OTHER))

    @rule(pick=PICK)
    def restore(self, pick: int) -> None:
        self.do(lambda s: conversations.restore(s, [self.conversation(pick)]))

    @rule(days=st.sampled_from([0, 14]))
    def set_reopen_days(self, days: int) -> None:
        self.do(lambda s: s.execute(sql("UPDATE accounts SET reopen_days = :days"), {"days": days}))

    @rule(required=st.sampled_from([2, 3]))
    def change_the_type_itself(self, required: int) -> None:
        def act(s: Session) -> None:
            kind = next(one for one in case_types.every(s, "en") if one.key == "other")
            case_types.save(
                s, case_type_id=kind.id, name_en=kind.name_en, name_es=kind.name_es, required_questions=required
            )

        self.do(act)

    # --- another program on the same database ---

    @rule(pick=PICK, attack=st.integers(0, 12))
    def attack(self, pick: int, attack: int) -> None:
        case_id, question_id = self.case(pick), self.question(pick)
        message_id = self.message(pick, "sent", "queued", "failed", "unknown")
        now = int(datetime.now(UTC).timestamp() * 1000)
        closing = f"SET status = 'closed', closed_at = {now}, close_reason = 'resolved'"
        statement = (
            f"UPDATE cases {closing} WHERE id = {case_id}",
            f"UPDATE cases {closing}, waiver_id = (SELECT MIN(id) FROM waivers) WHERE id = {case_id}",
            f"DELETE FROM questions WHERE id = {question_id}",
            f"UPDATE questions SET answered_at = NULL, no_answer_at = NULL WHERE id = {question_id}",
            f"UPDATE questions SET answered_at = NULL, no_answer_at = {now} WHERE id = {question_id}",
            f"UPDATE questions SET case_id = {self.case(pick + 1)} WHERE id = {question_id}",
            f"UPDATE messages SET delivery = 'failed' WHERE id = {message_id}",
            f"UPDATE messages SET delivery = 'sent' WHERE id = {message_id}",
            f"UPDATE messages SET delivery = 'queued' WHERE id = {message_id}",
            f"UPDATE messages SET kind = 'call' WHERE id = {message_id}",
            f"UPDATE messages SET id = id + 1 WHERE id = {message_id}",
            f"DELETE FROM messages WHERE id = {message_id}",
            f"UPDATE cases SET joined_into_id = {self.case(pick + 1)} WHERE id = {case_id}",
        )[attack]
        self.shake(statement)

    @invariant()
    def no_case_is_closed_that_the_gate_forbids(self) -> None:
        assert forbidden(self.desk.db) == []

    def teardown(self) -> None:
        """Leave nothing in the outbox for the next run."""
        with self.desk.db.writing() as s:
            s.execute(sql("UPDATE messages SET delivery = 'failed' WHERE delivery IN ('queued', 'sending', 'unknown')"))
            s.execute(sql("UPDATE accounts SET reopen_days = 14"))
            s.execute(sql("DELETE FROM settings WHERE name = 'waivers_allowed'"))
            s.execute(sql("UPDATE case_types SET required_questions = 2 WHERE key = 'other'"))
        super().teardown()


def test_no_sequence_of_operations_ends_in_a_closed_case_that_the_gate_forbids(desk: Desk) -> None:
    class Run(AnyOrder):
        pass

    Run.desk = desk
    run_state_machine_as_test(
        Run,
        settings=settings(
            max_examples=45,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with desk.db.reading() as s:  # it would prove nothing if none were ever closed
        closed = s.scalar(sql("SELECT count(*) FROM activity WHERE kind = 'CaseClosed'"))
    assert closed is not None
    assert closed >= 3


def test_two_people_at_the_same_moment_do_not_get_round_the_gate_together(desk: Desk) -> None:
    for n in range(4):
        conversation_id, case_id = desk.ready_case(f"ana{n}@correo.example")
        start = threading.Barrier(2)

        def close(case_id: int = case_id, start: threading.Barrier = start) -> None:
            start.wait()
            with contextlib.suppress(RuleError), desk.db.writing(desk.agent_id) as s:
                cases.close(s, case_id, CloseReason.RESOLVED)

        def ask(conversation_id: int = conversation_id, start: threading.Barrier = start) -> None:
            start.wait()
            with contextlib.suppress(RuleError):
                desk.queue(conversation_id, ask=[THIRD])

        people = [threading.Thread(target=close), threading.Thread(target=ask)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert forbidden(desk.db) == []
        assert len(desk.gate(case_id).questions) == 3
