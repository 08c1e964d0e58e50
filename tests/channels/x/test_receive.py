"""What the X channel reads: whose it is, where it belongs, and what goes on when a list is refused."""

import threading
import time
from collections.abc import Iterator

import pytest

from inbox.channels.base import Batch, Budget, Incoming
from inbox.errors import RejectedMessageError, SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.contract import Listener, fetch
from tests.channels.x.place import ME, THREAD, XPlace
from tests.servers.http import Answer


def one(place: XPlace, **settings: str) -> Incoming:
    messages, _ = fetch(place.channel(**settings))
    (message,) = messages
    return message


def test_a_mention_tells_who_wrote_and_where_it_belongs(place: XPlace) -> None:
    question = place.post("We are open again", author_id=ME["id"])
    place.posts = [question]
    post = place.mention(
        "@shop Where is it? https://t.co/q",
        conversation_id=question["id"],
        in_reply_to_user_id=ME["id"],
        referenced_tweets=[{"type": "replied_to", "id": question["id"]}],
    )
    message = one(place)
    assert message.author.handle == "2000"
    assert (message.author.nick, message.author.name) == ("@ana", "Ana Torres")
    assert message.author.profile_url == "https://x.com/ana"
    assert message.author.followers == 1234
    assert message.remote_thread == f"{question['id']}|2000"
    assert message.own_key == post["id"]
    assert message.conversation_kind is ConversationKind.MENTION
    assert message.text == "> @shop: We are open again\n\n@shop Where is it? https://t.co/q"
    assert message.new_text == "@shop Where is it? https://t.co/q"


def test_media_are_files_elsewhere_in_their_finest_version(place: XPlace) -> None:
    video = [
        {"content_type": "application/x-mpegURL", "url": "https://v.example/a.m3u8"},
        {"content_type": "video/mp4", "bit_rate": 256000, "url": "https://v.example/small.mp4"},
        {"content_type": "video/mp4", "bit_rate": 2176000, "url": "https://v.example/large.mp4?tag=12"},
    ]
    place.media = [
        {"media_key": "3_1", "type": "photo", "url": "https://p.example/a.jpg"},
        {"media_key": "7_1", "type": "video", "preview_image_url": "https://p.example/v.jpg", "variants": video},
        {"media_key": "3_9", "type": "photo", "url": "https://p.example/another's.jpg"},
    ]
    place.mention("@shop Look", attachments={"media_keys": ["3_1", "7_1", "3_missing"]})
    files = one(place).attachments
    assert [(each.filename, each.content_type) for each in files] == [
        ("a.jpg", "image/jpeg"),
        ("large.mp4", "video/mp4"),
    ]
    assert files[1].remote == "https://v.example/large.mp4?tag=12"


def test_a_file_is_fetched_and_a_missing_one_is_said_to_be_gone(place: XPlace) -> None:
    place.always["/media/a.jpg"] = Answer(b"jpeg", headers={"Content-Type": "image/jpeg"})
    channel = place.channel()
    assert channel.fetch_file(f"{place.http.url}/media/a.jpg", 100) == b"jpeg"
    with pytest.raises(RejectedMessageError, match="no longer there"):
        channel.fetch_file(f"{place.http.url}/media/gone.jpg", 100)
    channel.close()


def test_a_stream_names_its_search_and_tells_who_did_not_ask_us(place: XPlace) -> None:
    found = place.post("Broken parcel again")
    asked = place.post("Broken parcel, @Shop!")
    place.lists["/2/tweets/search/recent (broken parcel) -is:retweet"] = [found, asked]
    messages, _ = fetch(place.channel(streams="broken parcel,\n#shop"))
    assert [each.stream for each in messages] == ["broken parcel"] * 2
    assert [each.own_key for each in messages] == [f"unasked:{found['id']}", asked["id"]]


def test_direct_messages_come_with_those_we_wrote_elsewhere(place: XPlace) -> None:
    place.direct("Hello &amp; thanks")
    place.direct("You're welcome", sender_id=ME["id"])
    place.direct("joined", event_type="ParticipantsJoin")
    place.direct("To a group", sender_id=ME["id"], dm_conversation_id="1585094756761149440")
    theirs, ours = fetch(place.channel())[0]
    assert (theirs.text, theirs.remote_thread, theirs.author.handle) == ("Hello & thanks", f"dm:{THREAD}", "2000")
    assert theirs.conversation_kind is ConversationKind.DIRECT
    assert ours.outgoing
    assert ours.counterpart is not None
    assert ours.counterpart.handle == "2000"


