"""The account dialog against real mail servers and a real keychain's errors."""

import socket
from pathlib import Path

import keyring
import pytest
from keyring.errors import KeyringLocked
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inbox.channels import registry
from inbox.services import accounts
from inbox.states import AccountState
from inbox.ui.account_dialog import AccountDialog
from inbox.ui.settings.accounts import AccountsPage
from inbox.ui.settings.actions import SettingsActions
from tests.conftest import MemoryKeyring
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.ui.dialogs.test_dialogs import click, texts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def type_into(qtbot: QtBot, dialog: AccountDialog, name: str, text: str) -> None:
    editor = dialog.form.fields[name].editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    QTest.keyClicks(editor, text)


@pytest.fixture
def dialog(
    qtbot: QtBot, act: SettingsActions, window: QWidget, dovecot: Dovecot, smtp_server: SmtpServer, trusted: Authority
) -> AccountDialog:
    """The form, filled in for the servers of this test."""
    made = AccountDialog(act, registry.manifest("email"), None, window)
    made.open()
    type_into(qtbot, made, "address", "shop@example.com")
    made.form.show_advanced(True)
    for name, value in {
        "imap_host": "localhost",
        "imap_port": str(dovecot.tls_port),
        "smtp_host": "localhost",
        "smtp_port": str(smtp_server.port),
    }.items():
        type_into(qtbot, made, name, value)
    return made


def test_the_rest_of_the_form_is_filled_in_from_the_address(
    qtbot: QtBot, act: SettingsActions, window: QWidget
) -> None:
    dialog = AccountDialog(act, registry.manifest("email"), None, window)
    dialog.open()
    type_into(qtbot, dialog, "address", "casaverde@gmail.com")
    assert dialog.form.fields["imap_host"].value == "imap.gmail.com"
    assert dialog.form._advanced.isHidden()
    assert "app password" in texts(dialog)
    dialog.form.show_advanced(True)
    type_into(qtbot, dialog, "imap_host", "mail.own.example")
    type_into(qtbot, dialog, "address", "casaverde@yahoo.es")
    assert dialog.form.fields["imap_host"].value == "mail.own.example"  # what a person typed stays
    assert dialog.form.fields["smtp_host"].value == "smtp.mail.yahoo.com"


def test_what_is_missing_is_said_at_its_field(qtbot: QtBot, act: SettingsActions, window: QWidget) -> None:
    dialog = AccountDialog(act, registry.manifest("email"), None, window)
    dialog.open()
    click(qtbot, dialog, "Save")
    assert dialog.form.fields["address"].complaint == "This is needed."
    type_into(qtbot, dialog, "address", "no address")
    assert dialog.form.fields["address"].complaint == ""
    click(qtbot, dialog, "Test connection")
    assert "name@company.com" in dialog.form.fields["address"].complaint


def test_a_wrong_password_is_told_at_the_password_and_everything_typed_stays(
    qtbot: QtBot, dialog: AccountDialog
) -> None:
    type_into(qtbot, dialog, "password", "wrong")
    click(qtbot, dialog, "Test connection")
    qtbot.waitUntil(lambda: bool(dialog.form.fields["password"].complaint), timeout=20_000)
    assert dialog.form.fields["password"].value == "wrong"
    assert dialog.form.fields["address"].value == "shop@example.com"
    assert dialog.isVisible()


def test_a_connection_that_works_says_so_and_saving_keeps_the_password_in_the_keychain_only(
    qtbot: QtBot, act: SettingsActions, dialog: AccountDialog, keyring: MemoryKeyring
) -> None:
    type_into(qtbot, dialog, "password", "secret")
    click(qtbot, dialog, "Test connection")
    qtbot.waitUntil(lambda: "The connection works" in dialog.notice.text, timeout=20_000)
    with qtbot.waitSignal(dialog.saved) as saved:
        click(qtbot, dialog, "Save")
    assert "secret" in keyring.secrets.values()
    with act.app.db.reading() as s:
        (kept,) = accounts.rows(s)
    assert kept.id == saved.args[0]
    assert "secret" not in str(kept.settings)


