"""The account on Bluesky: nothing is lost, signing in is rare, and what goes wrong is said plainly."""

import dataclasses
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from inbox.channels.base import Incoming, Outgoing, OutgoingFile
from inbox.channels.bluesky import calls
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.bluesky.place import ANA, BOB, CREATE, LIST, PASSWORD, SHOP, BlueskyPlace
from tests.channels.contract import Listener, fetch
from tests.servers.http import Answer, Request


def received(place: BlueskyPlace, **settings: str) -> list[Incoming]:
    return fetch(place.channel(**settings))[0]


def send(place: BlueskyPlace, message: Outgoing) -> str:
    channel = place.channel()
    try:
        return channel.send(message).remote_id
    finally:
        channel.close()


def error(name: str, code: int, message: str = "", **headers: str) -> Answer:
    return Answer({"error": name, "message": message}, code, headers)


# --- receiving ---


def test_a_thread_is_known_by_its_first_post_and_its_person(place: BlueskyPlace) -> None:
    root = place.post("¡Rebajas!", SHOP)
    first = place.post("¿Hasta cuándo?", parent=root)
    ours = place.post("El lunes", SHOP, parent=first)
    place.notify(first, "reply")
    place.notify(place.post("Gracias", parent=ours), "reply")
    place.notify(place.post("¿Y envíos?", BOB, parent=root), "reply")
    messages = received(place)
    assert [each.remote_thread for each in messages] == [
        f"{root['uri']}|did:plc:ana",
        f"{root['uri']}|did:plc:ana",
        f"{root['uri']}|did:plc:bob",
    ]
    assert (messages[1].text, messages[1].new_text) == ("> El lunes\n\nGracias", "Gracias")
    assert (messages[2].author.nick, messages[0].author.nick) == ("", "@ana.test")


def test_a_missing_or_blocked_parent_hurts_nobody(place: BlueskyPlace) -> None:
    root = place.post("Uno", BOB)
    place.notify(place.post("@shop.test ¿y esto?", parent=root), "mention")
    del place.posts[root["uri"]]
    (message,) = received(place)
    assert message.text == "@shop.test ¿y esto?"
    assert message.remote_thread.startswith(root["uri"])


def test_a_quotation_shows_what_it_quotes_and_likes_ask_for_nothing(place: BlueskyPlace) -> None:
    ours = place.post("¡Rebajas!", SHOP)
    quote = place.post("Vaya")
    quote["record"]["embed"] = {"$type": "app.bsky.embed.record", "record": {"uri": ours["uri"], "cid": ours["cid"]}}
    place.notify(quote, "quote", reasonSubject=ours["uri"])
    like = {"uri": "at://did:plc:ana/app.bsky.feed.like/1", "cid": "c", "author": ANA, "record": {"subject": {}}}
    place.notify(like, "like", reasonSubject=ours["uri"])
    place.notify(like | {"uri": "at://did:plc:ana/app.bsky.graph.follow/1"}, "follow")
    quoted, liked = received(place)
    assert (quoted.text, quoted.kind) == ("> ¡Rebajas!\n\nVaya", MessageKind.TEXT)
    assert (liked.text, liked.kind) == ("> ¡Rebajas!\n\n★", MessageKind.AUTOMATIC)
    assert liked.remote_thread == f"{ours['uri']}|did:plc:ana"


def test_what_came_while_we_were_away_is_paged_through(place: BlueskyPlace) -> None:
    place.write("antes")
    _, cursor = fetch(place.channel())
    for number in range(120):
        place.write(f"n.º {number}")
    place.notifications[-1]["indexedAt"] = place.notifications[-2]["indexedAt"]
    messages, cursor = fetch(place.channel(), cursor)
    assert [each.text for each in messages] == [f"n.º {number}" for number in range(120)]
    assert fetch(place.channel(), cursor)[0] == []


def test_searches_come_in_under_their_names(place: BlueskyPlace) -> None:
    place.found = [place.post("paquete roto", BOB), place.post("paquete roto, dicen", SHOP)]
    messages, cursor = fetch(place.channel(streams="paquete roto"))
    assert [(each.stream, each.text) for each in messages] == [("paquete roto", "paquete roto")]
    place.found.append(place.post("otro paquete roto"))
    messages, _ = fetch(place.channel(streams="paquete roto"), cursor)
    assert [each.text for each in messages] == ["otro paquete roto"]


# --- private messages ---


def chatting(place: BlueskyPlace) -> None:
    place.chat_refused = False
    kept = [said("m2", SHOP, "¿Su número de pedido?"), said("m1", ANA, "No me llega")]
    place.chats = [{"id": "c1", "rev": "1", "members": [SHOP, ANA], "kept": kept}]


