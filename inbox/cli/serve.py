"""``inbox serve``."""

import os
import sys
from argparse import ArgumentParser

from inbox.cli.command import Command
from inbox.errors import VaultLockedError
from inbox.keychain import Keychain
from inbox.keychain.vault import PASSPHRASE_VARIABLE


def configure(parser: ArgumentParser) -> None:
    """It has no options of its own."""


def run(command: Command) -> int:
    """Run the accounts until SIGTERM or Ctrl-C."""
    from inbox.serve import serve

    with command.app() as app:
        if app.keychain.vault is not None and app.keychain.vault.exists:
            unlock(app.keychain)  # before the accounts' threads would ask for it, or fail one by one
        serve(app)
    return 0


def unlock(keychain: Keychain) -> None:
    """Unlock the vault, if there is one, by the environment or by asking. Raises VaultLockedError."""
    try:
        keychain.check()
    except VaultLockedError as error:
        if os.environ.get(PASSPHRASE_VARIABLE) or sys.stdin.isatty():
            raise
        raise VaultLockedError(
            "The vault with the passwords is locked",
            "Give its passphrase in INBOX_VAULT_PASSPHRASE, or start this on a terminal.",
        ) from error
