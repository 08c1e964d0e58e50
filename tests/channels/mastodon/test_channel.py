"""The account of a server: nothing is lost, what is private stays private, and what goes wrong is said plainly."""

import dataclasses
import json
import threading
from pathlib import Path

import pytest

from inbox.channels.base import FileChannel, Incoming, Outgoing, OutgoingFile
from inbox.channels.mastodon.answer import length_of
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.contract import Listener, fetch
from tests.channels.mastodon.place import ANA, BOB, ME, TOKEN, MastodonPlace
from tests.servers.http import Answer, captured

NOTIFICATIONS = "/api/v1/notifications"
STATUSES = "/api/v1/statuses"


def received(place: MastodonPlace, **settings: str) -> list[Incoming]:
    return fetch(place.channel(**settings))[0]


def one(place: MastodonPlace) -> Incoming:
    (message,) = received(place)
    return message


def send(place: MastodonPlace, message: Outgoing) -> str:
    channel = place.channel()
    try:
        return channel.send(message).remote_id
    finally:
        channel.close()


# --- receiving ---


def test_a_thread_is_known_by_its_first_post_and_its_person(place: MastodonPlace) -> None:
    root = place.post("¡Rebajas!", account=ME)
    first = place.post("¿Hasta cuándo?", in_reply_to_id=root["id"])
    ours = place.post("El lunes", account=ME, in_reply_to_id=first["id"])
    place.notify(first)
    place.notify(place.post("Gracias", in_reply_to_id=ours["id"]))
    place.notify(place.post("¿Y envíos?", in_reply_to_id=root["id"], account=BOB))
    messages = received(place)
    assert [each.remote_thread for each in messages] == [
        f"{root['id']}|ana@other.example",
        f"{root['id']}|ana@other.example",
        f"{root['id']}|bob@social.example",
    ]
    assert messages[1].text == "> El lunes\n\nGracias"
    assert messages[1].new_text == "Gracias"


def test_a_missing_parent_hurts_nobody_and_keeps_the_thread(place: MastodonPlace) -> None:
    first = place.post("¿Qué pasó?", in_reply_to_id="404")
    place.notify(first)
    place.notify(place.post("¿Hola?", in_reply_to_id=first["id"]))
    assert {each.remote_thread for each in received(place)} == {"404|ana@other.example"}
    place.answers[f"{STATUSES}/{first['id']}/context"] = [Answer("<html>no</html>", 404)]
    assert received(place)[0].remote_thread == "404|ana@other.example"


def test_a_private_mention_in_a_public_thread_stands_apart(place: MastodonPlace) -> None:
    root = place.post("Mi pedido no llega")
    place.notify(root)
    place.notify(place.post("Mi número es 4521", in_reply_to_id=root["id"], visibility="direct"))
    public, private = received(place)
    assert public.conversation_kind is ConversationKind.MENTION
    assert private.conversation_kind is ConversationKind.DIRECT
    assert public.remote_thread != private.remote_thread


def test_history_is_fetched_by_pages_and_goes_on_after_a_crash(place: MastodonPlace) -> None:
    for number in range(90):
        place.write(f"n.º {number}")
    channel = place.channel()
    batch = next(iter(channel.receive("", threading.Event())))
    channel.close()
    assert batch.backfill
    rest, _ = fetch(place.channel(), batch.cursor)
    assert len(batch.messages) == 40
    assert len({each.remote_id for each in [*batch.messages, *rest]}) == 90


def test_what_came_while_we_were_away_has_no_gap(place: MastodonPlace) -> None:
    place.write("antes")
    _, cursor = fetch(place.channel())
    for number in range(100):
        place.write(f"n.º {number}")
    messages, _ = fetch(place.channel(), cursor)
    assert [each.text for each in messages] == [f"n.º {number}" for number in range(100)]


