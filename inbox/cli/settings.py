"""``inbox settings``: what everybody on this database shares, such as the company's name."""

from argparse import ArgumentParser

from inbox.cli.command import Command, print_json
from inbox.errors import SettingsError
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("pairs", nargs="*", metavar="NAME=VALUE", help=tr("what to change; nothing lists them all"))


def run(command: Command) -> int:
    """Change what is given, then show all."""
    from inbox.services import settings_store

    with command.app() as app:
        with app.db.writing(app.agent.id) as s:
            for pair in command.options.pairs:
                name, equals, value = pair.partition("=")
                default = settings_store.DEFAULTS.get(name)
                if not equals or default is None:
                    names = ", ".join(settings_store.DEFAULTS)
                    raise SettingsError("There is no setting “{name}”", "There are: {names}.", name=name, names=names)
                settings_store.change(s, name, _as(default, value))
        with app.db.reading() as s:
            found = settings_store.every(s)
    if command.as_json:
        print_json(found)
        return 0
    for name, value in found.items():
        print(f"{name}={str(value).lower() if isinstance(value, bool) else value}")
    return 0


def _as(default: str | bool | float, value: str) -> str | bool | float:
    """The text as what the setting holds."""
    if isinstance(default, bool):
        if value.lower() not in ("true", "false"):
            raise SettingsError("“{value}” is neither true nor false", "Write one of them.", value=value)
        return value.lower() == "true"
    if isinstance(default, float):
        try:
            return float(value)
        except ValueError as error:
            raise SettingsError("“{value}” is no number", "Write a number such as 5.", value=value) from error
    return value
