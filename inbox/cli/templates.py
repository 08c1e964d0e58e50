"""``inbox templates``."""

from argparse import ArgumentParser

from inbox.cli.command import Command, print_json, printable
from inbox.i18n import language, tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("action", nargs="?", choices=("list", "show"), default="list")
    parser.add_argument("name", nargs="?", default="", help=tr("a template's key or name"))


def run(command: Command) -> int:
    """List them, or show one."""
    from inbox.services import templates

    options = command.options
    with command.app() as app, app.db.reading() as s:
        if options.action == "show":
            row = templates.find(s, options.name, agent_id=app.agent.id)
            if command.as_json:
                print_json(row)
                return 0
            for variant in row.variants:
                print(printable(f"— {variant.language} {variant.channel}\n{variant.subject}\n{variant.text}\n"))
            return 0
        rows = templates.list(s, agent_id=app.agent.id, text=options.name)
    command.show(
        rows,
        {
            tr("key"): [row.key for row in rows],
            tr("name"): [row.name_es if language() == "es" else row.name_en for row in rows],
            tr("solution"): [tr("yes") if row.solution else "" for row in rows],
        },
        flexible=tr("name"),
    )
    return 0
