"""The keychain, with failing backends and with the real one."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import keyring as keyring_library
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import InitError, KeyringError, KeyringLocked, PasswordSetError

from inbox.errors import KeychainError
from inbox.keychain import Keychain
from tests.servers.secret_service import SecretService


class Failing(KeyringBackend):
    """Raises what a real keychain raises when it is locked or gone."""

    priority = 1

    def __init__(self, error: Exception) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library's own
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class PlaintextKeyring(Failing):
    """Would write passwords down as they are."""


@pytest.fixture
def restored() -> Iterator[None]:
    before = keyring_library.get_keyring()
    yield
    keyring_library.set_keyring(before)


def test_a_secret_comes_back_and_can_be_forgotten() -> None:
    keychain = Keychain.of("0123")
    keychain.set(1, "password", "sesamo-ñ")
    assert keychain.get(1, "password") == "sesamo-ñ"
    assert keychain.get(2, "password") is None
    keychain.delete(1, "password")
    keychain.delete(1, "password")
    assert keychain.get(1, "password") is None


def test_profiles_and_shared_databases_do_not_mix() -> None:
    Keychain.of("0123").set(1, "password", "mine")
    assert Keychain.of("4567").get(1, "password") is None
    assert Keychain.of("0123", "db.example/inbox").get(1, "password") is None


@pytest.mark.parametrize("make", [NullKeyring, FailKeyring, lambda: PlaintextKeyring(KeyringError())])
def test_what_is_no_keychain_is_refused_and_nothing_is_kept_in_plain_text(
    restored: None, make: Callable[[], KeyringBackend]
) -> None:
    keyring_library.set_keyring(make())
    with pytest.raises(KeychainError, match=r"no keychain .* GNOME Keyring or KWallet"):
        Keychain("test").set(1, "password", "secret")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KeyringLocked("Failed to unlock the collection!"), "The keychain is locked. Unlock it"),
        (InitError("Failed to create the collection: Prompt dismissed.."), "The keychain is locked"),
        (PasswordSetError("the daemon is gone"), r"does not answer \(the daemon is gone\)"),
        (ConnectionResetError("reset by peer"), "does not answer"),
        (EOFError(), r"does not answer \(EOFError\)"),
    ],
)
def test_every_failure_of_the_keychain_is_told_in_words(restored: None, error: Exception, words: str) -> None:
    keyring_library.set_keyring(Failing(error))
    with pytest.raises(KeychainError, match=words) as caught:
        Keychain("test").get(1, "password")
    assert caught.value.hint


SCRIPT = """
from inbox.keychain import Keychain
from inbox.errors import KeychainError
keychain = Keychain.of("0123")
try:
    keychain.set(7, "password", "contraseña")
    print(Keychain.of("0123").get(7, "password"), keychain.get(7, "other"))
    keychain.delete(7, "password")
    print(keychain.get(7, "password"), keychain.check())
except KeychainError as error:
    print("refused:", error)
"""


def run(service: SecretService) -> str:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env={**service.env, "PYTHONIOENCODING": "utf-8"}, capture_output=True, text=True
    )
    assert not done.stderr
    return done.stdout


def test_the_real_secret_service_keeps_the_secrets(secret_service: SecretService) -> None:
    assert run(secret_service).split() == ["contraseña", "None", "None", "SecretService", "Keyring"]


def test_a_desktop_without_a_keychain_is_told_in_words(secret_service: SecretService) -> None:
    with SecretService(unlocked=False) as service:
        assert run(service).startswith("refused: ")
