"""Signing in by way of the browser: a provider of our own, and mail servers that ask it what a token is worth."""

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from inbox.channels import registry
from inbox.channels.email.browser import sign_in
from inbox.channels.email.oauth import Tokens, read_registration
from inbox.errors import SignInError, TemporaryChannelError
from tests.channels.email.place import ADDRESS, EmailPlace
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.oauth import OAuthServer
from tests.servers.process import free_port
from tests.servers.smtp import SmtpServer


@pytest.fixture
def provider() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server


@pytest.fixture
def browsed(provider: OAuthServer, authority: Authority) -> Iterator[EmailPlace]:
    """Mail servers that know no password, only the provider's tokens."""
    with (
        Dovecot(authority=authority, introspection=provider.introspection) as imap,
        SmtpServer(authority=authority) as smtp,
    ):
        smtp.knows_token = provider.knows
        place = EmailPlace(imap, smtp)
        place.trust(authority.ca_file)
        place._settings |= provider.settings
        place.secrets = {"token": provider.grant()}
        yield place


class Person:
    """Somebody at the browser, in a thread of its own as the browser is; ``shown`` is what the last page said."""

    def __init__(self, provider: OAuthServer, *, agrees: bool = True, state: str | None = None) -> None:
        self.provider, self.agrees, self.state = provider, agrees, state
        self.shown: list[httpx.Response] = []
        self.page = ""
        self._thread: threading.Thread | None = None

    def __call__(self, page: str) -> None:
        self.page = page
        self._thread = threading.Thread(target=self._visit)
        self._thread.start()

    def _visit(self) -> None:
        if self.state is not None:  # somebody else on this machine knocks first
            self.shown.append(self.provider.visit(self.page, agrees=self.agrees, state=self.state))
        self.shown.append(self.provider.visit(self.page, agrees=self.agrees))

    def leave(self) -> None:
        assert self._thread is not None
        self._thread.join()


def signed_in(provider: OAuthServer, person: Person, seconds: float = 20) -> str:
    registration = read_registration({"address": ADDRESS, **provider.settings}, {})
    try:
        return sign_in(registration, person, threading.Event(), seconds)
    finally:
        person.leave()


def test_a_person_who_agrees_leaves_a_refresh_token(provider: OAuthServer) -> None:
    person = Person(provider)
    assert signed_in(provider, person) in provider.refresh_tokens
    assert "You can close this page" in person.shown[0].text
    asked = parse_qs(urlsplit(person.page).query)
    assert asked["login_hint"] == [ADDRESS]
    assert asked["scope"] == ["imap smtp offline"]
    assert asked["redirect_uri"][0].startswith("http://127.0.0.1:")
    assert provider.asked[0]["code_verifier"] not in person.page


def test_a_stranger_with_another_state_is_not_heard(provider: OAuthServer) -> None:
    person = Person(provider, state="guessed")
    assert signed_in(provider, person) in provider.refresh_tokens
    assert [each.status_code for each in person.shown] == [400, 200]
    assert len(provider.asked) == 1


def test_who_says_no_is_understood(provider: OAuthServer) -> None:
    with pytest.raises(SignInError, match="not to let this program in") as refused:
        signed_in(provider, Person(provider, agrees=False))
    assert refused.value.field == "token"
    assert provider.asked == []


def test_a_code_that_was_used_already_is_refused(provider: OAuthServer) -> None:
    provider.refusal = (400, "invalid_grant")
    with pytest.raises(SignInError, match="No: invalid_grant"):
        signed_in(provider, Person(provider))


def test_without_a_lasting_permission_nothing_is_kept(provider: OAuthServer) -> None:
    provider.gives_refresh = False
    with pytest.raises(SignInError, match="no lasting permission"):
        signed_in(provider, Person(provider))


def test_who_never_comes_back_is_not_waited_for_for_ever(provider: OAuthServer) -> None:
    registration = read_registration({"address": ADDRESS, **provider.settings}, {})
    pages: list[str] = []
    with pytest.raises(SignInError, match="Nobody signed in"):
        sign_in(registration, pages.append, threading.Event(), 0.3)
    stop = threading.Event()
    stop.set()
    with pytest.raises(SignInError, match="stopped"):
        sign_in(registration, pages.append, stop)
    with pytest.raises(httpx.ConnectError):
        provider.visit(pages[0])  # nobody listens any more


def test_microsoft_and_google_are_known_and_only_the_client_is_asked_for() -> None:
    google = read_registration({"address": "ana@gmail.com", "oauth_client": "x"}, {"oauth_secret": "y"})
    assert google.token_url == "https://oauth2.googleapis.com/token"
    assert (google.client_secret, google.loopback) == ("y", "127.0.0.1")
    firm = {"address": "ana@tienda.example", "imap_host": "outlook.office365.com", "oauth_client": "x"}
    microsoft = read_registration(firm, {})
    assert "offline_access" in microsoft.scopes
    assert microsoft.loopback == "localhost"
    with pytest.raises(SignInError) as refused:
        read_registration({"address": "ana@gmail.com"}, {})
    assert refused.value.field == "oauth_client"


