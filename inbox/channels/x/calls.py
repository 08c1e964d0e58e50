"""Calls of X's API through tweepy: the raw JSON is ours, and every error is turned into one of ours."""

import contextlib
import json
import logging
import socket
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import tweepy
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError

from inbox.channels.http import wait_seconds
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

for _name in ("tweepy", "requests_oauthlib", "oauthlib"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)  # what they log is raised too; debugging shows tokens

HOST = "https://api.twitter.com"
_ANSWER_SECONDS = 20.0
_CONNECT_SECONDS = 10.0
_NO_CREDIT_SECONDS = 3600.0
_QUOTA_SECONDS = 6 * 3600.0
_RATE_SECONDS = 60.0
_LIMITS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
_SERVER_ERROR = 500
_UNSHAPED = (TypeError, ValueError, KeyError, AttributeError, IndexError)  # what the library makes of odd answers
_NOT_ALLOWED = ("oauth1-permissions", "client-forbidden", "unsupported-authentication", "oauth2-permissions")


class RateError(TemporaryChannelError):
    """Too many calls of one kind: the others may go on."""


class NotPermittedError(SignInError):
    """The keys are right, but this kind of call is not theirs."""


class GoneError(RejectedMessageError):
    """What was asked for is not there, or not for us to see."""


class Server:
    """One connection to X, for one thread at a time; ``break_off`` from any."""

    def __init__(self, url: str, secrets: Mapping[str, str], *, reads_only: bool) -> None:
        self._signed = not reads_only
        self._lock = threading.Lock()
        self.line = _Line(url or HOST)
        names = ("consumer_key", "consumer_secret", "access_token", "access_secret")
        keys = [secrets.get(name, "").strip() for name in names]
        if not (secrets.get("bearer_token", "").strip() if reads_only else all(keys)):
            raise SignInError(
                "A key of the X account is missing",
                "Copy the keys from the X developer console.",
                field="bearer_token" if reads_only else names[keys.index("")],
            )
        self.api = tweepy.Client(secrets.get("bearer_token", "").strip() or None, *keys, return_type=requests.Response)
        self.api.session = self.line

    def call(self, name: str, *values: Any, sending: bool = False, **named: Any) -> dict[str, Any]:
        """Call one of the library's functions, and give the JSON of the answer.

        ``sending``: then a lost answer means that nobody knows the outcome.
        """
        return self._asked(lambda: getattr(self.api, name)(*values, user_auth=self._signed, **named), sending)

    def request(self, method: str, route: str, **named: Any) -> dict[str, Any]:
        """Call what the library has no function for."""
        return self._asked(lambda: self.api.request(method, route, user_auth=self._signed, **named), sending=False)

    def count(self, query: str) -> dict[str, Any]:
        """How many posts of the last week a search finds: X tells that to the app only, not to an account."""

        def ask() -> requests.Response:
            if not self.api.bearer_token:
                keys = (str(self.api.consumer_key), str(self.api.consumer_secret))
                answer = self.line.post(f"{HOST}/oauth2/token", auth=keys, data={"grant_type": "client_credentials"})
                self.api.bearer_token = str(answer.json()["access_token"])
            found: requests.Response = self.api.get_recent_tweets_count(query, granularity="day")
            return found

        return self._asked(ask, sending=False)

    def _asked(self, ask: Callable[[], requests.Response], sending: bool) -> dict[str, Any]:
        with self._lock:
            self.line.last = None
            try:
                answer = ask()
            except requests.RequestException as error:
                raise _network(error, sending) from error
            except (tweepy.TweepyException, *_UNSHAPED) as error:
                raise self._judged(sending) from error
        try:
            found = json.loads(answer.content) if answer.content else {}
        except ValueError as error:
            raise _garbage(sending) from error
        if not isinstance(found, dict):
            raise _garbage(sending)
        return found

    def _judged(self, sending: bool) -> Exception:
        """What the last answer means, of which the library could make nothing."""
        last = self.line.last
        return _garbage(sending) if last is None or last.ok else refused(last)

    def fetch(self, url: str, most: int) -> bytes:
        """A file that only we may see, signed with our keys."""
        api = self.api
        auth = tweepy.OAuth1UserHandler(
            api.consumer_key, api.consumer_secret, api.access_token, api.access_token_secret
        ).apply_auth()
        pieces, size = [], 0
        try:
            with self.line.get(url, auth=auth, stream=True) as answer:
                if not answer.ok:
                    raise refused(answer)
                for piece in answer.iter_content(2**16):
                    pieces.append(piece)
                    size += len(piece)
                    if size > most:
                        raise RejectedMessageError(
                            "The file is larger than {megabytes} MB",
                            "Open it at the other side.",
                            megabytes=most // 2**20,
                        )
        except requests.RequestException as error:
            raise _network(error, sending=False) from error
        return b"".join(pieces)

    def break_off(self) -> None:
        """End the call that is under way, and take no more. From any thread."""
        self.line.break_off()

    def close(self) -> None:
        """Give the connection back. Twice is fine."""
        self.break_off()
        self.line.close()


