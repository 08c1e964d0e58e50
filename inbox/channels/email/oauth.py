"""OAuth 2 for mail: where a provider gives tokens, and the token with which an account signs in just now.

Only the refresh token is kept, in the keychain: access tokens last an hour, and are longer than some keychains take.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from inbox.channels.email.providers import guess_settings
from inbox.errors import SignInError, TemporaryChannelError
from inbox.lazy_dataclass import dataclass

log = logging.getLogger(__name__)

_SECONDS = 20.0
_EARLY_SECONDS = 120.0  # a token is renewed so long before it runs out: clocks differ, and lines are slow
_USUAL_SECONDS = 3600.0
_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Registration:
    """The program as a firm registered it at a provider, and whose mail it wants.

    Attributes:
        loopback: The name of this machine under which the provider lets the browser come back.
    """

    user: str
    client_id: str
    client_secret: str
    authorize_url: str
    token_url: str
    scopes: str
    loopback: str = "127.0.0.1"


_GOOGLE = (
    # Without these two Google gives a refresh token only the first time.
    "https://accounts.google.com/o/oauth2/v2/auth?access_type=offline&prompt=consent",
    "https://oauth2.googleapis.com/token",
    "https://mail.google.com/",
)
_MICROSOFT = (
    "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access",
)


def read_registration(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Registration:
    """Read the form's values; what is empty is known for Google and Microsoft. Raises SignInError."""
    given = {name: value.strip() for name, value in settings.items() if value.strip()}
    values = guess_settings(given.get("address", "")) | given
    preset = _preset(values.get("imap_host", "").lower())
    authorize = values.get("oauth_authorize", preset[0])
    made = Registration(
        user=values.get("user", "") or values.get("address", ""),
        client_id=values.get("oauth_client", ""),
        client_secret=secrets.get("oauth_secret", ""),
        authorize_url=authorize,
        token_url=values.get("oauth_token", preset[1]),
        scopes=values.get("oauth_scopes", preset[2]),
        # Microsoft takes any port only under this name.
        loopback="localhost" if urlsplit(authorize).hostname == "login.microsoftonline.com" else "127.0.0.1",
    )
    _require(made)
    return made


def _preset(imap_host: str) -> tuple[str, str, str]:
    if imap_host.endswith((".gmail.com", ".google.com", ".googlemail.com")):
        return _GOOGLE
    if imap_host.endswith((".office365.com", ".outlook.com")):
        return _MICROSOFT
    return ("", "", "")


def _require(registration: Registration) -> None:
    if not registration.client_id:
        raise SignInError(
            "The client ID is missing",
            "Register the program at the provider, once for your firm, and enter the ID that you get.",
            field="oauth_client",
        )
    for field, url in (("oauth_authorize", registration.authorize_url), ("oauth_token", registration.token_url)):
        parts = urlsplit(url)
        is_here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
        if not (parts.hostname and (parts.scheme == "https" or is_here)):
            raise SignInError(
                "This is no address for signing in: “{url}”",
                "Enter one that begins with https://, as the provider tells it.",
                field=field,
                url=url,
            )


@dataclass(frozen=True, slots=True)
class Grant:
    """What the provider gave."""

    access_token: str
    refresh_token: str  # empty: the former one stays
    seconds: float


def ask_token(registration: Registration, form: Mapping[str, str]) -> Grant:
    """Ask the provider for tokens. Raises SignInError where a person must act, TemporaryChannelError else."""
    secret = {"client_secret": registration.client_secret} if registration.client_secret else {}
    host = urlsplit(registration.token_url).hostname or ""
    try:
        with httpx.Client(timeout=_SECONDS) as client:
            answer = client.post(
                registration.token_url,
                data={**form, "client_id": registration.client_id, **secret},
                headers={"Accept": "application/json"},
            )
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise TemporaryChannelError(
            "{host} can't be reached to sign in ({reason})",
            "It is tried again by itself.",
            host=host,
            reason=type(error).__name__,
        ) from error
    told = _json(answer)
    if answer.status_code != httpx.codes.OK or "access_token" not in told:
        raise _refusal(host, answer.status_code, told)
    return Grant(str(told["access_token"]), str(told.get("refresh_token") or ""), _lasts(told.get("expires_in")))


def _json(answer: httpx.Response) -> dict[str, Any]:
    if len(answer.content) > _MOST_BYTES:
        return {}
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _lasts(told: object) -> float:
    try:
        return max(0.0, float(str(told)))
    except ValueError:
        return _USUAL_SECONDS


def _refusal(host: str, status: int, told: Mapping[str, Any]) -> SignInError | TemporaryChannelError:
    code = str(told.get("error") or status)
    words = " ".join(str(told.get("error_description") or code).split())[:300]
    if code in ("invalid_grant", "interaction_required", "consent_required", "login_required", "access_denied"):
        return expired(host, words)
    if code in ("invalid_client", "unauthorized_client"):
        return SignInError(
            "{host} does not know this client ID: {words}",
            "Check the client ID and the client secret.",
            field="oauth_client",
            host=host,
            words=words,
        )
    if code in ("invalid_scope", "invalid_request", "unsupported_grant_type"):
        return SignInError(
            "{host} refuses the request: {words}", "Check the scopes.", field="oauth_scopes", host=host, words=words
        )
    return TemporaryChannelError(
        "{host} gives no token just now: {words}", "It is tried again by itself.", host=host, words=words
    )


def expired(host: str, words: str) -> SignInError:
    """What a person is told when the permission holds no longer."""
    return SignInError(
        "{host} no longer lets this program in: {words}",
        "The permission ran out or was withdrawn. Sign in again.",
        field="token",
        host=host,
        words=words,
    )


class Tokens:
    """An account's tokens, shared by its threads.

    Attributes:
        keep: Is given each new refresh token before it is used; see ``RenewingChannel``.
    """

    def __init__(self, registration: Registration, refresh_token: str) -> None:
        self._registration, self._refresh = registration, refresh_token
        self._access, self._until = "", 0.0
        self._lock = threading.Lock()
        self.keep: Callable[[str, str], None] = lambda _field, _secret: None

    def access(self, *, instead_of: str = "") -> str:
        """A token that still holds for a while; asks for a new one where there is none. Raises as ``ask_token``.

        ``instead_of``: this one was refused although it should hold.
        """
        with self._lock:
            if not self._access or self._access == instead_of or time.monotonic() > self._until:
                self._renew()
            return self._access

    def _renew(self) -> None:
        if not self._refresh:
            raise SignInError("Nobody has signed in yet", "Sign in in the browser.", field="token")
        grant = ask_token(
            self._registration,
            {"grant_type": "refresh_token", "refresh_token": self._refresh, "scope": self._registration.scopes},
        )
        if grant.refresh_token and grant.refresh_token != self._refresh:
            self.keep("token", grant.refresh_token)
            self._refresh = grant.refresh_token
        self._access = grant.access_token
        self._until = time.monotonic() + grant.seconds - min(_EARLY_SECONDS, grant.seconds / 2)
        log.debug("A new access token holds for %s seconds", grant.seconds)


def sasl(user: str, token: str) -> str:
    """What XOAUTH2 says."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"
