"""Signing in by way of the browser: RFC 8252's loopback redirect, RFC 7636's PKCE."""

import base64
import hashlib
import hmac
import html
import secrets
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from inbox.channels.base import StopSignal
from inbox.channels.email.oauth import Registration, ask_token
from inbox.errors import SignInError
from inbox.i18n import tr

_SECONDS = 600.0  # a person looks for a password, a telephone, a colleague


def sign_in(
    registration: Registration, open_page: Callable[[str], None], stop: StopSignal, seconds: float = _SECONDS
) -> str:
    """Let a person sign in in the browser, and return the refresh token.

    Blocks until the browser comes back, ``stop``, or ``seconds`` are over. Raises SignInError, and
    TemporaryChannelError where the provider can't be reached.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    with _Listener(state) as listener:
        back = f"http://{registration.loopback}:{listener.server_address[1]}/"
        open_page(_page(registration, back, state, verifier))
        end = time.monotonic() + seconds
        while listener.answer is None and not stop.is_set() and time.monotonic() < end:
            listener.handle_request()
    code = _code(listener.answer, stopped=stop.is_set())
    grant = ask_token(
        registration,
        {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier},
    )
    if not grant.refresh_token:
        raise SignInError(
            "The provider gave no lasting permission",
            "Allow access while you are away (scope offline_access), and sign in again.",
            field="token",
        )
    return grant.refresh_token


def _page(registration: Registration, back: str, state: str, verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    asked = {
        "response_type": "code",
        "client_id": registration.client_id,
        "redirect_uri": back,
        "scope": registration.scopes,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"),
        "code_challenge_method": "S256",
        "login_hint": registration.user,
    }
    parts = urlsplit(registration.authorize_url)
    query = "&".join(each for each in (parts.query, urlencode(asked)) if each)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _code(answer: Mapping[str, str] | None, *, stopped: bool) -> str:
    if answer is None:
        title = "Signing in was stopped" if stopped else "Nobody signed in in the browser within ten minutes"
        raise SignInError(title, "Sign in again when you like.", field="token")
    if "code" in answer:
        return answer["code"]
    words = " ".join((answer.get("error_description") or answer.get("error") or "").split())[:300]
    if answer.get("error") == "access_denied":
        raise SignInError("The provider was told not to let this program in", "Sign in again and agree.", field="token")
    raise SignInError("The provider refuses the sign-in: {words}", "Sign in again.", field="token", words=words)


class _Listener(HTTPServer):
    """Waits on this machine alone for the browser to come back with our ``state``."""

    timeout = 0.2
    request_queue_size = 8

    def __init__(self, state: str) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self._state = state
        self.answer: Mapping[str, str] | None = None

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's looks our name up, which can take long

    def take(self, query: str) -> bool:
        """Whether these are the words that we wait for: anybody on this machine may knock."""
        told = {name: values[0] for name, values in parse_qs(query).items()}
        if not hmac.compare_digest(told.get("state", "").encode(), self._state.encode()):
            return False
        if not (told.get("code") or told.get("error")):
            return False
        self.answer = told
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who hangs or goes: no matter."""


class _Visit(BaseHTTPRequestHandler):
    server: _Listener
    timeout = 2.0  # one that says nothing holds the others up no longer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/" or not self.server.take(parts.query):
            self._say(400, tr("This is not the sign-in that Inbox waits for."))
        elif "code" in (self.server.answer or {}):
            self._say(200, tr("Signed in. You can close this page and go back to Inbox."))
        else:
            self._say(200, tr("Not signed in. You can close this page and go back to Inbox."))

    def _say(self, status: int, words: str) -> None:
        body = f'<!doctype html><meta charset="utf-8"><title>Inbox</title><p>{html.escape(words)}</p>'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def setup(self) -> None:
        self.request.settimeout(self.timeout)
        super().setup()

    def log_message(self, format: str, *arguments: Any) -> None:
        """The code must not stand in a log."""
