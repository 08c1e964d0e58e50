"""``inbox export``: a folder of JSON and files."""

from argparse import ArgumentParser
from pathlib import Path

from inbox.cli.command import Command
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.set_defaults(parser=parser)
    parser.add_argument("what", choices=("customer", "all"))
    parser.add_argument("id", nargs="?", type=int)
    parser.add_argument("--to", type=Path, default=None, metavar="DIR", help=tr("the folder; it must be new or empty"))


def run(command: Command) -> int:
    """Write it."""
    from inbox.services import exporting

    options = command.options
    if (options.what == "customer") != (options.id is not None):
        options.parser.error(tr("say what to export: “inbox export customer ID” or “inbox export all”"))
    folder = options.to or Path(f"inbox-customer-{options.id}" if options.id is not None else "inbox-export")
    with command.app() as app, app.db.reading() as s:
        done = exporting.export(s, options.id, folder)
    command.say(tr("Written to {folder}", folder=folder), folder=str(folder), messages=done.messages)
    return 0
