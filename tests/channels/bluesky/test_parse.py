"""Real posts and notifications: none breaks the reading, and none that a person wrote is lost."""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from inbox.channels import bluesky
from inbox.channels.bluesky import parse
from inbox.channels.bluesky.answer import facets
from inbox.errors import SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.bluesky.place import BlueskyPlace
from tests.servers.http import captured

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "uri cid reason author did handle record text facets index byteStart byteEnd features embed images image ref "
        "reply root parent indexedAt sender id reasonSubject media external alt",
    )
)
items = st.dictionaries(NAMES, json_values | st.dictionaries(NAMES, json_values | st.dictionaries(NAMES, json_values)))


def found_in(value: Any) -> Iterator[Any]:
    """Posts and notifications anywhere in an answer."""
    if isinstance(value, dict):
        if {"uri", "author", "record"} <= value.keys():
            yield value
        for each in value.values():
            yield from found_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from found_in(each)


def files(shared_data: Path) -> Iterator[Path]:
    for file in sorted((shared_data / "social" / "bluesky").glob("*.json")):
        if "response" in json.loads(file.read_text(encoding="utf-8")):
            yield file


def test_every_captured_post_is_read(shared_data: Path) -> None:
    count = 0
    for file in files(shared_data):
        for item in found_in(captured(file).body):
            message = parse.read(item)
            if message is None:
                assert item["reason"] == "follow", file.name
                continue
            count += 1
            said = item["record"].get("text") or parse._media(item["record"].get("embed")).get("images")
            assert message.kind is not MessageKind.UNREADABLE or not said, file.name
            assert message.author.handle.startswith("did:"), file.name
            again = bluesky.read_message(message.raw, {}, message.remote_id, message.sent_at)
            assert (again.text, again.remote_id, again.remote_thread) == (
                message.text,
                message.remote_id,
                message.remote_thread,
            )
            assert bluesky.read_body(message.raw).text == message.text
    assert count > 50


@pytest.mark.parametrize(
    "method",
    [
        "app.bsky.notification.listNotifications",
        "com.atproto.server.createSession",
        "app.bsky.feed.searchPosts",
        "app.bsky.feed.getPosts",
        "chat.bsky.convo.listConvos",
    ],
)
def test_every_captured_answer_comes_through_the_library(shared_data: Path, place: BlueskyPlace, method: str) -> None:
    """Whatever a server answers: messages, or one of our errors; never another."""
    place.chat_refused = False
    place.notify(place.post("Sí", parent=place.post("¿Y?")), "reply")
    for file in files(shared_data):
        place.always[method] = captured(file)
        channel = place.channel(streams="tienda")
        with contextlib.suppress(SignInError, TemporaryChannelError):
            for _ in zip(channel.receive("", _Stopped()), range(6), strict=False):
                pass
        channel.close()


class _Stopped:
    """A stop that comes at the first wait."""

    def __init__(self) -> None:
        self._waited = False

    def wait(self, timeout: float | None = None) -> bool:
        self._waited = True
        return True

    def is_set(self) -> bool:
        return self._waited


@given(items)
def test_no_item_breaks_the_reading(item: dict[str, Any]) -> None:
    for placed in (item, parse.beside(item, posts={"x": item}), parse.beside(item, convo=item, us="did:x")):
        message = parse.read(placed)
        if message is not None:
            assert message.remote_id
            bluesky.read_body(message.raw)
        parse.mentioned(placed)


@pytest.mark.parametrize("raw", [b"", b"[]", b"[1]", b"null", b"{}", b"\xff", b'{"uri": 3}', b"[" * 100_000])
def test_stored_bytes_of_any_kind_can_be_read_again(raw: bytes) -> None:
    found = bluesky.read_message(raw, {}, "id", datetime(2026, 1, 1, tzinfo=UTC))
    assert found.kind is MessageKind.UNREADABLE
    assert bluesky.read_body(raw).text == ""


def test_places_are_counted_in_bytes() -> None:
    text = "¡Hola 👩‍🚀 @ana.test! Vea https://shop.example/ñ?a=b#c. #envío @nadie.test a@b.example"
    data = text.encode()
    found = facets(text, lambda name: "did:plc:ana" if name == "ana.test" else "")
    shown = [data[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode() for each in found]
    assert shown == ["@ana.test", "https://shop.example/ñ?a=b#c", "#envío"]
    assert found[0]["features"][0]["did"] == "did:plc:ana"


def test_a_shortened_link_shows_where_it_goes_and_pictures_what_they_show(place: BlueskyPlace) -> None:
    link = {"index": {"byteStart": 4, "byteEnd": 19}, "features": [{"uri": "https://shop.example/parcel/12"}]}
    picture = {"alt": "caja rota", "image": {"ref": {"$link": "bafkreiabcdefgh"}, "mimeType": "image/png", "size": 71}}
    post = place.post("ñ: shop.example/pa…")
    post["record"] |= {"facets": [link], "embed": {"$type": "app.bsky.embed.images", "images": [picture]}}
    message = parse.read(post)
    assert message is not None
    assert "(https://shop.example/parcel/12)" in message.text
    assert message.text.endswith("🖼 caja rota")
    (file,) = message.attachments
    assert (file.filename, file.content_type, file.size) == ("abcdefgh.png", "image/png", 71)
    assert file.remote.endswith("/did:plc:ana/bafkreiabcdefgh@jpeg")
    assert message.conversation_kind is ConversationKind.MENTION
