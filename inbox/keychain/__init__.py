"""The system's keychain: the only place where secrets are kept, and the only module that sees them.

Nothing is ever written down in plain text instead: where no keychain answers, the person hears it and what to do.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inbox.errors import KeychainError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_REFUSED = re.compile(r"^keyring\.backends\.(null|fail)$|^keyrings\.alt(\.|$)|plaintext", re.IGNORECASE)


class Keychain:
    """The secrets of one profile's accounts. Safe from any thread; a call may wait for the person to unlock it.

    ``service`` is the name under which the system's own tools show the secrets.
    """

    def __init__(self, service: str) -> None:
        self.service = service

    @classmethod
    def of(cls, profile_identity: str, database: str = "") -> "Keychain":
        """The keychain of a profile; ``database`` names a shared one, whose accounts have numbers of their own."""
        return cls(" ".join(["Inbox", profile_identity, *([database] if database else [])]))

    def get(self, account_id: int, name: str) -> str | None:
        """A secret of an account, ``None`` where there is none; raises KeychainError where nothing answers."""
        with _translated():
            return _backend().get_password(self.service, _entry(account_id, name))

    def set(self, account_id: int, name: str, secret: str) -> None:
        """Keep a secret, over an older one."""
        with _translated():
            _backend().set_password(self.service, _entry(account_id, name), secret)

    def delete(self, account_id: int, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        with _translated():
            backend, entry = _backend(), _entry(account_id, name)
            if backend.get_password(self.service, entry) is not None:
                backend.delete_password(self.service, entry)

    def check(self) -> str:
        """The name of the keychain that is used; raises KeychainError where a secret could not be read."""
        with _translated():
            backend = _backend()
            backend.get_password(self.service, "check")
            return str(backend.name)


def _entry(account_id: int, name: str) -> str:
    return f"account {account_id} {name}"


def _backend() -> "KeyringBackend":
    import keyring  # it looks for D-Bus when it is imported: only when a secret is needed
    from keyring.backends.chainer import ChainerBackend

    found = keyring.get_keyring()
    candidates = list(found.backends) if isinstance(found, ChainerBackend) else [found]
    for backend in candidates:
        if not _REFUSED.search(type(backend).__module__) and "plaintext" not in type(backend).__name__.lower():
            return backend
    raise KeychainError(
        "This system has no keychain that can be used",
        "Passwords are kept nowhere else. On Linux install and unlock GNOME Keyring or KWallet, then try again.",
    )


@contextmanager
def _translated() -> Iterator[None]:
    """No error of the keyring library or of D-Bus is seen above."""
    from keyring.errors import KeyringError, KeyringLocked, NoKeyringError

    try:
        yield
    except NoKeyringError as error:
        raise KeychainError(
            "This system has no keychain that can be used",
            "Passwords are kept nowhere else. On Linux install and unlock GNOME Keyring or KWallet, then try again.",
        ) from error
    except (KeyringError, OSError, EOFError, RuntimeError) as error:  # the last: a bus without a keychain behind it
        locked = isinstance(error, KeyringLocked) or "dismissed" in str(error).lower() or "lock" in str(error).lower()
        raise KeychainError(
            "The keychain is locked" if locked else "The keychain does not answer ({reason})",
            "Unlock it and try again."
            if locked
            else "Sign in to the desktop again or start its keychain, then try again.",
            reason=str(error) or type(error).__name__,
        ) from error
