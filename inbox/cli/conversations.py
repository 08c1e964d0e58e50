"""``inbox conversations``."""

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from inbox.cli.command import Command, limit, print_json, printable, when
from inbox.errors import NotFoundError
from inbox.i18n import tr

if TYPE_CHECKING:
    from inbox.app import App
    from inbox.services.rows import ConversationRow, MessageRow


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.set_defaults(parser=parser)
    parser.add_argument("action", nargs="?", choices=("list", "show"), default="list")
    parser.add_argument("id", nargs="?", type=int)
    parser.add_argument("--view", metavar="V", default="", help=tr("a view's name or key"))
    parser.add_argument("--query", metavar="Q", default="", help=tr("a search, as in “inbox search”"))
    parser.add_argument("--limit", type=limit, default=50, metavar="N")


def run(command: Command) -> int:
    """List them, or show one with its messages."""
    if (command.options.action == "show") != (command.options.id is not None):
        command.options.parser.error(tr("“show” takes the number of a conversation, “list” takes none"))
    with command.app() as app:
        if command.options.action == "show":
            return _show(command, app)
        return _list(command, app)


def _list(command: Command, app: "App") -> int:
    from inbox.services import queries

    options = command.options
    with app.db.reading() as s:
        query, sort = options.query, "newest"
        if options.view:
            names = {
                name.lower(): view
                for view in queries.views(s, app.agent.id)
                for name in (view.key, view.name, tr(view.name))
            }
            view = names.get(options.view.lower())
            if view is None:
                known = ", ".join(sorted({each.key or each.name for each in names.values()}))
                raise NotFoundError("There is no view “{name}”", "There are: {names}.", name=options.view, names=known)
            query, sort = f"{view.query} {query}".strip(), view.sort
        rows: list[ConversationRow] = []
        after: str | None = None
        while len(rows) < options.limit:
            size = min(200, options.limit - len(rows))
            page = queries.conversations(s, query, agent_id=app.agent.id, sort=sort, after=after, limit=size)
            rows += page.rows
            after = page.after
            if after is None:
                break
    command.show(
        rows,
        {
            tr("id"): [str(row.id) for row in rows],
            tr("when"): [when(row.last_at) for row in rows],
            tr("customer"): [row.customer_name[:24] for row in rows],
            tr("case"): [_case(row) for row in rows],
            tr("subject"): [row.subject or row.snippet for row in rows],
        },
        flexible=tr("subject"),
    )
    return 0


def _case(row: "ConversationRow") -> str:
    """The case's number, and a dot for each clarifying question: answered, asked, missing."""
    if row.case_id is None:
        return ""
    missing = max(0, row.required - row.asked)
    return f"{row.case_id} {'●' * row.answered}{'◐' * (row.asked - row.answered)}{'○' * missing}"


def _show(command: Command, app: "App") -> int:
    from inbox.services import queries

    id_ = command.options.id
    with app.db.reading() as s:
        rows = queries.conversation_rows(s, [id_] if id_ is not None else [])
        if not rows:
            raise NotFoundError("There is no conversation {id}", "See “inbox conversations”.", id=id_)
        page = queries.thread(s, rows[0].id, limit=command.options.limit)
    if command.as_json:
        print_json({"conversation": rows[0], "messages": page.messages})
        return 0
    row = rows[0]
    print(printable(row.subject or row.snippet))
    print(tr("{customer} · case {case}", customer=row.customer_name, case=row.case_id or "-"))
    for message in page.messages:
        print()
        _print_message(message)
    return 0


def _print_message(message: "MessageRow") -> None:
    state = f" · {message.delivery}" if message.delivery != "none" else ""
    note = f" ({message.delivery_note})" if message.delivery_note else ""
    print(
        printable(f"— {message.id} · {when(message.sent_at)} · {message.author or message.author_handle}{state}{note}")
    )
    print(printable(message.new_text or message.text or message.problem))
    for file in message.attachments:
        print(tr("[file: {name}, {size} bytes]", name=file.filename, size=file.size))