def test_a_server_without_a_stream_is_looked_at_now_and_then(place: MastodonPlace) -> None:
    place.always["/api/v1/streaming/user"] = Answer({"error": "no"}, 404)
    with Listener(place.channel(seconds="0.2")) as listener:
        listener.until_quiet()
        place.write("¿Hola?")
        while not (batch := listener.next()).messages:
            pass
    assert [each.text for each in batch.messages] == ["¿Hola?"]


def test_likes_and_boosts_are_told_and_ask_for_nothing(place: MastodonPlace) -> None:
    ours = place.post("¡Rebajas!", account=ME)
    place.notify(ours, "favourite", ANA)
    place.notify(ours, "reblog", BOB)
    place.notify(None, "follow", BOB)
    like, boost = received(place)
    assert (like.kind, like.text, like.author.name) == (MessageKind.AUTOMATIC, "> ¡Rebajas!\n\n★", "Ana Torres")
    assert (boost.kind, boost.new_text) == (MessageKind.AUTOMATIC, "🔁")


def test_an_edit_and_a_deletion_are_told(place: MastodonPlace) -> None:
    post = place.post("El pedido 12")
    place.notify(post)
    with Listener(place.channel()) as listener:
        listener.until_quiet()
        with place.http.changed:
            post |= {"content": "<p>El pedido 21</p>", "edited_at": "2099-01-01T00:00:00Z"}
        place.stream("status.update", json.dumps(post))
        edits = listener.next().edits
        place.stream("delete", post["id"])
        gone = listener.next().edits
    assert [(each.remote_id, each.text, each.deleted) for each in edits] == [(post["id"], "El pedido 21", False)]
    assert [(each.remote_id, each.deleted) for each in gone] == [(post["id"], True)]


def test_hashtags_and_searches_come_in_under_their_names(place: MastodonPlace) -> None:
    place.tags["tienda"] = [place.post("#tienda nada bien", account=BOB), place.post("#tienda", account=ME)]
    found = {"statuses": [place.post("paquete roto de la tienda", account=BOB)]}
    place.always["/api/v2/search"] = Answer(found)
    messages, cursor = fetch(place.channel(streams="#tienda, paquete roto"))
    assert [(each.stream, each.text) for each in messages] == [
        ("#tienda", "#tienda nada bien"),
        ("paquete roto", "paquete roto de la tienda"),
    ]
    place.tags["tienda"].append(place.post("#tienda mejor", account=BOB))
    messages, _ = fetch(place.channel(streams="#tienda, paquete roto"), cursor)
    assert [each.text for each in messages] == ["#tienda mejor"]


def test_a_server_that_does_not_search_still_gives_mentions(place: MastodonPlace) -> None:
    place.write("Hola")
    assert [each.text for each in received(place, streams="paquete roto")] == ["Hola"]


def test_people_whom_the_server_holds_back_are_heard(place: MastodonPlace) -> None:
    held = {"id": "5", "updated_at": "2026-08-01T13:53:14.135Z", "last_status": place.post("¿Nadie me lee?")}
    place.always["/api/v1/notifications/requests"] = Answer([held])
    messages, cursor = fetch_first(place, "")
    assert messages == ["¿Nadie me lee?"]
    assert fetch_first(place, cursor)[0] == []


def fetch_first(place: MastodonPlace, cursor: str) -> tuple[list[str], str]:
    with Listener(place.channel(), cursor) as listener:
        batch = listener.next()
        return [each.text for each in batch.messages], listener.cursor


# --- sending ---


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("public", "public"), ("unlisted", "unlisted"), ("private", "direct"), ("direct", "direct"), ("x", "direct")],
)
def test_an_answer_is_never_more_public_than_what_it_answers(place: MastodonPlace, theirs: str, ours: str) -> None:
    send(place, place.reply("Lo miramos", visibility=theirs))
    assert place.posted[0][0]["visibility"] == ours


def test_a_private_conversation_stays_private_whatever_the_post_says(place: MastodonPlace) -> None:
    send(place, dataclasses.replace(place.reply("Su número es…"), public=False))
    assert place.posted[0][0]["visibility"] == "direct"


