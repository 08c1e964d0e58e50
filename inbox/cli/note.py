"""``inbox note``."""

from argparse import ArgumentParser

from inbox.cli import sending
from inbox.cli.command import Command
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("conversation", type=int)
    parser.add_argument("text", help=tr("the text; - reads it from standard input"))


def run(command: Command) -> int:
    """Write it."""
    from inbox.services import replies

    with command.app() as app, app.db.writing(app.agent.id) as s:
        text = sending.read_text(command.options.text)
        message_id = replies.add_note(s, command.options.conversation, text, agent_id=app.agent.id)
    command.say(tr("Noted"), id=message_id)
    return 0
