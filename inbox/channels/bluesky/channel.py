"""One account of Bluesky: it looks for notifications, saved searches and private messages; answers join the thread."""

import contextlib
import json
import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from inbox.channels.base import Batch, Incoming, Outgoing, Receipt, StopSignal
from inbox.channels.bluesky import answer, parse
from inbox.channels.bluesky.calls import Server, while_reading
from inbox.channels.bluesky.chats import Chats
from inbox.channels.http import download_public
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

log = logging.getLogger(__name__)

_PAGE = 50
_HISTORY_PAGES = 4
_MOST_PAGES = 40
_POSTS = 25
_STEP_SECONDS = 0.5


@dataclass(slots=True)
class Cursor:
    """What was stored last.

    Attributes:
        at: When the newest notification was seen by the server; ``seen``: those of that very moment.
        chat: The newest change among the private messages.
        streams: A search -> the newest post found, as ``at``.
    """

    at: str = ""
    seen: list[str] = field(default_factory=list)
    chat: str = ""
    streams: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, text: str) -> "Cursor":
        """From its text; anything else is a beginning."""
        with contextlib.suppress(ValueError, TypeError):
            return cls(**json.loads(text))
        return cls()

    def __str__(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


class BlueskyChannel:
    """An account. Receiving has a connection of its own; answers share another, and both share the session."""

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._handle = settings.get("handle", "").strip().lstrip("@")
        self._url = (settings.get("server") or "https://bsky.social").strip().rstrip("/")
        self._password = secrets.get("password", "").strip()
        self._streams = [each.strip() for each in settings.get("streams", "").split(",") if each.strip()]
        self._private = settings.get("direct", "yes") != "no"
        self._seconds = _seconds(settings.get("seconds", ""))
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._open: set[Server] = set()
        self._sending: Server | None = None

    def check(self) -> None:
        """Sign in, and ask for a notification."""
        with self._server() as server, while_reading():
            server.sign_in()
            server.get("app.bsky.notification.listNotifications", limit=1)

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what came, first the history, then what is new after the cursor."""
        if self._closed.is_set():
            return
        try:
            with self._server() as server, while_reading():
                us = server.sign_in()
                place, chats = Cursor.load(cursor), Chats(server, us)
                while not self._over(stop):
                    yield from self._news(server, place)
                    yield from self._found(server, place, us)
                    if self._private:
                        yield from self._chats(chats, place)
                    yield Batch((), str(place))
                    self._wait(stop)
        except TemporaryChannelError:
            if not self._over(stop):
                raise

    def send(self, message: Outgoing) -> Receipt:
        """Answer a post below it, or a private message in its conversation."""
        with self._lock:
            if self._sending is None:
                self._sending = self._opened()
            server = self._sending
        text, chat = message.text.strip(), message.remote_thread.startswith(parse.DIRECT)
        answer.check(text, message.files, private=chat)
        if not server.did:
            server.sign_in()
        marks = answer.facets(text, lambda name: _did(server, name))
        if chat:
            return self._send_private(server, message, text, marks)
        parent = self._parent(server, message)
        images = [] if message.maybe_sent and not message.files else self._images(server, message)
        post = answer.record(text, marks, parent, images)
        if message.maybe_sent and (found := self._went_out(server, post)):
            return Receipt(found)
        message.on_handover()
        values = {"repo": server.did, "collection": "app.bsky.feed.post", "record": post}
        try:
            sent = server.put("com.atproto.repo.createRecord", values, sending=True)
        except (OutcomeUnknownError, TemporaryChannelError):  # behind a failing gateway it may have been taken
            with contextlib.suppress(TemporaryChannelError, SignInError, RejectedMessageError):
                if found := self._went_out(server, post):
                    return Receipt(found)
            raise
        return Receipt(str(sent.get("uri") or f"sent:{message.message_id}"))

    def fetch_file(self, remote: str, most: int) -> bytes:
        """A picture by its address."""
        return download_public(remote, most)

    def close(self) -> None:
        """Break what is under way."""
        self._closed.set()
        with self._lock:
            servers, self._sending = [*self._open], None
        for each in servers:
            each.close()

    # --- connections ---

    def _opened(self) -> Server:
        if not self._handle or not self._password:
            raise SignInError(
                "The account or its app password is missing",
                "Enter both.",
                field="password" if self._handle else "handle",
            )
        server = Server(self._url, self._handle, self._password)
        self._open.add(server)
        if self._closed.is_set():
            server.close()
        return server

    @contextlib.contextmanager
    def _server(self) -> Iterator[Server]:
        with self._lock:
            server = self._opened()
        try:
            yield server
        finally:
            server.close()
            with self._lock:
                self._open.discard(server)

    # --- receiving ---

    def _over(self, stop: StopSignal) -> bool:
        return stop.is_set() or self._closed.is_set()

    def _wait(self, stop: StopSignal) -> None:
        left = self._seconds
        while left > 0 and not self._closed.is_set():
            if stop.wait(min(left, _STEP_SECONDS)):
                return
            left -= _STEP_SECONDS

    def _news(self, server: Server, place: Cursor) -> Iterator[Batch]:
        """Page back until what is known; the oldest of it comes first. At the very first, some pages of history."""
        first, page_mark, found = not place.at, "", []
        known = parse.when({"indexedAt": place.at})
        for _ in range(_HISTORY_PAGES if first else _MOST_PAGES):
            answer_ = server.get("app.bsky.notification.listNotifications", limit=_PAGE, cursor=page_mark)
            page = _list(answer_.get("notifications"))
            new = [each for each in page if _is_new(each, known, place.seen)]
            found += new
            page_mark = str(answer_.get("cursor") or "")
            if not page_mark or len(new) < len(page) or not page:
                break
        if found:
            times = [(at, parse.mapping(each)) for each in found if (at := parse.when(each))]
            newest = max((at for at, _ in times), default=known)
            if newest is not None:
                same = [str(each.get("uri", "")) for at, each in times if at == newest]
                place.seen = [*(place.seen if newest == known else ()), *same]
                place.at = newest.isoformat()
            if messages := _read(server, list(reversed(found))):
                yield Batch(messages, str(place), backfill=first)
        if not place.at:
            place.at = "1970-01-01T00:00:00+00:00"  # what comes now is news

    def _found(self, server: Server, place: Cursor, us: str) -> Iterator[Batch]:
        """What the saved searches find. The first look of each is history."""
        for stream in self._streams:
            mark = parse.when({"indexedAt": place.streams.get(stream)})
            try:
                answer_ = server.get("app.bsky.feed.searchPosts", q=stream, sort="latest", limit=_PAGE)
            except RejectedMessageError as error:
                log.info("Bluesky does not search for %s: %s", stream, error)
                continue
            posts = [
                each for each in _list(answer_.get("posts")) if _is_new(each, mark, ()) and parse.when(each) != mark
            ]
            others = [each for each in posts if parse.mapping(parse.mapping(each).get("author")).get("did") != us]
            first = stream not in place.streams
            newest = max([at for each in posts if (at := parse.when(each))], default=mark)
            place.streams[stream] = newest.isoformat() if newest is not None else ""
            if messages := _read(server, list(reversed(others)), stream):
                yield Batch(messages, str(place), backfill=first)

    def _chats(self, chats: Chats, place: Cursor) -> Iterator[Batch]:
        first = not place.chat
        try:
            messages, edits, place.chat = chats.look(place.chat)
        except (RejectedMessageError, SignInError) as error:
            log.info("Direct messages of %s can't be read: allow them for the app password. %s", self._handle, error)
            self._private = False
            return
        if messages or edits:
            yield Batch(messages, str(place), backfill=first, edits=edits)

    # --- sending ---

    def _parent(self, server: Server, message: Outgoing) -> Mapping[str, Any]:
        """The post that is answered; of a conversation that we begin, nothing."""
        uri = message.in_reply_to or message.remote_thread.partition("|")[0]
        if not uri:
            return {}
        found = _list(server.get("app.bsky.feed.getPosts", uris=[uri]).get("posts"))
        post = parse.mapping(found[0]) if found else {}
        if not post.get("uri") or not post.get("cid"):
            raise RejectedMessageError(
                "The original post no longer exists", "Answer on another channel, or write a new message."
            )
        if parse.mapping(parse.mapping(post.get("author")).get("viewer")).get("blockedBy"):
            raise RejectedMessageError("This person has blocked the account", "Answer on another channel.")
        if parse.mapping(post.get("viewer")).get("replyDisabled"):
            raise RejectedMessageError("This person takes no answers to the post", "Answer on another channel.")
        return post

    def _images(self, server: Server, message: Outgoing) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for file in message.files:
            blob = server.upload(file.content, file.content_type).get("blob")
            if not isinstance(blob, dict):
                raise TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")
            found.append({"alt": file.filename, "image": blob})
        return found

    def _went_out(self, server: Server, post: Mapping[str, Any]) -> str:
        """The address of this answer, if an earlier try left it in our own repository."""
        kept = server.get("com.atproto.repo.listRecords", repo=server.did, collection="app.bsky.feed.post", limit=_PAGE)
        records = [parse.mapping(each) for each in _list(kept.get("records"))]
        return next((str(each.get("uri")) for each in records if answer.is_same(each.get("value"), post)), "")

    def _send_private(self, server: Server, message: Outgoing, text: str, marks: Sequence[Any]) -> Receipt:
        chat = message.remote_thread.removeprefix(parse.DIRECT)
        if message.maybe_sent and (found := Chats(server, server.did).went_out(chat, text)):
            return Receipt(found)
        message.on_handover()
        values = {"convoId": chat, "message": {"text": text} | ({"facets": list(marks)} if marks else {})}
        sent = server.put("chat.bsky.convo.sendMessage", values, chat=True, sending=True)
        return Receipt(f"{parse.DIRECT}{sent.get('id') or message.message_id}")


def _read(server: Server, items: Sequence[Any], stream: str = "") -> list[Incoming]:
    """Items as messages, each with the words of the posts that it speaks of, as far as they can be had."""
    wanted = list(dict.fromkeys(uri for each in items for uri in parse.mentioned(each)))
    posts: dict[str, Any] = {}
    for start in range(0, len(wanted), _POSTS):
        with contextlib.suppress(RejectedMessageError):
            found = _list(server.get("app.bsky.feed.getPosts", uris=wanted[start : start + _POSTS]).get("posts"))
            posts |= {str(each.get("uri")): each for each in found if isinstance(each, dict)}
    placed = [
        parse.beside(each, posts={uri: posts[uri] for uri in parse.mentioned(each) if uri in posts}) for each in items
    ]
    return [message for each in placed if (message := parse.read(each, stream)) is not None]


def _is_new(item: Any, known: Any, seen: Sequence[str]) -> bool:
    at = parse.when(item)
    if known is None or at is None:
        return str(parse.mapping(item).get("uri", "")) not in seen
    return at > known or (at == known and str(parse.mapping(item).get("uri", "")) not in seen)


def _did(server: Server, name: str) -> str:
    with contextlib.suppress(RejectedMessageError):
        return str(server.get("com.atproto.identity.resolveHandle", handle=name).get("did") or "")
    return ""


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")
    return value


def _seconds(value: str) -> float:
    try:
        return max(0.2, float(value.replace(",", ".")))
    except ValueError:
        return 30.0
