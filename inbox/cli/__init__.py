"""The command line. Each command is a module of this package, imported when it is asked for; so is the window."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from inbox import i18n
from inbox.errors import InboxError
from inbox.i18n import tr
from inbox.settings import Profile, Settings

COMMANDS = {  # name -> (module of this package, what it does)
    "serve": ("serve", "run the accounts without a window"),
    "accounts": ("accounts", "add, list, test and remove accounts"),
    "sync": ("sync", "fetch what is new"),
    "import": ("importing", "take in mbox, Maildir and .eml files"),
    "parse": ("parse", "show how raw mails are understood, as JSON"),
    "conversations": ("conversations", "list and show conversations"),
    "customers": ("customers", "list, show, merge and unmerge customers"),
    "cases": ("cases", "list, show, ask, answer, close, reopen, assign, join and split cases"),
    "search": ("search", "search all messages"),
    "reply": ("reply", "answer a conversation"),
    "note": ("note", "write a note that only the team sees"),
    "dismiss": ("dismiss", "dismiss conversations that need no case"),
    "templates": ("templates", "list and show templates"),
    "settings": ("settings", "show and change what everybody on a database shares"),
    "export": ("export", "write a customer, a conversation or all to files"),
    "erase": ("erase", "erase a customer's personal data"),
    "vault": ("vault", "keep secrets in an encrypted file where the system has no keychain"),
    "doctor": ("doctor", "look what is wrong with this installation"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, or open the window; returns the exit code."""
    _be_lenient_with_odd_characters()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _run(given)
    except InboxError as error:
        print(_plain(error), file=sys.stderr)
        if _split(given)[1] is None:
            from inbox.ui import crash

            crash.tell_without_window(error)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left must not fail again
        return 141  # as a program ends that the signal ends
    except KeyboardInterrupt:
        return 130


def _run(arguments: list[str]) -> int:
    before, name, after = _split(arguments)
    # The language must be known before the first text is made, the help included.
    early = _common_parser().parse_known_args([*before, *after])[0]
    profile = Profile.find(getattr(early, "profile", None))
    settings = Settings.load(profile)
    i18n.set_language(getattr(early, "language", "") or settings.language or i18n.system_language())
    options = _first_parser().parse_args(before)
    if name is None:
        return _window(profile, settings, options)
    if name not in COMMANDS:
        _first_parser().error(tr("there is no command “{name}”; see --help", name=name))
    module = import_module(f"inbox.cli.{COMMANDS[name][0]}")
    parser = argparse.ArgumentParser(
        prog=f"inbox {name}", description=_capital(tr(COMMANDS[name][1])) + ".", parents=[_common_parser()]
    )
    module.configure(parser)
    _, rest = _common_parser().parse_known_args(after, options)  # they may stand behind an action, too
    parser.parse_args(rest, namespace=options)
    from inbox.cli.command import Command
    from inbox.cli.log import logging_to

    with logging_to(profile):
        code = module.run(Command(profile, settings, options))
        sys.stdout.flush()
        return int(code or 0)


def _split(arguments: list[str]) -> tuple[list[str], str | None, list[str]]:
    """What stands before the command, the command, and what comes after it."""
    with_value = ("--profile", "--db", "--language")
    skip = False
    for number, argument in enumerate(arguments):
        if skip:
            skip = False
        elif argument in with_value:
            skip = True
        elif not argument.startswith("-"):
            return arguments[:number], argument, arguments[number + 1 :]
    return arguments, None, []


class _FirstParser(argparse.ArgumentParser):
    """Lists the commands in its help, without knowing their options."""

    def format_help(self) -> str:
        width = max(map(len, COMMANDS))
        lines = [f"  {name:<{width}}  {tr(what)}" for name, (_, what) in COMMANDS.items()]
        return "\n".join([super().format_help(), tr("commands (inbox COMMAND --help tells more):"), *lines, ""])


def _first_parser() -> argparse.ArgumentParser:
    """The options that may stand before the command."""
    parser = _FirstParser(
        prog="inbox",
        usage=tr("inbox [options] [COMMAND …]"),
        description=tr("One inbox for every channel on which customers write. Without a command: the window."),
        allow_abbrev=False,
        parents=[_common_parser()],
    )
    parser.set_defaults(profile=None, db=None, language=None, json=False)
    parser.add_argument("--demo", action="store_true", help=tr("a throw-away profile with simulated customers"))
    parser.add_argument("--version", action="version", version=_version())
    return parser


def _common_parser() -> argparse.ArgumentParser:
    """The options that may stand before and after the command."""
    parser = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    parser.add_argument("--profile", metavar="DIR", help=tr("the data folder (also INBOX_PROFILE)"))
    parser.add_argument("--db", metavar="URL", help=tr("a shared database"))
    parser.add_argument("--language", choices=("es", "en"), help=tr("the language of texts"))
    parser.add_argument("--json", action="store_true", help=tr("print one JSON object a line"))
    return parser


def _window(profile: Profile, settings: Settings, options: argparse.Namespace) -> int:
    from inbox.cli.log import logging_to

    gc.disable()  # till all is loaded, which stays: looking for garbage meanwhile takes 8 ms of the first paint
    if not options.demo:
        profile.prepare()
        with logging_to(profile):
            return _start_window(profile, settings, options)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="inbox-demo-", ignore_cleanup_errors=True) as folder:
        throw_away = Profile.find(folder)
        with logging_to(throw_away):
            return _start_window(throw_away, Settings.load(throw_away), options)


def _start_window(profile: Profile, settings: Settings, options: argparse.Namespace) -> int:
    from inbox import ui

    return ui.start(profile, settings, demo=options.demo, db_url=options.db or "")


def _plain(error: InboxError) -> str:
    """The form that scripts can rely on: ``error: title. hint``."""
    return f"error: {error}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _version() -> str:
    from inbox import __version__

    return f"inbox {__version__}"


def _be_lenient_with_odd_characters() -> None:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
