"""``inbox export``: a folder of JSON and files; a conversation as mbox or .eml."""

from argparse import ArgumentParser
from pathlib import Path

from inbox.cli.command import Command
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.set_defaults(parser=parser)
    parser.add_argument("what", choices=("customer", "all", "conversation"))
    parser.add_argument("id", nargs="?", type=int)
    parser.add_argument("--to", type=Path, default=None, metavar="DIR", help=tr("the folder; it must be new or empty"))
    parser.add_argument("--as", dest="form", choices=("mbox", "eml"), default="mbox", help=tr("of a conversation"))


def run(command: Command) -> int:
    """Write it."""
    from inbox.services import exporting

    options = command.options
    if (options.what != "all") != (options.id is not None):
        options.parser.error(
            tr("say what to export: “inbox export customer ID”, “inbox export conversation ID” or “inbox export all”")
        )
    if options.what == "conversation":
        return _conversation(command)
    folder = options.to or Path(f"inbox-customer-{options.id}" if options.id is not None else "inbox-export")
    with command.app() as app, app.db.reading() as s:
        done = exporting.export(s, options.id, folder)
    command.say(tr("Written to {folder}", folder=folder), folder=str(folder), messages=done.messages)
    return 0


def _conversation(command: Command) -> int:
    from inbox.services import conversation_files

    options = command.options
    is_mbox = options.form == "mbox"
    place = options.to or Path(f"inbox-conversation-{options.id}{'.mbox' if is_mbox else ''}")
    with command.app() as app, app.db.reading() as s:
        write = conversation_files.write_mbox if is_mbox else conversation_files.write_eml
        count = write(s, options.id, place)
    command.say(tr("Written to {folder}", folder=place), folder=str(place), messages=count)
    return 0