def said(id_: str, who: Any, text: str) -> dict[str, Any]:
    return {"id": id_, "rev": id_, "sender": {"did": who["did"]}, "sentAt": datetime.now(UTC).isoformat(), "text": text}


def test_private_messages_come_in_and_are_answered_in_private(place: BlueskyPlace) -> None:
    chatting(place)
    messages, cursor = fetch(place.channel())
    assert [(each.text, each.outgoing) for each in messages] == [
        ("No me llega", False),
        ("¿Su número de pedido?", True),
    ]
    assert {(each.conversation_kind, each.remote_thread) for each in messages} == {(ConversationKind.DIRECT, "dm:c1")}
    assert messages[1].counterpart is not None
    assert messages[1].counterpart.handle == ANA["did"]
    place.logs = [
        {
            "$type": "chat.bsky.convo.defs#logCreateMessage",
            "rev": "3",
            "convoId": "c1",
            "message": said("m3", ANA, "12"),
        },
        {"$type": "chat.bsky.convo.defs#logDeleteMessage", "rev": "4", "convoId": "c1", "message": {"id": "m1"}},
    ]
    with Listener(place.channel(), cursor) as listener:
        batch = listener.next()
    assert [(each.text, each.author.name) for each in batch.messages] == [("12", "Ana Gómez")]
    assert [(each.remote_id, each.deleted) for each in batch.edits] == [("dm:m1", True)]
    answer = Outgoing(1, "", (ANA["did"],), "Lo miro", remote_thread="dm:c1", in_reply_to="dm:m3")
    assert send(place, answer).startswith("dm:m")
    assert (place.sent_chats, place.records) == ([("c1", "Lo miro")], [])
    assert send(place, dataclasses.replace(answer, maybe_sent=True)) == "dm:m-Lo miro"
    assert len(place.sent_chats) == 1


