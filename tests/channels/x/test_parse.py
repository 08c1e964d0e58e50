"""Real answers of X, over HTTP and the real library: none breaks anything, and no word of a post is lost."""

import contextlib
import json
import re
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from inbox.channels import x
from inbox.channels.x.calls import Server
from inbox.channels.x.parse import edit_of, joined, read, text_of
from inbox.errors import ChannelError
from inbox.states import MessageKind
from tests.channels.x.place import ME, SECRETS, XPlace
from tests.servers.http import Answer, HttpServer, captured

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "id text author_id created_at conversation_id in_reply_to_user_id referenced_tweets attachments entities "
        "note_tweet edit_history_tweet_ids event_type dm_conversation_id sender_id participant_ids geo media_keys",
    )
)


def _files(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "social" / "x").glob("*.json"))


def test_every_captured_answer_is_read_through_the_library(shared_data: Path) -> None:
    answers: list[Answer] = []
    read_posts = 0
    with HttpServer(lambda _: answers[-1]) as http:
        server = Server(http.url, SECRETS, reads_only=False)
        for file in _files(shared_data):
            answers.append(captured(file))
            if answers[-1].status >= 400:
                with pytest.raises(ChannelError):
                    server.request("GET", "/2/whatever")
                continue
            try:
                body = server.request("GET", "/2/whatever")
            except ChannelError:
                assert not isinstance(answers[-1].body, dict), file.name
                continue
            if isinstance(body.get("meta"), dict) or "tweets" in file.name or "dm_events" in file.name:
                read_posts += _read_all(body, file.name)
        server.close()
    assert read_posts > 100


def _read_all(body: Any, name: str) -> int:
    count = 0
    for each in joined(body, ME):
        item = each["item"]
        if "text" not in item:
            continue  # users and other lists
        message = read(each)
        assert message is not None, name
        assert message.kind is not MessageKind.UNREADABLE, (name, item)
        assert message.author.handle
        assert message.sent_at.tzinfo
        again = x.read_message(message.raw, {}, message.remote_id, message.sent_at)
        assert (again.text, again.remote_id, again.remote_thread) == (
            message.text,
            message.remote_id,
            message.remote_thread,
        )
        assert x.read_body(message.raw).text == message.text
        assert x.visible_text(message.text) == message.new_text
        said = re.sub(r"https://t\.co/\w+|…|^RT @\w+: ", "", item["text"])
        words = said.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").split()
        shown = re.sub(r"^> (@\w+: )?", "", message.text, flags=re.MULTILINE)
        assert all(word in shown for word in words[:-1]), (name, item["text"], message.text)
        count += 1
    return count


def test_whatever_is_answered_receiving_ends_in_batches_or_our_errors(shared_data: Path, place: XPlace) -> None:
    for file in _files(shared_data):
        answer = captured(file)
        paths = ["/2/users/1000/mentions", "/2/users/1000/tweets", "/2/tweets/search/recent", "/2/dm_events"]
        place.always = dict.fromkeys(paths, answer)
        channel = place.channel(streams="parcel")
        with contextlib.suppress(ChannelError):
            for batch in channel.receive("", threading.Event()):
                assert batch.cursor
                if not batch.messages:
                    break
        channel.close()


@given(st.lists(st.dictionaries(NAMES, json_values), max_size=4), st.dictionaries(st.text(max_size=8), json_values))
def test_no_post_breaks_the_reading(posts: list[Any], includes: dict[str, Any]) -> None:
    named = {"users": posts, "media": posts, "tweets": posts, **includes}
    for each in joined({"data": posts, "includes": named, "errors": posts}, ME):
        message = read(each)
        if message is not None:
            assert message.remote_id
            x.read_body(message.raw)
            edit_of(message)


@pytest.mark.parametrize("raw", [b"", b"[]", b"[1]", b"null", b"{}", b"\xff", b'{"item": 3}', b"[[]]"])
def test_stored_bytes_of_any_kind_can_be_read_again(raw: bytes) -> None:
    assert x.read_message(raw, {}, "id", datetime(2026, 1, 1, tzinfo=UTC)).kind is MessageKind.UNREADABLE
    assert x.read_body(raw).text == ""


def test_a_long_post_is_read_whole_and_its_links_as_they_were_written() -> None:
    post = {
        "text": "Cut &amp; …",
        "note_tweet": {
            "text": "Whole &amp; &lt;long&gt; https://t.co/a https://t.co/b &amp;lt;",
            "entities": {
                "urls": [
                    {"url": "https://t.co/a", "expanded_url": "https://shop.example/order/1"},
                    {"url": "https://t.co/b", "expanded_url": "https://x.com/ana/status/1/photo/1"},
                ]
            },
        },
    }
    assert text_of(post) == "Whole & <long> https://shop.example/order/1  &lt;"


def test_bytes_keep_numbers_beyond_what_doubles_hold() -> None:
    id_ = "9007199254740993123"
    (found,) = joined({"data": {"id": id_, "text": "Hello", "author_id": "7"}}, ME)
    message = read(found)
    assert message is not None
    assert (message.remote_id, json.loads(message.raw)["item"]["id"]) == (id_, id_)
