"""Whom a reply goes to, who gets a copy, and who is not to be answered."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from inbox.channels.base import Author, Batch, Bounce, Incoming
from inbox.errors import RuleError, TemplateError
from inbox.services import accounts, customers, ingest, outbox, replies
from inbox.services.writing import Writing, is_address, is_no_reply, parse_addresses
from inbox.states import Delivery, Direction
from inbox.store.models import Conversation, Identity, Message
from tests.services.cases.desk import ENGINE, Desk


def arrive(desk: Desk, head: str, *, sender: str, recipients: tuple[str, ...] = ()) -> int:
    """A mail comes in; answers its conversation."""
    n = next(desk.numbers)
    mail = Incoming(
        remote_id=f"mail-{n}",
        author=Author(sender, "Ana"),
        sent_at=datetime.now(UTC),
        raw=f"From: {sender}\r\n{head}Subject: Hola\r\n\r\nHola".encode(),
        text="Hola",
        new_text="Hola",
        subject="Hola",
        own_key=f"mail-{n}@correo.example",
        recipients=recipients or (desk.address,),
    )
    with desk.db.writing() as s:
        ingest.store_batch(s, desk.account_id, Batch((mail,), f"after-{n}"))
        return s.scalars(select(Message.conversation_id).where(Message.remote_id == mail.remote_id)).one()


def before(desk: Desk, conversation_id: int) -> Writing:
    with desk.db.reading() as s:
        return replies.before_writing(s, conversation_id, agent_id=desk.agent_id, language="es")


def queue(desk: Desk, conversation_id: int, **how: object) -> Message:
    with desk.db.writing(desk.agent_id) as s:
        made = replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id, delay=0, **how)  # type: ignore[arg-type]
    with desk.db.reading() as s:
        return s.get_one(Message, made)


def test_a_reply_goes_where_the_mail_asks_for_it_and_everybody_else_can_get_a_copy(desk: Desk) -> None:
    head = (
        f"Reply-To: Pedidos <pedidos@empresa.example>\r\nTo: {desk.address}, Luis <luis@empresa.example>\r\n"
        "Cc: jefa@empresa.example, ANA@correo.example\r\n"
    )
    room = arrive(desk, head, sender="ana@correo.example")
    known = before(desk, room)
    assert known.to == ("pedidos@empresa.example",)
    assert known.others == ("ana@correo.example", "luis@empresa.example", "jefa@empresa.example")
    assert queue(desk, room).recipients == ["pedidos@empresa.example"]


def test_copies_are_kept_with_the_reply_and_go_out_with_it(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, cc=("luis@empresa.example",), bcc=("jefa@empresa.example",))
    assert made.outgoing is not None
    assert made.outgoing["bcc"] == ["jefa@empresa.example"]
    with desk.db.writing() as s:
        out = outbox.claim(s, desk.account_id, ENGINE, datetime.now(UTC))
    assert out is not None
    assert (out.to, out.cc, out.bcc) == (("ana@correo.example",), ("luis@empresa.example",), ("jefa@empresa.example",))


@pytest.mark.parametrize(
    "address",
    [
        "MAILER-DAEMON@mx.example",
        "no-reply@tienda.example",
        "noreply@tienda.example",
        "pedidos-no-reply@tienda.example",
        "no_responder@banco.example",
        "no-contestar@banco.example",
        "donotreply@bank.example",
        "do-not-reply@bank.example",
        "noreply+abc123@github.example",
        "bounces+77@list.example",
        "postmaster@mx.example",
    ],
)
def test_nobody_reads_what_is_sent_to_such_an_address(address: str) -> None:
    assert is_no_reply(address)


@pytest.mark.parametrize(
    "address",
    [
        "ana@correo.example",
        "noelia@correo.example",
        "reply@shop.example",
        "norepo@x.example",
        "noreply",
        "bouncer@x.es",
    ],
)
def test_an_ordinary_address_is_answered(address: str) -> None:
    assert not is_no_reply(address)


def test_a_no_reply_sender_is_not_answered_but_the_customer_can_be_reached_elsewhere(desk: Desk) -> None:
    room = arrive(desk, "", sender="no-reply@tienda.example")
    with desk.db.writing(desk.agent_id) as s:
        customer = s.get_one(Conversation, room).customer_id
        customers.add_identity(s, customer, "email", "ana@tienda.example")
    known = before(desk, room)
    assert known.to == ()
    assert "no-reply@tienda.example" in known.trouble
    assert [(way.channel, way.handle) for way in known.instead] == [("email", "ana@tienda.example")]
    with pytest.raises(RuleError) as refused:
        queue(desk, room)
    assert refused.value.values["kind"] == "no_recipient"
    assert queue(desk, room, to=("ana@tienda.example",)).recipients == ["ana@tienda.example"]


def test_a_form_on_our_own_site_is_answered_to_whom_it_names(desk: Desk) -> None:
    room = arrive(desk, "Reply-To: eva@correo.example\r\n", sender="no-reply@formularios.example")
    assert before(desk, room).to == ("eva@correo.example",)
    assert before(desk, room).trouble == ""


def test_an_address_that_is_none_stops_the_reply(desk: Desk) -> None:
    room, _ = desk.receive()
    with pytest.raises(RuleError) as refused:
        queue(desk, room, cc=("luis@empresa",))
    assert refused.value.values["kind"] == "bad_address"


def test_where_only_one_person_is_reached_copies_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    from inbox.channels import email

    monkeypatch.setattr(email, "MANIFEST", dataclasses.replace(email.MANIFEST, copies=False))
    room, _ = desk.receive()
    with pytest.raises(RuleError) as refused:
        queue(desk, room, cc=("luis@empresa.example",))
    assert refused.value.values["kind"] == "no_copies"


def test_of_several_readers_the_one_that_came_back_is_marked_and_the_reply_stays_sent(desk: Desk) -> None:
    room, _ = desk.receive()
    desk.receive(sender="luis@empresa.example")
    made = queue(desk, room, to=("ana@correo.example", "luis@empresa.example"))
    with desk.db.writing() as s:
        out = outbox.claim(s, desk.account_id, ENGINE, datetime.now(UTC))
        assert out is not None
        outbox.handed_over(s, made.id)
        from inbox.channels.base import Receipt

        outbox.settle(s, made.id, Receipt(out.remote_id))
    with desk.db.writing() as s:
        back = Bounce(made.own_key, "luis@empresa.example", "5.1.1", "No such user", True)
        assert outbox.came_back(s, desk.account_id, made.own_key, back)
    with desk.db.reading() as s:
        assert s.get_one(Message, made.id).delivery == Delivery.SENT
        assert "luis@empresa.example" in s.get_one(Message, made.id).delivery_note
    with desk.db.writing() as s:
        back = Bounce(made.own_key, "ana@correo.example", "5.1.1", "No such user", True)
        assert outbox.came_back(s, desk.account_id, made.own_key, back)
    with desk.db.reading() as s:
        assert s.get_one(Message, made.id).delivery == Delivery.FAILED
        valid = {one.handle: one.valid for one in s.scalars(select(Identity))}
    assert valid == {"ana@correo.example": False, "luis@empresa.example": True}


def test_addresses_are_read_as_people_type_and_paste_them() -> None:
    typed = 'Ana <ana@x.example>; "Torres, Luis" <luis@x.example>, eva@x.example pia@x.example\nANA@x.example, nadie'
    good, bad = parse_addresses(typed)
    assert good == ("ana@x.example", "luis@x.example", "eva@x.example", "pia@x.example")
    assert bad == ("nadie",)
    assert not is_address("ana@localhost")
    assert not is_address("ana..luis@x.example")


def test_the_greeting_begins_the_first_reply_of_a_case_and_no_other(desk: Desk) -> None:
    from inbox.services import settings_store

    with desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "greeting", "Hola {{ customer.first_name }}, ¿en qué puedo ayudarle?")
    room, _ = desk.receive()
    assert before(desk, room).greeting == "Hola Ana, ¿en qué puedo ayudarle?"
    desk.send(room)
    assert before(desk, room).greeting == ""


def test_a_greeting_that_can_not_be_filled_is_refused_when_it_is_set(desk: Desk) -> None:
    from inbox.services import settings_store

    with pytest.raises(TemplateError), desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "greeting", "Hola {{ customer.first_name")
    with pytest.raises(RuleError), desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "listening", "always")


def test_one_listens_on_chats_and_not_before_mails(desk: Desk) -> None:
    room, _ = desk.receive()
    assert before(desk, room).listening == "off"
    with desk.db.writing(desk.agent_id) as s:
        chat = accounts.add(s, "demo", "Chat", {"as": "telegram"})
    room, _ = desk.receive(sender="77", account_id=chat)
    known = before(desk, room)
    assert known.listening == "hint"
    assert known.heard_at is not None
    with desk.db.reading() as s:
        assert s.scalars(select(Message.direction).where(Message.conversation_id == room)).all() == [Direction.IN]
