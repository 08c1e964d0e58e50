"""Bluesky's side for tests: a server on loopback with real answers where some are captured."""

import base64
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from inbox.channels import registry
from inbox.channels.base import Channel, Outgoing
from tests.servers.http import Answer, HttpServer, Request

SHOP = {"did": "did:plc:shop", "handle": "shop.test", "displayName": "Shop"}
ANA = {"did": "did:plc:ana", "handle": "ana.test", "displayName": "Ana Gómez"}
BOB = {"did": "did:plc:bob", "handle": "handle.invalid"}
PASSWORD = "abcd-efgh-ijkl-mnop"
CREATE = "com.atproto.repo.createRecord"
LIST = "app.bsky.notification.listNotifications"


def token(seconds: float, scope: str = "com.atproto.access") -> str:
    """A well-formed JWT that runs out in so many seconds."""
    parts = ({"typ": "at+jwt", "alg": "HS256"}, {"scope": scope, "sub": SHOP["did"], "exp": int(time.time() + seconds)})
    return ".".join(
        [*(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts), "c2ln"]
    )


class BlueskyPlace:
    """A server with one account. A context manager.

    Attributes:
        notifications: All there are, the oldest first.
        posts: Posts by their address.
        answers: What a method answers instead, once each, in order; ``always``: each time.
        records: What we posted, as (address, record).
        lifetime: How many seconds an access token lives.
    """

    def __init__(self) -> None:
        self.http = HttpServer(self._handle)
        self.notifications: list[Any] = []
        self.posts: dict[str, dict[str, Any]] = {}
        self.found: list[Any] = []
        self.chats: list[dict[str, Any]] = []
        self.logs: list[dict[str, Any]] = []
        self.chat_refused = True
        self.sent_chats: list[tuple[str, str]] = []
        self.answers: dict[str, list[Answer]] = {}
        self.always: dict[str, Answer] = {}
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.blobs: list[tuple[str, bytes]] = []
        self.lifetime = 7200.0
        self._numbers = itertools.count(1)
        self._start = datetime.now(UTC) - timedelta(hours=1)
        self._lock = threading.Lock()
        self._gone = False

    def __enter__(self) -> "BlueskyPlace":
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.__exit__(None, None, None)

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "handle": "shop.test",
            "server": "http://127.0.0.1:1" if self._gone else self.http.url,
            "seconds": "0.2",
        }

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"password": PASSWORD}

    def channel(self, **settings: str) -> Channel:
        """The account's channel."""
        return registry.plugin("bluesky").open_channel({**self.settings, **settings}, self.secrets)

    def asked(self, method: str) -> int:
        """How often a method was asked for."""
        return sum(each.path.endswith(f"/{method}") for each in self.http.requests)

    def moment(self) -> str:
        """The next second."""
        at = self._start + timedelta(seconds=next(self._numbers))
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def post(self, text: Any = "", author: Mapping[str, Any] = ANA, parent: Any = None, **more: Any) -> dict[str, Any]:
        """A post, as the server shows it."""
        record: dict[str, Any] = {
            "$type": "app.bsky.feed.post",
            "text": text,
            "createdAt": self.moment(),
            "langs": ["es"],
        }
        if parent:
            own = {"uri": parent["uri"], "cid": parent["cid"]}
            root = parent["record"].get("reply", {}).get("root", own)
            record["reply"] = {"root": root, "parent": own}
        uri = f"at://{author['did']}/app.bsky.feed.post/p{next(self._numbers)}"
        found = {"uri": uri, "cid": f"cid-{uri[-4:]}", "author": dict(author), "record": record | more}
        self.posts[uri] = found | {"indexedAt": self.moment()}
        return self.posts[uri]

    def notify(self, post: Mapping[str, Any], reason: str = "mention", **more: Any) -> None:
        """Something is told to us."""
        with self._lock:
            self.notifications.append({**post, "reason": reason, "indexedAt": self.moment(), **more})

    def write(self, text: str) -> None:
        self.notify(self.post(text))

    def write_unreadable(self) -> None:
        self.notify(self.post(text={"of": "the year 2040"}))

    def reply(self, text: str) -> Outgoing:
        parent = self.post("¿Y mi paquete?")
        return Outgoing(
            message_id=1,
            remote_id="",
            to=(ANA["did"],),
            text=text,
            remote_thread=f"{parent['uri']}|{ANA['did']}",
            in_reply_to=parent["uri"],
            public=True,
        )

    def arrived(self) -> list[str]:
        return [record["text"] for _, record in self.records]

    def reject_next(self) -> None:
        words = "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301) at $.record.text"
        self.answers[CREATE] = [Answer({"error": "InvalidRequest", "message": words}, 400)]

    def refuse_sign_in(self) -> None:
        refusal = Answer({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        self.always["com.atproto.server.createSession"] = refusal

    def go_away(self) -> None:
        self._gone = True

    def session(self) -> Answer:
        """What signing in answers; the document names this server."""
        service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.http.url}
        document = {"id": SHOP["did"], "service": [service]}
        return Answer(
            {
                "accessJwt": token(self.lifetime),
                "refreshJwt": token(10**6, "com.atproto.refresh"),
                "did": SHOP["did"],
                "handle": SHOP["handle"],
                "didDoc": document,
            }
        )

    def _handle(self, request: Request) -> Answer | None:
        method = request.path.removeprefix("/xrpc/")
        if waiting := self.answers.get(method):
            return waiting.pop(0)
        if method in self.always:
            return self.always[method]
        if method.startswith("chat.bsky") and (self.chat_refused or "atproto-proxy" not in request.headers):
            return Answer({"error": "InvalidToken", "message": "Bad token method"}, 400)
        answer = _METHODS.get(method)
        return answer(self, request) if answer else Answer({"error": "MethodNotImplemented"}, 501)

    def page(self, request: Request) -> Answer:
        """As Bluesky pages: newest first, by an opaque cursor."""
        start, limit = int(_value(request, "cursor", "0")), int(_value(request, "limit", "50"))
        with self._lock:
            found = self.notifications[::-1][start : start + limit]
            more = {"cursor": str(start + limit)} if start + limit < len(self.notifications) else {}
        return Answer({"notifications": found} | more)

    def create(self, request: Request) -> Answer:
        """Take a post."""
        uri = f"at://{SHOP['did']}/app.bsky.feed.post/o{next(self._numbers)}"
        self.records.append((uri, request.json["record"]))
        return Answer({"uri": uri, "cid": "cid"})

    def take_blob(self, request: Request) -> Answer:
        """Take a picture."""
        kind = request.headers["content-type"]
        self.blobs.append((kind, request.body))
        return Answer(
            {"blob": {"$type": "blob", "ref": {"$link": "bafk"}, "mimeType": kind, "size": len(request.body)}}
        )

    def take_chat(self, request: Request) -> Answer:
        """Take a private message."""
        self.sent_chats.append((request.json["convoId"], request.json["message"]["text"]))
        return Answer({"id": f"m{next(self._numbers)}", "rev": "1"})


def _value(request: Request, name: str, otherwise: str) -> str:
    return request.query.get(name, [otherwise])[0]


def _resolved(request: Request) -> Answer:
    known = {each["handle"]: each["did"] for each in (SHOP, ANA)}
    name = _value(request, "handle", "")
    if name in known:
        return Answer({"did": known[name]})
    return Answer({"error": "InvalidRequest", "message": "Unable to resolve handle"}, 400)


_METHODS: Mapping[str, Callable[[BlueskyPlace, Request], Answer | None]] = {
    "com.atproto.server.createSession": lambda place, _: place.session(),
    "com.atproto.server.refreshSession": lambda place, _: place.session(),
    "com.atproto.identity.resolveHandle": lambda _, request: _resolved(request),
    "com.atproto.repo.uploadBlob": lambda place, request: place.take_blob(request),
    "com.atproto.repo.listRecords": lambda place, _: Answer(
        {"records": [{"uri": uri, "cid": "cid", "value": value} for uri, value in place.records]}
    ),
    CREATE: lambda place, request: place.create(request),
    LIST: lambda place, request: place.page(request),
    "app.bsky.feed.getPosts": lambda place, request: Answer(
        {"posts": [place.posts[each] for each in request.query["uris"] if each in place.posts]}
    ),
    "app.bsky.feed.searchPosts": lambda place, _: Answer({"posts": place.found[::-1]}),
    "chat.bsky.convo.listConvos": lambda place, _: Answer({"convos": place.chats}),
    "chat.bsky.convo.getConvo": lambda place, _: Answer({"convo": place.chats[0]}),
    "chat.bsky.convo.getMessages": lambda place, _: Answer(
        {
            "messages": [
                {"id": f"m-{text}", "text": text, "sender": {"did": SHOP["did"]}} for _, text in place.sent_chats
            ]
        }
        if place.sent_chats
        else {"messages": place.chats[0]["kept"]}
    ),
    "chat.bsky.convo.getLog": lambda place, request: Answer(
        {"logs": [each for each in place.logs if each["rev"] > _value(request, "cursor", "")], "cursor": "9"}
    ),
    "chat.bsky.convo.sendMessage": lambda place, request: place.take_chat(request),
}
