"""The demo's customers answer what they are asked, thank once, and new ones write."""

import threading

import pytest

from inbox.channels import demo
from inbox.channels.base import Batch, Outgoing
from inbox.channels.demo.channel import DemoChannel
from inbox.channels.demo.story import bank, find_questions, load
from inbox.states import MessageKind

ANA = "ana.torres@correo.example"


def outgoing(text: str, to: str = ANA) -> Outgoing:
    return Outgoing(message_id=1, remote_id="", to=(to,), text=text, remote_thread="demo-0")


def answers(channel: DemoChannel, *texts: str) -> list[str]:
    """What comes back to these replies; the channel's waits are none."""
    stop = threading.Event()
    batches = channel.receive("", stop)
    assert next(batches) == Batch((), "0")
    for text in texts:
        assert channel.send(outgoing(text)).remote_id
    found: list[str] = []
    for batch in batches:
        found += [message.text for message in batch.messages]
        if len(found) >= len(texts):
            stop.set()
    return found


def make(key: str = "atencion", language: str = "es") -> DemoChannel:
    return DemoChannel({"key": key, "language": language, "pace": "0"})


def test_a_customer_answers_each_question_of_the_bank() -> None:
    text = f"Gracias, Ana. {bank()['incident', 'order_number', 'es']} {bank()['incident', 'preferred_hours', 'es']}"
    (answer,) = answers(make(), text)[:1]
    assert "20544" in answer
    assert "De 16 a 20" in answer


def test_a_customer_answers_questions_in_the_agents_own_words() -> None:
    (answer,) = answers(make(), "¿A qué hora le viene mejor, de 9 a 13 o de 16 a 20?")[:1]
    assert answer


def test_a_solution_is_thanked_for_once() -> None:
    channel = make()
    assert answers(channel, "Hecho: mañana recogemos la lavadora.")[0] in load("es").thanks
    assert channel._words(outgoing("Que tenga un buen día.")) == ""


def test_new_customers_write_and_the_cursor_counts_them() -> None:
    channel = make("atencion")
    stop = threading.Event()
    batches = channel.receive("1", stop)
    assert next(batches).cursor == "1"
    batch = next(batches)
    stop.set()
    assert (batch.cursor, batch.messages[0].author.name) == ("2", "Julián Mora")


def test_it_ends_when_it_is_closed() -> None:
    channel = make("phone")
    channel.check()
    batches = channel.receive("", threading.Event())
    next(batches)
    channel.close()
    channel.close()
    assert list(batches) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_story_holds_together(language: str) -> None:
    story = load(language)
    keys = {account["key"] for account in story.content["accounts"]}
    kinds = {kind for _, kind, _ in bank()}
    assert kinds <= set(story.answers)
    for conversation in story.content["conversations"]:
        customer = story.content["customers"][conversation["customer"]]
        assert conversation["account"] in customer["handles"], conversation["subject"]
        assert set(conversation.get("answers", {})) <= kinds
    assert {one["account"] for one in story.content["newcomers"]} <= keys


def test_questions_are_found_in_both_languages() -> None:
    assert find_questions("Hola. ¿Cuál es? Gracias. Is it there?") == ["¿Cuál es?", "Is it there?"]


def test_stored_messages_can_be_read_again() -> None:
    (message,) = next(b for b in make().receive("1", threading.Event()) if b.messages).messages
    again = demo.read_message(message.raw, {}, message.remote_id, message.sent_at)
    assert (again.text, again.author) == (message.text, message.author)
    assert demo.read_body(message.raw).text == message.text
    assert demo.read_message(b"\0", {}, "x", message.sent_at).kind is MessageKind.UNREADABLE
    assert demo.read_part(b"", "1") == b""
    assert demo.visible_text("a") == "a"
    assert demo.new_remote_id({}, 1) == ""
