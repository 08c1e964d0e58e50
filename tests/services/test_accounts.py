"""Accounts, agents, seeding, single messages, and what a person does to a conversation."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from inbox.channels.base import Attachment, Author, Bounce
from inbox.errors import NotFoundError, RuleError
from inbox.services import accounts, agents, conversations, ingest, messages, queries, seeding
from inbox.services.replies import add_note
from inbox.states import AccountState, ConversationState, Delivery, DismissReason, MessageKind, Role
from inbox.store.db import Database
from inbox.store.models import (
    Account,
    Agent,
    BankQuestion,
    CaseType,
    Conversation,
    Customer,
    Identity,
    Message,
    SavedView,
    Template,
)
from tests.services.arriving import NOW, mail, receive, rows


def test_seeding_twice_changes_nothing_and_keeps_what_was_edited(db: Database) -> None:
    with db.writing() as s:
        seeding.seed(s)
        s.scalars(select(CaseType).where(CaseType.key == "order")).one().name_es = "Pedidos"
    before = [len(rows(db, model)) for model in (CaseType, BankQuestion, Template, SavedView)]
    with db.writing() as s:
        seeding.seed(s)
    assert [len(rows(db, model)) for model in (CaseType, BankQuestion, Template, SavedView)] == before
    assert before[0] >= 7
    assert before[2] >= 25
    assert "Pedidos" in [row.name_es for row in rows(db, CaseType)]


def test_an_account_with_conversations_is_kept_when_it_is_removed_and_comes_back(db: Database, account: int) -> None:
    receive(db, account, mail())
    with db.writing() as s:
        empty = accounts.add(s, "email", "Otra", {"address": "otra@example.com"})
        assert accounts.remove(s, empty)
        assert not accounts.remove(s, account)
        assert accounts.rows(s) == []
        assert accounts.to_run(s) == []
    assert len(rows(db, Account)) == len(rows(db, Conversation)) == 1
    with db.writing() as s:
        assert accounts.add(s, "email", "Tienda", {"address": "tienda@example.com"}) == account
        assert [row.id for row in accounts.to_run(s)] == [account]
        with pytest.raises(RuleError, match="already"):
            accounts.add(s, "email", "Doble", {"address": "tienda@example.com"})


def test_an_account_is_run_by_one_engine_at_a_time(db: Database, account: int) -> None:
    with db.writing() as s:
        assert accounts.take_lease(s, account, "one")
        assert accounts.take_lease(s, account, "one")
        assert not accounts.take_lease(s, account, "two")
        accounts.give_lease(s, account, "one")
        assert accounts.take_lease(s, account, "two", seconds=-1)
        assert accounts.take_lease(s, account, "one")


def test_a_light_says_what_is_wrong(db: Database, account: int) -> None:
    with db.writing() as s:
        accounts.set_state(s, account, AccountState.SIGN_IN, "The password is wrong", "Type it again.")
        row = accounts.rows(s)[0]
        assert (row.state, row.state_title, row.state_hint) == (
            AccountState.SIGN_IN,
            "The password is wrong",
            "Type it again.",
        )
        accounts.change(s, account, enabled=False)
        assert accounts.rows(s)[0].state is AccountState.OFF
        with pytest.raises(NotFoundError):
            accounts.change(s, 99, enabled=False)


def test_the_first_agent_is_the_administrator_and_one_always_stays(db: Database) -> None:
    with db.writing() as s:
        first = agents.current(s, "marta", "Marta Ruiz")
        second = agents.current(s, "luis", "Marta Ruiz")
        assert agents.current(s, "marta", "Other name").id == first.id
        assert (first.role, second.role, second.name) == (Role.ADMIN, Role.AGENT, "Marta Ruiz 2")
        added = agents.add(s, "Eva", role=Role.SUPERVISOR)
        assert agents.current(s, "eva", "Eva").id == added
        with pytest.raises(RuleError, match="Somebody must remain administrator"), s.begin_nested():
            agents.change(s, first.id, active=False)
        agents.change(s, second.id, role=Role.ADMIN)
        agents.change(s, first.id, active=False)
    with pytest.raises(RuleError, match="Only an administrator"), db.writing(agent_id=added) as s:
        agents.change(s, added, role=Role.ADMIN)
    assert [row.active for row in rows(db, Agent)] == [False, True, True]


def test_reading_snoozing_and_tagging_show_in_the_row(db: Database, account: int) -> None:
    receive(db, account, mail())
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        conversations.mark_read(s, [conversation.id])
        conversations.set_tags(s, conversation.id, ["vip", " vip", "", "urgente"])
        conversations.snooze(s, [conversation.id], NOW + timedelta(days=1))
        (row,) = queries.conversation_rows(s, [conversation.id])
        assert (row.unread, row.tags, row.snoozed_until) == (False, ("vip", "urgente"), NOW + timedelta(days=1))
        assert queries.conversations(s, "is:open", agent_id=None).rows == ()
        conversations.mark_read(s, [conversation.id], read=False)
        assert queries.conversation_rows(s, [conversation.id])[0].unread


def test_what_we_answered_is_not_dismissed(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=timedelta(hours=1)), mail(key="r", answers=("a",), outgoing=True))
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        result = conversations.dismiss(s, [conversation.id], DismissReason.SPAM)
    assert (result.done, result.refused[0].id) == ((), conversation.id)
    assert result.refused[0].reasons == ("A reply went out in it: close its case instead.",)
    assert rows(db, Conversation)[0].dismissed is None


def test_a_note_is_not_the_newest_message_of_the_list(db: Database, account: int) -> None:
    receive(db, account, mail("Hola"))
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        me = agents.add(s, "Marta")
        add_note(s, conversation.id, "Ojo con esto", agent_id=me)
        conversations.refresh(s, [conversation.id])
    after = rows(db, Conversation)[0]
    assert (after.snippet, after.last_message_id) == ("Hola", conversation.last_message_id)


def test_a_copy_of_our_reply_in_the_sent_folder_settles_it(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=timedelta(hours=1)))
    (conversation,) = rows(db, Conversation)
    with db.writing() as s:
        s.add(
            Message(
                id=rows(db, Message)[0].id + (1 << 21),
                account_id=account,
                conversation_id=conversation.id,
                remote_id="reply@example.com",
                own_key="reply@example.com",
                direction="out",
                sent_at=NOW,
                delivery=Delivery.UNKNOWN,
            )
        )
    copy = mail("Ya sale", key="reply@example.com", outgoing=True, remote_id="sent-17", answers=("a",))
    assert receive(db, account, copy) == ingest.Stored(0, 1, ())
    assert [row.delivery for row in rows(db, Message)] == [Delivery.NONE, Delivery.SENT]


def test_a_bounce_lands_in_the_thread_of_what_came_back(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=timedelta(hours=2)))
    receive(db, account, mail(key="r", answers=("a",), outgoing=True, ago=timedelta(hours=1)))
    report = Bounce("r", "ana@example.com", "5.1.1", "No such user", permanent=True)
    receive(db, account, mail("Undelivered", "mailer-daemon@example.com", kind=MessageKind.BOUNCE, bounces=(report,)))
    (conversation,) = rows(db, Conversation)
    assert (conversation.message_count, conversation.has_failed) == (3, True)
    assert [row.delivery for row in rows(db, Message)] == [Delivery.NONE, Delivery.FAILED, Delivery.NONE]
    (identity,) = rows(db, Identity, Identity.handle == "ana@example.com")
    assert (identity.valid, identity.invalid_reason) == (False, "No such user")


def test_html_is_shown_sanitised_and_a_part_of_a_mail_is_a_file(db: Database, account: int) -> None:
    raw = (
        b"From: Ana <ana@example.com>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Hola</p><script>alert(1)</script>"
    )
    receive(
        db, account, mail("Hola", has_html=True, raw=raw, attachments=(Attachment("a.txt", "text/plain", 1, b"x"),))
    )
    (message,) = rows(db, Message)
    with db.reading() as s:
        shown = messages.body(s, message.id)
        assert "Hola" in shown.html
        assert "alert" not in shown.html
        assert messages.source(s, message.id) == raw
        file = queries.thread(s, message.conversation_id).messages[0].attachments[0]
        assert messages.attachment(s, file.id)[1] == b"x"
        with pytest.raises(NotFoundError):
            messages.body(s, 1)
        with pytest.raises(NotFoundError):
            messages.attachment(s, 99)


def test_an_unreadable_message_that_can_be_read_now_finds_its_sender(db: Database, account: int) -> None:
    raw = b"From: Ana <ana@example.com>\r\nSubject: Factura\r\nMessage-ID: <q@x>\r\n\r\nMi factura\r\n"
    broken = mail("", sender="", key="u1", subject="", kind=MessageKind.UNREADABLE, problem="No header", raw=raw)
    receive(db, account, broken)
    (message,) = rows(db, Message)
    with db.writing() as s:
        assert messages.read_again(s, message.id)
        with pytest.raises(RuleError):
            messages.read_again(s, message.id)
    (after,), (conversation,), (customer,) = rows(db, Message), rows(db, Conversation), rows(db, Customer)
    assert (after.kind, after.subject, after.text.strip(), after.problem) == (
        MessageKind.TEXT,
        "Factura",
        "Mi factura",
        "",
    )
    assert (conversation.subject, conversation.snippet, conversation.customer_id) == (
        "Factura",
        "Mi factura",
        customer.id,
    )
    assert (customer.name, conversation.state) == ("Ana", ConversationState.OPEN)
    with db.reading() as s:
        assert [hit.message_id for hit in queries.search_messages(s, "factura", agent_id=None)] == [message.id]


def test_two_handles_that_name_each_other_in_one_batch_are_one_customer(db: Database, account: int) -> None:
    first = mail(author=Author("x@example.com", keys=(("phone", "+34600111222"),)))
    second = mail(author=Author("y@example.com", keys=(("phone", "+34600111222"),)))
    receive(db, account, first, second)
    assert len(rows(db, Customer)) == 1
    assert len(rows(db, Identity)) == 3


def test_an_account_keeps_only_what_was_asked_for(db: Database) -> None:
    """A port that nobody gave follows from the encryption: 993 kept beside STARTTLS would be wrong."""
    with db.writing() as s:
        account_id = accounts.add(s, "email", "Shop", {"address": "a@example.com", "imap_security": "starttls"})
    with db.reading() as s:
        assert s.get_one(Account, account_id).settings == {"address": "a@example.com", "imap_security": "starttls"}


def test_an_account_is_told_from_others_by_the_field_that_its_channel_names(db: Database) -> None:
    with db.writing() as s:
        first = accounts.add(s, "telegram", "One", {"username": "@one_bot"})
        second = accounts.add(s, "telegram", "Two", {"username": "@two_bot"})
    with db.reading() as s:
        assert [s.get_one(Account, each).address for each in (first, second)] == ["@one_bot", "@two_bot"]
    with db.writing() as s, pytest.raises(RuleError):
        accounts.add(s, "telegram", "Again", {"username": "@one_bot"})
