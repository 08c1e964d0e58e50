"""``inbox erase``: a customer's personal data."""

from argparse import ArgumentParser

from inbox.cli.command import Command, confirmed
from inbox.errors import SettingsError
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("what", choices=("customer",))
    parser.add_argument("id", type=int)
    parser.add_argument("--yes", action="store_true", help=tr("don't ask"))


def run(command: Command) -> int:
    """Ask, then erase."""
    from inbox.services import customers, erasing

    options = command.options
    with command.app() as app:
        with app.db.reading() as s:
            name = customers.require(s, options.id).name
        question = tr("Erase the personal data of {name}? This can't be undone.", name=name or options.id)
        if not options.yes and not confirmed(question):
            raise SettingsError("Nothing was erased", "Answer y, or give --yes.")
        with app.db.writing(app.agent.id) as s:
            erasing.erase(s, options.id)
    command.say(tr("The personal data of customer {id} was erased", id=options.id), id=options.id)
    return 0
