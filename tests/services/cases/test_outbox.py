"""The outbox: claimed once, settled in every way, taken up after a crash, never a second copy by itself."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inbox.channels.base import Author, Batch, Bounce, Incoming, Outgoing, Receipt
from inbox.errors import RuleError
from inbox.events import Event, QuestionAsked, ReplySettled
from inbox.services import accounts, agents, cases, ingest, outbox, replies, settings_store
from inbox.services.rows import NewFile
from inbox.states import Delivery
from inbox.store.models import Case, Conversation, Identity, Message, Question
from tests.services.cases.desk import FIRST, SECOND, Desk

SOON = timedelta(seconds=1)


def claim(desk: Desk, engine: str = "one") -> Outgoing | None:
    with desk.db.writing() as s:
        return outbox.claim(s, desk.account_id, engine, datetime.now(UTC) + SOON)


def find(desk: Desk, message_id: int) -> Message:
    with desk.db.reading() as s:
        return s.get_one(Message, message_id)


def claimed(desk: Desk, *, handed_over: bool = False, ask: tuple[str, ...] = ()) -> tuple[int, int]:
    """A conversation and a reply in it that an engine has taken."""
    conversation_id, _ = desk.receive()
    message_id = desk.queue(conversation_id, ask=ask)
    assert claim(desk) is not None
    if handed_over:
        with desk.db.writing() as s:
            outbox.handed_over(s, message_id)
    return conversation_id, message_id


def test_a_claimed_reply_carries_everything_that_the_channel_needs(desk: Desk) -> None:
    conversation_id, incoming = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "company.name", "Casa Verde")
        message_id = replies.queue(
            s,
            conversation_id,
            "Buenos días",
            agent_id=desk.agent_id,
            delay=0,
            cc=["jefe@casaverde.example"],
            files=[NewFile("foto.png", "image/png", b"PNG")],
        )
    out = claim(desk)
    assert out is not None
    assert (out.message_id, out.to, out.cc) == (message_id, ("ana@correo.example",), ("jefe@casaverde.example",))
    assert (out.subject, out.text, out.from_name) == ("Re: Lavadora", "Buenos días", "Marta Ruiz · Casa Verde")
    assert [(file.filename, file.content) for file in out.files] == [("foto.png", b"PNG")]
    assert out.in_reply_to == find(desk, incoming).own_key
    assert out.remote_id == find(desk, message_id).own_key
    assert (out.public, out.maybe_sent) == (False, False)
    assert claim(desk, "two") is None


def test_a_reply_is_claimed_once_however_many_try(desk: Desk) -> None:
    for n in range(6):
        desk.queue(desk.receive(sender=f"a{n}@correo.example")[0])
    got: list[int] = []

    def take() -> None:
        while (found := claim(desk, threading.current_thread().name)) is not None:
            got.append(found.message_id)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 6
    assert len(set(got)) == 6


def test_nothing_is_claimed_before_its_time(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing() as s:
        replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id, delay=60)
    assert claim(desk) is None
    with desk.db.reading() as s:
        due = outbox.next_due(s, desk.account_id)
    assert due is not None
    assert due > datetime.now(UTC) + timedelta(seconds=50)


def test_a_sent_reply_asks_its_questions_and_the_case_waits_for_the_customer(desk: Desk) -> None:
    heard: list[Event] = []
    desk.db.bus.subscribe(Event, heard.append)
    conversation_id, message_id = claimed(desk, ask=(FIRST, SECOND))
    with desk.db.writing() as s:
        outbox.settle(s, message_id, Receipt("", refused=(("jefe@x.example", "550 no"),)))
    with desk.db.reading() as s:
        assert all(question.asked_at is not None for question in s.scalars(select(Question)))
        case = s.get_one(Case, desk.case_of(conversation_id))
        assert (case.status, case.waiting_since) == ("waiting", None)
        assert case.first_reply_at is not None
        assert s.get_one(Conversation, conversation_id).state == "waiting"
    message = find(desk, message_id)
    assert (message.delivery, message.delivery_note) == (Delivery.SENT, "jefe@x.example: 550 no")
    assert sum(isinstance(event, QuestionAsked) for event in heard) == 2
    assert [event.delivery for event in heard if isinstance(event, ReplySettled)] == ["sent"]
    with desk.db.writing() as s:
        outbox.settle(s, message_id, Receipt("again"))
    assert find(desk, message_id).sent_at == message.sent_at


def test_a_customer_who_wrote_while_the_reply_was_on_its_way_still_waits_for_us(desk: Desk) -> None:
    conversation_id, message_id = claimed(desk)
    desk.receive("Espere, otra cosa", thread="in-0@correo.example", at=datetime.now(UTC) + timedelta(seconds=2))
    with desk.db.writing() as s:
        outbox.settle(s, message_id, Receipt(""))
    with desk.db.reading() as s:
        case = s.get_one(Case, desk.case_of(conversation_id))
        assert case.status == "open"
        assert case.waiting_since is not None


def test_a_failed_reply_keeps_the_servers_words_and_can_be_tried_again(desk: Desk) -> None:
    conversation_id, message_id = claimed(desk, ask=(FIRST,))
    with desk.db.writing() as s:
        outbox.fail(s, message_id, "552 message too large")
    assert (find(desk, message_id).delivery, find(desk, message_id).delivery_note) == (
        Delivery.FAILED,
        "552 message too large",
    )
    with desk.db.reading() as s:
        assert s.get_one(Conversation, conversation_id).has_failed
    with desk.db.writing() as s:
        outbox.try_again(s, message_id)
    assert desk.go_out() == [message_id]
    with desk.db.reading() as s:
        assert not s.get_one(Conversation, conversation_id).has_failed
    with pytest.raises(RuleError, match="moved on"), desk.db.writing() as s:
        outbox.try_again(s, message_id)


def test_a_reply_tried_again_is_not_overtaken_in_its_conversation(desk: Desk) -> None:
    conversation_id, first = claimed(desk)
    with desk.db.writing() as s:
        outbox.retry_later(s, first, "421 busy", datetime.now(UTC) + timedelta(minutes=5))
    second = desk.queue(conversation_id, "Segunda")
    other = desk.queue(desk.receive(sender="luis@correo.example")[0])
    taken = claim(desk)
    assert taken is not None
    assert taken.message_id == other
    assert claim(desk) is None
    with desk.db.writing() as s:
        s.get_one(Message, first).not_before = datetime.now(UTC)
    assert [found.message_id for _ in range(1) if (found := claim(desk)) is not None] == [first]
    with desk.db.writing() as s:
        outbox.settle(s, first, Receipt(""))
    taken = claim(desk)
    assert taken is not None
    assert taken.message_id == second


def test_a_channels_own_copy_of_our_reply_gives_way_to_the_reply(desk: Desk) -> None:
    with desk.db.writing() as s:
        chat = accounts.add(s, "demo", "Tienda", {"address": "tienda"})
    conversation_id, _ = desk.receive(account_id=chat)
    message_id = desk.queue(conversation_id, "Hola")
    with desk.db.writing() as s:
        taken = outbox.claim(s, chat, "one", datetime.now(UTC) + SOON)
        assert taken is not None
        assert taken.remote_id == ""
    ours = Incoming(
        remote_id="theirs-77",
        author=Author("tienda"),
        counterpart=Author("ana@correo.example"),
        sent_at=datetime.now(UTC),
        raw=b"{}",
        text="Hola",
        thread_keys=("in-0@correo.example",),
        outgoing=True,
    )
    with desk.db.writing() as s:
        ingest.store_batch(s, chat, Batch((ours,), "c"))
    with desk.db.writing() as s:
        outbox.settle(s, message_id, Receipt("theirs-77", raw=b"{}"))
    assert find(desk, message_id).remote_id == "theirs-77"
    with desk.db.reading() as s:
        assert len(s.scalars(select(Message.id).where(Message.conversation_id == conversation_id)).all()) == 2


# --- after a crash ---


def test_what_was_not_handed_over_goes_out_after_a_crash(desk: Desk) -> None:
    _, message_id = claimed(desk)
    with desk.db.writing() as s:
        assert outbox.recover(s, desk.account_id, "two", can_find=False) == 1
    again = claim(desk, "two")
    assert again is not None
    assert (again.message_id, again.maybe_sent) == (message_id, False)


def test_what_was_handed_over_is_looked_for_before_it_is_sent_again(desk: Desk) -> None:
    _, message_id = claimed(desk, handed_over=True)
    with desk.db.writing() as s:
        outbox.recover(s, desk.account_id, "two", can_find=True)
    again = claim(desk, "two")
    assert again is not None
    assert (again.message_id, again.maybe_sent) == (message_id, True)
    assert again.remote_id == find(desk, message_id).own_key


def test_where_nobody_can_look_a_person_decides(desk: Desk) -> None:
    conversation_id, message_id = claimed(desk, handed_over=True, ask=(FIRST,))
    with desk.db.writing() as s:
        outbox.recover(s, desk.account_id, "two", can_find=False)
    assert find(desk, message_id).delivery == Delivery.UNKNOWN
    assert claim(desk, "two") is None
    with desk.db.writing() as s:
        outbox.decide(s, message_id, was_sent=True)
    assert find(desk, message_id).delivery == Delivery.SENT
    assert desk.gate(desk.case_of(conversation_id)).asked == 1


def test_an_engine_does_not_take_up_its_own_work(desk: Desk) -> None:
    claimed(desk)
    with desk.db.writing() as s:
        assert outbox.recover(s, desk.account_id, "one", can_find=False) == 0


def test_a_reply_handed_over_can_not_be_taken_back_while_it_waits_to_be_looked_for(desk: Desk) -> None:
    _, message_id = claimed(desk, handed_over=True)
    with desk.db.writing() as s:
        outbox.recover(s, desk.account_id, "two", can_find=True)
    with pytest.raises(RuleError, match="too late"), desk.db.writing() as s:
        replies.undo(s, message_id)


def test_after_a_broken_line_a_mail_is_looked_for_and_a_clear_no_is_simply_tried_again(desk: Desk) -> None:
    _, message_id = claimed(desk, handed_over=True)
    with desk.db.writing() as s:
        outbox.retry_later(s, message_id, "connection reset", datetime.now(UTC))
    again = claim(desk)
    assert again is not None
    assert again.maybe_sent
    with desk.db.writing() as s:
        outbox.retry_later(s, message_id, "450 try later", datetime.now(UTC), not_taken=True)
    again = claim(desk)
    assert again is not None
    assert not again.maybe_sent
    assert find(desk, message_id).attempts == 2


# --- what comes back ---


def test_a_bounce_marks_the_address_and_the_questions_as_not_asked(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    message_id = desk.send(conversation_id, ask=[FIRST, SECOND])
    key = find(desk, message_id).own_key
    late = Bounce(key, "ana@correo.example", "4.4.1", "still trying", permanent=False)
    gone = Bounce(key, "ana@correo.example", "5.1.1", "550 no such user", permanent=True)
    with desk.db.writing() as s:
        assert not outbox.came_back(s, desk.account_id, key, late)
        assert outbox.came_back(s, desk.account_id, key, gone)
        assert not outbox.came_back(s, desk.account_id, "unknown@example.com", gone)
    with desk.db.reading() as s:
        identity = s.scalars(select(Identity).where(Identity.handle == "ana@correo.example")).one()
        assert (identity.valid, identity.invalid_reason) == (False, "550 no such user")
        assert s.get_one(Case, desk.case_of(conversation_id)).status == "open"
        warned = replies.warnings(s, conversation_id, "Hola", agent_id=desk.agent_id)
    assert [warning.kind for warning in warned] == ["invalid_recipient"]
    assert desk.gate(desk.case_of(conversation_id)).asked == 0


def test_a_copy_that_comes_back_leaves_the_reply_as_it_is(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    message_id = desk.send(conversation_id, ask=[FIRST])
    key = find(desk, message_id).own_key
    with desk.db.writing() as s:
        outbox.came_back(s, desk.account_id, key, Bounce(key, "jefe@x.example", "5.1.1", "no", permanent=True))
    assert find(desk, message_id).delivery == Delivery.SENT
    assert desk.gate(desk.case_of(conversation_id)).asked == 1


def test_a_failed_question_of_a_closed_case_is_not_sent_behind_its_back(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    failed = desk.queue(conversation_id, ask=["¿Qué modelo es?"])
    claim(desk)
    with desk.db.writing() as s:
        outbox.fail(s, failed, "550 no")
    desk.send(conversation_id, ask=[FIRST, SECOND])
    case_id = desk.case_of(conversation_id)
    desk.answer_all(case_id)
    with desk.db.writing() as s:
        agent = agents.current(s, "marta", "Marta Ruiz")
        assert agent.id == desk.agent_id
        cases.close(s, case_id, "resolved")  # type: ignore[arg-type]  # as the command line's text comes
    with pytest.raises(RuleError, match="closed"), desk.db.writing() as s:
        outbox.try_again(s, failed)
