"""What changes at the other side afterwards: edits, removals, delivery news, threads under another name."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from inbox.channels.base import Author, Batch, DeliveryNews, Edit, Incoming
from inbox.services import erasing, ingest, replies
from inbox.states import CaseStatus, Delivery
from inbox.store import search
from inbox.store.db import Database
from inbox.store.models import Case, Conversation, Customer, Identity, Message, MessageVersion
from tests.services.arriving import NOW, mail, rows


def came(db: Database, account: int, *messages: Incoming, **batch: Any) -> None:
    with db.writing() as s:
        ingest.store_batch(s, account, Batch(messages, "c", **batch))


def edit(message: Incoming, text: str, *, minutes: int = 1, **more: Any) -> Edit:
    raw = message.raw.replace(message.text.encode(), text.encode())
    return Edit(message.remote_id, NOW + timedelta(minutes=minutes), raw, text, text, **more)


def found(db: Database, query: str) -> Sequence[int]:
    with db.reading() as s:
        return [each for each, _ in search.message_ids(s, search.parse(query, now=NOW, agent_id=None))]


def test_an_edit_takes_the_place_of_the_text_and_the_former_one_is_kept(db: Database, account: int) -> None:
    first = mail("El pedido doce")
    came(db, account, first)
    came(db, account, edits=[edit(first, "El pedido veintiuno")])
    (message,), (version,), (conversation,) = rows(db, Message), rows(db, MessageVersion), rows(db, Conversation)
    assert (message.text, version.text) == ("El pedido veintiuno", "El pedido doce")
    assert message.edited_at == version.until
    assert conversation.snippet == "El pedido veintiuno"
    assert conversation.last_message_id == message.id
    assert found(db, "veintiuno") == [message.id]
    assert found(db, "doce") == []
    assert found(db, "from:ana@example.com") == [message.id]


def test_edits_that_repeat_or_come_out_of_order_change_nothing(db: Database, account: int) -> None:
    first = mail("uno")
    came(db, account, first, edits=[edit(first, "tres", minutes=3)])
    came(db, account, edits=[edit(first, "tres", minutes=3), edit(first, "dos", minutes=2)])
    (message,) = rows(db, Message)
    assert message.text == "tres"
    assert [version.text for version in rows(db, MessageVersion)] == ["uno"]


def test_what_is_removed_at_the_other_side_stays_here(db: Database, account: int) -> None:
    first = mail("Me lo pensé mejor")
    came(db, account, first)
    came(db, account, edits=[edit(first, "", deleted=True)])
    (message,) = rows(db, Message)
    assert (message.text, message.removed_at) == ("Me lo pensé mejor", NOW + timedelta(minutes=1))


def test_an_edit_of_what_never_came_is_left_out(db: Database, account: int) -> None:
    came(db, account, edits=[edit(mail("nunca"), "jamás")], deliveries=[DeliveryNews("x", Delivery.READ)])
    assert rows(db, Message) == []


def test_an_erased_customer_leaves_no_version_behind(db: Database, account: int) -> None:
    first = mail("secreto uno", author=Author("ana@example.com", "Ana", nick="@ana", followers=7))
    came(db, account, first, edits=[edit(first, "secreto dos")])
    with db.writing() as s:
        erasing.erase(s, s.query(Customer).one().id)
    assert rows(db, MessageVersion) == []
    (identity,) = rows(db, Identity)
    assert (identity.nick, identity.followers) == ("", None)


def test_profiles_follow_what_people_change(db: Database, account: int) -> None:
    came(db, account, mail(author=Author("7", "Ana", nick="@ana", profile_url="https://x.example/ana", followers=10)))
    came(db, account, mail(author=Author("7", "Ana", nick="@ana_t", profile_url="https://x.example/ana_t")))
    (identity,) = rows(db, Identity)
    assert (identity.nick, identity.profile_url, identity.followers) == ("@ana_t", "https://x.example/ana_t", 10)


def test_a_thread_under_a_new_name_goes_on(db: Database, account: int) -> None:
    came(db, account, mail("uno", remote_thread="-5"))
    came(db, account, mail("dos", remote_thread="-10055"), moved={"-5": "-10055"})
    assert [row.message_count for row in rows(db, Conversation)] == [2]
    came(db, account, moved={"-10055": "-10055", "-1": "-2"})
    assert [row.remote_thread for row in rows(db, Conversation)] == ["-10055"]


@pytest.fixture
def sent(db: Database, account: int) -> Message:
    """A reply that went out, in a case."""
    came(db, account, mail("¿Y mi pedido?"))
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        queued = replies.queue(s, conversation.id, "Salió ayer.", agent_id=None, delay=0)
    with db.writing() as s:
        message = s.get_one(Message, queued)
        message.delivery, message.remote_id = Delivery.SENT, "theirs"
    return message


def test_news_of_delivery_only_go_forward(db: Database, account: int, sent: Message) -> None:
    for news, then in [
        (Delivery.DELIVERED, Delivery.DELIVERED),
        (Delivery.READ, Delivery.READ),
        (Delivery.DELIVERED, Delivery.READ),
    ]:
        came(db, account, deliveries=[DeliveryNews("theirs", news)])
        assert next(each for each in rows(db, Message) if each.id == sent.id).delivery is then


def test_a_reply_that_could_not_be_delivered_failed_after_all(db: Database, account: int, sent: Message) -> None:
    came(db, account, deliveries=[DeliveryNews("theirs", Delivery.FAILED, "More than 24 hours have passed")])
    message = next(each for each in rows(db, Message) if each.id == sent.id)
    (conversation,) = rows(db, Conversation)
    assert (message.delivery, message.delivery_note) == (Delivery.FAILED, "More than 24 hours have passed")
    assert conversation.has_failed
    with db.reading() as s:
        assert s.get_one(Case, conversation.case_id).status is CaseStatus.OPEN


def test_what_was_read_in_another_program_is_read_here_up_to_there(db: Database, account: int) -> None:
    first = mail("uno", key="first@example.com", ago=timedelta(minutes=3))
    second = mail("dos", key="second@example.com", answers=("first@example.com",), ago=timedelta(minutes=2))
    third = mail("tres", answers=("first@example.com",), ago=timedelta(minutes=1))
    came(db, account, first, second, third)
    came(db, account, seen=["second@example.com", "unknown@example.com"])
    assert [conversation.unread_count for conversation in rows(db, Conversation)] == [1]
    came(db, account, seen=["first@example.com"])
    assert [conversation.unread_count for conversation in rows(db, Conversation)] == [1]
    came(db, account, seen=[third.own_key])
    assert [conversation.unread_count for conversation in rows(db, Conversation)] == [0]