def test_a_locked_keychain_is_explained_and_nothing_typed_is_lost(
    qtbot: QtBot, act: SettingsActions, dialog: AccountDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Locked(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            raise KeyringLocked("locked")

        def get_password(self, service: str, username: str) -> str | None:
            raise KeyringLocked("locked")

    keyring.set_keyring(Locked())
    type_into(qtbot, dialog, "password", "secret")
    click(qtbot, dialog, "Save")
    qtbot.waitUntil(lambda: bool(dialog.notice.text), timeout=20_000)
    assert "keychain" in dialog.notice.text.lower()
    assert dialog.form.fields["password"].value == "secret"
    with act.app.db.reading() as s:
        assert accounts.rows(s) == []


def test_a_server_that_is_not_there_is_told_in_words(qtbot: QtBot, dialog: AccountDialog) -> None:
    type_into(qtbot, dialog, "imap_host", "nowhere.invalid")
    type_into(qtbot, dialog, "password", "secret")
    click(qtbot, dialog, "Test connection")
    qtbot.waitUntil(lambda: bool(dialog.notice.text or dialog.form.fields["imap_host"].complaint), timeout=20_000)
    assert "nowhere.invalid" in dialog.notice.text + dialog.form.fields["imap_host"].complaint


def test_an_account_in_trouble_shows_its_reason_and_can_be_changed_and_removed(
    qtbot: QtBot, act: SettingsActions, window: QWidget, email_account: int
) -> None:
    with act.app.db.writing(act.agent_id) as s:
        accounts.set_state(s, email_account, AccountState.SIGN_IN, "Wrong password", "Enter the new one.")
    page = AccountsPage(act)
    qtbot.addWidget(page)
    page.show()
    page.load()
    qtbot.waitUntil(lambda: "Wrong password" in texts(page))
    click(qtbot, page, "Change …")
    assert isinstance(page.dialog, AccountDialog)
    password = page.dialog.form.fields["password"].editor
    assert isinstance(password, QLineEdit)
    assert password.placeholderText() == "unchanged"
    page.dialog.reject()
    click(qtbot, page, "Remove …")
    click(qtbot, page, "Remove the account")
    qtbot.waitUntil(lambda: "There is no account yet" in texts(page))
    with act.app.db.reading() as s:
        assert accounts.rows(s) == []


def test_what_an_account_does_is_kept_at_once(
    qtbot: QtBot, act: SettingsActions, email_account: int, tmp_path: Path
) -> None:
    page = AccountsPage(act)
    qtbot.addWidget(page)
    page.show()
    page.load()
    qtbot.waitUntil(lambda: page.key == email_account)
    page._keep(email_account, case_days=30)

    def days() -> int:
        with act.app.db.reading() as s:
            return accounts.rows(s)[0].case_days

    qtbot.waitUntil(lambda: days() == 30)


def test_a_refused_certificate_is_told_and_nothing_is_saved(
    qtbot: QtBot, act: SettingsActions, window: QWidget, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    made = AccountDialog(act, registry.manifest("email"), None, window)  # nobody trusts who signed the servers
    made.open()
    made.form.show_advanced(True)
    for name, value in {
        "address": "shop@example.com",
        "password": "secret",
        "imap_host": "localhost",
        "imap_port": str(dovecot.tls_port),
        "smtp_host": "localhost",
        "smtp_port": str(smtp_server.port),
    }.items():
        type_into(qtbot, made, name, value)
    click(qtbot, made, "Save")
    qtbot.waitUntil(lambda: "can't prove" in made.form.fields["imap_host"].complaint, timeout=20_000)
    assert made.isVisible()
    assert not made._untested.isVisible()  # who might be listening there is told no password
    with act.app.db.reading() as s:
        assert accounts.rows(s) == []


def test_a_server_that_hangs_is_waited_for_no_longer_than_one_likes(qtbot: QtBot, dialog: AccountDialog) -> None:
    with socket.create_server(("localhost", 0)) as silent:
        type_into(qtbot, dialog, "imap_port", str(silent.getsockname()[1]))
        type_into(qtbot, dialog, "password", "secret")
        click(qtbot, dialog, "Test connection")
        click(qtbot, dialog, "Stop")
        assert "Stopped" in texts(dialog)
        assert dialog.form.isEnabled()
        assert dialog.form.fields["password"].value == "secret"


def test_an_account_whose_server_is_down_is_saved_without_testing_when_one_says_so(
    qtbot: QtBot, act: SettingsActions, dialog: AccountDialog, keyring: MemoryKeyring
) -> None:
    with socket.create_server(("localhost", 0)) as gone:
        port = gone.getsockname()[1]
    type_into(qtbot, dialog, "imap_port", str(port))
    type_into(qtbot, dialog, "password", "secret")
    click(qtbot, dialog, "Save")
    qtbot.waitUntil(lambda: dialog._untested.isVisible(), timeout=20_000)
    assert "tries again by itself" in dialog.notice.text
    type_into(qtbot, dialog, "imap_host", "localhost")  # what is typed anew is tried anew
    assert not dialog._untested.isVisible()
    click(qtbot, dialog, "Save")
    with qtbot.waitSignal(dialog.saved, timeout=20_000):
        click(qtbot, dialog, "Save without testing")
    assert "secret" in keyring.secrets.values()
