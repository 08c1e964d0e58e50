"""``inbox vault``: made, used, given another passphrase and left, by scripts."""

import io
from pathlib import Path
from typing import Any

import pytest

from inbox.app import open_app
from inbox.keychain.vault import Vault
from tests.conftest import MemoryKeyring

PASSPHRASE = "correcto caballo"


def type_in(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_vault_is_made_changed_and_left(
    run: Any, profile: Path, monkeypatch: pytest.MonkeyPatch, keyring: MemoryKeyring
) -> None:
    monkeypatch.setattr("inbox.keychain.vault._COST", 2**14)
    assert run("vault", "--json").rows[0]["keychain"]
    type_in(monkeypatch, PASSPHRASE)
    assert run("vault", "create").code == 0
    app = open_app(profile)
    assert app.keychain.is_locked
    assert app.keychain.vault is not None
    app.keychain.vault.unlock(PASSPHRASE)
    app.keychain.set(1, "password", "sesame")
    app.stop()
    assert run("vault", "status", "--json").rows[0]["locked"]
    type_in(monkeypatch, "wrong", "another passphrase")
    assert "not the vault's passphrase" in run("vault", "change").err
    type_in(monkeypatch, PASSPHRASE, "another passphrase")
    assert run("vault", "change").code == 0
    Vault(profile / "vault").unlock("another passphrase")
    monkeypatch.setenv("INBOX_VAULT_PASSPHRASE", "another passphrase")
    assert run("vault", "move").code == 0
    assert list(keyring.secrets.values()) == ["sesame"]
    assert "no vault" in run("vault", "move").err
