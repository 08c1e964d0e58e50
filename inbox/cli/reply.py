"""``inbox reply``: answer a conversation, with clarifying questions, and see what became of it."""

from argparse import ArgumentParser
from pathlib import Path

from inbox.cli import sending
from inbox.cli.command import Command
from inbox.errors import RuleError
from inbox.i18n import tr


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("conversation", type=int)
    text = parser.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", metavar="T", help=tr("the text; - reads it from standard input"))
    text.add_argument("--template", metavar="NAME", help=tr("a template's key or name"))
    parser.add_argument(
        "--ask",
        action="append",
        nargs="+",
        default=[],
        metavar="QUESTION",
        help=tr("a clarifying question: its text, or the kind of fact that the bank's one asks for"),
    )
    parser.add_argument("--attach", action="append", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument("--now", action="store_true", help=tr("without the time to undo"))
    parser.add_argument("--no-wait", action="store_true", help=tr("leave the sending to the window or to serve"))
    parser.add_argument("--yes", action="store_true", help=tr("send in spite of warnings"))


def run(command: Command) -> int:
    """Queue it, and send it if no other engine does."""
    from inbox.services import replies, templates
    from inbox.store.models import Conversation

    options = command.options
    files = sending.read_files([path for paths in options.attach for path in paths])
    with command.app() as app:
        with app.db.writing(app.agent.id) as s:
            conversation = s.get(Conversation, options.conversation)
            ask = sending.asked_questions(
                s, conversation.case_id if conversation else None, [one for several in options.ask for one in several]
            )
            subject, template_id, attachments = "", None, []
            if options.template:
                template = templates.find(s, options.template, agent_id=app.agent.id)
                filled = templates.render(s, template.id, options.conversation, agent_id=app.agent.id)
                if filled.missing:
                    raise RuleError(
                        "The template lacks {names}",
                        "Give the text with --text, or file what is missing first.",
                        names=", ".join(filled.missing),
                    )
                text, subject, template_id = filled.text, filled.subject, template.id
                attachments = [one.id for one in filled.attachments]
            else:
                text = sending.require_text(options.text)
            message_id = replies.queue(
                s,
                options.conversation,
                replies.with_questions(text, ask),
                agent_id=app.agent.id,
                ask=ask,
                template_id=template_id,
                files=files,
                attachment_ids=attachments,
                subject=subject,
                delay=0 if options.now else None,
                confirmed=sending.Everything() if options.yes else (),
            )
        return sending.report(command, app, message_id)
