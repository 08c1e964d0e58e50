"""Real updates of many kinds and years: none breaks the reading, and none that a person wrote is lost."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from inbox.channels import telegram
from inbox.channels.telegram.content import html_of
from inbox.channels.telegram.parse import read_updates
from inbox.channels.telegram.split import split, utf16_length
from inbox.states import MessageKind
from tests.servers.http import pushed

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        "message_id date from chat text caption entities photo sticker document voice location contact poll "
        "reply_to_message forward_origin media_group_id is_topic_message message_thread_id sender_chat",
    )
)


def test_every_captured_update_is_read(shared_data: Path) -> None:
    unread = []
    for file in sorted((shared_data / "social" / "telegram").glob("*.json")):
        if "webhook" not in json.loads(file.read_text(encoding="utf-8")):
            continue
        update = pushed(file)
        read = read_updates([update])
        for message in read.messages:
            if message.kind is MessageKind.UNREADABLE:
                unread.append(file.name)
            assert message.remote_id
            assert message.sent_at.tzinfo
            again = telegram.read_message(message.raw, {}, message.remote_id, message.sent_at)
            assert (again.text, again.remote_id) == (message.text, message.remote_id)
            assert telegram.read_body(message.raw).text == message.text
            assert telegram.visible_text(message.text) == message.new_text
        body = _body(update)
        said = str(body.get("text") or body.get("caption") or "")
        shown = [message.text for message in read.messages] + [edit.text for edit in read.edits]
        assert not said or said in "".join(shown), file.name
    assert unread == []


def _body(update: Any) -> dict[str, Any]:
    names = ("message", "edited_message", "channel_post", "edited_channel_post", "business_message")
    return next((update[name] for name in names if name in update), update if "message_id" in update else {})


@given(st.lists(st.fixed_dictionaries({"update_id": json_values, "message": st.dictionaries(NAMES, json_values)})))
def test_no_update_breaks_the_reading(updates: list[Any]) -> None:
    for message in read_updates(updates).messages:
        assert message.remote_id
        telegram.read_body(message.raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"[1]", b"null", b"{}", b"\xff", b'{"message": 3}', b"[[]]"])
def test_stored_bytes_of_any_kind_can_be_read_again(raw: bytes) -> None:
    assert telegram.read_message(raw, {}, "id", datetime(2026, 1, 1, tzinfo=UTC)).kind is MessageKind.UNREADABLE
    assert telegram.read_body(raw).text == ""


def test_marks_are_counted_in_utf16_units_and_nest() -> None:
    message = {
        "text": "😀 bold & it",
        "entities": [
            {"type": "bold", "offset": 3, "length": 9},
            {"type": "italic", "offset": 10, "length": 2},
            {"type": "text_link", "offset": 0, "length": 2, "url": 'https://a.example/?"x'},
        ],
    }
    assert html_of(message) == ('<a href="https://a.example/?&quot;x">😀</a> <b>bold &amp; <i>it</i></b>')


def test_html_that_is_written_in_a_message_is_text() -> None:
    raw = json.dumps(
        {
            "message": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": 1, "type": "private"},
                "from": {"id": 1},
                "text": "<script>x</script>",
                "entities": [{"type": "bold", "offset": 0, "length": 8}],
            }
        }
    ).encode()
    assert "<script" not in telegram.read_body(raw).html
    assert "&lt;script&gt;" in telegram.read_body(raw).html


@given(st.text(alphabet=st.sampled_from("ab .!?\n😀👩‍🚀é"), max_size=300), st.integers(4, 60))
def test_a_split_text_fits_and_loses_nothing(text: str, most: int) -> None:
    pieces = split(text.strip(), most)
    assert all(0 < utf16_length(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_text_is_cut_between_sentences() -> None:
    assert split("Uno dos. Tres cuatro. Cinco", 22) == ["Uno dos. Tres cuatro.", "Cinco"]
