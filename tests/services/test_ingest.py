"""What comes in is stored once, whole, with its customer, its conversation and its case."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from inbox.channels.base import Attachment, Author
from inbox.events import Event, HistoryStored, MessageReceived
from inbox.services import accounts, conversations, ingest
from inbox.states import (
    CaseStatus,
    ConversationKind,
    ConversationState,
    Delivery,
    Direction,
    DismissReason,
    MessageKind,
)
from inbox.store.db import Database, files_of
from inbox.store.models import (
    Account,
    Attachment as StoredAttachment,
    Case,
    Conversation,
    Customer,
    Identity,
    Message,
    ThreadKey,
)
from tests.services.arriving import NOW, mail, receive, rows


def test_a_mail_becomes_a_customer_a_conversation_and_a_case(db: Database, account: int) -> None:
    stored = receive(db, account, mail("Hola,\nno llega", name="Ana Pérez", subject="Re: RE: Pedido 7"))
    (message,), (conversation,) = rows(db, Message), rows(db, Conversation)
    (customer,), (identity,), (case,) = rows(db, Customer), rows(db, Identity), rows(db, Case)
    assert stored == ingest.Stored(1, 0, (conversation.id,))
    assert (customer.name, identity.handle, identity.is_primary) == ("Ana Pérez", "ana@example.com", True)
    assert (conversation.subject, conversation.snippet) == ("Pedido 7", "Hola, no llega")
    assert (conversation.state, conversation.unread_count, conversation.message_count) == (ConversationState.OPEN, 1, 1)
    assert conversation.last_message_id == message.id
    assert (case.status, case.customer_id, case.opened_at) == (CaseStatus.NEW, customer.id, NOW)
    assert (conversation.case_id, conversation.waiting_since, conversation.due_at) == (case.id, NOW, case.due_at)
    with db.reading() as s:
        assert files_of(s).get_source(s, message.id).endswith(b"no llega")
        assert accounts.load_cursor(s, account) == "c"


def test_a_message_that_is_known_is_not_stored_again(db: Database, account: int) -> None:
    first = mail()
    receive(db, account, first)
    assert receive(db, account, first, mail(key="other"), first).new == 1
    assert len(rows(db, Message)) == 2


def test_an_answer_joins_its_thread_in_whatever_order_they_come(db: Database, account: int) -> None:
    root = mail(key="a", ago=timedelta(hours=3))
    middle = mail(key="b", answers=("a",), ago=timedelta(hours=2))
    newest = mail(key="c", answers=("b", "a"), ago=timedelta(hours=1))
    receive(db, account, newest, backfill=True)
    receive(db, account, root, backfill=True)
    receive(db, account, middle, backfill=True)
    (conversation,) = rows(db, Conversation)
    assert conversation.message_count == 3
    assert conversation.last_message_id == rows(db, Message)[-1].id
    assert {key.key for key in rows(db, ThreadKey)} == {"a", "b", "c"}


def test_an_answer_in_the_same_batch_joins_its_thread(db: Database, account: int) -> None:
    receive(db, account, mail(key="b", answers=("a",)), mail(key="a", ago=timedelta(minutes=5)))
    assert [row.message_count for row in rows(db, Conversation)] == [2]


def test_the_surest_key_wins_and_nothing_is_joined(db: Database, account: int) -> None:
    receive(db, account, mail("A", key="a"), mail("B", key="b"))
    receive(db, account, mail("C", key="c", answers=("b", "a")))
    a, b = rows(db, Conversation)
    texts = {message.text: message.conversation_id for message in rows(db, Message)}
    assert texts["C"] == texts["B"] != texts["A"]
    assert (a.message_count, b.message_count) in ((1, 2), (2, 1))


def test_somebody_else_who_answers_does_not_become_the_conversations_customer(db: Database, account: int) -> None:
    receive(db, account, mail(key="a"))
    receive(db, account, mail(sender="luis@example.com", name="Luis", key="b", answers=("a",)))
    (conversation,) = rows(db, Conversation)
    ana, luis = rows(db, Identity)
    assert conversation.customer_id == ana.customer_id != luis.customer_id
    assert rows(db, Message)[-1].identity_id == luis.id


@pytest.mark.parametrize("subject", ["Re: Pedido [#{}]", "Caso {}: nada todavía", "case {}", "RE: #{} otra vez"])
def test_a_case_number_in_the_subject_finds_the_conversation_of_its_customer(
    db: Database, account: int, subject: str
) -> None:
    receive(db, account, mail())
    (case,) = rows(db, Case)
    receive(db, account, mail("sigo esperando", subject=subject.format(case.id)))
    (conversation,) = rows(db, Conversation)
    assert conversation.message_count == 2


def test_a_case_number_in_a_strangers_subject_finds_nothing(db: Database, account: int) -> None:
    receive(db, account, mail())
    (case,) = rows(db, Case)
    receive(db, account, mail(sender="otro@example.com", subject=f"[#{case.id}]"))
    receive(db, account, mail(subject="[#99999]"))
    assert [row.message_count for row in rows(db, Conversation)] == [1, 1, 1]


def test_a_case_number_from_another_account_brings_the_new_conversation_into_the_case(
    db: Database, account: int
) -> None:
    with db.writing() as s:
        other = accounts.add(s, "email", "Ventas", {"address": "ventas@example.com"})
    receive(db, account, mail())
    (case,) = rows(db, Case)
    receive(db, other, mail(subject=f"Caso {case.id}"))
    assert [row.case_id for row in rows(db, Conversation)] == [case.id, case.id]
    assert len(rows(db, Case)) == 1


def test_the_same_address_on_another_channel_is_the_same_customer(db: Database, account: int) -> None:
    with db.writing() as s:
        chat = accounts.add(s, "demo", "Chat", {"address": "chat"})
    receive(db, account, mail(name="Ana"))
    receive(db, chat, mail(author=Author("v-17", "ana p", keys=(("email", "ana@example.com"),)), remote_thread="v-17"))
    (customer,) = rows(db, Customer)
    assert [row.customer_id for row in rows(db, Conversation)] == [customer.id, customer.id]


def test_an_address_named_in_a_chat_joins_the_mail_that_comes_later(db: Database, account: int) -> None:
    with db.writing() as s:
        chat = accounts.add(s, "demo", "Chat", {"address": "chat"})
    receive(db, chat, mail(author=Author("v-17", "ana", keys=(("email", "ana@example.com"),)), remote_thread="v-17"))
    receive(db, account, mail())
    assert len(rows(db, Customer)) == 1


def test_a_name_joins_nobody(db: Database, account: int) -> None:
    receive(db, account, mail(name="Ana"), mail(sender="ana2@example.com", name="Ana"))
    assert len(rows(db, Customer)) == 2


def test_messages_without_a_sender_are_customers_by_themselves_to_whom_nothing_goes(db: Database, account: int) -> None:
    receive(db, account, mail(sender=""), mail(sender=""))
    assert [row.valid for row in rows(db, Identity)] == [False, False]
    assert len(rows(db, Customer)) == 2


def test_old_messages_of_the_history_open_no_case_and_are_read(db: Database, account: int) -> None:
    old, young = mail(key="o", ago=timedelta(days=60)), mail(key="y", ago=timedelta(days=3))
    receive(db, account, old, young, backfill=True)
    done, open_ = rows(db, Conversation)
    assert (done.state, done.case_id, done.unread_count) == (ConversationState.DONE, None, 0)
    assert (open_.state, open_.case_id is None, open_.unread_count) == (ConversationState.OPEN, False, 0)


def test_an_account_may_open_no_cases_and_its_mail_is_still_work(db: Database, account: int) -> None:
    with db.writing() as s:
        accounts.change(s, account, opens_cases=False)
    receive(db, account, mail())
    (conversation,) = rows(db, Conversation)
    assert (conversation.case_id, conversation.state, conversation.waiting_since) == (None, ConversationState.OPEN, NOW)


@pytest.mark.parametrize("kind", [MessageKind.AUTOMATIC, MessageKind.BOUNCE])
def test_what_a_machine_wrote_opens_no_case_and_wakes_none(db: Database, account: int, kind: MessageKind) -> None:
    receive(db, account, mail(kind=kind))
    (conversation,) = rows(db, Conversation)
    assert (conversation.case_id, conversation.state) == (None, ConversationState.DONE)


def test_a_mention_is_open_without_a_case(db: Database, account: int) -> None:
    receive(db, account, mail(conversation_kind=ConversationKind.MENTION), mail(mailing_list=True))
    assert [(row.case_id, row.state) for row in rows(db, Conversation)] == [(None, ConversationState.OPEN)] * 2
    assert rows(db, Case) == []


def test_an_unreadable_message_is_an_ordinary_one_with_its_problem_and_its_bytes(db: Database, account: int) -> None:
    raw = b"\x00\xff no mail at all"
    receive(db, account, mail("", kind=MessageKind.UNREADABLE, problem="No header could be read", raw=raw))
    (message,), (conversation,) = rows(db, Message), rows(db, Conversation)
    assert (message.problem, conversation.snippet) == ("No header could be read", "No header could be read")
    assert conversation.case_id is not None
    with db.reading() as s:
        assert files_of(s).get_source(s, message.id) == raw


def test_strange_characters_and_endless_lines_are_kept_as_far_as_a_database_can(db: Database, account: int) -> None:
    long = "ñ" * 6000
    strange = mail(
        "a\0b\ud83dc",
        sender=long + "@example.com",
        name="N\0",
        subject="S\udfff" + long,
        key=long,
        answers=("k" * 9000,),
        remote_thread="t" * 9000,
        recipients=("\0" + long,),
        attachments=(Attachment("x\0\ud800.pdf", "application/pdf", 3, b"pdf"),),
        problem="\0",
    )
    assert receive(db, account, strange).new == 1
    assert receive(db, account, strange).new == 0
    receive(db, account, mail(key="answer", answers=(long,), sender="b@example.com"))
    first, second = rows(db, Message)
    assert {first.text, second.text} >= {"ab\ufffdc"}
    assert first.conversation_id == second.conversation_id
    assert any(message.subject == "S\ufffd" + long and message.own_key == long for message in (first, second))
    assert rows(db, StoredAttachment)[0].filename == "x\ufffd.pdf"


def test_a_mail_from_the_sent_folder_is_ours_and_nothing_is_unread(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=timedelta(hours=1)))
    ours: dict[str, Any] = {"outgoing": True, "recipients": ("ana@example.com",)}
    sent = mail("Ya sale", sender="tienda@example.com", key="r", answers=("a",), **ours)
    receive(db, account, sent)
    (conversation,), messages = rows(db, Conversation), rows(db, Message)
    assert (messages[-1].direction, messages[-1].delivery) == (Direction.OUT, Delivery.SENT)
    assert (conversation.unread_count, conversation.snippet) == (0, "Ya sale")
    assert (conversation.state, rows(db, Case)[0].status) == (ConversationState.WAITING, CaseStatus.WAITING)
    assert len(rows(db, Customer)) == 1


def test_a_conversation_that_we_began_elsewhere_belongs_to_whom_we_wrote(db: Database, account: int) -> None:
    receive(
        db,
        account,
        mail(sender="tienda@example.com", outgoing=True, counterpart=Author("eva@example.com", "Eva"), key="r"),
    )
    (customer,), (conversation,) = rows(db, Customer), rows(db, Conversation)
    assert (customer.name, conversation.case_id, conversation.state) == ("Eva", None, ConversationState.DONE)


def test_a_customer_who_writes_again_wakes_the_case(db: Database, account: int) -> None:
    receive(db, account, mail(key="a", ago=timedelta(hours=2)))
    receive(db, account, mail(key="r", answers=("a",), outgoing=True, ago=timedelta(hours=1)))
    receive(db, account, mail("¿Y bien?", key="b", answers=("r", "a")))
    (case,), (conversation,) = rows(db, Case), rows(db, Conversation)
    assert (case.status, case.waiting_since, conversation.state) == (CaseStatus.OPEN, NOW, ConversationState.OPEN)
    assert (conversation.unread_count, conversation.message_count) == (1, 3)


def test_a_dismissed_conversation_comes_back_when_its_customer_writes_except_spam(db: Database, account: int) -> None:
    receive(db, account, mail(key="a"), mail(key="b", sender="spam@example.com"))
    first, second = rows(db, Conversation)
    with db.writing() as s:
        result = conversations.dismiss(s, [first.id], DismissReason.PRAISE)
        conversations.dismiss(s, [second.id], DismissReason.SPAM)
    assert result.done == (first.id,)
    assert rows(db, Case) == []
    receive(db, account, mail(key="c", answers=("a",)), mail(key="d", answers=("b",)))
    first, second = rows(db, Conversation)
    assert (first.dismissed, first.state, first.case_id is None) == (None, ConversationState.OPEN, False)
    assert (second.dismissed, second.state, second.case_id) == (DismissReason.SPAM, ConversationState.DONE, None)


def test_news_are_told_one_by_one_and_history_once(db: Database, account: int) -> None:
    heard: list[Event] = []
    db.bus.subscribe(Event, heard.append)
    receive(db, account, mail(key="a"), mail(key="b", answers=("a",)))
    news = [each for each in heard if isinstance(each, MessageReceived)]
    assert {each.message_id for each in news} == {row.id for row in rows(db, Message)}
    assert {each.case_id for each in news} == {rows(db, Case)[0].id}
    heard.clear()
    receive(db, account, mail(ago=timedelta(days=99)), mail(ago=timedelta(days=98)), backfill=True)
    assert [each for each in heard if not isinstance(each, MessageReceived)] == [
        HistoryStored(account_id=account, count=2)
    ]
    assert not [each for each in heard if isinstance(each, MessageReceived)]


def test_a_batch_takes_as_many_statements_whatever_its_size(db: Database, account: int) -> None:
    counted: list[str] = []
    assert db._writer is not None
    event.listen(db._writer, "before_cursor_execute", lambda *arguments: counted.append(arguments[2]))
    sizes = []
    for size in (3, 120):
        batch = [
            mail(key=f"{size}-{n}", sender=f"c{size}-{n}@example.com", name=f"C {n}", answers=(f"{size}-{n - n % 3}",))
            for n in range(size)
        ]
        counted.clear()
        receive(db, account, *batch)
        sizes.append(len(counted))
    assert sizes[1] <= sizes[0] + 2


def test_an_account_that_is_gone_is_named(db: Database) -> None:
    with pytest.raises(Exception, match="There is no account 7"):
        receive(db, 7, mail())
    assert rows(db, Account) == []


def test_an_answer_never_stands_before_the_reply_that_it_answers(db: Database, account: int) -> None:
    """Their server's clock may be behind ours; what seems older wakes no case and answers no question."""
    receive(db, account, mail(key="first@example.com", ago=timedelta(hours=2)))
    first = ["first@example.com"]
    receive(db, account, mail("¿De qué color era?", key="reply@example.com", answers=first, outgoing=True))
    early = mail("Verde.", key="answer@example.com", answers=["reply@example.com"], ago=timedelta(minutes=3))
    receive(db, account, early)
    thread = rows(db, Message)
    assert [message.text for message in thread] == ["Hola, mi pedido no ha llegado.", "¿De qué color era?", "Verde."]
    assert thread[2].sent_at > thread[1].sent_at
    assert rows(db, Case)[0].status is CaseStatus.OPEN
