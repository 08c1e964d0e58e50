"""An OAuth 2 provider on loopback: page, tokens, introspection. It checks what a real one checks."""

import base64
import hashlib
import itertools
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.servers.http import Answer, HttpServer, Request

CLIENT = "inbox-of-a-firm"


class OAuthServer:
    """The provider. Use it as a context manager; ``visit`` plays the person at the browser.

    Attributes:
        user: Who signs in.
        refusal: What the token endpoint answers from now on: (status, error), or nothing.
        rotates: Each refresh gives a new refresh token and ends the former one.
        seconds: How long access tokens hold.
        refresh_tokens, access_tokens: Those that hold.
        asked: The forms that the token endpoint got.
    """

    def __init__(self, user: str = "shop@example.com") -> None:
        self.user = user
        self.refusal: tuple[int, str] | None = None
        self.rotates = False
        self.gives_refresh = True
        self.seconds: object = 3600
        self.refresh_tokens: set[str] = set()
        self.access_tokens: set[str] = set()
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)
        self._http = HttpServer(self._answer)

    def __enter__(self) -> Self:
        self._http.__enter__()
        self.url = self._http.url
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    @property
    def settings(self) -> dict[str, str]:
        """What an account's form says of it."""
        return {
            "sign_in": "oauth2",
            "oauth_client": CLIENT,
            "oauth_authorize": f"{self.url}/authorize?prompt=consent",
            "oauth_token": f"{self.url}/token",
            "oauth_scopes": "imap smtp offline",
        }

    @property
    def introspection(self) -> str:
        """Where a mail server asks what a token is worth."""
        return f"{self.url}/introspect"

    def grant(self) -> str:
        """A refresh token, as if the person had signed in before."""
        token = f"refresh-{next(self._numbers)}"
        self.refresh_tokens.add(token)
        return token

    def knows(self, user: str, token: str) -> bool:
        """Whether an access token holds."""
        return user == self.user and token in self.access_tokens

    def visit(self, page: str, *, agrees: bool = True, state: str | None = None) -> httpx.Response:
        """The person opens the page and agrees, or not; the browser goes back to the program. Returns what it shows."""
        parts = urlsplit(page)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert page.startswith(f"{self.url}/authorize?prompt=consent&")
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self._codes[code] = asked
        told = {"code": code} if agrees else {"error": "access_denied"}
        told["state"] = asked["state"] if state is None else state
        return httpx.get(f"{asked['redirect_uri']}?{urlencode(told)}", timeout=10)

    def _answer(self, request: Request) -> Answer | None:
        if request.path == "/introspect":
            known = request.form.get("token", "") in self.access_tokens
            return Answer({"active": "true", "username": self.user} if known else {"active": "false"})
        if request.path == "/token":
            self.asked.append(request.form)
            return self._token(request.form)
        return None

    def _token(self, form: dict[str, str]) -> Answer:
        if self.refusal is not None:
            status, error = self.refusal
            return Answer({"error": error, "error_description": f"No: {error}"}, status)
        if form.get("client_id") != CLIENT:
            return Answer({"error": "invalid_client"}, 401)
        if form["grant_type"] == "authorization_code":
            if not self._redeems(form):
                return Answer({"error": "invalid_grant"}, 400)
            return self._give(self.grant() if self.gives_refresh else "")
        former = form["refresh_token"]
        if former not in self.refresh_tokens:
            return Answer({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
        if not self.rotates:
            return self._give("")
        self.refresh_tokens.discard(former)
        return self._give(self.grant())

    def _redeems(self, form: dict[str, str]) -> bool:
        """A code is good once, at the same place, for who knows the verifier of its challenge."""
        asked = self._codes.pop(form["code"], None)
        if asked is None or asked["redirect_uri"] != form["redirect_uri"]:
            return False
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        return digest.rstrip(b"=").decode() == asked["code_challenge"]

    def _give(self, refresh: str) -> Answer:
        access = f"access-{next(self._numbers)}"
        self.access_tokens.add(access)
        given = {"access_token": access, "token_type": "Bearer", "expires_in": self.seconds}
        return Answer({**given, "refresh_token": refresh} if refresh else given)
