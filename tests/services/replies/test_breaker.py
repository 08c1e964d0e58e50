"""The breaker: the fourth equal message to one person within ten minutes waits for somebody's word."""

from datetime import UTC, datetime, timedelta

import pytest

from inbox.services import queries, replies
from inbox.services.rows import NewFile
from inbox.states import Delivery
from inbox.store.models import Conversation, Message
from tests.services.cases.desk import Desk

SAME = "Hemos recibido su mensaje."


def find(desk: Desk, message_id: int) -> Message:
    with desk.db.reading() as s:
        return s.get_one(Message, message_id)


def send(desk: Desk, room: int, words: str = SAME, *names: str) -> int:
    """A reply, with files, and everything that is due goes out."""
    with desk.db.writing(desk.agent_id) as s:
        files = [NewFile(name, "text/plain", name.encode()) for name in names]
        made = replies.queue(s, room, words, agent_id=desk.agent_id, files=files, delay=0)
    desk.go_out()
    return made


def is_held(desk: Desk, message_id: int) -> bool:
    found = find(desk, message_id)
    return found.delivery is Delivery.QUEUED and found.not_before is None


def earlier(desk: Desk, message_id: int, by: timedelta) -> None:
    """As if it had gone out that much earlier."""
    with desk.db.writing() as s:
        found = s.get_one(Message, message_id)
        found.sent_at, found.handed_over_at = found.sent_at - by, datetime.now(UTC) - by


def test_the_fourth_equal_message_to_one_person_is_held_and_says_why(desk: Desk) -> None:
    room, _ = desk.receive()
    sent = [send(desk, room) for _ in range(3)]
    fourth = send(desk, room)
    assert [find(desk, one).delivery for one in sent] == [Delivery.SENT] * 3
    assert is_held(desk, fourth)
    with desk.db.reading() as s:
        (row,) = [one for one in queries.thread(s, room).messages if one.id == fourth]
        assert s.get_one(Conversation, room).has_failed, "it is seen in the list"
    assert "3" in row.delivery_note
    assert row.text == SAME


@pytest.mark.parametrize("words", ["hemos  recibido\nsu MENSAJE.", SAME + "\n"])
def test_spaces_and_capitals_make_no_other_message(desk: Desk, words: str) -> None:
    room, _ = desk.receive()
    for _ in range(3):
        send(desk, room)
    assert is_held(desk, send(desk, room, words))


def test_other_words_other_files_and_other_people_pass(desk: Desk) -> None:
    room, _ = desk.receive()
    other, _ = desk.receive(sender="luis@correo.example")
    for _ in range(3):
        send(desk, room)
    passed = [send(desk, room, "Ya está enviado."), send(desk, room, SAME, "factura.txt"), send(desk, other)]
    assert [find(desk, one).delivery for one in passed] == [Delivery.SENT] * 3


def test_another_conversation_with_the_same_person_does_not_go_round_it(desk: Desk) -> None:
    rooms = [desk.receive()[0] for _ in range(4)]
    assert len(set(rooms)) == 4
    made = [send(desk, room) for room in rooms]
    assert [is_held(desk, one) for one in made] == [False, False, False, True]


def test_after_ten_minutes_the_same_may_go_out_again(desk: Desk) -> None:
    room, _ = desk.receive()
    for one in [send(desk, room) for _ in range(3)]:
        earlier(desk, one, timedelta(minutes=10, seconds=1))
    assert not is_held(desk, send(desk, room))


def test_while_one_is_held_its_like_is_held_too(desk: Desk) -> None:
    room, _ = desk.receive()
    sent = [send(desk, room) for _ in range(3)]
    first = send(desk, room)
    for one in sent:
        earlier(desk, one, timedelta(hours=1))
    assert is_held(desk, first)
    assert is_held(desk, send(desk, room)), "a slow loop is one as well"


def test_what_is_held_stops_no_other_message(desk: Desk) -> None:
    room, _ = desk.receive()
    for _ in range(4):
        send(desk, room)
    assert find(desk, send(desk, room, "Otra cosa.")).delivery is Delivery.SENT


def test_a_person_sends_it_anyway(desk: Desk) -> None:
    room, _ = desk.receive()
    held = [send(desk, room) for _ in range(5)][3:]
    with desk.db.writing(desk.agent_id) as s:
        replies.reschedule(s, held[0], None)
    desk.go_out()
    assert find(desk, held[0]).delivery is Delivery.SENT
    assert find(desk, held[0]).delivery_note == ""
    assert is_held(desk, held[1]), "that was said of one message, not of all"


def test_a_person_takes_it_back_and_nothing_is_lost(desk: Desk) -> None:
    room, _ = desk.receive()
    held = [send(desk, room, SAME, "factura.txt") for _ in range(4)][3]
    with desk.db.writing(desk.agent_id) as s:
        draft = replies.undo(s, held)
    assert draft.text == SAME
    assert [file.filename for file in draft.attachments] == ["factura.txt"]
    with desk.db.reading() as s:
        assert not s.get_one(Conversation, room).has_failed


def test_files_without_words_are_never_taken_for_equal(desk: Desk) -> None:
    room, _ = desk.receive()
    made = [send(desk, room, "", f"{n}.txt") for n in range(5)]
    assert {find(desk, one).delivery for one in made} == {Delivery.SENT}
