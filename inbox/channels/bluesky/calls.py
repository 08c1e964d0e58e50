"""Calls to a server through the atproto library, its errors turned into ours, and one session for all of an account.

Signing in is counted (300 a day): a session is kept as long as the program runs, and refreshed, not begun anew.
"""

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
from atproto_client import Client
from atproto_client.exceptions import LoginRequiredError, NetworkError, RequestErrorBase
from atproto_client.models.dot_dict import DotDict
from atproto_client.request import Request
from atproto_core.exceptions import AtProtocolError
from atproto_server.exceptions import TokenDecodeError

from inbox.channels.http import TIMEOUT, wait_seconds
from inbox.errors import InboxError, OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

_CHAT = {"Atproto-Proxy": "did:web:api.bsky.chat#bsky_chat"}
_EXPIRED = ("ExpiredToken", "InvalidToken")
_UNSHAPED = (TypeError, ValueError, KeyError, AttributeError, IndexError)  # what the library makes of odd answers

_sessions: dict[str, str] = {}  # by server, account and password: what several channels of an account share
_signing_in = threading.Lock()


class Server:
    """One connection to a server, for one thread at a time; ``close`` from any breaks what is under way."""

    def __init__(self, url: str, handle: str, password: str) -> None:
        self._handle, self._password = handle, password
        self._key = sha256("\n".join((url, handle, password)).encode("utf-8", "replace")).hexdigest()
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._closed = False
        self._lock = threading.Lock()
        hooks = {"request": [self._watch]}
        self._client = Client(base_url=url, request=Request(timeout=TIMEOUT, event_hooks=hooks))
        self._client.on_session_change(lambda _event, session: self._keep(session.encode()))
        self.did = ""

    def sign_in(self) -> str:
        """Take up the session, or begin one. Gives our did."""
        with self._lock, _translated(), _signing_in:
            known = _sessions.get(self._key)
            self._client.login(
                *(() if known else (self._handle, self._password)), session_string=known, fetch_bsky_profile=False
            )
        session = self._client._session
        if session is None or not session.did:
            raise _garbage(sending=False)
        self.did = session.did
        return self.did

    def get(self, method: str, *, chat: bool = False, **values: Any) -> Mapping[str, Any]:
        """Ask for something."""
        given = DotDict({name: value for name, value in values.items() if value not in (None, "")})
        return self._call("query", method, params=given or None, headers=dict(_CHAT) if chat else None)

    def put(
        self, method: str, values: Mapping[str, Any], *, chat: bool = False, sending: bool = False
    ) -> Mapping[str, Any]:
        """Have something done. ``sending``: then a lost answer means that nobody knows the outcome."""
        headers = {"Content-Type": "application/json"} | (_CHAT if chat else {})
        return self._call("procedure", method, sending=sending, data=DotDict(dict(values)), headers=headers)

    def upload(self, content: bytes, content_type: str) -> Mapping[str, Any]:
        """Hand a file over; nobody sees it before a post names it."""
        return self._call(
            "procedure", "com.atproto.repo.uploadBlob", content=content, headers={"Content-Type": content_type}
        )

    def close(self) -> None:
        """Break what is under way and take no more. Twice is fine."""
        self._closed = True
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._client.request.close()

    def _call(self, kind: str, method: str, *, sending: bool = False, **given: Any) -> Mapping[str, Any]:
        for again in (True, False):
            if not self.did:
                self.sign_in()
            with self._lock:
                if self._closed:
                    raise TemporaryChannelError("The account is being stopped")
                try:
                    with _translated(sending=sending, chat="Atproto-Proxy" in (given.get("headers") or {})):
                        answer = getattr(self._client, f"invoke_{kind}")(method, **given).content
                except _SessionEndedError:
                    self.did = ""
                    _sessions.pop(self._key, None)
                    self._client._session_dispatcher.set_session(None)
                    if not again:
                        raise
                    continue
            if not isinstance(answer, dict):
                raise _garbage(sending)
            return answer
        raise AssertionError("unreachable")

    def _keep(self, session: str) -> None:
        _sessions[self._key] = session

    def _watch(self, request: httpx.Request) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Note each connection that is opened, so that it can be broken from another thread."""
        if event not in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            return
        opened = info["return_value"].get_extra_info("socket")
        if opened is not None:
            self._sockets.add(opened)
        if opened is not None and self._closed:
            opened.shutdown(socket.SHUT_RDWR)


class GoneError(RejectedMessageError):
    """What was asked for is not there."""


class _SessionEndedError(SignInError):
    """The session has run out."""


@contextlib.contextmanager
def while_reading() -> Iterator[None]:
    """A refusal while reading is no message's fault: it is tried again."""
    try:
        yield
    except RejectedMessageError as error:
        raise TemporaryChannelError("The server can't be read: {words}", words=error.title) from error


@contextlib.contextmanager
def _translated(*, sending: bool = False, chat: bool = False) -> Iterator[None]:
    try:
        yield
    except (LoginRequiredError, TokenDecodeError) as error:
        raise _SessionEndedError("Bluesky asks to sign in again", "Enter an app password.", field="password") from error
    except RequestErrorBase as error:
        raise _refused(error, sending, chat) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise SignInError("This is no server's address", "Check it.", field="server") from error
    except httpx.HTTPError as error:
        raise _lost(error, sending) from error
    except (AtProtocolError, RuntimeError, *_UNSHAPED) as error:  # a closed client is a RuntimeError
        raise _garbage(sending) from error


def _refused(error: RequestErrorBase, sending: bool, chat: bool) -> InboxError:
    answer = error.response
    if answer is None:
        return _lost(error.__cause__ or error, sending)
    code, name = answer.status_code, str(getattr(answer.content, "error", "") or "")
    words = str(getattr(answer.content, "message", "") or name or code)[:300]
    if name in _EXPIRED and not (chat and name == "InvalidToken"):  # there it says: not with this app password
        return _SessionEndedError("Bluesky asks to sign in again", "Enter an app password.", field="password")
    if code == httpx.codes.TOO_MANY_REQUESTS:
        wait = wait_seconds(answer.headers, datetime.now(UTC)) or None  # a reset that has passed says nothing
        return TemporaryChannelError("Bluesky asks to wait", "It goes on by itself.", retry_after=wait)
    if code == httpx.codes.UNAUTHORIZED:
        return SignInError(
            "The account is not connected any more: Bluesky refuses the account or its app password",
            "Make a new app password, and enter it.",
            field="password",
        )
    if name in ("NotFound", "RecordNotFound") or code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
        return GoneError("The original post no longer exists", "Answer on another channel, or write a new message.")
    if code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TemporaryChannelError("The server answers: {code}", "It is tried again by itself.", code=code)
    if "too big" in words:
        return RejectedMessageError("The text is too long for Bluesky: {words}", "Shorten it.", words=words)
    return RejectedMessageError("The server refuses: {words}", words=words)


def _lost(error: BaseException, sending: bool) -> InboxError:
    never_asked = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    if sending and not never_asked:
        return _unknown()
    if isinstance(error, NetworkError | httpx.HTTPError):
        return TemporaryChannelError("The server does not answer", "It is tried again by itself.")
    return _garbage(sending)


def _garbage(sending: bool) -> InboxError:
    if sending:
        return _unknown()
    return TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")


def _unknown() -> OutcomeUnknownError:
    return OutcomeUnknownError("The line broke while the server took the message", "Look there whether it arrived.")
