"""An encrypted file for secrets, where the system has no keychain: opened by a passphrase that is kept nowhere.

scrypt makes a key of the passphrase (RFC 7914), AES-GCM encrypts and seals. Every write makes a whole new file beside
the old one and puts it in its place: a crash leaves the one or the other.
"""

import base64
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from inbox.errors import KeychainError, VaultLockedError

PASSPHRASE_VARIABLE = "INBOX_VAULT_PASSPHRASE"  # noqa: S105 - its name
SHORTEST = 8
_COST = 2**17  # 128 MiB and some tenths of a second for each guess
_COSTS = range(2**14, 2**20 + 1)
_BLOCK, _NONCE, _SALT, _KEY = 8, 12, 16, 32

Secrets = dict[str, dict[str, str]]


class Vault:
    """The file, and the key while it is unlocked. From any thread; several processes may share the file.

    Attributes:
        ask: Is asked for the passphrase when it is needed and nobody gave it; on the command line a prompt.
    """

    name = "Inbox vault"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.ask: Callable[[], str] | None = None
        self._key: tuple[bytes, bytes] | None = None  # (the salt it was made with, the key)
        self._lock = threading.RLock()

    @property
    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.file.exists()

    @property
    def is_locked(self) -> bool:
        """Whether somebody must give the passphrase first."""
        return self.exists and self._key is None and not os.environ.get(PASSPHRASE_VARIABLE)

    def create(self, passphrase: str) -> None:
        """Make an empty vault and leave it unlocked."""
        _require_long(passphrase)
        with self._lock, _alone(self.file):
            if self.exists:
                raise KeychainError("There is a vault already", "Unlock it with its passphrase.")
            self._seal({}, passphrase)

    def unlock(self, passphrase: str) -> None:
        """Raises VaultLockedError for a wrong passphrase."""
        with self._lock:
            head = self._read()
            key = _derive(passphrase, head)
            _opened(head, key)
            self._key = (_bytes(head, "salt"), key)

    def change(self, old: str, new: str) -> None:
        """Another passphrase: a new salt and key for all that is in it."""
        _require_long(new)
        with self._lock, _alone(self.file):
            head = self._read()
            self._seal(_opened(head, _derive(old, head)), new)

    def remove(self) -> None:
        """Delete the file; what was in it is elsewhere by now."""
        with self._lock, _alone(self.file):
            self.file.unlink(missing_ok=True)
            self._key = None

    def everything(self) -> Mapping[str, Mapping[str, str]]:
        """All secrets: service -> entry -> secret."""
        with self._lock:
            return self._secrets()

    # --- as the keyring library's backends do it ---

    def get_password(self, service: str, username: str) -> str | None:
        """A secret; None where there is none. Raises VaultLockedError."""
        with self._lock:
            return self._secrets().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        with self._changing() as secrets:
            secrets.setdefault(service, {})[username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret."""
        with self._changing() as secrets:
            secrets.get(service, {}).pop(username, None)

    @contextmanager
    def _changing(self) -> Iterator[Secrets]:
        with self._lock, _alone(self.file):
            secrets = self._secrets()
            yield secrets
            assert self._key is not None
            self._write(secrets, *self._key, int(self._read()["n"]))

    def _secrets(self) -> Secrets:
        head = self._read()
        if self._key is None or self._key[0] != _bytes(head, "salt"):  # another process changed the passphrase
            self._key = None
            given = os.environ.get(PASSPHRASE_VARIABLE, "") or (self.ask() if self.ask is not None else "")
            if not given:
                raise VaultLockedError("The vault with the passwords is locked", "Enter its passphrase.")
            self.unlock(given)
            assert self._key is not None
        return _opened(head, self._key[1])

    def _seal(self, secrets: Secrets, passphrase: str) -> None:
        salt = os.urandom(_SALT)
        key = _derive(passphrase, {"salt": base64.b64encode(salt).decode(), "n": _COST})
        self._write(secrets, salt, key, _COST)
        self._key = (salt, key)

    def _write(self, secrets: Secrets, salt: bytes, key: bytes, cost: int) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE)
        head = {"version": 1, "kdf": "scrypt", "n": cost, "salt": base64.b64encode(salt).decode()}
        sealed = AESGCM(key).encrypt(nonce, json.dumps(secrets).encode(), _sealed_head(head))
        whole = {**head, "nonce": base64.b64encode(nonce).decode(), "secrets": base64.b64encode(sealed).decode()}
        _replace(self.file, json.dumps(whole).encode())

    def _read(self) -> dict[str, Any]:
        try:
            head = json.loads(self.file.read_bytes())
            if head["version"] != 1 or head["kdf"] != "scrypt" or int(head["n"]) not in _COSTS:
                raise ValueError("another kind of vault")
            for name in ("salt", "nonce", "secrets"):
                _bytes(head, name)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise KeychainError(
                "The vault {file} can't be read ({reason})",
                "Bring it back from a backup, or move it away: then the passwords must be entered again.",
                file=self.file,
                reason=str(error) or type(error).__name__,
            ) from error
        found: dict[str, Any] = head
        return found


def _bytes(head: Mapping[str, Any], name: str) -> bytes:
    return base64.b64decode(head[name], validate=True)


def _sealed_head(head: Mapping[str, Any]) -> bytes:
    """What is sealed although it can be read: nobody may weaken it unseen."""
    return f"inbox-vault {head['version']} {head['kdf']} {head['n']} {head['salt']}".encode()


def _derive(passphrase: str, head: Mapping[str, Any]) -> bytes:
    cost = int(head["n"])
    return hashlib.scrypt(
        passphrase.encode(), salt=_bytes(head, "salt"), n=cost, r=_BLOCK, p=1, maxmem=cost * _BLOCK * 256, dklen=_KEY
    )


def _opened(head: Mapping[str, Any], key: bytes) -> Secrets:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(key).decrypt(_bytes(head, "nonce"), _bytes(head, "secrets"), _sealed_head(head))
    except (InvalidTag, ValueError) as error:
        raise VaultLockedError("This is not the vault's passphrase", "Type it again; capitals count.") from error
    secrets: Secrets = json.loads(plain)
    return secrets


def _require_long(passphrase: str) -> None:
    if len(passphrase) < SHORTEST:
        raise KeychainError(
            "The passphrase is too short", "Take at least {count} characters; several words are best.", count=SHORTEST
        )


def _replace(file: Path, content: bytes) -> None:
    """Put a new file in the place of the old one. A kill in between leaves the old one, and a new one to throw away."""
    new = file.with_name(f".{file.name}.new")
    try:
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
        if os.name == "posix":
            folder = os.open(file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise KeychainError(
            "The vault {file} can't be written ({reason})",
            "Look at its permissions and at the free space on the disk.",
            file=file,
            reason=error.strerror or str(error),
        ) from error


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep other processes from writing meanwhile; the system lets go when a process dies."""
    try:
        descriptor = os.open(file.with_name(f".{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise KeychainError(
            "The vault {file} can't be written ({reason})",
            "Look at its permissions and at the free space on the disk.",
            file=file,
            reason=error.strerror or str(error),
        ) from error
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
