"""Real posts of many servers: none breaks the reading, and none that a person wrote is lost."""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from inbox.channels import mastodon
from inbox.channels.mastodon import parse
from inbox.errors import SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.mastodon.place import ANA, MastodonPlace
from tests.servers.http import captured

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "id type status account content created_at edited_at visibility spoiler_text in_reply_to_id media_attachments "
        "mentions poll quote acct url display_name",
    )
)
items = st.dictionaries(NAMES, json_values | st.dictionaries(NAMES, json_values))


def found_in(value: Any) -> Iterator[Any]:
    """Posts and notifications anywhere in an answer."""
    if isinstance(value, dict):
        if {"content", "account", "id"} <= value.keys() or ("type" in value and isinstance(value.get("status"), dict)):
            yield value
        for each in value.values():
            yield from found_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from found_in(each)


def bodies(shared_data: Path) -> Iterator[tuple[str, Any]]:
    for file in sorted((shared_data / "social" / "mastodon").glob("*.json")):
        recorded = json.loads(file.read_text(encoding="utf-8"))
        if "response" in recorded:
            yield file.name, recorded["response"]["body"]


def test_every_captured_post_is_read(shared_data: Path) -> None:
    count = 0
    for name, body in bodies(shared_data):
        for item in found_in(body):
            message = parse.read(item)
            if message is None:
                assert item["type"] in ("follow", "follow_request", "update", "status", "poll"), name
                continue
            count += 1
            text = parse.status_of(item).get("content") or parse.status_of(item).get("media_attachments")
            assert message.kind is not MessageKind.UNREADABLE or not text, name
            again = mastodon.read_message(message.raw, {}, message.remote_id, message.sent_at)
            assert (again.text, again.remote_id, again.remote_thread) == (
                message.text,
                message.remote_id,
                message.remote_thread,
            )
            assert mastodon.read_body(message.raw).text == message.text
            assert mastodon.visible_text(message.text) == message.new_text
            assert "@" in message.author.handle
    assert count > 100


@pytest.mark.parametrize("path", ["/api/v1/notifications", "/api/v1/accounts/verify_credentials"])
def test_every_captured_answer_comes_through_the_library(shared_data: Path, place: MastodonPlace, path: str) -> None:
    """Whatever a server answers where notifications are asked for: messages, or one of our errors; never another."""
    for file in sorted((shared_data / "social" / "mastodon").glob("*.json")):
        if "response" not in json.loads(file.read_text(encoding="utf-8")):
            continue
        place.always[path] = captured(file)
        channel = place.channel(address="")
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
    for placed in (item, parse.with_thread(item, "1", item)):
        message = parse.read(placed)
        if message is not None:
            assert message.remote_id
            mastodon.read_body(message.raw)
        parse.edit_of(placed)


@pytest.mark.parametrize("raw", [b"", b"[]", b"[1]", b"null", b"{}", b"\xff", b'{"status": 3}', b"[" * 100_000])
def test_stored_bytes_of_any_kind_can_be_read_again(raw: bytes) -> None:
    found = mastodon.read_message(raw, {}, "id", datetime(2026, 1, 1, tzinfo=UTC))
    assert found.kind is MessageKind.UNREADABLE
    assert mastodon.read_body(raw).text == ""


def test_a_post_is_safe_to_show(place: MastodonPlace) -> None:
    post = place.post(content="<p onclick=x>Hola<script>alert(1)</script><img src=http://t.example/p.gif></p>")
    message = parse.read(post)
    assert message is not None
    html = mastodon.read_body(message.raw).html
    assert "Hola" in html
    for bad in ("script", "alert", "onclick", "img"):
        assert bad not in html


def test_a_content_warning_pictures_and_a_poll_are_shown(place: MastodonPlace) -> None:
    picture = {"type": "image", "url": "https://other.example/m/caja.png", "description": "caja rota"}
    post = place.post(
        "¿Qué hago?",
        spoiler_text="paquete roto",
        media_attachments=[picture, {"type": "unknown", "url": None, "remote_url": "https://r.example/x"}],
        poll={"options": [{"title": "Devolver"}, {"title": "Esperar"}]},
    )
    message = parse.read(post)
    assert message is not None
    assert message.text == "⚠ paquete roto\n¿Qué hago?\n- Devolver\n- Esperar\n🖼 caja rota"
    assert [(each.filename, each.content_type, each.remote) for each in message.attachments] == [
        ("caja.png", "image/png", "https://other.example/m/caja.png"),
        ("x", "application/octet-stream", "https://r.example/x"),
    ]


@pytest.mark.parametrize(
    ("visibility", "kind"),
    [
        ("public", ConversationKind.MENTION),
        ("unlisted", ConversationKind.MENTION),
        ("private", ConversationKind.DIRECT),
        ("direct", ConversationKind.DIRECT),
        ("of the year 2040", ConversationKind.DIRECT),
    ],
)
def test_what_is_not_for_everybody_is_private(place: MastodonPlace, visibility: str, kind: ConversationKind) -> None:
    message = parse.read(place.post("Hola", visibility=visibility))
    assert message is not None
    assert message.conversation_kind is kind
    assert message.remote_thread.startswith("direct:") == (kind is ConversationKind.DIRECT)


def test_an_account_is_known_by_its_full_address(place: MastodonPlace) -> None:
    local = parse.read(place.post("Hola", account=ANA | {"acct": "Ana", "url": "https://social.example/@Ana"}))
    distant = parse.read(place.post("Hola"))
    assert local is not None
    assert distant is not None
    assert (local.author.handle, distant.author.handle) == ("ana@social.example", "ana@other.example")
    assert (distant.author.name, distant.author.followers) == ("Ana Torres", 1200)
