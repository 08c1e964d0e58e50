"""The system's keychain: where secrets are kept, and the only package that sees them.

Nothing is ever written down in plain text: where there is no keychain, a person may make an encrypted vault instead,
which is used as long as it is there.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inbox.errors import KeychainError, NoKeychainError
from inbox.keychain.vault import Vault

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_REFUSED = re.compile(r"^keyring\.backends\.(null|fail)$|^keyrings\.alt(\.|$)|plaintext", re.IGNORECASE)


class Keychain:
    """The secrets of one profile's accounts. Safe from any thread; a call may wait for the person to unlock it.

    ``service`` is the name under which the system's own tools show the secrets.

    Attributes:
        vault: The profile's encrypted file; used where it exists. None: this keychain can have none.
    """

    def __init__(self, service: str, vault: Vault | None = None) -> None:
        self.service, self.vault = service, vault

    @classmethod
    def of(cls, profile_identity: str, database: str = "", vault_file: Path | None = None) -> "Keychain":
        """The keychain of a profile; ``database`` names a shared one, whose accounts have numbers of their own."""
        service = " ".join(["Inbox", profile_identity, *([database] if database else [])])
        return cls(service, Vault(vault_file) if vault_file is not None else None)

    @property
    def is_locked(self) -> bool:
        """Whether a vault is used that waits for its passphrase."""
        return self.vault is not None and self.vault.is_locked

    def get(self, account_id: int, name: str) -> str | None:
        """A secret of an account, ``None`` where there is none; raises KeychainError where nothing answers."""
        with _translated():
            return self._backend().get_password(self.service, _entry(account_id, name))

    def set(self, account_id: int, name: str, secret: str) -> None:
        """Keep a secret, over an older one."""
        with _translated():
            self._backend().set_password(self.service, _entry(account_id, name), secret)

    def delete(self, account_id: int, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        with _translated():
            backend, entry = self._backend(), _entry(account_id, name)
            if backend.get_password(self.service, entry) is not None:
                backend.delete_password(self.service, entry)

    def check(self) -> str:
        """The name of the keychain that is used; raises KeychainError where a secret could not be read."""
        with _translated():
            backend = self._backend()
            backend.get_password(self.service, "check")
            return str(backend.name)

    def move_to_system(self) -> str:
        """Take everything out of the vault into the system's keychain, and remove the vault.

        Returns the keychain's name. Raises KeychainError, with the vault still there.
        """
        if self.vault is None or not self.vault.exists:
            raise KeychainError("There is no vault", "The passwords are in the system's keychain already.")
        with _translated():
            backend = _system()
            for service, secrets in self.vault.everything().items():
                for entry, secret in secrets.items():
                    backend.set_password(service, entry, secret)
                    if backend.get_password(service, entry) != secret:
                        raise KeychainError("The keychain did not keep a password", "Everything stays in the vault.")
            self.vault.remove()
            return str(backend.name)

    def _backend(self) -> "Vault | KeyringBackend":
        return self.vault if self.vault is not None and self.vault.exists else _system()


def _entry(account_id: int, name: str) -> str:
    return f"account {account_id} {name}"


def _system() -> "KeyringBackend":
    import keyring  # it looks for D-Bus when it is imported: only when a secret is needed
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    candidates = list(found.backends) if isinstance(found, ChainerBackend) else [found]
    for backend in candidates:
        if not _REFUSED.search(type(backend).__module__) and "plaintext" not in type(backend).__name__.lower():
            return backend
    raise NoKeychainError(
        "This system has no keychain that can be used",
        "On Linux install and unlock GNOME Keyring or KWallet, or keep the passwords in an encrypted vault.",
    )


@contextmanager
def _translated() -> Iterator[None]:
    """No error of the keyring library or of D-Bus is seen above."""
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

    try:
        yield
    except NoKeyringError as error:
        raise NoKeychainError(
            "This system has no keychain that can be used",
            "On Linux install and unlock GNOME Keyring or KWallet, or keep the passwords in an encrypted vault.",
        ) from error
    except (KeyringError, OSError, EOFError, RuntimeError) as error:  # the last: a bus without a keychain behind it
        locked = isinstance(error, KeyringLocked) or "dismissed" in str(error).lower() or "lock" in str(error).lower()
        reason = str(error) or type(error).__name__
        if locked:
            raise KeychainError("The keychain is locked", "Unlock it and try again.", reason=reason) from error
        raise NoKeychainError(
            "The keychain does not answer ({reason})",
            "Sign in to the desktop again or start its keychain, then try again.",
            reason=reason,
        ) from error
