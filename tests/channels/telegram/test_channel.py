"""The bot's account: nothing is lost, replies keep Telegram's measures, and what goes wrong is said plainly."""

import threading

import pytest

from inbox.channels.base import FileChannel, Incoming, Outgoing, OutgoingFile, TypingChannel
from inbox.errors import (
    OutcomeUnknownError,
    RejectedMessageError,
    SignInError,
    TemporaryChannelError,
)
from inbox.states import ConversationKind, MessageKind
from tests.channels.contract import Listener
from tests.channels.telegram.place import ANA, TOKEN, TelegramPlace
from tests.servers.http import Answer

GROUP = {"id": -100200300, "title": "Vecinos", "type": "supergroup"}


def received(place: TelegramPlace) -> list[Incoming]:
    with Listener(place.channel()) as listener:
        return listener.until_quiet()


def one(place: TelegramPlace) -> Incoming:
    (message,) = received(place)
    return message


def send(place: TelegramPlace, message: Outgoing) -> str:
    channel = place.channel()
    try:
        return channel.send(message).remote_id
    finally:
        channel.close()


# --- receiving ---


def test_telegram_forgets_an_update_only_after_it_is_stored(place: TelegramPlace) -> None:
    place.write("Hola")
    channel = place.channel()
    batches = channel.receive("", threading.Event())
    (message,) = next(batches).messages
    assert place.confirmed == 0, "not stored yet"
    next(batches)
    assert place.confirmed > 5000
    assert (message.text, message.author.name, message.author.nick) == ("Hola", "Ana Torres", "@anatorres")
    channel.close()


def test_an_album_is_one_message_though_its_parts_come_one_by_one(place: TelegramPlace) -> None:
    def part(file: str, caption: str = "") -> dict[str, object]:
        photo = [{"file_id": f"{file}-small", "width": 90}, {"file_id": file, "width": 1280, "file_size": 1000}]
        return place.message(photo=photo, media_group_id="77", **({"caption": caption} if caption else {}))

    place.push(part("a", "Así llegó"), part("b"))
    with Listener(place.channel()) as listener:
        place.http.wait_for(lambda request: request.path.endswith("/getUpdates"))
        place.push(part("c"))
        (message,) = listener.until_quiet()
    assert message.text == "Así llegó"
    assert [each.remote for each in message.attachments] == ["a", "b", "c"]


def test_an_edit_names_the_message_that_it_changes(place: TelegramPlace) -> None:
    first = place.message("El pedido 12")
    changed = {"edited_message": first["message"] | {"text": "El pedido 21", "edit_date": first["message"]["date"] + 5}}
    place.push(first, changed)
    with Listener(place.channel()) as listener:
        batch = listener.next()
    (message,), (edit,) = batch.messages, batch.edits
    assert (edit.remote_id, edit.text, edit.deleted) == (message.remote_id, "El pedido 21", False)


def test_a_group_and_each_topic_of_a_forum_is_a_conversation(place: TelegramPlace) -> None:
    place.push(
        place.message("uno", chat=GROUP),
        place.message("dos", chat=GROUP | {"is_forum": True}, message_thread_id=4, is_topic_message=True),
        place.message("tres", chat=GROUP, message_thread_id=9),  # a chain of answers, not a topic
    )
    messages = received(place)
    assert [each.remote_thread for each in messages] == ["-100200300", "-100200300/4", "-100200300"]
    assert {each.conversation_kind for each in messages} == {ConversationKind.MENTION}
    assert messages[0].subject == "Vecinos"


def test_a_group_that_moves_keeps_its_conversation(place: TelegramPlace) -> None:
    place.push(place.message(chat={"id": -55, "title": "V", "type": "group"}, migrate_to_chat_id=-10055))
    with Listener(place.channel()) as listener:
        batch = listener.next()
    assert (batch.messages, dict(batch.moved)) == ((), {"-55": "-10055"})


def test_a_shared_phone_number_is_a_strong_key_only_if_it_is_the_senders_own(place: TelegramPlace) -> None:
    contact = {"phone_number": "34600111222", "first_name": "Ana", "user_id": ANA["id"]}
    place.push(place.message(contact=contact), place.message(contact=contact | {"user_id": 5}))
    own, other = received(place)
    assert own.author.keys == (("phone", "+34600111222"),)
    assert "34600111222" in own.text
    assert other.author.keys == ()


def test_a_pressed_button_is_an_answer_and_is_confirmed(place: TelegramPlace) -> None:
    asked = place.message("¿Cuándo?")["message"] | {
        "reply_markup": {"inline_keyboard": [[{"text": "Por la tarde", "callback_data": "pm"}]]}
    }
    place.push({"callback_query": {"id": "77", "from": ANA, "message": asked, "data": "pm"}})
    assert one(place).text == "▸ Por la tarde"
    place.http.wait_for(lambda request: request.path.endswith("/answerCallbackQuery"))


