"""Feeds: new entries come once, unchanged ones cost nothing, and what is no feed is told so."""

import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

import pytest

from inbox.channels import feed
from inbox.channels.base import Channel, Outgoing
from inbox.channels.feed.parse import entries
from inbox.errors import RejectedMessageError, SignInError, TemporaryChannelError
from inbox.states import ConversationKind, MessageKind
from tests.channels.contract import Listener, ReceivingContract
from tests.servers.http import Answer, HttpServer, Request


class FeedPlace:
    """A site with a feed. A context manager."""

    def __init__(self) -> None:
        self.http = HttpServer(self._handle)
        self.items: list[str] = []
        self.answer: Answer | None = None
        self._gone = False

    def __enter__(self) -> "FeedPlace":
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.__exit__(None, None, None)

    @property
    def settings(self) -> Mapping[str, str]:
        url = "http://127.0.0.1:1/feed" if self._gone else f"{self.http.url}/feed"
        return {"url": url, "minutes": "0.001"}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {}

    def write(self, text: str) -> None:
        at = datetime.now(UTC) - timedelta(minutes=1)
        number = len(self.items)
        self.items.append(
            f'<item><title>Title {number}</title><guid isPermaLink="false">g{number}</guid>'
            "<author>ana@example.com (Ana)</author>"
            f"<pubDate>{format_datetime(at)}</pubDate><description>{escape(text)}</description></item>"
        )

    def write_unreadable(self) -> None:
        raise NotImplementedError

    def refuse_sign_in(self) -> None:
        self.answer = Answer(b"", 403)

    def go_away(self) -> None:
        self._gone = True

    def page(self) -> bytes:
        return (
            '<?xml version="1.0"?><rss version="2.0"><channel><title>Foro</title><link>https://foro.example</link>'
            f"{''.join(reversed(self.items))}</channel></rss>"
        ).encode()

    def _handle(self, request: Request) -> Answer:
        if self.answer is not None:
            return self.answer
        tag = f'"{len(self.items)}"'
        if request.headers.get("if-none-match") == tag:
            return Answer(b"", 304)
        return Answer(self.page(), headers={"Content-Type": "application/rss+xml", "ETag": tag})


@pytest.fixture
def place() -> Iterator[FeedPlace]:
    with FeedPlace() as server:
        yield server


class TestFeed(ReceivingContract):
    kind = "feed"

    def test_what_can_not_be_parsed_is_yielded_all_the_same(self, place: FeedPlace) -> None:  # type: ignore[override]
        """A feed whose end is missing gives the entries before the break."""
        place.write("Before.")
        place.write("After.")
        place.answer = Answer(place.page()[:-40])
        with Listener(self.channel(place)) as listener:
            messages = listener.next().messages
        assert [message.text for message in messages if message.text == "After."] == ["After."]


def channel_of(place: FeedPlace, **settings: str) -> Channel:
    return feed.open_channel({**place.settings, **settings}, {})


def test_an_entry_is_a_mention_with_its_author_and_its_place(place: FeedPlace) -> None:
    place.write('<p>La tienda <b>no contesta</b></p><script>x()</script><img src="https://t.example/p.gif">')
    with Listener(channel_of(place)) as listener:
        (message,) = listener.next().messages
    assert (message.subject, message.text, message.author.name) == ("Title 0", "La tienda no contesta", "Ana")
    assert (message.conversation_kind, message.stream) == (ConversationKind.MENTION, "Foro")
    body = feed.read_body(message.raw)
    assert "<b>no contesta</b>" in body.html
    assert "script" not in body.html
    assert "img" not in body.html
    again = feed.read_message(message.raw, {}, message.remote_id, message.sent_at)
    assert (again.text, again.sent_at) == (message.text, message.sent_at)


