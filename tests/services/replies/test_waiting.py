"""A reply in the outbox: sent later, sent now after all, taken back; and how it looks."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inbox.errors import RuleError
from inbox.services import messages, outbox, queries, replies
from inbox.services.rows import NewFile
from inbox.states import Delivery
from inbox.store.models import Attachment, Message
from tests.services.cases.desk import ENGINE, Desk

MONDAY = datetime(2035, 1, 8, 8, 0, tzinfo=UTC)
PICTURE = NewFile("box.png", "image/png", b"\x89PNG", content_id="p1@inbox")


def queue(desk: Desk, room: int, text: str = "Hasta el lunes", **how: object) -> int:
    with desk.db.writing(desk.agent_id) as s:
        return replies.queue(s, room, text, agent_id=desk.agent_id, **how)  # type: ignore[arg-type]


def claim(desk: Desk, at: datetime) -> int | None:
    with desk.db.writing() as s:
        out = outbox.claim(s, desk.account_id, ENGINE, at)
        return out.message_id if out is not None else None


def test_what_waits_until_monday_goes_out_on_monday(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, not_before=MONDAY)
    assert claim(desk, MONDAY - timedelta(seconds=1)) is None
    assert claim(desk, MONDAY) == made


def test_what_waits_can_be_sent_now_or_at_another_time(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, not_before=MONDAY)
    with desk.db.writing(desk.agent_id) as s:
        replies.reschedule(s, made, MONDAY + timedelta(days=1))
    assert claim(desk, MONDAY) is None
    with desk.db.writing(desk.agent_id) as s:
        replies.reschedule(s, made, None)
    assert claim(desk, datetime.now(UTC)) == made


def test_what_is_on_its_way_can_neither_be_put_off_nor_taken_back(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, delay=0)
    claim(desk, datetime.now(UTC))
    with pytest.raises(RuleError), desk.db.writing(desk.agent_id) as s:
        replies.reschedule(s, made, MONDAY)
    with pytest.raises(RuleError), desk.db.writing(desk.agent_id) as s:
        replies.undo(s, made)
    with desk.db.reading() as s:
        assert s.get_one(Message, made).delivery == Delivery.SENDING


def test_what_is_taken_back_has_its_readers_its_looks_and_its_pictures_again(desk: Desk) -> None:
    room, _ = desk.receive()
    page = '<p>Mire <b>esto</b> <img src="cid:p1@inbox"></p>'
    made = queue(desk, room, "Mire esto", html=page, files=[PICTURE], cc=("luis@empresa.example",), not_before=MONDAY)
    with desk.db.writing(desk.agent_id) as s:
        draft = replies.undo(s, made)
    assert draft.html == page
    assert (draft.to, draft.cc) == (("ana@correo.example",), ("luis@empresa.example",))
    assert [(file.content_id, file.inline) for file in draft.attachments] == [("p1@inbox", True)]


def test_a_draft_keeps_whom_it_goes_to_and_how_it_looks(desk: Desk) -> None:
    room, _ = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        replies.save_draft(s, room, desk.agent_id, "Hola", cc=("luis@empresa.example",), html="<p><b>Hola</b></p>")
    with desk.db.reading() as s:
        draft = queries.detail(s, room, agent_id=desk.agent_id, language="es").draft
    assert draft is not None
    assert (draft.cc, draft.html) == (("luis@empresa.example",), "<p><b>Hola</b></p>")


def test_taken_back_onto_something_typed_both_keep_their_looks(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, "uno", html="<p><b>uno</b></p>", not_before=MONDAY)
    with desk.db.writing(desk.agent_id) as s:
        replies.save_draft(s, room, desk.agent_id, "dos < tres")
        draft = replies.undo(s, made)
    assert draft.text == "uno\n\ndos < tres"
    assert draft.html == "<p><b>uno</b></p><p>dos &lt; tres</p>"


def test_what_goes_out_carries_no_script_no_style_and_no_address_but_its_own_pictures(desk: Desk) -> None:
    room, _ = desk.receive()
    page = (
        '<p onclick="x()" style="position:fixed">Hola <b>Ana</b><script>alert(1)</script> '
        '<a href="javascript:alert(1)">uno</a> <a href="https://tienda.example/">dos</a> '
        '<img src="https://spy.example/x.gif"><img src="cid:p1@inbox"></p><iframe src="//x"></iframe>'
    )
    made = queue(desk, room, "Hola Ana", html=page, files=[PICTURE], delay=0)
    with desk.db.writing() as s:
        out = outbox.claim(s, desk.account_id, ENGINE, datetime.now(UTC))
    assert out is not None
    assert out.message_id == made
    assert out.html == (
        '<p>Hola <b>Ana</b> <a>uno</a> <a href="https://tienda.example/">dos</a> <img><img src="cid:p1@inbox"></p>'
    )
    assert [file.content_id for file in out.files] == ["p1@inbox"]


def test_a_picture_that_was_deleted_from_the_text_stays_here(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, "Hola", html="<p>Hola</p>", files=[PICTURE, NewFile("a.pdf", "application/pdf", b"%PDF")])
    with desk.db.reading() as s:
        kept = s.scalars(select(Attachment.filename).where(Attachment.message_id == made)).all()
    assert kept == ["a.pdf"]


def test_what_waits_is_shown_as_it_will_look(desk: Desk) -> None:
    room, _ = desk.receive()
    made = queue(desk, room, "Mire", html='<p>Mire <img src="cid:p1@inbox"></p>', files=[PICTURE], not_before=MONDAY)
    with desk.db.reading() as s:
        body = messages.body(s, made)
    assert body.html == '<p>Mire <img src="cid:p1@inbox"></p>'
    assert body.inline == {"p1@inbox": b"\x89PNG"}


@pytest.mark.parametrize(
    ("text", "warns"),
    [
        ("Le adjunto la factura.", True),
        ("He adjuntado el contrato.", True),
        ("Le anexamos el documento.", True),
        ("Please find the invoice attached.", True),
        ("> Le adjunto la foto\n\nGracias, ya la hemos visto.", False),
        ("¿Puede adjuntar una foto?", False),
        ("Gracias por todo.", False),
    ],
)
def test_a_promised_file_that_is_missing_is_noticed(desk: Desk, text: str, warns: bool) -> None:
    room, _ = desk.receive()
    with desk.db.reading() as s:
        found = replies.warnings(s, room, text, agent_id=desk.agent_id)
    assert ("forgotten_attachment" in [one.kind for one in found]) == warns


def test_how_many_messages_came_in_meanwhile_is_said(desk: Desk) -> None:
    room, seen = desk.receive()
    desk.receive("Otra cosa", thread=f"in-{0}@correo.example")
    desk.receive("Y otra", thread=f"in-{0}@correo.example")
    with desk.db.reading() as s:
        (found,) = [
            one
            for one in replies.warnings(s, room, "Hola", agent_id=desk.agent_id, seen_message_id=seen)
            if one.kind == "stale"
        ]
    assert "2" in found.text
