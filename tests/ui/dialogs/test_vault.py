"""The vault in the window: made where there is no keychain, unlocked at the start, left when there is one."""

from pathlib import Path

import keyring as keyring_library
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inbox.app import App, open_app
from inbox.channels import registry
from inbox.keychain.vault import Vault
from inbox.settings import Profile, Settings
from inbox.ui.account_dialog import AccountDialog
from inbox.ui.settings.accounts import AccountsPage
from inbox.ui.settings.actions import SettingsActions
from inbox.ui.shell import Shell
from inbox.ui.vault_dialog import VaultDialog
from tests.conftest import MemoryKeyring
from tests.ui.dialogs.test_accounts import type_into
from tests.ui.dialogs.test_dialogs import click, texts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PASSPHRASE = "correcto caballo"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.keychain.vault._COST", 2**14)


def give(dialog: VaultDialog, *texts: str) -> None:
    for field, text in zip(dialog._fields, texts, strict=True):
        assert isinstance(field.editor, QLineEdit)
        field.editor.clear()
        QTest.keyClicks(field.editor, text)


def vault_of(app: App) -> Vault:
    assert app.keychain.vault is not None
    return app.keychain.vault


def test_without_a_keychain_a_vault_is_offered_and_the_account_is_kept_in_it(
    qtbot: QtBot, act: SettingsActions, window: QWidget
) -> None:
    keyring_library.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # the library's own
    dialog = AccountDialog(act, registry.manifest("email"), None, window)
    dialog.open()
    type_into(qtbot, dialog, "address", "shop@example.com")
    type_into(qtbot, dialog, "password", "sesame")
    dialog._keep()
    qtbot.waitUntil(lambda: bool(dialog.findChildren(VaultDialog)))
    (asked,) = dialog.findChildren(VaultDialog)
    give(asked, PASSPHRASE, "another")
    click(qtbot, asked, "Make the vault")
    assert asked._again.complaint == "The two passphrases differ."
    give(asked, PASSPHRASE, PASSPHRASE)
    with qtbot.waitSignal(dialog.saved, timeout=20_000) as saved:
        click(qtbot, asked, "Make the vault")
    assert act.app.keychain.get(saved.args[0], "password") == "sesame"
    assert b"sesame" not in vault_of(act.app).file.read_bytes()


def test_a_wrong_passphrase_is_told_at_its_field(qtbot: QtBot, act: SettingsActions, window: QWidget) -> None:
    vault_of(act.app).create(PASSPHRASE)
    act.app.keychain.vault = Vault(vault_of(act.app).file)
    dialog = VaultDialog(act, "unlock", window)
    dialog.open()
    give(dialog, "wrong")
    click(qtbot, dialog, "Unlock")
    qtbot.waitUntil(lambda: "not the vault's passphrase" in dialog._old.complaint)
    give(dialog, PASSPHRASE)
    with qtbot.waitSignal(dialog.opened):
        click(qtbot, dialog, "Unlock")
    assert not act.app.keychain.is_locked


def test_the_settings_change_the_passphrase_and_move_to_the_keychain(
    qtbot: QtBot, act: SettingsActions, keyring: MemoryKeyring
) -> None:
    vault = vault_of(act.app)
    vault.create(PASSPHRASE)
    account_id = act.app.add_account("email", "Shop", {"address": "shop@example.com"}, {"password": "sesame"})
    page = AccountsPage(act)
    qtbot.addWidget(page)
    page.show()
    page.load()
    qtbot.waitUntil(lambda: "encrypted vault" in texts(page))
    click(qtbot, page, "Another passphrase …")
    (dialog,) = page.window().findChildren(VaultDialog)
    give(dialog, PASSPHRASE, "otra frase larga", "otra frase larga")
    with qtbot.waitSignal(dialog.opened):
        click(qtbot, dialog, "Change the passphrase")
    Vault(vault.file).unlock("otra frase larga")
    click(qtbot, page, "Move to the system's keychain")
    qtbot.waitUntil(lambda: not vault.exists)
    assert keyring.secrets == {(act.app.keychain.service, f"account {account_id} password"): "sesame"}
    qtbot.waitUntil(lambda: "encrypted vault" not in texts(page))


def test_the_window_asks_at_its_start_before_the_accounts_run(qtbot: QtBot, profile: Path) -> None:
    first = open_app(profile)
    vault_of(first).create(PASSPHRASE)
    first.stop()
    found = Profile(profile)
    shell = Shell(found, Settings.load(found).change(language="en"))
    qtbot.addWidget(shell.window)
    shell.show()
    try:
        qtbot.waitUntil(lambda: bool(shell.window.findChildren(VaultDialog)), timeout=20_000)
        (dialog,) = shell.window.findChildren(VaultDialog)
        assert shell.app is not None
        assert not shell.app.engine._thread.is_alive()
        give(dialog, PASSPHRASE)
        click(qtbot, dialog, "Unlock")
        qtbot.waitUntil(lambda: shell.app is not None and shell.app.engine._thread.is_alive(), timeout=20_000)
        assert not shell.app.keychain.is_locked
    finally:
        shell.window.close()
        shell.stop()