def test_the_first_entries_are_history_and_later_ones_are_news(place: FeedPlace) -> None:
    place.write("one")
    with Listener(channel_of(place)) as listener:
        assert listener.next().backfill
        place.write("two")
        while not (batch := listener.next()).messages:
            continue
        assert not batch.backfill
        cursor = batch.cursor
    place.write("three")
    with Listener(channel_of(place), cursor) as listener:
        batch = listener.next()
    assert ([message.text for message in batch.messages], batch.backfill) == (["three"], False)


def test_what_has_not_changed_is_not_sent_again(place: FeedPlace) -> None:
    place.write("one")
    with Listener(channel_of(place)) as listener:
        assert listener.next().messages
        for _ in range(3):
            assert listener.next().messages == ()
    assert {request.headers.get("if-none-match") for request in place.http.requests[1:]} == {'"1"'}


def test_only_entries_with_the_words_come_in(place: FeedPlace) -> None:
    place.write("La lavadora pierde agua")
    place.write("Hace sol")
    with Listener(channel_of(place, keywords="Lavadora, nevera")) as listener:
        assert [message.text for message in listener.next().messages] == ["La lavadora pierde agua"]


def test_atom_is_read_too() -> None:
    page = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><entry><id>tag:1</id><title>T</title>'
        '<link href="https://b.example/1"/><updated>2026-11-01T10:00:00Z</updated><author><name>Bea</name>'
        '<uri>https://b.example/bea</uri></author><content type="html">&lt;p&gt;Hola&lt;/p&gt;</content></entry></feed>'
    )
    ((entry,), title) = entries(page.encode(), "https://b.example/feed")
    assert (title, entry.remote_id, entry.text) == ("Blog", "tag:1", "Hola\n\nhttps://b.example/1")
    assert (entry.author.profile_url, entry.sent_at) == ("https://b.example/bea", datetime(2026, 11, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(b"", 404), SignInError, "any more"),
        (Answer(b"", 410), SignInError, "any more"),
        (Answer(b"<html><body>Hi</body></html>", headers={"Content-Type": "text/html"}), SignInError, "no feed"),
        (
            Answer(b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>'),
            SignInError,
            "/rss",
        ),
        (Answer(b"", 503, {"Retry-After": "7"}), TemporaryChannelError, "503"),
        (Answer(b"x" * 500, cut=20), TemporaryChannelError, "does not answer"),
    ],
)
def test_what_goes_wrong_is_told_plainly(place: FeedPlace, answer: Answer, error: type[Exception], words: str) -> None:
    place.answer = answer
    with pytest.raises(error, match=words) as caught:
        channel_of(place).check()
    if isinstance(caught.value, TemporaryChannelError) and answer.status == 503:
        assert caught.value.retry_after == 7


def test_a_page_that_names_a_file_of_ours_is_not_followed(place: FeedPlace, tmp_path: Path) -> None:
    place.write("secret")
    file = tmp_path / "feed.xml"
    file.write_bytes(place.page())
    for named in (str(file), file.as_uri(), place.settings["url"]):
        place.answer = Answer(named)
        with pytest.raises(SignInError, match="no feed"):
            channel_of(place).check()


def test_an_address_that_is_none_is_told_so() -> None:
    with pytest.raises(SignInError, match="no web address"):
        feed.open_channel({"url": "ftp://x"}, {}).check()


def test_nothing_goes_out_to_a_feed(place: FeedPlace) -> None:
    with pytest.raises(RejectedMessageError):
        channel_of(place).send(Outgoing(1, "", (), "Hi"))


def test_other_bytes_are_no_entry() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert feed.read_message(b"{}", {}, "x", at).kind is MessageKind.UNREADABLE
    assert feed.read_body(b"\xff").text == ""


def test_it_ends_while_it_waits(place: FeedPlace) -> None:
    channel = channel_of(place, minutes="15")
    with Listener(channel) as listener:
        listener.until_quiet()
        channel.close()
        listener.join(seconds=3)
    assert list(feed.open_channel(place.settings, {}).receive("", _ended())) == []


def _ended() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
