"""``inbox search``: all messages, the whole history."""

from argparse import ArgumentParser

from inbox.cli.command import Command, limit, when
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("query", nargs="+", help=tr("words, and from: to: is: before: after: has: …"))
    parser.add_argument("--limit", type=limit, default=50, metavar="N")


def run(command: Command) -> int:
    """Print what is found, newest first; the exit code is 1 where nothing is."""
    from inbox.services import queries

    with command.app() as app, app.db.reading() as s:
        query = " ".join(command.options.query)
        hits = queries.search_messages(s, query, agent_id=app.agent.id, limit=command.options.limit)
    command.show(
        hits,
        {
            tr("conversation"): [str(hit.conversation_id) for hit in hits],
            tr("when"): [when(hit.sent_at) for hit in hits],
            tr("customer"): [hit.customer_name for hit in hits],
            tr("text"): [" · ".join(part for part in (hit.subject, hit.excerpt) if part) for hit in hits],
        },
        flexible=tr("text"),
    )
    return 0 if hits else 1