def test_an_app_password_without_direct_messages_is_said_once_and_costs_no_sign_in(
    place: BlueskyPlace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    place.write("Hola")
    assert [each.text for each in received(place)] == ["Hola"]
    assert sum("allow them for the app password" in each.message for each in caplog.records) == 1
    assert PASSWORD not in caplog.text
    assert place.asked("com.atproto.server.createSession") == 1


# --- the session ---


def test_one_sign_in_serves_every_channel_of_the_account(place: BlueskyPlace) -> None:
    for _ in range(3):
        received(place)
        send(place, place.reply("Hola"))
    assert place.asked("com.atproto.server.createSession") == 1


def test_a_session_that_runs_out_is_refreshed(place: BlueskyPlace) -> None:
    place.lifetime = 1
    received(place)
    assert place.asked("com.atproto.server.createSession") == 1
    assert place.asked("com.atproto.server.refreshSession") > 0


def test_a_session_that_was_ended_is_begun_anew_once(place: BlueskyPlace) -> None:
    received(place)
    place.answers[LIST] = [error("ExpiredToken", 400, "Token has expired")]
    place.write("Hola")
    assert [each.text for each in received(place)] == ["Hola"]
    assert place.asked("com.atproto.server.createSession") == 2
    place.always[LIST] = error("ExpiredToken", 400, "Token has expired")
    with pytest.raises(SignInError):
        received(place)
    assert place.asked("com.atproto.server.createSession") == 3
    assert calls._sessions == {}


# --- sending ---


def test_an_answer_names_its_parent_and_the_first_post(place: BlueskyPlace) -> None:
    root = place.post("Hola", SHOP)
    parent = place.post("¿Y mi paquete?", parent=root)
    message = dataclasses.replace(place.reply("Salió ayer"), in_reply_to=parent["uri"])
    send(place, message)
    (_, record) = place.records[0]
    assert record["reply"] == {
        "root": {"uri": root["uri"], "cid": root["cid"]},
        "parent": {"uri": parent["uri"], "cid": parent["cid"]},
    }
    assert record["langs"] == ["es"]


def test_an_answer_carries_marks_and_pictures(place: BlueskyPlace) -> None:
    files = (OutgoingFile("caja.png", "image/png", b"picture"),)
    send(place, dataclasses.replace(place.reply("¡Vea https://a.example/x!"), files=files))
    record = place.records[0][1]
    assert record["facets"][0]["index"] == {"byteStart": 6, "byteEnd": 25}
    assert place.blobs == [("image/png", b"picture")]
    assert record["embed"]["images"][0]["alt"] == "caja.png"


def test_a_second_try_makes_no_second_post(place: BlueskyPlace) -> None:
    message = place.reply("Salió ayer")
    first = send(place, message)
    assert send(place, dataclasses.replace(message, maybe_sent=True)) == first
    assert len(place.records) == 1


def test_what_was_taken_behind_a_failing_gateway_is_found(place: BlueskyPlace) -> None:
    message = place.reply("Salió ayer")
    take = place.http.handler

    def fail_after_taking(request: Request) -> Answer | None:
        answer = take(request)
        return Answer("<html>Bad Gateway</html>", 502) if request.path.endswith(CREATE) else answer

    place.http.handler = fail_after_taking
    assert send(place, message) == place.records[0][0]
    assert len(place.records) == 1


@pytest.mark.parametrize(
    "files",
    [
        (OutgoingFile("f.pdf", "application/pdf", b"%PDF"),),
        (OutgoingFile("a.png", "image/png", b"x" * 1_000_001),),
        (OutgoingFile("a.png", "image/png", b"x"),) * 5,
    ],
)
def test_files_that_bluesky_would_not_take_are_refused_first(
    place: BlueskyPlace, files: tuple[OutgoingFile, ...]
) -> None:
    with pytest.raises(RejectedMessageError):
        send(place, dataclasses.replace(place.reply("Así"), files=files))
    assert (place.blobs, place.records) == ([], [])


def test_what_is_gone_blocked_or_closed_is_refused_in_plain_words(place: BlueskyPlace) -> None:
    message = place.reply("Hola")
    post = place.posts[message.in_reply_to]
    post["viewer"] = {"replyDisabled": True}
    with pytest.raises(RejectedMessageError, match="no answers"):
        send(place, message)
    post["author"]["viewer"] = {"blockedBy": True}
    with pytest.raises(RejectedMessageError, match="blocked"):
        send(place, message)
    place.posts.clear()
    with pytest.raises(RejectedMessageError, match="no longer exists"):
        send(place, message)
    with pytest.raises(RejectedMessageError, match="3000 bytes"):
        send(place, place.reply("👩‍👩‍👧‍👦" * 200))


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error("AuthMissing", 401, "Authentication Required"), SignInError),
        (error("Forbidden", 403, "no"), RejectedMessageError),
        (error("BlobNotFound", 400, "Could not find blob"), RejectedMessageError),
        (error("InternalServerError", 500, "x"), TemporaryChannelError),
        (error("MethodNotImplemented", 501, "x"), TemporaryChannelError),
        (Answer("<html>Bad Gateway</html>", 502, {"Content-Type": "text/html"}), TemporaryChannelError),
        (Answer("<html>Hello</html>", 200, {"Content-Type": "text/html"}), OutcomeUnknownError),
        (Answer({"uri": "at://x"}, cut=3), OutcomeUnknownError),
        (Answer({"uri": "at://x"}, cut=0), OutcomeUnknownError),
    ],
)
def test_each_way_of_failing_to_send_is_told_apart(
    place: BlueskyPlace, answer: Answer, expected: type[Exception]
) -> None:
    place.answers[CREATE] = [answer]
    with pytest.raises(expected) as caught:
        send(place, place.reply("Hola"))
    assert str(caught.value)
    assert "<html" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error("AuthMissing", 401, "Authentication Required"), SignInError),
        (error("InvalidRequest", 400, "x"), TemporaryChannelError),
        (Answer("<html>x</html>", 404, {"Content-Type": "text/html"}), TemporaryChannelError),
        (Answer("<html>x</html>", 503), TemporaryChannelError),
        (Answer("not json"), TemporaryChannelError),
        (Answer({"notifications": None}), TemporaryChannelError),
        (Answer([1, 2]), TemporaryChannelError),
        (Answer({"notifications": []}, cut=3), TemporaryChannelError),
    ],
)
def test_each_way_of_failing_to_read_is_told_apart(
    place: BlueskyPlace, answer: Answer, expected: type[Exception]
) -> None:
    place.answers[LIST] = [answer]
    with pytest.raises(expected):
        received(place)


@pytest.mark.parametrize(("reset", "wait"), [("4070908800", 24 * 3600), ("1795323010", None)])
def test_a_rate_limit_is_waited_out(place: BlueskyPlace, reset: str, wait: float | None) -> None:
    place.answers["com.atproto.server.createSession"] = [
        error("RateLimitExceeded", 429, "Rate Limit Exceeded", **{"ratelimit-reset": reset})
    ]
    with pytest.raises(TemporaryChannelError) as caught:
        received(place)
    assert caught.value.retry_after == wait


def test_a_hung_answer_does_not_hold_up_the_end(place: BlueskyPlace) -> None:
    place.answers[LIST] = [Answer(hang=True)]
    channel = place.channel()
    with Listener(channel) as listener:
        place.http.wait_for(lambda request: request.path.endswith(LIST))
        channel.close()
        listener.join(seconds=3)


def test_an_account_without_a_password_is_refused_before_anything_is_asked(place: BlueskyPlace) -> None:
    from inbox.channels.bluesky import open_channel

    channel = open_channel(place.settings, {})
    with pytest.raises(SignInError) as caught:
        channel.check()
    assert caught.value.field == "password"
    assert place.http.requests == []
    channel.close()
