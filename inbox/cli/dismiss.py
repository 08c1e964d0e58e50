"""``inbox dismiss``: conversations that need no case."""

from argparse import ArgumentParser

from inbox.cli.command import Command
from inbox.cli.refusals import say_bulk
from inbox.states import DismissReason


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("conversations", type=int, nargs="+", metavar="CONVERSATION")
    parser.add_argument("--reason", choices=[each.value for each in DismissReason], default="other")


def run(command: Command) -> int:
    """Dismiss what may be dismissed, and name the rest."""
    from inbox.services import conversations

    with command.app() as app, app.db.writing(app.agent.id) as s:
        result = conversations.dismiss(s, command.options.conversations, DismissReason(command.options.reason))
    return say_bulk(command, result)