def test_an_answer_names_everybody_once_and_keeps_the_warning(place: MastodonPlace) -> None:
    send(place, place.reply("@bob y todos: ya salió", mentions=[ME, BOB], spoiler_text="paquete", language="es"))
    values = place.posted[0][0]
    assert values["status"] == "@ana@other.example @bob y todos: ya salió"
    assert (values["spoiler_text"], values["language"]) == ("paquete", "es")


def test_a_second_try_makes_no_second_post(place: MastodonPlace) -> None:
    message = place.reply("Ya salió: https://shop.example/seguimiento?n=12")
    first = send(place, message)
    assert send(place, message) == first, "the server knows the key"
    place.keys.clear()
    assert send(place, dataclasses.replace(message, maybe_sent=True)) == first, "it was found below the post"
    assert len(place.posted) == 1


def test_a_try_that_never_arrived_is_sent_again(place: MastodonPlace) -> None:
    send(place, dataclasses.replace(place.reply("Ya salió"), maybe_sent=True))
    assert place.arrived() == ["Ya salió"]


def test_a_file_is_handed_over_and_waited_for(place: MastodonPlace) -> None:
    place.answers["/api/v1/media/77"] = [
        Answer({"id": "77", "url": "http://x"}, 206),
        Answer({"id": "77", "url": "http://x"}),
    ]
    files = (OutgoingFile("caja.png", "image/png", b"picture"),)
    send(place, dataclasses.replace(place.reply("Así"), files=files))
    assert place.media == [("caja.png", "image/png", b"picture")]
    assert place.posted[0][0]["media_ids[]"] == "77"


def test_the_servers_own_limits_hold(place: MastodonPlace, shared_data: Path) -> None:
    place.instance = captured(shared_data / "social" / "mastodon" / "instance_v2.json").body
    link = "https://shop.example/" + "x" * 400
    send(place, place.reply(f"Vea {link} y {link}"))
    with pytest.raises(RejectedMessageError, match="too long"):
        send(place, place.reply("a" * 496))
    pdf = (OutgoingFile("f.pdf", "application/pdf", b"%PDF"),)
    with pytest.raises(RejectedMessageError, match=r"f\.pdf"):
        send(place, dataclasses.replace(place.reply("Adjunto"), files=pdf))
    with pytest.raises(RejectedMessageError, match="4"):
        send(place, dataclasses.replace(place.reply("Adjunto"), files=pdf * 5))
    assert len(place.posted) == 1


def test_length_is_counted_as_servers_count_it() -> None:
    assert length_of("@ana@other.example hola https://a.example/b?c=d", 23) == len("@ana hola ") + 23
    assert length_of("a@b.example", 23) == 11


def test_an_answer_to_what_is_gone_is_refused_in_plain_words(place: MastodonPlace) -> None:
    message = place.reply("Hola")
    place.statuses.clear()
    with pytest.raises(RejectedMessageError, match="no longer exists"):
        send(place, message)


# --- files ---


def test_a_file_is_fetched_without_our_token(place: MastodonPlace) -> None:
    place.answers["/media/a.png"] = [Answer(b"picture", headers={"Content-Type": "image/png"}), Answer(b"", 404)]
    channel: FileChannel = place.channel()  # type: ignore[assignment]
    assert channel.fetch_file(f"{place.http.url}/media/a.png", 1000) == b"picture"
    assert "authorization" not in place.http.requests[-1].headers
    with pytest.raises(RejectedMessageError, match="no longer there"):
        channel.fetch_file(f"{place.http.url}/media/a.png", 1000)
    with pytest.raises(RejectedMessageError):
        channel.fetch_file("file:///etc/passwd", 1000)
    channel.close()


