"""A desk to test at: a seeded database with an agent, an account, and customers who write."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text as sql

from inbox.channels.base import Author, Batch, Incoming, Receipt
from inbox.services import accounts, agents, cases, ingest, outbox, questions, replies, seeding
from inbox.services.rows import AskedQuestion, Gate
from inbox.store.db import Database
from inbox.store.models import Conversation

ENGINE = "engine-of-the-test"
FIRST, SECOND, THIRD = "¿Cuál es su número de pedido?", "¿Desde cuándo ocurre?", "¿Qué luz aparece en el panel?"


@dataclass
class Desk:
    """What a test does at the desk; each step is a transaction of its own, as in the program."""

    db: Database
    agent_id: int
    account_id: int
    address: str = "atencion@casaverde.example"
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def receive(
        self,
        words: str = "La lavadora no funciona.",
        *,
        sender: str = "ana@correo.example",
        thread: str = "",
        at: datetime | None = None,
        account_id: int | None = None,
    ) -> tuple[int, int]:
        """A customer writes; answers conversation and message."""
        n = next(self.numbers)
        message = Incoming(
            remote_id=f"in-{n}",
            author=Author(sender, sender.partition("@")[0].title()),
            sent_at=at or datetime.now(UTC),
            raw=words.encode(),
            text=words,
            new_text=words,
            subject="Lavadora",
            thread_keys=(thread,) if thread else (),
            own_key=f"in-{n}@correo.example",
            recipients=(self.address,),
        )
        account = account_id or self.account_id
        with self.db.writing() as s:
            ingest.store_batch(s, account, Batch((message,), f"cursor-{n}"))
            found = s.execute(
                sql("SELECT conversation_id, id FROM messages WHERE account_id = :account AND remote_id = :remote"),
                {"account": account, "remote": message.remote_id},
            ).one()
        return int(found[0]), int(found[1])

    def case_of(self, conversation_id: int) -> int:
        """The case of a conversation, which has one."""
        with self.db.reading() as s:
            found = s.get(Conversation, conversation_id)
            assert found is not None
            assert found.case_id is not None
            return found.case_id

    def queue(self, conversation_id: int, words: str = "Lo miramos.", ask: Sequence[str] = ()) -> int:
        """A reply with these questions waits to go out, now."""
        asked = [AskedQuestion(one) for one in ask]
        with self.db.writing(self.agent_id) as s:
            text = replies.with_questions(words, asked)
            everything = ("too_many_questions", "solution_too_early", "stale", "forgotten_attachment", "already_known")
            return replies.queue(
                s, conversation_id, text, agent_id=self.agent_id, ask=asked, delay=0, confirmed=everything
            )

    def send(self, conversation_id: int, words: str = "Lo miramos.", ask: Sequence[str] = ()) -> int:
        """The same, and it goes out."""
        message_id = self.queue(conversation_id, words, ask)
        self.go_out()
        return message_id

    def go_out(self) -> list[int]:
        """Everything that is due goes out."""
        done: list[int] = []
        while True:
            with self.db.writing() as s:
                claimed = outbox.claim(s, self.account_id, ENGINE, datetime.now(UTC) + timedelta(seconds=1))
            if claimed is None:
                return done
            with self.db.writing() as s:
                outbox.handed_over(s, claimed.message_id)
            with self.db.writing() as s:
                outbox.settle(s, claimed.message_id, Receipt(claimed.remote_id))
            done.append(claimed.message_id)

    def gate(self, case_id: int) -> Gate:
        """What the gate says."""
        with self.db.reading() as s:
            return cases.gate(s, case_id)

    def answer_all(self, case_id: int, words: str = "Desde ayer") -> None:
        """Every question of the case gets its answer by word of mouth."""
        with self.db.writing(self.agent_id) as s:
            for one in cases.gate(s, case_id).questions:
                if one.answered_at is None and one.asked_at is not None:
                    questions.answer(s, one.id, text=words)

    def let_pass(self, hours: float) -> None:
        """As if everything that was asked had been asked that much earlier."""
        with self.db.writing() as s:
            s.execute(
                sql(
                    "UPDATE questions SET asked_at = asked_at - :ms WHERE asked_at IS NOT NULL"
                    " AND no_answer_at IS NULL AND case_id IN "
                    "(SELECT id FROM cases WHERE status <> 'closed')"
                ),
                {"ms": int(hours * 3_600_000)},
            )

    def ready_case(self, sender: str = "ana@correo.example") -> tuple[int, int]:
        """A conversation and its case with two questions asked and answered."""
        conversation_id, _ = self.receive(sender=sender)
        self.send(conversation_id, ask=[FIRST, SECOND])
        case_id = self.case_of(conversation_id)
        self.answer_all(case_id)
        return conversation_id, case_id


def make_desk(db: Database) -> Desk:
    """Seed a database and sit down at it."""
    with db.writing() as s:
        seeding.seed(s)
        agent = agents.current(s, "marta", "Marta Ruiz")
        account_id = accounts.add(s, "email", "Atención", {"address": Desk.address})
    return Desk(db, agent.id, account_id)
