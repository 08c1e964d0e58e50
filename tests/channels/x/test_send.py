"""What the X channel sends: answers, direct messages and files, each once; and what it refuses before X is asked."""

import base64
import dataclasses

import pytest

from inbox.channels.base import OutgoingFile
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError
from tests.channels.x.place import ME, THREAD, XPlace
from tests.servers.http import Answer

DIRECT = {"remote_thread": f"dm:{THREAD}", "in_reply_to": "dm:5", "public": False}
PICTURE = OutgoingFile("a.png", "image/png", b"x" * (2**20 + 5))


def test_an_answer_hangs_below_the_post_and_is_priced_as_one(place: XPlace) -> None:
    channel = place.channel()
    receipt = channel.send(place.reply("It left yesterday."))
    channel.close()
    assert place.sent == [("/2/tweets", {"text": "It left yesterday.", "reply": {"in_reply_to_tweet_id": "77"}})]
    assert receipt.charges == {"user_read": 1, "answer": 1}


@pytest.mark.parametrize("text", ["See https://shop.example/1", "See shop.example/1", "see SHOP.ES."])
def test_a_link_makes_it_dearer(place: XPlace, text: str) -> None:
    channel = place.channel()
    assert channel.send(place.reply(text)).charges["post_with_link"] == 1
    channel.close()


def test_self_serve_answers_nobody_who_did_not_ask_and_a_larger_plan_does(place: XPlace) -> None:
    found = place.reply("We can help", in_reply_to="unasked:77")
    small, large = place.channel(), place.channel(plan="more")
    with pytest.raises(RejectedMessageError, match="mentioned or quoted"):
        small.send(found)
    assert [each for each in place.http.requests if each.method == "POST"] == []
    assert large.send(found).charges["post"] == 1
    assert place.sent[0][1]["reply"] == {"in_reply_to_tweet_id": "77"}
    small.close()
    large.close()


def test_a_direct_message_goes_into_its_talk(place: XPlace) -> None:
    channel = place.channel()
    receipt = channel.send(place.reply("In private", **DIRECT))
    channel.send(place.reply("To somebody new", remote_thread="", in_reply_to="", public=False))
    channel.close()
    assert receipt.remote_id.startswith("dm:")
    assert receipt.charges["message"] == 1
    assert place.sent == [
        (f"/2/dm_conversations/{THREAD}/messages", {"text": "In private"}),
        ("/2/dm_conversations/with/2000/messages", {"text": "To somebody new"}),
    ]


def test_a_picture_is_handed_over_in_pieces_before_the_answer(place: XPlace) -> None:
    id_ = "1912103767639719936"
    place.answers["/2/media/upload/initialize"] = [Answer({"data": {"id": id_}})]
    pending = {"id": id_, "processing_info": {"state": "pending", "check_after_secs": 0.01}}
    place.answers[f"/2/media/upload/{id_}/finalize"] = [Answer({"data": pending})]
    place.answers["/2/media/upload"] = [Answer({"data": {"processing_info": {"state": "succeeded"}}})]
    channel = place.channel()
    channel.send(place.reply("Here it is", files=(PICTURE,)))
    channel.close()
    pieces = [body for path, body in place.sent if path.endswith("append")]
    assert b"".join(base64.b64decode(each["media"]) for each in pieces) == PICTURE.content
    assert [each["segment_index"] for each in pieces] == [0, 1]
    assert place.sent[-1][1]["media"] == {"media_ids": [id_]}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((OutgoingFile("a.pdf", "application/pdf", b"x"),), "does not take files like a.pdf"),
        ((OutgoingFile("a.png", "image/png", b"x" * 5_000_001),), "too large: X takes 5 MB"),
        ((PICTURE,) * 5, "four pictures"),
        ((PICTURE, OutgoingFile("a.mp4", "video/mp4", b"x")), "four pictures"),
    ],
)
def test_files_that_x_would_not_take_are_refused_before(
    place: XPlace, files: tuple[OutgoingFile, ...], words: str
) -> None:
    channel = place.channel()
    with pytest.raises(RejectedMessageError, match=words):
        channel.send(place.reply("Here", files=files))
    channel.close()
    assert place.sent == []


@pytest.mark.parametrize("answer", [Answer({"data": {"id": "1"}}, cut=5), Answer("<html>", 200), Answer({"data": {}})])
def test_a_broken_line_leaves_it_unknown_unless_x_shows_the_answer(place: XPlace, answer: Answer) -> None:
    channel = place.channel()
    place.answers["/2/tweets"] = [answer, answer]
    with pytest.raises(OutcomeUnknownError):
        channel.send(place.reply("It left & arrived https://shop.example/1"))
    there = place.post(
        "@ana It left &amp; arrived https://t.co/abc",
        author_id=ME["id"],
        referenced_tweets=[{"type": "replied_to", "id": "77"}],
    )
    place.lists["/2/users/1000/tweets"] = [there]
    receipt = channel.send(place.reply("It left & arrived https://shop.example/1"))
    assert receipt.remote_id == there["id"]
    channel.close()


@pytest.mark.parametrize("private", [True, False])
def test_what_may_have_gone_out_is_looked_for_first(place: XPlace, private: bool) -> None:
    there = place.direct("It left", sender_id=ME["id"])
    answered = [{"type": "replied_to", "id": "77"}]
    place.lists["/2/users/1000/tweets"] = [place.post("It left", author_id=ME["id"], referenced_tweets=answered)]
    reply = dataclasses.replace(place.reply("It left", **(DIRECT if private else {})), maybe_sent=True)
    channel = place.channel()
    receipt = channel.send(reply)
    assert place.sent == []
    if private:
        assert receipt.remote_id == f"dm:{there['id']}"
    channel.send(dataclasses.replace(reply, text="Something else"))
    assert len(place.sent) == 1
    channel.close()


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (
            403,
            {"detail": "You are not allowed to create a Tweet with duplicate content."},
            RejectedMessageError,
            "already",
        ),
        (403, {"detail": "Reply to this conversation is not allowed"}, RejectedMessageError, "does not allow"),
        (403, {"type": "https://api.twitter.com/2/problems/unsupported-authentication"}, SignInError, "do not allow"),
        (400, {"errors": [{"message": "bad"}], "title": "Invalid Request"}, RejectedMessageError, "bad"),
        (402, {}, TemporaryChannelError, "no credit"),
        (429, {}, TemporaryChannelError, "asks to wait"),
        (503, {}, TemporaryChannelError, "503"),
    ],
)
def test_a_refusal_says_why(
    place: XPlace, status: int, body: dict[str, object], error: type[Exception], words: str
) -> None:
    place.answers["/2/tweets"] = [Answer(body, status)]
    channel = place.channel()
    with pytest.raises(error, match=words):
        channel.send(place.reply("Hello"))
    channel.close()
