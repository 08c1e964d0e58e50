"""Telegram's side for tests: a Bot API server on loopback with real answers where some are captured."""

import itertools
import threading
import time
from collections.abc import Mapping
from email import policy
from email.parser import BytesParser
from typing import Any

from inbox.channels import registry
from inbox.channels.base import Channel, Outgoing
from tests.servers.http import Answer, HttpServer, Request

TOKEN = "123456:TEST-token"
ANA = {"id": 218485655, "is_bot": False, "first_name": "Ana", "last_name": "Torres", "username": "anatorres"}
CHAT = {"id": ANA["id"], "first_name": "Ana", "type": "private"}


class TelegramPlace:
    """A bot's server. A context manager.

    Attributes:
        answers: What a method answers instead, once each, in order.
        sent: The calls that sent something, as (method, values), the files' contents among the values.
        confirmed: Updates below this number were forgotten, as Telegram does.
    """

    def __init__(self) -> None:
        self.http = HttpServer(self._handle)
        self.updates: list[dict[str, Any]] = []
        self.answers: dict[str, list[Answer]] = {}
        self.always: dict[str, Answer] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.confirmed = 0
        self._numbers = itertools.count(5001)
        self._changed = threading.Condition()
        self._gone = False
        self._ended = False

    def __enter__(self) -> "TelegramPlace":
        self.http.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self.http.__exit__(None, None, None)

    @property
    def settings(self) -> Mapping[str, str]:
        return {"username": "@shop_bot", "server": "http://127.0.0.1:1" if self._gone else self.http.url}

    @property
    def secrets(self) -> Mapping[str, str]:
        return {"token": TOKEN}

    def channel(self, **settings: str) -> Channel:
        """The bot's channel."""
        return registry.plugin("telegram").open_channel({**self.settings, **settings}, self.secrets)

    def push(self, *updates: Any) -> None:
        """Updates come in; each gets the next number, whatever it says."""
        with self._changed:
            for update in updates:
                self.updates.append({**update, "update_id": next(self._numbers)})
            self._changed.notify_all()

    def message(self, text: str = "", **more: Any) -> dict[str, Any]:
        """A private message of Ana's, as an update."""
        base = {"message_id": next(self._numbers), "date": int(time.time()), "from": ANA, "chat": CHAT}
        return {"message": base | ({"text": text} if text else {}) | more}

    def write(self, text: str) -> None:
        self.push(self.message(text))

    def write_unreadable(self) -> None:
        self.push(self.message(something_of_the_year_2040={"id": 1}))

    def reply(self, text: str) -> Outgoing:
        return Outgoing(message_id=1, remote_id="", to=(str(ANA["id"]),), text=text, remote_thread=str(ANA["id"]))

    def arrived(self) -> list[str]:
        return [str(values.get("text") or values.get("caption") or "") for _, values in self.sent]

    def refuse(self, method: str, code: int, description: str, **parameters: Any) -> None:
        """Refuse the next call of a method."""
        body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            body["parameters"] = parameters
        self.answers.setdefault(method, []).append(Answer(body, code))

    def reject_next(self) -> None:
        self.refuse("sendMessage", 403, "Forbidden: bot was blocked by the user")

    def refuse_sign_in(self) -> None:
        answer = Answer({"ok": False, "error_code": 401, "description": "Unauthorized"}, 401)
        self.always = dict.fromkeys(("getMe", "getUpdates", "sendMessage"), answer)

    def go_away(self) -> None:
        self._gone = True

    def _handle(self, request: Request) -> Answer | None:
        method = request.path.rpartition("/")[2]
        if request.path != f"/bot{TOKEN}/{method}":
            return None
        if waiting := self.answers.get(method):
            return waiting.pop(0)
        if method in self.always:
            return self.always[method]
        values = _values(request)
        if method == "getUpdates":
            return self._updates(values)
        if method.startswith("send") and method != "sendChatAction":
            self.sent.append((method, values))
            chat = {"id": int(values["chat_id"]), "type": "private"}
            return _ok({"message_id": next(self._numbers), "chat": chat, "date": int(time.time())})
        return _ok(_RESULTS.get(method, True))

    def _updates(self, values: Mapping[str, Any]) -> Answer:
        offset, limit = int(values.get("offset", 0)), int(values.get("limit", 100))
        with self._changed:
            self.updates = [each for each in self.updates if each["update_id"] >= offset]
            self.confirmed = max(self.confirmed, offset)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.updates or self._ended, float(values.get("timeout", 0)))
            return _ok(self.updates[:limit])

    def wait_until_confirmed(self, count: int) -> None:
        """Wait until only so many updates are unconfirmed."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.updates) == count, 10)


_RESULTS: Mapping[str, Any] = {
    "getMe": {"id": 123456, "is_bot": True, "first_name": "Shop", "username": "Shop_Bot"},
    "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
}


def _ok(result: Any) -> Answer:
    return Answer({"ok": True, "result": result})


def _values(request: Request) -> dict[str, Any]:
    """The values of a call, from a form with or without files."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return dict(request.form)
    message = BytesParser(policy=policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body)
    found: dict[str, Any] = {}
    for part in message.iter_parts():
        name = part["content-disposition"].params["name"]
        content = part.get_content() if part.get_content_maintype() != "text" else part.get_payload(decode=True)
        data = content if isinstance(content, bytes) else str(content).encode()
        filename = part.get_filename()
        found[name] = (filename, data) if filename else data.decode()
    return found
