"""``inbox vault``: the encrypted file for secrets, where the system has no keychain."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass

from inbox.cli.command import Command
from inbox.errors import SettingsError
from inbox.i18n import tr
from inbox.keychain import Keychain
from inbox.keychain.vault import PASSPHRASE_VARIABLE, Vault


def configure(parser: ArgumentParser) -> None:
    """Its actions."""
    actions = parser.add_subparsers(dest="action", metavar="status|create|change|move")
    actions.add_parser("status", help=tr("say where the secrets are"))
    actions.add_parser("create", help=tr("make a vault; its passphrase is asked for"))
    actions.add_parser("change", help=tr("give the vault another passphrase"))
    actions.add_parser("move", help=tr("move everything to the system's keychain, and remove the vault"))


def run(command: Command) -> int:
    """Do it. Passphrases come from the terminal, else one a line from standard input."""
    with command.app() as app:
        vault = app.keychain.vault
        assert vault is not None  # every profile may have one
        vault.ask = vault.ask or (lambda: _typed(""))
        action = command.options.action or "status"
        if action == "create":
            vault.create(_given() or _typed_twice())
            command.say(tr("The vault was made: {file}", file=vault.file), file=str(vault.file))
        elif action == "change":
            _require(vault)
            vault.change(_given() or _typed(tr("Passphrase until now: ")), _typed_twice())
            command.say(tr("The vault has another passphrase"), changed=True)
        elif action == "move":
            name = app.keychain.move_to_system()
            command.say(tr("Everything was moved to {name}; the vault is gone", name=name), keychain=name)
        else:
            _status(command, app.keychain)
    return 0


def _status(command: Command, keychain: Keychain) -> None:
    assert keychain.vault is not None
    if keychain.vault.exists:
        words = tr("The secrets are in the vault {file}", file=keychain.vault.file)
        command.say(words, vault=str(keychain.vault.file), locked=keychain.is_locked)
    else:
        name = keychain.check()
        command.say(tr("The secrets are in the system's keychain ({name})", name=name), keychain=name)


def _given() -> str:
    return os.environ.get(PASSPHRASE_VARIABLE, "")


def _require(vault: Vault) -> None:
    if not vault.exists:
        raise SettingsError("There is no vault", "See “inbox vault create”.")


def _typed(prompt: str) -> str:
    return getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _typed_twice() -> str:
    first = _typed(tr("New passphrase: "))
    if sys.stdin.isatty() and getpass(tr("Once more: ")) != first:
        raise SettingsError("The two passphrases differ", "Nothing was changed. Try again.")
    return first
