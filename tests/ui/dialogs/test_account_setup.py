"""Filling the account form in from the address, and signing in in the browser, against local servers."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inbox.channels import registry
from inbox.channels.email import discovery
from inbox.services import accounts
from inbox.states import AccountState
from inbox.ui.account_dialog import AccountDialog
from inbox.ui.settings.accounts import AccountsPage
from inbox.ui.settings.actions import SettingsActions
from tests.channels.email.test_discovery import config
from tests.conftest import MemoryKeyring
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.http import Answer, HttpServer
from tests.servers.oauth import OAuthServer
from tests.servers.smtp import SmtpServer
from tests.ui.dialogs.test_accounts import type_into
from tests.ui.dialogs.test_dialogs import click, texts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ADDRESS = "shop@example.com"


class Browser(QObject):
    """What opens pages on this desktop: somebody agrees there, or not."""

    def __init__(self, provider: OAuthServer) -> None:
        super().__init__()
        self.provider, self.agrees, self.comes_back = provider, True, True
        self.pages: list[str] = []
        self._threads: list[threading.Thread] = []
        QDesktopServices.setUrlHandler("http", self, "open")  # type: ignore[arg-type]  # it takes text, whatever it says

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        page = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        self.pages.append(page)
        if self.comes_back:
            self._threads.append(
                threading.Thread(target=self.provider.visit, args=(page,), kwargs={"agrees": self.agrees})
            )
            self._threads[-1].start()

    def close(self) -> None:
        QDesktopServices.unsetUrlHandler("http")
        for thread in self._threads:
            thread.join()


@pytest.fixture
def provider() -> Iterator[OAuthServer]:
    with OAuthServer() as server:
        yield server


@pytest.fixture
def browser(qtbot: QtBot, provider: OAuthServer) -> Iterator[Browser]:
    made = Browser(provider)
    yield made
    made.close()


@pytest.fixture
def blank(qtbot: QtBot, act: SettingsActions, window: QWidget) -> AccountDialog:
    """An empty form."""
    made = AccountDialog(act, registry.manifest("email"), None, window)
    made.open()
    return made


@pytest.fixture
def servers(provider: OAuthServer, authority: Authority, trusted: Authority) -> Iterator[dict[str, str]]:
    """The settings of mail servers that only know the provider's tokens."""
    with (
        Dovecot(authority=authority, introspection=provider.introspection) as imap,
        SmtpServer(authority=authority) as smtp,
    ):
        smtp.knows_token = provider.knows
        yield {
            "imap_host": "localhost",
            "imap_port": str(imap.tls_port),
            "smtp_host": "localhost",
            "smtp_port": str(smtp.port),
            **provider.settings,
        }


def choose_browser(qtbot: QtBot, dialog: AccountDialog, settings: dict[str, str]) -> None:
    type_into(qtbot, dialog, "address", ADDRESS)
    dialog.form.fields["sign_in"].value = "oauth2"
    dialog.form.fields["sign_in"].changed.emit()
    dialog.form.show_advanced(True)
    for name, value in settings.items():
        if isinstance(dialog.form.fields[name].editor, QLineEdit):
            type_into(qtbot, dialog, name, value)


def commit(dialog: AccountDialog, text: str) -> None:
    editor = dialog.form.fields["address"].editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)
    editor.editingFinished.emit()


