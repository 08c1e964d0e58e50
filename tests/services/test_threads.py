"""Which conversation a mail belongs to: a wrong join is worse than a missed one."""

import itertools
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from inbox.channels.base import Incoming
from inbox.channels.email.incoming import to_incoming
from inbox.services import conversations
from inbox.services.replies import queue
from inbox.states import Direction
from inbox.store.db import Database
from inbox.store.models import Conversation, Message
from tests import score
from tests.services.arriving import NOW, mail, receive, rows

BEA = "bea@example.org"


def groups(db: Database) -> list[list[str]]:
    """The Message-IDs of each conversation, in the order of their times."""
    found: dict[int, list[str]] = {}
    for message in rows(db, Message):
        found.setdefault(message.conversation_id, []).append(message.own_key)
    return sorted(sorted(keys) for keys in found.values())


def ago(hours: int) -> timedelta:
    return timedelta(hours=hours)


def test_real_mailboxes_are_grouped_rightly(shared_data: Path) -> None:
    result = score.score(shared_data / "threads")
    assert all(result.cases.values()), result.wrong


@pytest.mark.parametrize(
    "fields",
    [
        "In-Reply-To: <a@x.example>",
        "References: <a@x.example>",
        "References: <gone@x.example> <a@x.example> (lost",
        "References: garbage <a@x.example>,<a@x.example>;",
        "References: <a@x.example\r\nIn-Reply-To: Ana's mail of Monday <a@x.example>",
        "References: <a@x.example>\r\n <gone@x.example>\r\nIn-Reply-To: <gone@x.example> (no such mail)",
    ],
)
def test_an_answer_finds_its_thread_by_whatever_is_left_of_its_fields(db: Database, account: int, fields: str) -> None:
    receive(db, account, mail(key="a@x.example", ago=ago(2)))
    raw = f"From: ana@example.com\r\nMessage-ID: <b@x.example>\r\n{fields}\r\nSubject: Otra\r\n\r\nSí.".encode()
    receive(db, account, to_incoming(raw, {"tienda@example.com"}))
    assert groups(db) == [["a@x.example", "b@x.example"]]


def test_the_subject_alone_joins_nothing(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=ago(3)), mail(key="b", ago=ago(2)), mail(key="c", subject="Re: Mi pedido"))
    assert groups(db) == [["a"], ["b"], ["c"]]


def test_an_answer_to_something_unknown_joins_what_the_same_customer_began(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=ago(3)))
    receive(db, account, mail(key="b", answers=["lost"], subject="Re: Mi pedido"))
    receive(db, account, mail(key="c", answers=["lost too"], subject="RE: Mi pedido", sender=BEA))
    assert groups(db) == [["a", "b"], ["c"]]


