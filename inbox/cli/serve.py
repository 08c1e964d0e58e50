"""``inbox serve``."""

from argparse import ArgumentParser

from inbox.cli.command import Command


def configure(parser: ArgumentParser) -> None:
    """It has no options of its own."""


def run(command: Command) -> int:
    """Run the accounts until SIGTERM or Ctrl-C."""
    from inbox.app import open_app
    from inbox.serve import serve

    serve(open_app(command.profile.folder, command.options.db))
    return 0
