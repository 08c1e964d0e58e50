"""Calls to a server through Mastodon.py: the raw JSON is ours, and every error is turned into one of ours.

Servers differ (GoToSocial, Takahe, Pleroma): the library does transport, parameters and errors, and what it makes of
an answer is put aside.
"""

import contextlib
import json
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import requests
from httpx import codes
from mastodon import Mastodon, MastodonError, MastodonNetworkError, MastodonRatelimitError
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from inbox.channels.http import wait_seconds
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

_ANSWER_SECONDS = 20.0
_UNSHAPED = (TypeError, ValueError, KeyError, AttributeError, IndexError)  # what the library makes of odd answers


class Line(requests.Session):
    """A session whose last answer is kept, and whose connections can be broken from any thread."""

    def __init__(self) -> None:
        super().__init__()
        self.last: requests.Response | None = None
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._broken = False
        self.hooks["response"].append(self._keep)
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(self.note))

    def note(self, opened: socket.socket) -> None:
        """A connection was opened."""
        self._sockets.add(opened)
        if self._broken:
            self.break_off()

    def break_off(self) -> None:
        """End what is under way, and take no more."""
        self._broken = True
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _keep(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        answer.headers.pop("deprecation", None)  # the library warns of each; which calls it makes is not ours to say
        self.last = answer


class _Adapter(HTTPAdapter):
    def __init__(self, note: Callable[[socket.socket], None]) -> None:
        self._note = note
        super().__init__()

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> Any:
        """The pool, whose connections tell that they were opened."""
        pool = super().get_connection_with_tls_context(*arguments, **named)
        if not hasattr(pool.ConnectionCls, "tells"):
            pool.ConnectionCls = _telling(type(pool).ConnectionCls, self._note)
        return pool


def _telling(kind: Any, note: Callable[[socket.socket], None]) -> Any:
    """A kind of connection that tells of its socket."""

    class Telling(kind):  # type: ignore[misc]
        tells = True

        def connect(self) -> None:
            super().connect()
            note(self.sock)

    return Telling


class Server:
    """One connection to a server, for one thread at a time; ``break_off`` from any."""

    def __init__(self, url: str, token: str) -> None:
        self.line = Line()
        self._lock = threading.Lock()
        try:
            self.api: Any = Mastodon(
                api_base_url=url,
                access_token=token,
                session=self.line,
                version_check_mode="none",
                mastodon_version="4.3.0",  # else it asks for the version, and some servers have none
                ratelimit_method="throw",
                request_timeout=_ANSWER_SECONDS,
                user_agent="Inbox",
            )
        except MastodonError as error:
            raise SignInError("There is no Mastodon server at {url}", "Check it.", field="server", url=url) from error
        self.api.mastodon_major, self.api.mastodon_minor = 4, 3  # for its choice between old and new addresses

    def call(self, name: str, *values: Any, sending: bool = False, **named: Any) -> Any:
        """Call one of the library's functions, and give the JSON of the answer.

        ``sending``: then a lost answer means that nobody knows the outcome.
        """
        with self._lock:
            self.line.last = None
            try:
                getattr(self.api, name)(*values, **named)
            except MastodonNetworkError as error:
                raise _network(error, sending) from error
            except MastodonRatelimitError as error:
                raise self._wait() from error
            except MastodonError as error:
                answer = self._answer()
                raise (_garbage(sending) if answer is None or answer.ok else _refused(answer)) from error
            except _UNSHAPED as error:
                answer = self._answer()
                if answer is None or not answer.ok:
                    raise _garbage(sending) from error
            answer = self._answer()
            try:
                return json.loads(answer.content) if answer is not None else None
            except ValueError as error:
                raise _garbage(sending) from error

    @property
    def status(self) -> int:
        """The status of the last answer."""
        answer = self._answer()
        return answer.status_code if answer is not None else 0

    def _answer(self) -> requests.Response | None:
        return self.line.last

    def break_off(self) -> None:
        """End the call that is under way, and take no more. From any thread."""
        self.line.break_off()

    def close(self) -> None:
        """Give the connection back. Twice is fine."""
        self.break_off()
        self.line.close()

    def _wait(self) -> TemporaryChannelError:
        headers = self.line.last.headers if self.line.last is not None else {}
        wait = wait_seconds(headers, datetime.now(UTC)) or None  # a reset that has passed says nothing
        return TemporaryChannelError("The server asks to wait", "It goes on by itself.", retry_after=wait)


class GoneError(RejectedMessageError):
    """What was asked for is not there, or not for us to see."""


@contextlib.contextmanager
def while_reading() -> Iterator[None]:
    """A refusal while reading is no message's fault: it is tried again."""
    try:
        yield
    except RejectedMessageError as error:
        raise TemporaryChannelError("The server can't be read: {words}", words=error.title) from error


def _refused(answer: requests.Response) -> Exception:
    code, words = answer.status_code, _words(answer)
    if code == codes.UNAUTHORIZED:
        return SignInError(
            "The account is not connected any more: the server refuses the access token",
            "Make a new token, and enter it.",
            field="token",
        )
    if code == codes.FORBIDDEN and "scope" in words.lower():
        return SignInError(
            "The access token may not do this: {words}",
            "Make a token with read and write, and enter it.",
            field="token",
            words=words,
        )
    if code in (codes.NOT_FOUND, codes.GONE):
        return GoneError("The original post no longer exists", "Answer on another channel, or write a new message.")
    if code >= codes.INTERNAL_SERVER_ERROR or code == codes.REQUEST_TIMEOUT:
        wait = wait_seconds({"retry-after": answer.headers.get("Retry-After", "")}, datetime.now(UTC)) or None
        return TemporaryChannelError(
            "The server answers: {code}", "It is tried again by itself.", retry_after=wait, code=code
        )
    return RejectedMessageError("The server refuses: {words}", words=words or code)


def _words(answer: requests.Response) -> str:
    """The server's own words; of a web page none."""
    try:
        body = answer.json()
    except (ValueError, requests.RequestException):
        return ""
    found = body.get("error") if isinstance(body, dict) else body
    return str(found or "")[:300]


def _network(error: Exception, sending: bool) -> Exception:
    cause = error.__context__ or error
    if isinstance(cause, requests.exceptions.SSLError):
        return SignInError("The server can't prove its name", "Check the server's address.", field="server")
    if isinstance(cause, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return SignInError("This is no server's address", "Check it.", field="server")
    reason = getattr(cause.args[0], "reason", None) if cause.args else None
    never_asked = isinstance(cause, requests.exceptions.ConnectTimeout) or isinstance(reason, NewConnectionError)
    if sending and not never_asked:
        return _unknown()
    return TemporaryChannelError("The server does not answer", "It is tried again by itself.")


def _garbage(sending: bool) -> Exception:
    if sending:
        return _unknown()
    return TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")


def _unknown() -> OutcomeUnknownError:
    return OutcomeUnknownError("The line broke while the server took the message", "Look there whether it arrived.")
