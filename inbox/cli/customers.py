"""``inbox customers``."""

from argparse import ArgumentParser

from inbox.cli.command import Command, limit, print_json, printable, when
from inbox.i18n import language, tr, tr_n


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.set_defaults(parser=parser)
    parser.add_argument("action", nargs="?", choices=("list", "show", "merge", "unmerge"), default="list")
    parser.add_argument(
        "ids", nargs="*", type=int, metavar="ID", help=tr("show ID · merge ID ABSORBED · unmerge MERGE")
    )
    parser.add_argument("--query", default="", metavar="TEXT", help=tr("only those whose name or handle holds it"))
    parser.add_argument("--limit", type=limit, default=50, metavar="N")


def run(command: Command) -> int:
    """Do it."""
    action, ids = command.options.action, command.options.ids
    wanted = {"list": 0, "show": 1, "merge": 2, "unmerge": 1}[action]
    if len(ids) != wanted:
        command.options.parser.error(
            tr_n("“{action}” takes {n} number", "“{action}” takes {n} numbers", wanted, action=action)
        )
    return {"list": _list, "show": _show, "merge": _merge, "unmerge": _unmerge}[action](command)


def _list(command: Command) -> int:
    from inbox.services import queries

    with command.app() as app, app.db.reading() as s:
        rows = queries.customers(s, command.options.query, limit=command.options.limit)
    command.show(
        rows,
        {
            tr("id"): [str(row.id) for row in rows],
            tr("tier"): [row.tier for row in rows],
            tr("name"): [row.name or row.company for row in rows],
            tr("handles"): [", ".join(row.handles) for row in rows],
        },
        flexible=tr("handles"),
    )
    return 0


def _show(command: Command) -> int:
    from inbox.services import queries

    with command.app() as app, app.db.reading() as s:
        card = queries.customer_card(s, command.options.ids[0], language=language())
    if command.as_json:
        print_json(card)
        return 0
    print(printable(f"{card.name} [{card.tier}] {card.company}".strip()))
    for identity in card.identities:
        print(printable(f"  {identity.channel}: {identity.handle}"))
    for fact in card.facts:
        print(printable(f"  {fact.label}: {fact.value}"))
    for line in card.timeline:
        print(printable(f"  {when(line.at)}  {line.title}  {line.note}"))
    for merge in card.merges:
        print(printable(tr("  merge {id}: {name}", id=merge.id, name=merge.absorbed_name)))
    return 0


def _merge(command: Command) -> int:
    from inbox.services import merging

    survivor_id, absorbed_id = command.options.ids
    with command.app() as app, app.db.writing(app.agent.id) as s:
        merge_id = merging.merge(s, survivor_id, absorbed_id)
    command.say(tr("Merged; “inbox customers unmerge {id}” undoes it", id=merge_id), id=merge_id)
    return 0


def _unmerge(command: Command) -> int:
    from inbox.services import merging

    with command.app() as app, app.db.writing(app.agent.id) as s:
        merging.unmerge(s, command.options.ids[0])
    command.say(tr("The merge was undone"), id=command.options.ids[0])
    return 0
