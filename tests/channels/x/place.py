"""X's side for tests: its API on loopback, with lists that know since_id and pages."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from inbox.channels import registry
from inbox.channels.base import Outgoing
from inbox.channels.x.channel import XChannel
from tests.servers.http import Answer, HttpServer, Request

ME = {"id": "1000", "username": "shop", "name": "The Shop"}
ANA: dict[str, Any] = {
    "id": "2000",
    "username": "ana",
    "name": "Ana Torres",
    "public_metrics": {"followers_count": 1234},
}
THREAD = "2000-1000"
SECRETS = {"consumer_key": "ck", "consumer_secret": "cs", "access_token": "at", "access_secret": "as"}
_FIRST = 1_900_000_000_000_000_000


class XPlace:
    """An account's server. A context manager.

    Attributes:
        lists: The posts of each path, in order of time.
        users, media, posts: What stands in the includes.
        answers: What a path answers instead, once each, in order; ``always`` each time.
        sent: The bodies of what was sent, in order.
    """

    def __init__(self) -> None:
        self.http = HttpServer(self._handle)
        self.lists: dict[str, list[Any]] = {}
        self.users: list[Any] = [ME, ANA]
        self.media: list[Any] = []
        self.posts: list[Any] = []
        self.errors: list[Any] = []
        self.answers: dict[str, list[Answer]] = {}
        self.always: dict[str, Answer] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.page = 100
        self._numbers = itertools.count(_FIRST)
        self._gone = False

    def __enter__(self) -> "XPlace":
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.http.__exit__(None, None, None)

    @property
    def settings(self) -> Mapping[str, str]:
        url = "http://127.0.0.1:1" if self._gone else self.http.url
        return {"address": "@shop", "server": url, "seconds": "0.2", "plan": "self_serve"}

    @property
    def secrets(self) -> Mapping[str, str]:
        return SECRETS

    def channel(self, **settings: str) -> XChannel:
        """The account's channel."""
        return cast(XChannel, registry.plugin("x").open_channel({**self.settings, **settings}, self.secrets))

    def post(self, text: str, **more: Any) -> dict[str, Any]:
        """A post of Ana's, not in any list yet."""
        id_ = str(next(self._numbers))
        now = datetime.now(UTC).isoformat()
        base = {"id": id_, "text": text, "author_id": ANA["id"], "created_at": now, "conversation_id": id_}
        return base | {"edit_history_tweet_ids": [id_]} | more

    def mention(self, text: str, **more: Any) -> dict[str, Any]:
        """Ana names the account."""
        named = {"mentions": [{"start": 0, "end": 5, "username": "shop", "id": "1000"}]}
        post = self.post(text, **({"entities": named} | more))
        self.lists.setdefault("/2/users/1000/mentions", []).append(post)
        return post

    def direct(self, text: str, **more: Any) -> dict[str, Any]:
        """Ana writes a direct message."""
        event = self.post(text, event_type="MessageCreate", sender_id=ANA["id"], dm_conversation_id=THREAD)
        event = {name: value for name, value in event.items() if name not in ("author_id", "conversation_id")} | more
        self.lists.setdefault("/2/dm_events", []).append(event)
        return event

    def write(self, text: str) -> None:
        self.mention(text)

    def write_unreadable(self) -> None:
        self.mention("")["text"] = {"of": "the year 2040"}

    def reply(self, text: str, **more: Any) -> Outgoing:
        base: dict[str, Any] = {
            "message_id": 1,
            "remote_id": "",
            "to": (ANA["id"],),
            "text": text,
            "remote_thread": "77|2000",
            "in_reply_to": "77",
            "public": True,
        }
        return Outgoing(**(base | more))

    def arrived(self) -> list[str]:
        return [str(body.get("text") or "") for path, body in self.sent if "media" not in path]

    def refuse(self, path: str, status: int, **body: Any) -> None:
        """Refuse the next call of a path."""
        self.answers.setdefault(path, []).append(Answer({"status": status, **body}, status))

    def reject_next(self) -> None:
        self.refuse("/2/tweets", 403, title="Forbidden", type="about:blank", detail="You are not permitted.")

    def refuse_sign_in(self) -> None:
        body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
        self.always = dict.fromkeys(("/2/users/me", "/2/tweets", "/2/users/1000/mentions"), Answer(body, 401))

    def go_away(self) -> None:
        self._gone = True

    def _handle(self, request: Request) -> Answer | None:
        path = request.path
        if waiting := self.answers.get(path):
            return waiting.pop(0)
        if path in self.always:
            return self.always[path]
        if path == "/2/users/me" or path.startswith("/2/users/by/username/"):
            return Answer({"data": ME})
        if path == "/oauth2/token":
            return Answer({"token_type": "bearer", "access_token": "app"})
        if request.method in ("POST", "PUT"):
            return self._take(path, request)
        if path in ("/2/dm_events", "/2/tweets/search/recent") or path.startswith("/2/users/1000/"):
            return self._list(path, request)
        if path == "/2/tweets/counts/recent" and request.headers["authorization"] == "Bearer app":
            return Answer({"data": [], "meta": {"total_tweet_count": 700}})
        return None

    def _take(self, path: str, request: Request) -> Answer:
        body = request.json if request.body else {}
        self.sent.append((path, body))
        id_ = str(next(self._numbers))
        if path.startswith("/2/dm_conversations"):
            return Answer({"data": {"dm_conversation_id": THREAD, "dm_event_id": id_}}, 201)
        return Answer({"data": {"id": id_, "text": body.get("text", "")}}, 201)

    def _list(self, path: str, request: Request) -> Answer:
        query = request.query.get("query", [""])[0]
        every = self.lists.get(f"{path} {query}" if query else path, [])
        since = int(request.query.get("since_id", ["0"])[0])
        news = [each for each in reversed(every) if int(each["id"]) > since]
        token = request.query.get("pagination_token", request.query.get("next_token", ["0"]))[0]
        size = min(self.page, int(request.query["max_results"][0]))
        start = int(token)
        meta: dict[str, Any] = {"result_count": len(news[start : start + size])}
        if start + size < len(news):
            meta["next_token"] = str(start + size)
        body: dict[str, Any] = {"meta": meta, "includes": {"users": self.users}}
        body["includes"] |= {"media": self.media, "tweets": self.posts}
        if self.errors:
            body["errors"] = self.errors
        if page := news[start : start + size]:
            body["data"] = page
        return Answer(body)