@pytest.mark.parametrize(
    "before",
    [
        [mail(key="a", ago=ago(3)), mail(key="z", ago=ago(2))],  # two that it could belong to
        [mail(key="a", ago=ago(3), subject="Re: Mi pedido", answers=["a notice"])],  # itself an answer
        [mail(key="a", ago=timedelta(days=90))],
        [mail(key="a", ago=ago(3), subject="Mi pedido 7")],
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_an_answer_to_something_unknown_joins_nothing_in_doubt(
    db: Database, account: int, before: list[Any], at_once: bool
) -> None:
    answer = mail(key="b", answers=["lost"], subject="Re: Mi pedido")
    if at_once:
        receive(db, account, *before, answer)
    else:
        receive(db, account, *before)
        receive(db, account, answer)
    assert ["b"] in groups(db)


@pytest.mark.parametrize("at_once", [True, False])
def test_strangers_who_answer_one_letter_to_many_stay_apart(db: Database, account: int, at_once: bool) -> None:
    mails = mail(key="a", answers=["newsletter"], ago=ago(2)), mail(key="b", answers=["newsletter"], sender=BEA)
    for batch in [mails] if at_once else [[each] for each in mails]:
        receive(db, account, *batch)
    assert groups(db) == [["a"], ["b"]]


def test_who_was_copied_belongs_to_the_thread(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", answers=["lost"], recipients=("tienda@example.com", BEA), ago=ago(2)))
    receive(db, account, mail(key="b", answers=["lost"], sender=BEA))
    assert groups(db) == [["a", "b"]]


def test_who_answers_a_mail_that_we_hold_belongs_to_the_thread(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=ago(2)))
    receive(db, account, mail(key="b", answers=["a"], sender=BEA))
    assert groups(db) == [["a", "b"]]
    (conversation,) = rows(db, Conversation)
    (first, _) = rows(db, Message)
    assert conversation.identity_id == first.identity_id


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("other", [{"sender": BEA}, {"subject": "Otra cosa"}])
def test_an_id_that_is_used_again_joins_nothing(
    db: Database, account: int, other: dict[str, Any], at_once: bool
) -> None:
    mails = mail(key="1@localhost", remote_id="r1", ago=ago(2)), mail(key="1@localhost", remote_id="r2", **other)
    for batch in [mails] if at_once else [[each] for each in mails]:
        receive(db, account, *batch)
    assert groups(db) == [["1@localhost"], ["1@localhost"]]


def test_mails_that_answer_each_other_are_one_conversation(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", answers=["b", "a"], ago=ago(2)))
    receive(db, account, mail(key="b", answers=["a", "b"]))
    assert groups(db) == [["a", "b"]]


def test_an_answer_to_our_reply_comes_back_to_it(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=ago(2)))
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        queue(s, conversation.id, "Lo miramos.", agent_id=None)
    (ours,) = rows(db, Message, Message.direction == Direction.OUT)
    receive(db, account, mail(key="b", answers=[ours.own_key], subject="Sin relación", sent_at=NOW + ago(1)))
    assert len(rows(db, Conversation)) == 1


_mailboxes = itertools.count(1)
OLD = timedelta(days=400)  # as history: it opens no case


def letters(parents: list[int], fields: str, mailbox: str = "x") -> list[Incoming]:
    """Mails that answer each other: each names its parent (its place in the list), the first one none."""
    made: list[Incoming] = []
    for number, parent in enumerate([-1, *parents]):
        chain = [parent % number] if number else []
        while chain and chain[-1]:
            chain.append(([-1, *parents][chain[-1]]) % chain[-1])
        head = [f"From: ana@example.com\r\nMessage-ID: <m{number}@{mailbox}.example>\r\nSubject: Asunto {number}"]
        if chain and fields != "References":
            head.append(f"In-Reply-To: <m{chain[0]}@{mailbox}.example>")
        if chain and fields != "In-Reply-To":
            head.append("References: " + " ".join(f"<m{each}@{mailbox}.example>" for each in reversed(chain)))
        date = (NOW - OLD + number * timedelta(minutes=1)).strftime("%a, %d %b %Y %H:%M:%S +0000")
        raw = "\r\n".join([*head, f"Date: {date}", "", f"Texto {number}"]).encode()
        made.append(to_incoming(raw, {"tienda@example.com"}))
    return made


@pytest.mark.parametrize("fields", ["In-Reply-To", "References", "both"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), min_size=1, max_size=6), st.randoms(use_true_random=False), st.integers(1, 3))
def test_history_ends_up_the_same_in_whatever_order_it_comes(
    db: Database, account: int, fields: str, parents: list[int], chance: Random, size: int
) -> None:
    mails = letters(parents, fields, f"x{next(_mailboxes)}")
    chance.shuffle(mails)
    for start in range(0, len(mails), size):
        receive(db, account, *mails[start : start + size], backfill=True)
    stored = rows(db, Message, Message.own_key.in_([each.own_key for each in mails]))
    (conversation,) = rows(db, Conversation, Conversation.id.in_({each.conversation_id for each in stored}))
    assert conversation.message_count == len(mails) == len(stored)
    assert conversation.last_message_id == max(each.id for each in stored)


def test_what_somebody_works_on_is_not_moved(db: Database, account: int) -> None:
    first, second, third, last = letters([0, 0, 1], "In-Reply-To")
    receive(db, account, last, backfill=True)
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        conversations.set_tags(s, conversation.id, ["urgente"])
    for each in (third, second, first):
        receive(db, account, each, backfill=True)
    assert len(rows(db, Conversation)) == 2


def test_a_matter_of_its_own_is_not_moved_with_the_answer_in_it(db: Database, account: int) -> None:
    root, middle, answer = letters([0, 1], "In-Reply-To")
    own = mail(key="own@x.example", ago=OLD, raw=b"From: ana@example.com\r\nMessage-ID: <own@x.example>\r\n\r\nHola")
    both = replace(answer, thread_keys=("own@x.example", *answer.thread_keys))
    receive(db, account, own, backfill=True)
    receive(db, account, both, backfill=True)
    receive(db, account, root, backfill=True)
    receive(db, account, middle, backfill=True)
    assert groups(db) == [["m0@x.example", "m1@x.example"], ["m2@x.example", "own@x.example"]]