def test_direct_messages_are_read_from_what_is_known_and_no_further(place: XPlace) -> None:
    place.page = 2
    for number in range(3):
        place.direct(f"Old {number}")
    _, cursor = fetch(place.channel())
    for number in range(5):
        place.direct(f"New {number}")
    messages, cursor = fetch(place.channel(), cursor)
    assert [each.text for each in messages] == [f"New {number}" for number in range(5)]
    assert fetch(place.channel(), cursor)[0] == []


def test_what_the_plan_does_not_allow_is_said_once_and_the_rest_goes_on(
    place: XPlace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="inbox.channels.x")
    refusal = {
        "title": "Client Forbidden",
        "type": "https://api.twitter.com/2/problems/client-forbidden",
        "detail": "No",
    }
    place.always["/2/dm_events"] = Answer(refusal, 403)
    place.write("Before")
    with Listener(place.channel()) as listener:
        assert [each.text for each in listener.until_quiet()] == ["Before"]
        place.write("After")
        assert [each.text for each in listener.next().messages] == ["After"]
    assert len([each for each in place.http.requests if each.path == "/2/dm_events"]) == 1
    assert [each.message for each in caplog.records if "does not give" in each.message] != []


def test_our_own_answers_from_elsewhere_stand_in_the_customers_thread(place: XPlace) -> None:
    mine = {"author_id": ME["id"], "conversation_id": "77"}
    place.lists["/2/users/1000/tweets"] = [
        place.post("Good morning, everybody", **mine),
        place.post("@ana It left", in_reply_to_user_id="2000", **mine),
        place.post("And more to say", in_reply_to_user_id=ME["id"], **mine),
    ]
    message = one(place)
    assert (message.text, message.outgoing, message.remote_thread) == ("@ana It left", True, "77|2000")
    assert message.counterpart is not None
    assert message.counterpart.nick == "@ana"


def test_an_edited_post_is_an_edit_of_its_first_version(place: XPlace) -> None:
    first = place.mention("@shop Were is it?")
    with Listener(place.channel()) as listener:
        (message,) = listener.until_quiet()
        later = place.post("@shop Where is it?", edit_history_tweet_ids=[first["id"]])
        later["edit_history_tweet_ids"].append(later["id"])
        place.lists["/2/users/1000/mentions"].append(later)
        batch = listener.next()
    (edit,) = batch.edits
    assert edit.remote_id == message.remote_id == batch.messages[0].remote_id
    assert edit.text == "@shop Where is it?"


def test_a_shared_post_asks_for_no_answer(place: XPlace) -> None:
    original = place.post("A very long praise of @shop")
    place.posts = [original]
    place.mention("RT @ana: A very…", referenced_tweets=[{"type": "retweeted", "id": original["id"]}])
    message = one(place)
    assert message.kind is MessageKind.AUTOMATIC
    assert (message.text, message.new_text) == ("> @ana: A very long praise of @shop\n\n🔁", "🔁")


def test_a_quoted_post_that_is_gone_takes_nothing_with_it(place: XPlace) -> None:
    place.errors = [{"resource_id": "5", "title": "Not Found Error", "parameter": "referenced_tweets.id"}]
    place.mention("@shop see this", referenced_tweets=[{"type": "quoted", "id": "5"}])
    assert one(place).text == "@shop see this"


def test_pages_are_followed_and_stored_from_the_oldest_on(place: XPlace) -> None:
    place.page = 5
    for number in range(12):
        place.write(f"Number {number}")
    messages, cursor = fetch(place.channel())
    assert [each.text for each in messages] == [f"Number {number}" for number in range(12)]
    place.write("The last")
    assert [each.text for each in fetch(place.channel(), cursor)[0]] == ["The last"]