def test_what_is_no_text_is_put_into_words_or_signs(place: TelegramPlace) -> None:
    place.push(
        place.message(location={"latitude": 40.4168, "longitude": -3.7038}),
        place.message(sticker={"file_id": "s", "emoji": "😀", "width": 1}),
        place.message(voice={"file_id": "v", "duration": 3, "file_size": 900, "mime_type": "audio/ogg"}),
        place.message(poll={"question": "¿Qué día?", "options": [{"text": "Lunes"}]}),
        place.message("ver", entities=[{"type": "text_link", "offset": 0, "length": 3, "url": "https://a.example/x"}]),
    )
    where, sticker, voice, poll, link = received(place)
    assert "40.416800,-3.703800" in where.text
    assert (sticker.text, sticker.attachments[0].remote) == ("😀", "s")
    assert (voice.text, voice.attachments[0].content_type, voice.attachments[0].size) == ("", "audio/ogg", 900)
    assert poll.text == "📊 ¿Qué día?\n- Lunes"
    assert link.text == "ver (https://a.example/x)"


def test_what_is_answered_stands_before_the_answer_and_folds(place: TelegramPlace) -> None:
    place.push(place.message("El martes", reply_to_message={"message_id": 1, "text": "¿Qué día\nle va bien?"}))
    message = one(place)
    assert message.text == "> ¿Qué día\n> le va bien?\n\nEl martes"
    assert message.new_text == "El martes"


def test_telegrams_own_notes_open_nothing(place: TelegramPlace) -> None:
    place.push(
        place.message(chat=GROUP, new_chat_members=[ANA]),
        place.message(chat=GROUP, forum_topic_created={"name": "Averías"}),
    )
    message = one(place)
    assert (message.text, message.kind) == ("➕ Ana Torres", MessageKind.AUTOMATIC)


# --- files and typing ---


def test_a_file_is_fetched_when_it_is_asked_for(place: TelegramPlace) -> None:
    bytes_of = {f"/file/bot{TOKEN}/documents/a.bin": Answer(b"content", headers={"Content-Type": "image/png"})}
    handler = place.http.handler
    place.http.handler = lambda request: bytes_of.get(request.path) or handler(request)
    place.always["getFile"] = Answer({"ok": True, "result": {"file_id": "x", "file_path": "documents/a.bin"}})
    channel: FileChannel = place.channel()  # type: ignore[assignment]
    assert channel.fetch_file("x", 1000) == b"content"
    with pytest.raises(RejectedMessageError):
        channel.fetch_file("x", 3)
    channel.close()


def test_typing_is_shown_and_its_failure_hurts_nobody(place: TelegramPlace) -> None:
    channel: TypingChannel = place.channel()  # type: ignore[assignment]
    place.refuse("sendChatAction", 403, "Forbidden: bot was blocked by the user")
    channel.show_typing("5")
    channel.show_typing("5")
    asked = [request for request in place.http.requests if request.path.endswith("/sendChatAction")]
    assert [request.form["action"] for request in asked] == ["typing", "typing"]
    channel.close()


# --- sending ---


def test_a_long_reply_goes_out_in_parts_cut_at_sentences(place: TelegramPlace) -> None:
    sentence = "El paquete salió ayer del almacén. "
    send(place, place.reply(sentence * 200))
    texts = place.arrived()
    assert len(texts) == 2
    assert all(len(text) <= 4096 and text.endswith(".") for text in texts)
    assert " ".join(texts) == (sentence * 200).strip()


def test_files_go_out_as_photos_and_documents(place: TelegramPlace) -> None:
    files = (OutgoingFile("a.png", "image/png", b"picture"), OutgoingFile("f.pdf", "application/pdf", b"%PDF"))
    message = Outgoing(1, "", ("7",), "Adjunto", remote_thread="7", files=files)
    send(place, message)
    assert [method for method, _ in place.sent] == ["sendMessage", "sendPhoto", "sendDocument"]
    assert place.sent[2][1]["document"] == ("f.pdf", b"%PDF")


def test_a_lone_file_carries_the_text(place: TelegramPlace) -> None:
    send(place, Outgoing(1, "", ("7",), "Su factura", remote_thread="7", files=(OutgoingFile("f.pdf", "a/b", b"%"),)))
    assert [(method, values["caption"]) for method, values in place.sent] == [("sendDocument", "Su factura")]