@pytest.mark.parametrize("url", ["", "http://provider.example/token", "ftp://x", "javascript:alert(1)"])
def test_tokens_are_only_asked_for_over_an_encrypted_line(url: str) -> None:
    settings = {"address": ADDRESS, "oauth_client": "x", "oauth_authorize": "https://a.example/", "oauth_token": url}
    with pytest.raises(SignInError) as refused:
        read_registration(settings, {})
    assert refused.value.field == "oauth_token"


# --- tokens ---


def tokens(provider: OAuthServer, refresh: str) -> Tokens:
    return Tokens(read_registration({"address": ADDRESS, **provider.settings}, {}), refresh)


def test_a_token_is_used_until_shortly_before_it_runs_out(provider: OAuthServer) -> None:
    mine = tokens(provider, provider.grant())
    assert mine.access() == mine.access()
    assert len(provider.asked) == 1
    provider.seconds = 0
    renewed = mine.access(instead_of=mine.access())
    assert mine.access() != renewed  # it holds no longer
    provider.seconds = "soon"
    assert mine.access() == mine.access()


def test_a_new_refresh_token_is_kept_before_it_is_used(provider: OAuthServer) -> None:
    provider.rotates, provider.seconds = True, 0
    mine, kept = tokens(provider, provider.grant()), list[tuple[str, str]]()
    mine.keep = lambda field, secret: kept.append((field, secret))
    mine.access()
    mine.access()
    assert kept[-1] == ("token", next(iter(provider.refresh_tokens)))
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("status", "error", "kind", "field"),
    [
        (400, "invalid_grant", SignInError, "token"),
        (401, "invalid_client", SignInError, "oauth_client"),
        (400, "invalid_scope", SignInError, "oauth_scopes"),
        (503, "temporarily_unavailable", TemporaryChannelError, ""),
        (429, "slow_down", TemporaryChannelError, ""),
    ],
)
def test_every_refusal_says_what_to_do(
    provider: OAuthServer, status: int, error: str, kind: type[Exception], field: str
) -> None:
    provider.refusal = (status, error)
    with pytest.raises(kind) as refused:
        tokens(provider, provider.grant()).access()
    assert getattr(refused.value, "field", "") == field
    assert error in str(refused.value)


def test_a_provider_out_of_reach_is_no_reason_to_sign_in_again(provider: OAuthServer) -> None:
    settings = {**provider.settings, "address": ADDRESS, "oauth_token": f"http://127.0.0.1:{free_port()}/"}
    with pytest.raises(TemporaryChannelError, match="can't be reached"):
        Tokens(read_registration(settings, {}), "x").access()


# --- at the mail servers ---


def test_both_servers_take_the_token_and_mail_goes_out(browsed: EmailPlace, provider: OAuthServer) -> None:
    channel = browsed.channel()
    channel.check()
    channel.send(browsed.reply("Hello"))
    assert [text.strip() for text in browsed.arrived()] == ["Hello"]
    assert browsed.smtp.accepted[0].user == ADDRESS
    assert len(provider.asked) == 1


def test_a_token_withdrawn_before_its_time_is_renewed_once(browsed: EmailPlace, provider: OAuthServer) -> None:
    channel = browsed.channel()
    channel.check()
    provider.access_tokens.clear()
    channel.check()
    assert len(provider.asked) == 2
    provider.access_tokens.clear()
    channel.send(browsed.reply("Hello"))
    assert [text.strip() for text in browsed.arrived()] == ["Hello"]


def test_a_withdrawn_permission_asks_for_signing_in_again(browsed: EmailPlace, provider: OAuthServer) -> None:
    channel = browsed.channel()
    provider.refresh_tokens.clear()
    with pytest.raises(SignInError, match="no longer lets this program in: Token has been expired") as refused:
        channel.check()
    assert refused.value.field == "token"
    assert "Sign in again" in refused.value.hint


def test_servers_that_refuse_every_token_ask_for_signing_in_again(browsed: EmailPlace, provider: OAuthServer) -> None:
    provider.user = "somebody.else@example.com"
    with pytest.raises(SignInError) as refused:
        browsed.channel().check()
    assert refused.value.field == "token"


def test_the_plugin_signs_in(provider: OAuthServer) -> None:
    person = Person(provider)
    plugin = registry.plugin("email")
    found = plugin.sign_in({"address": ADDRESS, **provider.settings}, {}, person, threading.Event())  # type: ignore[attr-defined]  # beside the protocol
    person.leave()
    assert set(found) == {"token"}