def test_the_form_fills_itself_and_says_where_it_found_the_servers(
    qtbot: QtBot, blank: AccountDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer(lambda _: Answer(config())) as web:
        places = discovery.Places(published=(f"{web.url}/{{domain}}",), imap=(), smtp=(), asks_dns=False)
        monkeypatch.setattr(discovery, "PLACES", places)
        commit(blank, "ana@tienda-sol.example")
        qtbot.waitUntil(lambda: blank.form.fields["imap_host"].value == "mail.host.example")
        assert "tells the servers" in texts(blank)
        assert "mail.host.example" in texts(blank)
        commit(blank, "ana@tienda-sol.example")  # the same address is not looked for again
        assert len(web.requests) == 1


def test_what_a_person_typed_is_left_alone_and_mozilla_is_asked_on_request(
    qtbot: QtBot, blank: AccountDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with HttpServer(lambda _: Answer(config())) as web:
        places = discovery.Places(published=(), directory=f"{web.url}/", imap=(), smtp=(), asks_dns=False)
        monkeypatch.setattr(discovery, "PLACES", places)
        commit(blank, "ana@tienda-sol.example")
        qtbot.waitUntil(lambda: "guess" in texts(blank))
        assert web.requests == []
        type_into(qtbot, blank, "smtp_host", "mine.example")
        click(qtbot, blank, "Ask Mozilla's list")
        qtbot.waitUntil(lambda: blank.form.fields["imap_host"].value == "mail.host.example")
        assert blank.form.fields["smtp_host"].value == "mine.example"


def test_saving_while_the_servers_are_looked_for_waits_for_them(
    qtbot: QtBot, blank: AccountDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = threading.Event()

    def answer(_: object) -> Answer:
        late.wait(10)
        return Answer(config())

    with HttpServer(answer) as web:
        places = discovery.Places(published=(f"{web.url}/",), imap=(), smtp=(), asks_dns=False)
        monkeypatch.setattr(discovery, "PLACES", places)
        commit(blank, "ana@tienda-sol.invalid")
        type_into(qtbot, blank, "password", "secret")
        click(qtbot, blank, "Test connection")
        assert "Looking for the servers" in texts(blank)
        assert not blank.form.isEnabled()
        late.set()
        qtbot.waitUntil(lambda: "mail.host.example" in blank.form.fields["imap_host"].complaint, timeout=20_000)


def test_microsoft_wants_the_browser_and_google_may(qtbot: QtBot, blank: AccountDialog) -> None:
    type_into(qtbot, blank, "address", "ana@hotmail.es")
    assert blank.form.fields["password"].isHidden()
    assert blank.form.fields["token"].isVisible()
    assert "Microsoft takes no passwords" in texts(blank)
    type_into(qtbot, blank, "address", "ana@gmail.com")
    assert blank.form.fields["password"].isVisible()
    assert blank.form.fields["token"].isHidden()
    assert "app password" in texts(blank)
    assert blank.form._page.isVisible()


def test_signing_in_in_the_browser_adds_an_account_without_password(
    qtbot: QtBot,
    act: SettingsActions,
    blank: AccountDialog,
    servers: dict[str, str],
    provider: OAuthServer,
    browser: Browser,
    keyring: MemoryKeyring,
) -> None:
    choose_browser(qtbot, blank, servers)
    click(qtbot, blank, "Save")
    assert blank.form.fields["token"].complaint == "Sign in in the browser first."
    click(qtbot, blank, "Sign in in the browser")
    qtbot.waitUntil(lambda: bool(blank.form.fields["token"].value), timeout=20_000)
    assert "Signed in" in texts(blank)
    provider.rotates = True  # the test exchanges the token: the new one must be kept
    with qtbot.waitSignal(blank.saved, timeout=20_000):
        click(qtbot, blank, "Save")
    (kept,) = keyring.secrets.values()
    assert {kept} == provider.refresh_tokens
    with act.app.db.reading() as s:
        (row,) = accounts.rows(s)
    assert kept not in str(row.settings)


def test_who_refuses_in_the_browser_is_told_and_may_try_again(
    qtbot: QtBot, blank: AccountDialog, servers: dict[str, str], browser: Browser
) -> None:
    choose_browser(qtbot, blank, servers)
    browser.agrees = False
    click(qtbot, blank, "Sign in in the browser")
    qtbot.waitUntil(lambda: "not to let" in blank.form.fields["token"].complaint, timeout=20_000)
    assert blank.form.fields["address"].value == ADDRESS
    browser.agrees = True
    click(qtbot, blank, "Sign in in the browser")
    qtbot.waitUntil(lambda: bool(blank.form.fields["token"].value), timeout=20_000)


def test_waiting_for_the_browser_can_be_stopped_and_the_page_copied(
    qtbot: QtBot, blank: AccountDialog, servers: dict[str, str], browser: Browser
) -> None:
    choose_browser(qtbot, blank, servers)
    browser.comes_back = False
    click(qtbot, blank, "Sign in in the browser")
    qtbot.waitUntil(lambda: bool(browser.pages))
    click(qtbot, blank, "Copy the page's address")
    assert QGuiApplication.clipboard().text() == browser.pages[0]
    click(qtbot, blank, "Stop")
    assert "Nobody has signed in yet" in texts(blank)
    assert blank.isVisible()


def test_a_withdrawn_permission_is_given_again_with_one_button(
    qtbot: QtBot,
    act: SettingsActions,
    window: QWidget,
    servers: dict[str, str],
    provider: OAuthServer,
    browser: Browser,
    keyring: MemoryKeyring,
) -> None:
    account_id = act.app.add_account("email", "Shop", {"address": ADDRESS, **servers}, {"token": "withdrawn"})
    with act.app.db.writing(act.agent_id) as s:
        accounts.set_state(s, account_id, AccountState.SIGN_IN, "No longer lets this program in", "Sign in again.")
    page = AccountsPage(act)
    qtbot.addWidget(page)
    page.show()
    page.load()
    qtbot.waitUntil(lambda: "No longer lets" in texts(page))
    click(qtbot, page, "Sign in again")
    qtbot.waitUntil(lambda: "withdrawn" not in keyring.secrets.values(), timeout=20_000)
    assert set(keyring.secrets.values()) == provider.refresh_tokens
    act.app.test_account("email", {"address": ADDRESS, **servers}, {}, account_id)
