"""Replies: what stops them, what warns, taking them back, drafts and notes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inbox.errors import RuleError, StaleError
from inbox.services import cases, customers, replies, templates
from inbox.services.replies.queueing import reply_subject
from inbox.services.rows import AskedQuestion, NewFile
from inbox.services.text_length import measure
from inbox.states import Delivery, Direction
from inbox.store.models import Attachment, BankQuestion, Case, Conversation, Draft, Message, Question, Template
from tests.services.cases.desk import FIRST, SECOND, THIRD, Desk

PDF = NewFile("factura.pdf", "application/pdf", b"%PDF-1.7")


def kinds(desk: Desk, conversation_id: int, text: str, **how: object) -> list[str]:
    with desk.db.reading() as s:
        found = replies.warnings(s, conversation_id, text, agent_id=desk.agent_id, **how)  # type: ignore[arg-type]
        return [warning.kind for warning in found]


def find(desk: Desk, message_id: int) -> Message:
    with desk.db.reading() as s:
        message = s.get(Message, message_id)
        assert message is not None
        return message


def test_a_reply_goes_to_the_person_of_the_conversation_in_its_thread(desk: Desk) -> None:
    conversation_id, incoming = desk.receive()
    message_id = desk.queue(conversation_id, "Buenos días")
    reply = find(desk, message_id)
    theirs = find(desk, incoming).own_key
    assert (reply.direction, reply.delivery, reply.recipients) == ("out", "queued", ["ana@correo.example"])
    assert reply.subject == "Re: Lavadora"
    assert reply.outgoing == {"cc": [], "in_reply_to": theirs, "references": [theirs]}
    assert reply.own_key == reply.remote_id
    assert reply.own_key.endswith("@casaverde.example")
    case = desk.case_of(conversation_id)
    with desk.db.reading() as s:
        assert s.get_one(Case, case).status == "open"
        assert s.get_one(Case, case).owner_id == desk.agent_id
        assert s.get_one(Conversation, conversation_id).unread_count == 0


def test_a_reply_waits_for_the_undo_time_or_until_later(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    before = datetime.now(UTC)
    with desk.db.writing(desk.agent_id) as s:
        soon = replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id)
        later = replies.queue(
            s, conversation_id, "Hasta el lunes", agent_id=desk.agent_id, not_before=datetime(2030, 1, 7, tzinfo=UTC)
        )
    not_before = find(desk, soon).not_before
    assert not_before is not None
    assert timedelta(seconds=4) < not_before - before < timedelta(seconds=30)
    assert find(desk, later).not_before == datetime(2030, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Lavadora", "Re: Lavadora"),
        ("Re: Lavadora", "Re: Lavadora"),
        ("RE: Re: RV: Lavadora", "Re: RV: Lavadora"),
        ("AW: Re[2]: Lavadora", "Re: Lavadora"),
        ("Pedido: lavadora", "Re: Pedido: lavadora"),
        ("", ""),
    ],
)
def test_a_subject_is_answered_with_one_re(subject: str, expected: str) -> None:
    assert reply_subject(subject) == expected


# --- what stops a reply ---


def test_a_text_with_a_hole_is_never_sent(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    for text in ("Su pedido ⟨fact.order_number⟩ sale hoy.", "Hola, {{ customer.first_name }}"):
        with pytest.raises(RuleError, match="value is missing") as refused, desk.db.writing() as s:
            replies.queue(s, conversation_id, text, agent_id=desk.agent_id, confirmed=("missing_value",))
        assert refused.value.values["kind"] == "missing_value"


def test_an_empty_reply_is_not_sent(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    assert kinds(desk, conversation_id, "  \n") == ["empty"]
    assert kinds(desk, conversation_id, "", files=[PDF]) == []


def test_a_courtesy_question_never_counts_as_clarifying(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    asked = [AskedQuestion("¿En qué puedo ayudarle?")]
    with pytest.raises(RuleError, match="courtesy"), desk.db.writing() as s:
        replies.queue(s, conversation_id, "Hola. ¿En qué puedo ayudarle?", agent_id=desk.agent_id, ask=asked)


def test_a_question_must_stand_in_the_text_that_the_customer_gets(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    asked = [AskedQuestion(FIRST)]
    with pytest.raises(RuleError, match="does not stand in the text"), desk.db.writing() as s:
        replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id, ask=asked)
    assert replies.with_questions("Hola", asked) == f"Hola\n\n{FIRST}"
    wrapped = FIRST.replace("su pedido", "su\n   pedido")
    assert replies.with_questions(wrapped, asked) == wrapped


def test_nothing_is_sent_to_a_sender_that_nobody_knows(desk: Desk) -> None:
    conversation_id, _ = desk.receive(sender="")
    assert "no_recipient" in kinds(desk, conversation_id, "Hola")


# --- what warns ---


def test_the_fourth_question_warns(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    desk.send(conversation_id, ask=[FIRST, SECOND])
    asked = [AskedQuestion(THIRD), AskedQuestion("¿Qué modelo es?")]
    text = replies.with_questions("Hola", asked)
    assert kinds(desk, conversation_id, text, ask=asked) == ["too_many_questions"]
    assert kinds(desk, conversation_id, text, ask=asked[:1]) == []


def test_a_solution_before_two_questions_warns(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.reading() as s:
        solution = s.scalars(select(Template.id).where(Template.solution)).all()[0]
    assert kinds(desk, conversation_id, "Ya está", template_id=solution) == ["solution_too_early"]
    desk.send(conversation_id, ask=[FIRST, SECOND])
    assert kinds(desk, conversation_id, "Ya está", template_id=solution) == []
    with desk.db.writing(desk.agent_id) as s:
        replies.queue(s, conversation_id, "Ya está", agent_id=desk.agent_id, template_id=solution)
        s.flush()
        assert s.scalar(select(Template.used_count).where(Template.id == solution)) == 1


def test_a_forgotten_attachment_warns(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    for text in ("Le adjunto la factura.", "Please find the invoice attached.", "Adjuntamos el presupuesto"):
        assert kinds(desk, conversation_id, text) == ["forgotten_attachment"], text
        assert kinds(desk, conversation_id, text, files=[PDF]) == []
    for text in ("¿Nos puede adjuntar una foto?", "Could you attach a photo?"):
        assert kinds(desk, conversation_id, text) == [], text


def test_what_came_in_meanwhile_stops_the_reply_once(desk: Desk) -> None:
    conversation_id, seen = desk.receive()
    desk.receive("Y otra cosa", thread="in-0@correo.example")
    with pytest.raises(StaleError, match="wrote 1 more message"), desk.db.writing() as s:
        replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id, seen_message_id=seen)
    with desk.db.writing() as s:
        replies.queue(s, conversation_id, "Hola", agent_id=desk.agent_id, seen_message_id=seen, confirmed=("stale",))


def test_what_came_in_by_another_conversation_of_the_case_counts_as_well(desk: Desk) -> None:
    conversation_id, seen = desk.receive()
    other, _ = desk.receive("Por otro lado")
    assert kinds(desk, conversation_id, "Hola", seen_message_id=seen) == []
    with desk.db.writing() as s:
        cases.attach(s, other, desk.case_of(conversation_id))
    assert kinds(desk, conversation_id, "Hola", seen_message_id=seen) == ["stale"]


def test_a_colleagues_reply_meanwhile_stops_the_reply_too(desk: Desk) -> None:
    conversation_id, seen = desk.receive()
    desk.queue(conversation_id, "Ya le contesto yo")
    assert kinds(desk, conversation_id, "Hola", seen_message_id=seen) == ["stale"]
    with desk.db.writing() as s:
        replies.add_note(s, conversation_id, "Solo una nota", agent_id=desk.agent_id)
    with desk.db.reading() as s:
        newest = max(s.scalars(select(Message.id).where(Message.direction != Direction.NOTE)))
    assert kinds(desk, conversation_id, "Hola", seen_message_id=newest) == []


def test_what_is_known_is_not_asked_again_without_a_warning(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing() as s:
        customer = s.get_one(Conversation, conversation_id).customer_id
        customers.learn(s, customer, "order_number", "ES-365534")
        bank = s.scalars(select(BankQuestion).where(BankQuestion.fact_kind == "order_number")).all()[0]
    asked = AskedQuestion(bank.text_es, bank.id)
    assert kinds(desk, conversation_id, bank.text_es, ask=[asked]) == ["already_known"]
    confirming = AskedQuestion("¿Sigue siendo ES-365534?", bank.id)
    assert kinds(desk, conversation_id, confirming.text, ask=[confirming]) == []


# --- taking it back ---


def test_taking_a_reply_back_makes_it_a_draft_with_its_questions_and_files(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    asked = [AskedQuestion(FIRST)]
    with desk.db.writing(desk.agent_id) as s:
        message_id = replies.queue(s, conversation_id, f"Hola. {FIRST}", agent_id=desk.agent_id, ask=asked, files=[PDF])
    with desk.db.writing(desk.agent_id) as s:
        replies.save_draft(s, conversation_id, desk.agent_id, "Y además")
        draft = replies.undo(s, message_id)
    assert draft.text == f"Hola. {FIRST}\n\nY además"
    assert [one.text for one in draft.questions] == [FIRST]
    assert [one.filename for one in draft.attachments] == ["factura.pdf"]
    with desk.db.reading() as s:
        assert s.get(Message, message_id) is None
        assert s.scalars(select(Question)).all() == []
        assert s.get_one(Conversation, conversation_id).message_count == 1
    with desk.db.writing(desk.agent_id) as s:
        again = replies.queue(
            s,
            conversation_id,
            draft.text,
            agent_id=desk.agent_id,
            ask=draft.questions,
            attachment_ids=[one.id for one in draft.attachments],
        )
    with desk.db.reading() as s:
        assert s.scalars(select(Draft)).all() == []
        assert [one.filename for one in s.scalars(select(Attachment).where(Attachment.message_id == again))]


def test_a_reply_on_its_way_can_not_be_taken_back(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    message_id = desk.send(conversation_id)
    with pytest.raises(RuleError, match="too late"), desk.db.writing() as s:
        replies.undo(s, message_id)
    assert find(desk, message_id).delivery == Delivery.SENT


def test_asking_in_a_closed_case_reopens_it_and_a_mere_reply_does_not(desk: Desk) -> None:
    conversation_id, case_id = desk.ready_case()
    with desk.db.writing(desk.agent_id) as s:
        cases.close(s, case_id, "resolved")  # type: ignore[arg-type]  # as the command line's text comes
    desk.send(conversation_id, "Gracias a usted.")
    with desk.db.reading() as s:
        assert s.get_one(Case, case_id).status == "closed"
    desk.queue(conversation_id, ask=[THIRD])
    with desk.db.reading() as s:
        assert s.get_one(Case, case_id).status == "open"


# --- drafts and notes ---


def test_a_draft_is_kept_with_files_and_dropped_when_empty(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing() as s:
        draft = replies.save_draft(s, conversation_id, desk.agent_id, "Buenos", files=[PDF])
        assert draft is not None
        kept = [one.id for one in draft.attachments]
        same = replies.save_draft(s, conversation_id, desk.agent_id, "Buenos días", attachment_ids=kept)
        assert same is not None
        assert (same.id, [one.id for one in same.attachments]) == (draft.id, kept)
        note = replies.save_draft(s, conversation_id, desk.agent_id, "Ojo", is_note=True)
        assert note is not None
        assert note.id != draft.id
        assert replies.save_draft(s, conversation_id, desk.agent_id, " ") is None
        assert [one.is_note for one in s.scalars(select(Draft))] == [True]


def test_a_note_has_no_recipient_and_never_goes_out(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        note_id = replies.add_note(s, conversation_id, "Transporte confirma", agent_id=desk.agent_id)
    note = find(desk, note_id)
    assert (note.direction, note.delivery, note.recipients) == ("note", "none", [])
    assert desk.go_out() == []


def test_the_files_of_a_template_go_out_with_the_reply(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        variant = templates.list(s, agent_id=None)[0].variants[0]
        template_id = templates.save(s, name_en="Catalogue", name_es="Catálogo", variants=[variant], files=[PDF])
        shown = templates.render(s, template_id, conversation_id, agent_id=desk.agent_id)
        message_id = replies.queue(
            s,
            conversation_id,
            "Le envío el catálogo",
            agent_id=desk.agent_id,
            attachment_ids=[one.id for one in shown.attachments],
        )
        templates.delete(s, template_id)
    with desk.db.reading() as s:
        files = s.scalars(select(Attachment.filename).where(Attachment.message_id == message_id)).all()
    assert files == ["factura.pdf"]


def test_a_text_is_as_long_as_its_channel_counts_it() -> None:
    assert measure("😀", "characters") == 1
    assert measure("😀", "utf16") == 2
    assert measure("👨‍👩‍👧 niño", "graphemes") == 6
    assert measure("🇪🇸🇫🇷", "graphemes") == 2
    assert measure("Mire https://casaverde.example/una/ruta/muy/larga?con=muchas&cosas", "weighted") == 5 + 23
    assert measure("日本", "weighted") == 4