class _Line(requests.Session):
    """A session to another host than tweepy's own, whose connections can be broken from any thread."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.last: requests.Response | None = None
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._broken = False
        self.hooks["response"].append(self._keep)
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(url, self._note))

    def break_off(self) -> None:
        """End what is under way, and take no more."""
        self._broken = True
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _note(self, opened: socket.socket) -> None:
        self._sockets.add(opened)
        if self._broken:
            self.break_off()

    def _keep(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        self.last = answer


class _Adapter(HTTPAdapter):
    def __init__(self, url: str, note: Callable[[socket.socket], None]) -> None:
        self._url, self._note = urlsplit(url if "//" in url else f"https://{url}"), note
        super().__init__()

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        """Send it to the account's server: the library knows one host only."""
        asked = urlsplit(str(request.url))
        if f"{asked.scheme}://{asked.netloc}" == HOST:
            path = self._url.path.rstrip("/") + asked.path
            request.url = urlunsplit((self._url.scheme, self._url.netloc, path, asked.query, ""))
        named["timeout"] = (_CONNECT_SECONDS, _ANSWER_SECONDS)
        return super().send(request, *arguments, **named)

    def get_connection_with_tls_context(self, *arguments: Any, **named: Any) -> Any:
        """The pool, whose connections tell that they were opened."""
        pool = super().get_connection_with_tls_context(*arguments, **named)
        note, kind = self._note, type(pool).ConnectionCls

        class Noted(kind):  # type: ignore[misc,valid-type]
            def connect(self) -> None:
                super().connect()
                note(self.sock)

        pool.ConnectionCls = Noted
        return pool


def refused(answer: requests.Response) -> Exception:
    """What an answer that is none means to a person."""
    code, (kind, words) = answer.status_code, _words(answer)
    if code == requests.codes.unauthorized:
        return SignInError(
            "The account is not connected any more: X refuses its keys",
            "Make new ones in the X developer console, and enter them.",
            field="access_token",
        )
    if code == requests.codes.payment_required:
        return TemporaryChannelError(
            "The X account has no credit left",
            "Buy credit in the X developer console; it goes on by itself.",
            retry_after=_NO_CREDIT_SECONDS,
        )
    if code == requests.codes.too_many_requests:
        return _too_many(answer, kind, words)
    if code == requests.codes.forbidden:
        return _forbidden(kind, words)
    if code in (requests.codes.not_found, requests.codes.gone):
        return GoneError("The original post no longer exists", "Answer on another channel, or write a new message.")
    if code >= _SERVER_ERROR or code == requests.codes.request_timeout:
        wait = wait_seconds({"retry-after": answer.headers.get("Retry-After", "")}, datetime.now(UTC)) or None
        return TemporaryChannelError("X answers: {code}", "It is tried again by itself.", retry_after=wait, code=code)
    return RejectedMessageError("X refuses: {words}", words=words or code)


def _too_many(answer: requests.Response, kind: str, words: str) -> TemporaryChannelError:
    if "usage-cap" in kind.lower() or "usagecap" in f"{kind}{words}".replace(" ", "").lower():
        return TemporaryChannelError(
            "The quota of the X account is used up",
            "X gives a new one each month; a larger plan has more.",
            retry_after=_QUOTA_SECONDS,
        )
    now, headers = datetime.now(UTC), answer.headers
    used_up = [each for each in _LIMITS if headers.get(f"{each}-remaining", "").strip() == "0"]
    waits = [wait_seconds({"x-rate-limit-reset": headers.get(f"{each}-reset", "")}, now) for each in used_up]
    wait = max((each for each in waits if each), default=None) or wait_seconds(headers, now) or _RATE_SECONDS
    return RateError("X asks to wait", "It goes on by itself.", retry_after=wait)


def _forbidden(kind: str, words: str) -> Exception:
    if "duplicate content" in words.lower():
        return RejectedMessageError("X has this text from the account already", "Change a word, and send it again.")
    if any(each in kind for each in _NOT_ALLOWED):
        return NotPermittedError(
            "The keys do not allow this: {words}",
            "In the X developer console, allow the app to read, write and use direct messages; then make new tokens.",
            field="access_token",
            words=words,
        )
    return RejectedMessageError(
        "X does not allow this: {words}", "Choose another channel for the answer.", words=words or "403"
    )


def _words(answer: requests.Response) -> tuple[str, str]:
    """The kind of problem and X's own words; of a web page none."""
    try:
        body = answer.json()
    except (ValueError, requests.RequestException):
        return "", ""
    if not isinstance(body, dict):
        return "", ""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    words = first.get("message") or body.get("detail") or first.get("detail") or body.get("title") or ""
    title = body.get("title") or first.get("title") or ""
    return f"{body.get('type') or first.get('type') or ''} {title}", str(words)[:300]


def _network(error: Exception, sending: bool) -> Exception:
    if isinstance(error, requests.exceptions.SSLError):
        return SignInError("The server can't prove its name", "Check the server's address.", field="server")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.MissingSchema):
        return SignInError("This is no server's address", "Check it.", field="server")
    reason = getattr(error.args[0], "reason", None) if error.args else None
    never_asked = isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(reason, NewConnectionError)
    if sending and not never_asked:
        return _unknown()
    return TemporaryChannelError("X does not answer", "It is tried again by itself.")


def _garbage(sending: bool) -> Exception:
    if sending:
        return _unknown()
    return TemporaryChannelError("X's answer can't be understood", "It is tried again by itself.")


def _unknown() -> OutcomeUnknownError:
    return OutcomeUnknownError("The line broke while X took the message", "Look there whether it arrived.")
