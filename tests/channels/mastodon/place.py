"""Mastodon's side for tests: a server on loopback with real answers where some are captured."""

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

from inbox.channels import registry
from inbox.channels.base import Channel, Outgoing
from tests.servers.http import Answer, HttpServer, Request

TOKEN = "mastodon-test-token"
ME = {"id": "1", "username": "tienda", "acct": "tienda", "url": "http://social.example/@tienda"}
ANA = {
    "id": "2",
    "username": "ana",
    "acct": "ana@other.example",
    "display_name": "Ana Torres",
    "url": "https://other.example/@ana",
    "followers_count": 1200,
}
BOB = {"id": "3", "username": "bob", "acct": "bob", "url": "http://social.example/@bob"}


class MastodonPlace:
    """A server with one account. A context manager.

    Attributes:
        notifications: All there are, the oldest first.
        statuses: Posts by their id.
        answers: What a path answers instead, once each, in order; ``always``: each time.
        posted: What we posted, as the form's values and the headers.
    """

    def __init__(self) -> None:
        self.http = HttpServer(self._handle)
        self.notifications: list[Any] = []
        self.statuses: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, list[Any]] = {}
        self.answers: dict[str, list[Answer]] = {}
        self.always: dict[str, Answer] = {}
        self.posted: list[tuple[dict[str, Any], Mapping[str, str]]] = []
        self.media: list[tuple[str, str, bytes]] = []
        self.instance: dict[str, Any] = {}
        self.keys: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(117020565966271181)
        self._changed = threading.Condition()
        self._events: list[str] = []
        self._ended = False
        self._gone = False

    def __enter__(self) -> "MastodonPlace":
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.http.__exit__(None, None, None)

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "address": "@tienda@social.example",
            "server": "http://127.0.0.1:1" if self._gone else self.http.url,
            "seconds": "60",
        }

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"token": TOKEN}

    def channel(self, **settings: str) -> Channel:
        """The account's channel."""
        return registry.plugin("mastodon").open_channel({**self.settings, **settings}, self.secrets)

    def post(self, text: str = "", **more: Any) -> dict[str, Any]:
        """A post of Ana's, as the server keeps it."""
        id_ = str(next(self._numbers))
        base = {
            "id": id_,
            "created_at": (datetime.now(UTC) - timedelta(seconds=30)).isoformat(),
            "edited_at": None,
            "in_reply_to_id": None,
            "visibility": "public",
            "spoiler_text": "",
            "language": "es",
            "content": f"<p>{text}</p>",
            "account": ANA,
            "mentions": [ME],
            "media_attachments": [],
        }
        self.statuses[id_] = base | more
        return self.statuses[id_]

    def notify(self, status: Any, kind: str = "mention", account: Any = None, *, ring: bool = True) -> None:
        """Something about a post is told to us, and the stream says so."""
        account = account or (status.get("account") if isinstance(status, dict) else ANA)
        note = {"id": str(next(self._numbers)), "type": kind, "account": account, "status": status}
        note["created_at"] = (datetime.now(UTC) - timedelta(seconds=20)).isoformat()
        with self._changed:
            self.notifications.append(note)
            self._changed.notify_all()
        if ring:
            self.stream("notification", json.dumps(note))

    def stream(self, event: str, data: str) -> None:
        """The stream of events says something."""
        with self._changed:
            self._events.append(f"event: {event}\ndata: {data}\n\n")
            self._changed.notify_all()

    def write(self, text: str) -> None:
        self.notify(self.post(text))

    def write_unreadable(self) -> None:
        self.notify(self.post(content={"of": "the year 2040"}))

    def reply(self, text: str, **more: Any) -> Outgoing:
        parent = self.post("¿Y mi paquete?", **more)
        public = parent["visibility"] in ("public", "unlisted")
        return Outgoing(
            message_id=1,
            remote_id="",
            to=("ana@other.example",),
            text=text,
            remote_thread=f"{parent['id']}|ana@other.example",
            in_reply_to=parent["id"],
            public=public,
        )

    def arrived(self) -> list[str]:
        return [str(values.get("status", "")).removeprefix("@ana@other.example ") for values, _ in self.posted]

    def reject_next(self) -> None:
        self.answers["/api/v1/statuses"] = [Answer({"error": "Validation failed: Text can't be blank"}, 422)]

    def refuse_sign_in(self) -> None:
        refusal = Answer({"error": "The access token is invalid"}, 401)
        self.always["/api/v1/accounts/verify_credentials"] = refusal
        self.always["/api/v1/statuses"] = refusal

    def go_away(self) -> None:
        self._gone = True

    def _handle(self, request: Request) -> Answer | None:
        path = request.path.rstrip("/")  # the library asks for /instance/
        if request.headers.get("authorization") != f"Bearer {TOKEN}" and not path.startswith("/media/"):
            return Answer({"error": "The access token is invalid"}, 401)
        if waiting := self.answers.get(path):
            return waiting.pop(0)
        if path in self.always:
            return self.always[path]
        if path in _ROUTES:
            return _ROUTES[path](self, request)
        if path.startswith("/api/v1/timelines/tag/"):
            return Answer(self._page(self.tags.get(path.rpartition("/")[2], []), _values(request)))
        if path.startswith("/api/v1/statuses/"):
            return self._status(*path.removeprefix("/api/v1/statuses/").split("/"))
        return None

    def _about(self) -> Answer | None:
        return Answer(self.instance) if self.instance else None

    def _old_about(self) -> Answer:
        return Answer({"urls": {"streaming_api": self.http.url.replace("http", "ws")}, "version": ""})

    def _page(self, items: list[Any], values: Mapping[str, str]) -> list[Any]:
        """As Mastodon pages: newest first; ``min_id`` gives what is next to it."""
        limit = int(values.get("limit", 20))
        with self._changed:
            if low := values.get("min_id"):
                return [each for each in items if int(each["id"]) > int(low)][:limit][::-1]
            high = int(values.get("max_id", 10**30))
            return [each for each in items if int(each["id"]) < high][::-1][:limit]

    def _stream(self) -> Answer:
        with self._changed:
            self._changed.wait_for(lambda: self._events or self._ended, 60)
            said, self._events = "".join(self._events), []
        return Answer(f":)\n{said}", headers={"Content-Type": "text/event-stream"})

    def _status(self, id_: str, what: str = "") -> Answer | None:
        status = self.statuses.get(id_)
        if status is None:
            return Answer({"error": "Record not found"}, 404)
        if what != "context":
            return Answer(status)
        above: list[Any] = []
        while (status := self.statuses.get(str(status["in_reply_to_id"]))) is not None:
            above.insert(0, status)
        below = [each for each in self.statuses.values() if each["in_reply_to_id"] == id_]
        return Answer({"ancestors": above, "descendants": below})

    def _take(self, request: Request) -> Answer:
        key = request.headers.get("idempotency-key", "")
        if key in self.keys:
            return Answer(self.keys[key])
        self.posted.append((dict(request.form), request.headers))
        values = request.form
        status = self.post(
            values.get("status", ""),
            account=ME,
            visibility=values.get("visibility", "public"),
            in_reply_to_id=values.get("in_reply_to_id"),
        )
        self.keys[key] = status
        return Answer(status)

    def _take_file(self, request: Request) -> Answer:
        head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
        for part in BytesParser(policy=policy.HTTP).parsebytes(head + request.body).iter_parts():
            if name := part.get_filename():
                content = part.get_content()
                self.media.append((name, part.get_content_type(), content if isinstance(content, bytes) else b""))
        return Answer({"id": "77", "type": "image", "url": None}, 202)


def _values(request: Request) -> dict[str, str]:
    return {name: each[0] for name, each in request.query.items()}


_ROUTES: Mapping[str, Callable[[MastodonPlace, Request], Answer | None]] = {
    "/api/v1/accounts/verify_credentials": lambda place, _: Answer(ME),
    "/api/v1/notifications": lambda place, request: Answer(place._page(place.notifications, _values(request))),
    "/api/v1/streaming/user": lambda place, _: place._stream(),
    "/api/v1/instance": lambda place, _: place._old_about(),
    "/api/v2/instance": lambda place, _: place._about(),
    "/api/v1/statuses": lambda place, request: place._take(request),
    "/api/v2/media": lambda place, request: place._take_file(request),
}
