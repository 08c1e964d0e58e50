"""Delivery reports that do not name the message they speak of find it by recipient, subject and time, or not at all."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from inbox.channels.base import Bounce
from inbox.channels.email.incoming import to_incoming
from inbox.services import ingest
from inbox.states import Delivery, MessageKind
from inbox.store.db import Database
from inbox.store.models import Conversation, Identity, Message
from tests.services.arriving import account, mail, receive, rows

__all__ = ["account"]
DAYS = timedelta(days=1)


def sent(db: Database, account: int, key: str, ago: timedelta, *, subject: str = "Mi pedido") -> None:
    receive(db, account, mail(key=f"{key}-asked", ago=ago + DAYS, subject=subject))
    reply = mail("Ya sale", key=key, answers=(f"{key}-asked",), outgoing=True, ago=ago, subject=subject)
    receive(db, account, reply)
    with db.writing() as s:
        s.execute(update(Message).where(Message.own_key == key).values(delivery=Delivery.SENT))


def report(subject: str, *, recipient: str = "ana@example.com", key: str = "") -> Bounce:
    return Bounce(key, recipient, "5.1.1", "No such user", permanent=True, subject=subject)


def come_back(db: Database, account: int, bounce: Bounce) -> list[str]:
    """The keys of the replies that failed, after a report came in."""
    ours = mail("Undelivered", "mailer-daemon@example.net", kind=MessageKind.BOUNCE, bounces=(bounce,), subject="Fail")
    receive(db, account, ours)
    return [row.own_key for row in rows(db, Message, Message.delivery == Delivery.FAILED)]


def test_by_recipient_and_subject(db: Database, account: int) -> None:
    sent(db, account, "one", timedelta(hours=3))
    sent(db, account, "two", timedelta(hours=2), subject="Factura")
    assert come_back(db, account, report("mi  pedido")) == ["one"]
    (identity,) = rows(db, Identity, Identity.handle == "ana@example.com")
    assert not identity.valid
    found = {row.id: row.message_count for row in rows(db, Conversation)}
    assert sorted(found.values()) == [2, 3]  # the report stands in the thread of what came back


def test_an_address_whose_mailbox_is_full_stays_right(db: Database, account: int) -> None:
    sent(db, account, "one", timedelta(hours=3))
    full = Bounce("one", "ana@example.com", "5.2.2", "Mailbox full", permanent=True)
    assert come_back(db, account, full) == ["one"]
    (identity,) = rows(db, Identity, Identity.handle == "ana@example.com")
    assert identity.valid


def test_the_newest_of_several_with_one_subject(db: Database, account: int) -> None:
    sent(db, account, "one", 2 * DAYS)
    sent(db, account, "two", timedelta(hours=1))
    assert come_back(db, account, report("Mi pedido")) == ["two"]


def test_an_unknown_id_does_not_hide_it(db: Database, account: int) -> None:
    sent(db, account, "one", timedelta(hours=3))
    assert come_back(db, account, report("Mi pedido", key="renamed@relay.example")) == ["one"]


def test_without_a_subject_only_where_one_can_be_meant(db: Database, account: int) -> None:
    sent(db, account, "one", timedelta(hours=3))
    assert come_back(db, account, report("")) == ["one"]


@pytest.mark.parametrize(
    "bounce",
    [
        report("Otro asunto"),
        report("Mi pedido", recipient="eva@example.com"),
        report("Mi pedido", recipient=""),
        report("", recipient="ana@example.com"),
    ],
)
def test_in_doubt_nothing_fails(db: Database, account: int, bounce: Bounce) -> None:
    sent(db, account, "one", timedelta(hours=3))
    sent(db, account, "two", timedelta(hours=2))
    assert come_back(db, account, bounce) == []


def test_what_went_out_long_before_is_not_meant(db: Database, account: int) -> None:
    sent(db, account, "one", 9 * DAYS)
    assert come_back(db, account, report("Mi pedido")) == []


def test_a_report_in_words_fails_the_reply_that_it_repeats(db: Database, account: int) -> None:
    sent(db, account, "one", timedelta(hours=3))
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nTo: tienda@example.com\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program.\r\nI wasn't able to deliver your message.\r\n\r\n"
        b"<ana@example.com>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\n"
        b"Subject: Mi pedido\r\nTo: ana@example.com\r\n\r\nYa sale\r\n"
    )
    stored = receive(db, account, to_incoming(raw, ("tienda@example.com",)))
    assert isinstance(stored, ingest.Stored)
    (failed,) = rows(db, Message, Message.delivery == Delivery.FAILED)
    assert (failed.own_key, failed.delivery_note) == ("one", "Sorry, no mailbox here by that name. (#5.1.1)")