def test_the_topic_and_the_answered_message_are_named(place: TelegramPlace) -> None:
    thread = "-100200300/4"
    send(place, Outgoing(1, "", ("7",), "Sí", remote_thread=thread, in_reply_to="-100200300:31", public=True))
    values = place.sent[0][1]
    assert (values["chat_id"], values["message_thread_id"]) == ("-100200300", "4")
    assert '"message_id": 31' in values["reply_parameters"]


def test_an_answer_to_a_chat_of_the_business_account_names_the_connection(place: TelegramPlace) -> None:
    send(place, Outgoing(1, "", ("456",), "Ciao", remote_thread="conn1@456"))
    assert place.sent[0][1]["business_connection_id"] == "conn1"


def test_a_group_that_has_moved_is_followed(place: TelegramPlace) -> None:
    place.refuse("sendMessage", 400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-10077)
    assert send(place, Outgoing(1, "", (), "Hola", remote_thread="-77")).startswith("-10077:")


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (403, "Forbidden: bot was blocked by the user", RejectedMessageError),
        (403, "Forbidden: user is deactivated", RejectedMessageError),
        (400, "Bad Request: chat not found", RejectedMessageError),
        (400, "Bad Request: message is too long", RejectedMessageError),
        (502, "Bad Gateway", TemporaryChannelError),
        (401, "Unauthorized", SignInError),
    ],
)
def test_refusals_are_told_with_telegrams_words(
    place: TelegramPlace, code: int, words: str, error: type[Exception]
) -> None:
    place.refuse("sendMessage", code, words)
    with pytest.raises(error) as caught:
        send(place, place.reply("Hola"))
    assert str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_flood_wait_is_kept_to_the_second(place: TelegramPlace) -> None:
    place.refuse("sendMessage", 429, "Too Many Requests: retry after 41", retry_after=41)
    with pytest.raises(TemporaryChannelError) as caught:
        send(place, place.reply("Hola"))
    assert caught.value.retry_after == 41


def test_a_refusal_in_the_middle_leaves_the_outcome_to_a_person(place: TelegramPlace) -> None:
    good = Answer({"ok": True, "result": {"message_id": 1, "chat": {"id": 5}}})
    place.answers["sendMessage"] = [good]
    place.refuse("sendMessage", 429, "Too Many Requests: retry after 41", retry_after=41)
    with pytest.raises(OutcomeUnknownError, match="1"):
        send(place, place.reply("a" * 5000))


@pytest.mark.parametrize("answer", [Answer(b"x" * 99, cut=3), Answer(b"x" * 99, cut=0)])
def test_a_line_that_breaks_while_sending_leaves_the_outcome_to_a_person(place: TelegramPlace, answer: Answer) -> None:
    place.answers["sendMessage"] = [answer]
    with pytest.raises(OutcomeUnknownError):
        send(place, place.reply("Hola"))


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>Bad Gateway</html>", 502),
        Answer(b"not json"),
        Answer([1], 200),
        Answer({"ok": True, "result": {}}),
    ],
)
def test_garbage_is_tried_again(place: TelegramPlace, answer: Answer) -> None:
    place.answers["getUpdates"] = [answer]
    with pytest.raises(TemporaryChannelError):
        received(place)


def test_another_reader_is_told_in_plain_words(place: TelegramPlace) -> None:
    place.refuse("getUpdates", 409, "Conflict: terminated by other getUpdates request")
    with pytest.raises(TemporaryChannelError, match="Another program reads this bot"):
        received(place)


def test_a_webhook_is_taken_over_only_when_a_person_says_so(place: TelegramPlace) -> None:
    place.answers["getWebhookInfo"] = [Answer({"ok": True, "result": {"url": "https://x.example"}})] * 2
    channel = place.channel()
    with pytest.raises(SignInError) as caught:
        channel.check()
    assert caught.value.field == "take_over"
    channel.close()
    channel = place.channel(take_over="yes")
    channel.check()
    channel.close()
    assert any(request.path.endswith("/deleteWebhook") for request in place.http.requests)


def test_a_token_of_another_bot_is_noticed(place: TelegramPlace) -> None:
    channel = place.channel(username="@other_bot")
    with pytest.raises(SignInError, match="@Shop_Bot"):
        channel.check()
    channel.close()


def test_an_empty_token_is_refused_before_anything_is_asked(place: TelegramPlace) -> None:
    from inbox.channels.telegram import open_channel

    channel = open_channel(place.settings, {"token": ""})
    with pytest.raises(SignInError):
        channel.check()
    channel.close()


def test_nothing_is_forgotten_when_the_store_fails(place: TelegramPlace) -> None:
    place.write("Hola")
    channel = place.channel()
    next(iter(channel.receive("", threading.Event())))
    channel.close()
    assert [message.text for message in received(place)] == ["Hola"]