# --- what goes wrong ---


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"error": "The access token was revoked"}, 401), SignInError),
        (Answer({"error": "This action is outside the authorized scopes"}, 403), SignInError),
        (Answer({"error": "This action is not allowed"}, 403), RejectedMessageError),
        (Answer({"error": "Record not found"}, 404), RejectedMessageError),
        (Answer({"error": "Validation failed: Text too long"}, 422), RejectedMessageError),
        (Answer({"error": "Bad Request: text with spoiler exceed max chars (5000)"}, 400), RejectedMessageError),
        (Answer("<html>Bad Gateway</html>", 502, {"Content-Type": "text/html"}), TemporaryChannelError),
        (Answer("<html>Hello</html>", 200, {"Content-Type": "text/html"}), OutcomeUnknownError),
        (Answer({"id": "1"}, cut=3), OutcomeUnknownError),
        (Answer({"id": "1"}, cut=0), OutcomeUnknownError),
    ],
)
def test_each_way_of_failing_to_send_is_told_apart(
    place: MastodonPlace, answer: Answer, error: type[Exception]
) -> None:
    place.answers[STATUSES] = [answer]
    with pytest.raises(error) as caught:
        send(place, place.reply("Hola"))
    assert str(caught.value)
    assert TOKEN not in str(caught.value)
    assert "<html" not in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"error": "The access token was revoked"}, 401), SignInError),
        (Answer({"error": "This action is outside the authorized scopes"}, 403), SignInError),
        (Answer({"error": "no"}, 403), TemporaryChannelError),
        (Answer("<html>x</html>", 404), TemporaryChannelError),
        (Answer("<html>x</html>", 503), TemporaryChannelError),
        (Answer("<html>x</html>"), TemporaryChannelError),
        (Answer({"error": "x"}), TemporaryChannelError),
        (Answer(b"[1, 2", cut=3), TemporaryChannelError),
    ],
)
def test_each_way_of_failing_to_read_is_told_apart(
    place: MastodonPlace, answer: Answer, error: type[Exception]
) -> None:
    place.answers[NOTIFICATIONS] = [answer]
    with pytest.raises(error):
        received(place)


def test_a_rate_limit_is_waited_out(place: MastodonPlace, shared_data: Path) -> None:
    limited = captured(shared_data / "social" / "mastodon" / "gts_rate_limited_429.json")
    place.answers[NOTIFICATIONS] = [dataclasses.replace(limited, headers={"X-RateLimit-Reset": "2099-01-01T00:00:00Z"})]
    with pytest.raises(TemporaryChannelError) as caught:
        received(place)
    assert caught.value.retry_after == 24 * 3600
    place.answers[NOTIFICATIONS] = [limited]  # its reset has passed: the engine's own back-off decides
    with pytest.raises(TemporaryChannelError) as caught:
        received(place)
    assert caught.value.retry_after is None


def test_a_hung_answer_does_not_hold_up_the_end(place: MastodonPlace) -> None:
    place.answers[NOTIFICATIONS] = [Answer(hang=True)]
    channel = place.channel()
    with Listener(channel) as listener:
        place.http.wait_for(lambda request: request.path == NOTIFICATIONS)
        channel.close()
        listener.join(seconds=3)


def test_a_token_of_another_account_is_noticed(place: MastodonPlace) -> None:
    channel = place.channel(address="@otra@social.example")
    with pytest.raises(SignInError, match="@tienda") as caught:
        channel.check()
    assert caught.value.field == "address"
    channel.close()


def test_what_is_no_mastodon_server_is_told(place: MastodonPlace) -> None:
    place.answers["/api/v1/accounts/verify_credentials"] = [Answer("<html>x</html>", 404)]
    channel = place.channel()
    with pytest.raises(SignInError, match="no Mastodon server"):
        channel.check()
    channel.close()


def test_the_account_names_its_server_and_something_must_be_entered(place: MastodonPlace) -> None:
    from inbox.channels.mastodon import open_channel

    for settings, secrets in (({"address": "@tienda"}, {"token": "x"}), ({"address": "@t@s.example"}, {})):
        channel = open_channel(settings, secrets)
        with pytest.raises(SignInError):
            channel.check()
        channel.close()
