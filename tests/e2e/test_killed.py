"""The program killed in the middle of receiving and of sending: nothing lost, nothing twice."""

import itertools
import random
import threading
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from typing import Any

import pytest
from sqlalchemy import select, text

from inbox.services import agents, replies
from inbox.states import Delivery
from inbox.store.db import Database
from inbox.store.models import Conversation, Message
from tests.e2e.desk import Desk
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

KILLS = 25
LONGEST = 0.5  # seconds after "ready": by then all of it is done, so that the kills fall into every stage


def mail(number: int) -> bytes:
    """A customer's mail."""
    return (
        f"From: customer{number % 40}@customers.example\nTo: shop@example.com\nSubject: Matter {number}\n"
        f"Message-ID: <{number}@customers.example>\n\nThis is mail {number}.\n" + "More text. " * (number % 50) + "\n"
    ).encode()


def wait_until(true: Callable[[], Any], seconds: float = 30) -> None:
    """Look again and again: another process does it."""
    look = threading.Event()
    for _ in range(int(seconds / 0.1)):
        if true():
            return
        look.wait(0.1)
    pytest.fail("it did not happen")


def kill_at_random(desk: Desk, chance: random.Random) -> None:
    """Start the program and end it without a word at a moment that nobody chose."""
    with desk.serving() as process:
        threading.Event().wait(chance.uniform(0, LONGEST))
        process.kill()


@pytest.mark.timeout(240)
def test_killed_while_receiving(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, db: Database) -> None:
    chance = random.Random(1)
    numbers = iter(range(10_000))
    delivered = []
    desk.add_email(dovecot, smtp_server, test=False)
    for _ in range(KILLS):
        for _ in range(30):
            delivered.append(next(numbers))
            dovecot.deliver(mail(delivered[-1]))
        kill_at_random(desk, chance)
    desk.succeed("sync", "--once")
    with db.reading() as s:
        subjects = list(s.scalars(select(Message.subject)))
        searchable = (
            s.execute(text("SELECT count(*) FROM message_index")).scalar_one() if db.is_sqlite else len(subjects)
        )
    assert Counter(subjects) == Counter(f"Matter {number}" for number in delivered)
    assert searchable == len(subjects)


_numbers = itertools.count(1)


def queue_replies(db: Database, conversation_ids: list[int]) -> None:
    """Three replies that may go at once; no two are equal, which would be held as a loop."""
    with db.writing() as s:
        agent = agents.current(s, "tester", "Tester")
        for id_ in conversation_ids:
            replies.queue(s, id_, f"Gracias por su mensaje. {next(_numbers)}", agent_id=agent.id, delay=0)


@pytest.mark.timeout(240)
def test_killed_while_sending(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, db: Database) -> None:
    chance = random.Random(2)
    for number in range(10):
        dovecot.deliver(mail(number))
    desk.add_email(dovecot, smtp_server, test=False)
    desk.succeed("sync", "--once")
    with db.reading() as s:
        ids = list(s.scalars(select(Conversation.id)))
    for round_ in range(KILLS):
        queue_replies(db, [ids[(round_ * 3 + n) % len(ids)] for n in range(3)])
        kill_at_random(desk, chance)

    def settled() -> bool:
        with db.reading() as s:
            moving = select(Message.id).where(Message.delivery.in_([Delivery.QUEUED, Delivery.SENDING]))
            return s.scalars(moving).first() is None

    with desk.serving():
        wait_until(settled)
    with db.reading() as s:
        ours = {row.own_key: row.delivery for row in s.scalars(select(Message).where(Message.agent_id.is_not(None)))}
    came = Counter(message_from_bytes(each.data)["Message-ID"].strip("<>") for each in smtp_server.accepted)
    assert len(ours) == 3 * KILLS
    assert set(came.values()) == {1}, "a copy was sent twice"
    assert set(came) <= set(ours)
    for key, delivery in ours.items():
        assert delivery in (Delivery.SENT, Delivery.UNKNOWN), delivery
        assert key in came or delivery is Delivery.UNKNOWN, "told as sent, and never was"
    unknown = sum(delivery is Delivery.UNKNOWN for delivery in ours.values())
    listed = desk.rows("conversations", "--query", "is:failed", "--limit", 100)
    assert bool(listed) == bool(unknown), "what is in doubt is shown"
