"""``inbox parse``: how raw mails are understood. Needs no profile."""

from argparse import ArgumentParser
from pathlib import Path

from inbox.cli.command import Command, print_json
from inbox.errors import StorageError
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help=tr("a raw mail"))


def run(command: Command) -> int:
    """Print one JSON object a file, in their order."""
    from inbox.channels.email.parse import parse_fields

    for file in command.options.files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise StorageError(
                "{file} can't be read ({reason})", "Check its name.", file=file, reason=error.strerror or error
            ) from error
        print_json(parse_fields(raw))
    return 0
