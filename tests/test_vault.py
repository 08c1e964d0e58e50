"""The encrypted vault: nothing readable on disk, no passphrase no secret, and a kill at any moment loses nothing."""

import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import keyring as keyring_library
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from inbox.errors import KeychainError, NoKeychainError, VaultLockedError
from inbox.keychain import Keychain
from inbox.keychain.vault import PASSPHRASE_VARIABLE, Vault
from tests.conftest import MemoryKeyring

PASSPHRASE = "correcto caballo batería"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inbox.keychain.vault._COST", 2**14)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def vault(file: Path) -> Vault:
    made = Vault(file)
    made.create(PASSPHRASE)
    return made


def again(vault: Vault, passphrase: str = PASSPHRASE) -> Vault:
    """Another program on the same file."""
    other = Vault(vault.file)
    other.unlock(passphrase)
    return other


def test_secrets_come_back_with_the_passphrase_alone(vault: Vault) -> None:
    vault.set_password("Inbox x", "account 1 password", "sésamo")
    content = vault.file.read_bytes()
    for word in ("sésamo", "account 1", "Inbox x", PASSPHRASE):
        assert word.encode() not in content
        assert word.encode().hex().encode() not in content
    assert again(vault).get_password("Inbox x", "account 1 password") == "sésamo"
    assert again(vault).get_password("Inbox x", "other") is None
    with pytest.raises(VaultLockedError, match="not the vault's passphrase"):
        again(vault, "Correcto caballo batería")


def test_only_its_owner_may_look_at_the_file(vault: Vault) -> None:
    vault.set_password("s", "e", "x")
    for each in vault.file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600


def test_a_locked_vault_gives_nothing_and_says_so(vault: Vault) -> None:
    locked = Vault(vault.file)
    assert locked.is_locked
    works: list[Callable[[], object]] = [
        lambda: locked.get_password("s", "e"),
        lambda: locked.set_password("s", "e", "x"),
        lambda: locked.delete_password("s", "e"),
    ]
    for work in works:
        with pytest.raises(VaultLockedError, match="Enter its passphrase"):
            work()


def test_the_environment_or_a_prompt_unlocks_it(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    vault.set_password("s", "e", "x")
    asked = Vault(vault.file)
    asked.ask = lambda: PASSPHRASE
    assert asked.get_password("s", "e") == "x"
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    assert not Vault(vault.file).is_locked
    assert Vault(vault.file).get_password("s", "e") == "x"
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(VaultLockedError):
        Vault(vault.file).get_password("s", "e")


def test_another_passphrase_keeps_the_secrets_and_ends_the_old_one(vault: Vault) -> None:
    vault.set_password("s", "e", "x")
    other = again(vault)
    with pytest.raises(VaultLockedError):
        vault.change("wrong", "another passphrase")
    with pytest.raises(KeychainError, match="too short"):
        vault.change(PASSPHRASE, "short")
    vault.change(PASSPHRASE, "another passphrase")
    assert vault.get_password("s", "e") == "x"
    assert again(vault, "another passphrase").get_password("s", "e") == "x"
    with pytest.raises(VaultLockedError):
        again(vault)
    with pytest.raises(VaultLockedError):
        other.get_password("s", "e")  # a program that was open must ask anew


def test_two_programs_lose_nothing_of_each_other(vault: Vault) -> None:
    others = [again(vault) for _ in range(4)]

    def write(number: int) -> None:
        for each in range(10):
            others[number].set_password("s", f"{number} {each}", "x")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(vault.everything()["s"]) == 40


@pytest.mark.parametrize("name", ["n", "salt", "nonce", "secrets", "version"])
def test_a_file_that_somebody_changed_is_not_believed(vault: Vault, name: str) -> None:
    vault.set_password("s", "e", "x")
    whole = json.loads(vault.file.read_text())
    value = whole[name]
    whole[name] = value * 2 if isinstance(value, int) else ("B" if value[0] == "A" else "A") + value[1:]
    vault.file.write_text(json.dumps(whole))
    with pytest.raises(KeychainError):
        again(vault)


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"version":1,"kdf":"scrypt","n":99999999999}'])
def test_a_damaged_file_is_told_in_words_and_left_alone(vault: Vault, content: bytes) -> None:
    vault.file.write_bytes(content)
    with pytest.raises(KeychainError, match="can't be read"):
        Vault(vault.file).unlock(PASSPHRASE)
    with pytest.raises(KeychainError):
        vault.set_password("s", "e", "x")
    assert vault.file.read_bytes() == content


def test_no_vault_is_made_over_another(vault: Vault) -> None:
    with pytest.raises(KeychainError, match="already"):
        Vault(vault.file).create("another passphrase")


WRITER = """
import sys
from pathlib import Path
from inbox.keychain.vault import Vault
vault = Vault(Path(sys.argv[1]))
vault.unlock(sys.argv[2])
number = 0
while True:
    number += 1
    vault.set_password("s", "e", "x" * 200_000 + str(number))
    print(number, flush=True)
"""


def test_a_kill_in_the_middle_of_writing_loses_nothing(vault: Vault) -> None:
    vault.set_password("s", "kept", "sésamo")
    for wait in range(1, 6):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(vault.file), PASSPHRASE], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(wait * 3)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        found = again(vault).everything()["s"]
        assert found["kept"] == "sésamo"
        assert int(found["e"][200_000:]) >= max(told)  # what it said was written is there, and whole
        again(vault).set_password("s", "after", str(wait))  # the lock and half a file hold nobody up


def test_a_folder_that_can_t_be_written_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(KeychainError, match="can't be written"):
        Vault(tmp_path / "gone" / "vault").create(PASSPHRASE)


# --- in the keychain's place ---


def test_without_a_keychain_the_vault_takes_its_place_and_moves_later(file: Path, keyring: MemoryKeyring) -> None:
    keychain = Keychain.of("0123", "", file)
    keyring_library.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]  # the library's own
    with pytest.raises(NoKeychainError):
        keychain.set(1, "password", "x")
    assert not file.exists()  # never by itself
    assert keychain.vault is not None
    keychain.vault.create(PASSPHRASE)
    keychain.set(1, "password", "x")
    assert keychain.check() == "Inbox vault"
    with pytest.raises(NoKeychainError):
        keychain.move_to_system()
    assert keychain.get(1, "password") == "x"
    keyring_library.set_keyring(keyring)
    keychain.move_to_system()
    assert not file.exists()
    assert keyring.secrets == {("Inbox 0123", "account 1 password"): "x"}
    assert keychain.get(1, "password") == "x"


def test_a_keychain_that_keeps_nothing_gets_nothing(file: Path, vault: Vault) -> None:
    class Forgetful(MemoryKeyring):
        def set_password(self, service: str, username: str, password: str) -> None:
            pass

    keychain = Keychain("Inbox 0123", vault)
    keychain.set(1, "password", "x")
    keyring_library.set_keyring(Forgetful())
    with pytest.raises(KeychainError, match="did not keep"):
        keychain.move_to_system()
    assert keychain.get(1, "password") == "x"