def test_with_a_bearer_token_the_account_reads_and_says_that_it_can_not_answer(place: XPlace) -> None:
    from inbox.channels import registry

    place.write("Hello")
    settings = {**place.settings, "access": "bearer"}
    assert [each.text for each in fetch(registry.plugin("x").open_channel(settings, {"bearer_token": "b"}))[0]] == [
        "Hello"
    ]
    assert {each.headers["authorization"] for each in place.http.requests} == {"Bearer b"}
    channel = registry.plugin("x").open_channel(settings, {"bearer_token": "b"})
    with pytest.raises(SignInError, match="only read"):
        channel.send(place.reply("Hi"))
    channel.close()


RESET = str(int(time.time()) + 5_000)  # made when the tests are collected: the last of them runs much later
LATER = str(int(time.time()) + 50_000)


@pytest.mark.parametrize(
    ("answer", "error", "words", "least"),
    [
        (Answer({"title": "x", "detail": "credits depleted"}, 402), TemporaryChannelError, "no credit", 3600),
        (Answer({}, 429, {"x-rate-limit-reset": RESET}), TemporaryChannelError, "asks to wait", 300),
        (
            Answer(
                {},
                429,
                {
                    "x-rate-limit-reset": RESET,
                    "x-rate-limit-remaining": "7",
                    "x-app-limit-24hour-remaining": "0",
                    "x-app-limit-24hour-reset": LATER,
                },
            ),
            TemporaryChannelError,
            "asks to wait",
            40_000,
        ),
        (Answer({}, 429, {"x-rate-limit-reset": "soon"}), TemporaryChannelError, "asks to wait", 60),
        (Answer({"title": "UsageCapExceeded", "detail": "Usage cap"}, 429), TemporaryChannelError, "quota", 3600),
        (Answer("<html>no</html>", 404, {"Content-Type": "text/html"}), TemporaryChannelError, "no longer", 0),
        (Answer("<html>no</html>", 503), TemporaryChannelError, "503", 0),
        (Answer("<html>no</html>", 200), TemporaryChannelError, "understood", 0),
        (Answer(["no"], 403), TemporaryChannelError, "does not allow", 0),
        (Answer({"data": []}, 200, cut=4), TemporaryChannelError, "does not answer", 0),
        (
            Answer({"type": "https://api.twitter.com/2/problems/oauth1-permissions"}, 403),
            SignInError,
            "do not allow",
            0,
        ),
    ],
)
def test_what_goes_wrong_is_said_with_how_long_to_wait(
    place: XPlace, answer: Answer, error: type[Exception], words: str, least: float
) -> None:
    place.always["/2/users/1000/mentions"] = answer
    with pytest.raises(error, match=words) as raised:
        fetch(place.channel())
    assert (getattr(raised.value, "retry_after", None) or 0) >= least


def test_a_server_that_hangs_is_let_go_at_once(place: XPlace) -> None:
    place.always["/2/users/1000/mentions"] = Answer(hang=True)
    channel = place.channel()
    with Listener(channel) as listener:
        place.http.wait_for(lambda each: each.path.endswith("mentions"))
        channel.close()
        listener.join(seconds=3)


def test_keys_of_another_account_are_named(place: XPlace) -> None:
    with pytest.raises(SignInError, match="belong to @shop, not to @other"):
        place.channel(address="@other").check()


def test_what_is_read_is_counted_and_what_is_read_again_that_day_is_not(place: XPlace) -> None:
    place.write("One")
    place.write("Two")
    place.direct("Three")
    with Listener(place.channel()) as listener:
        counts = _counts(_until_quiet(listener))
    assert counts == {"user_read": 1, "owned_read": 2, "message_read": 1}


def test_no_money_left_stops_reading_before_anything_is_asked(place: XPlace) -> None:
    channel = place.channel()
    channel.keep_within(lambda: Budget(1.0, 4000.0))
    with pytest.raises(TemporaryChannelError, match="day's budget") as raised:
        next(iter(channel.receive("", threading.Event())))
    assert raised.value.retry_after == 4000.0
    assert place.http.requests == []
    with pytest.raises(TemporaryChannelError, match="day's budget"):
        channel.send(place.reply("Hi"))
    channel.close()


def _until_quiet(listener: Listener) -> Iterator[Batch]:
    while True:
        batch = listener.next()
        yield batch
        if not batch.messages:
            return


def _counts(batches: Iterator[Batch]) -> dict[str, int]:
    total: dict[str, int] = {}
    for batch in batches:
        for kind, count in batch.charges.items():
            total[kind] = total.get(kind, 0) + count
    return total
