"""``inbox cases``: list and show them, ask and answer, close, waive, reopen, assign, join, split."""

from argparse import ArgumentParser, _SubParsersAction
from typing import TYPE_CHECKING

from inbox.cli import sending
from inbox.cli.command import Command, limit, print_json, printable, when
from inbox.cli.refusals import say_bulk
from inbox.errors import GateError, NotFoundError
from inbox.i18n import language, tr, tr_n
from inbox.states import CaseStatus, CloseReason, MessageKind

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from inbox.services.rows import CaseRow, Gate, QuestionRow

_ACTIONS = ("list", "show", "ask", "answer", "no-answer", "close", "waive", "reopen", "assign", "join", "split")


def configure(parser: ArgumentParser) -> None:
    """Its actions and their options."""
    parser.set_defaults(action="list", status=None, limit=50, attach=[])
    actions = parser.add_subparsers(dest="action", metavar="|".join(_ACTIONS))
    listing = actions.add_parser("list", help=tr("list the cases"))
    listing.add_argument("--status", choices=[each.value for each in CaseStatus])
    listing.add_argument("--limit", type=limit, default=50, metavar="N")
    _with_id(actions, "show", tr("show a case and its questions"))
    ask = _with_id(actions, "ask", tr("put clarifying questions; without any, show those worth asking"))
    ask.add_argument("questions", nargs="*", metavar="QUESTION")
    ask.add_argument("--text", default="", help=tr("what stands before the questions"))
    ask.add_argument("--by", choices=("message", "call", "visit"), default="message", help=tr("how they were put"))
    ask.add_argument("--now", action="store_true", help=tr("without the time to undo"))
    ask.add_argument("--no-wait", action="store_true", help=tr("leave the sending to the window or to serve"))
    ask.add_argument("--yes", action="store_true", help=tr("send in spite of warnings"))
    answer = _with_id(actions, "answer", tr("record an answer"))
    answer.add_argument(
        "question", type=int, nargs="?", help=tr("the question's number; without, all that is proposed")
    )
    answer.add_argument("--text", default="", help=tr("what the customer said"))
    answer.add_argument("--message", type=int, help=tr("the message that answers it"))
    no_answer = _with_id(actions, "no-answer", tr("mark that there was no answer"))
    no_answer.add_argument("question", type=int)
    close = actions.add_parser("close", help=tr("close cases whose questions were asked and answered"))
    close.add_argument("ids", type=int, nargs="+", metavar="ID")
    close.add_argument("--reason", choices=[each.value for each in CloseReason], default="resolved")
    waive = _with_id(actions, "waive", tr("let a case close without its questions, where that is allowed"))
    waive.add_argument("--reason", required=True, metavar="TEXT", help=tr("why; it is kept in the log"))
    _with_id(actions, "reopen", tr("work on a closed case again"))
    assign = actions.add_parser("assign", help=tr("give cases to somebody"))
    assign.add_argument("ids", type=int, nargs="+", metavar="ID")
    assign.add_argument("--to", default="", metavar="NAME", help=tr("an agent's name; empty: nobody"))
    join = _with_id(actions, "join", tr("join a case into another one"))
    join.add_argument("into", type=int)
    split = actions.add_parser("split", help=tr("take a conversation out of its case"))
    split.add_argument("conversation", type=int)


def _with_id(actions: "_SubParsersAction[ArgumentParser]", name: str, help_text: str) -> ArgumentParser:
    parser = actions.add_parser(name, help=help_text)
    parser.add_argument("id", type=int)
    return parser


def run(command: Command) -> int:
    """Do it."""
    return {
        "list": _list,
        "show": _show,
        "ask": _ask,
        "answer": _answer,
        "no-answer": _no_answer,
        "close": _close,
        "waive": _waive,
        "reopen": _reopen,
        "assign": _assign,
        "join": _join,
        "split": _split,
    }[command.options.action or "list"](command)


def _list(command: Command) -> int:
    from inbox.services import queries

    status = command.options.status
    with command.app() as app, app.db.reading() as s:
        rows = queries.cases(s, statuses=[CaseStatus(status)] if status else (), limit=command.options.limit)
    command.show(
        rows,
        {
            tr("id"): [str(row.id) for row in rows],
            tr("status"): [_status(row) for row in rows],
            tr("type"): [row.case_type.name for row in rows],
            tr("customer"): [row.customer_name[:24] for row in rows],
            tr("subject"): [row.subject for row in rows],
        },
        flexible=tr("subject"),
    )
    return 0


def _status(row: "CaseRow") -> str:
    return {
        CaseStatus.NEW: tr("new"),
        CaseStatus.OPEN: tr("open"),
        CaseStatus.WAITING: tr("waiting"),
        CaseStatus.SOLVED: tr("solved"),
        CaseStatus.CLOSED: tr("closed"),
    }[row.status]


def _show(command: Command) -> int:
    from inbox.services import cases, queries

    with command.app() as app, app.db.reading() as s:
        row = queries.case(s, command.options.id)
        gate = cases.gate(s, row.id)
    if command.as_json:
        print_json({"case": row, "gate": gate})
        return 0
    print(printable(f"{row.id} · {row.subject} · {_status(row)} · {row.case_type.name} · {row.customer_name}"))
    if row.due_at is not None and row.status is not CaseStatus.CLOSED:
        print(tr("due {at}", at=when(row.due_at)))
    print(tr("conversations: {ids}", ids=", ".join(map(str, row.conversation_ids))))
    _print_gate(gate)
    return 0


def _print_gate(gate: "Gate") -> None:
    for question in gate.questions:
        print(printable(f"  {_mark(question)} {question.id}  {question.text}  {question.answer}".rstrip()))
    for sentence in gate.missing:
        print(printable(f"  {sentence}"))


def _mark(question: "QuestionRow") -> str:
    if question.answered_at is not None or question.no_answer_at is not None:
        return "●"
    return "◐" if question.asked_at is not None else "○"


def _ask(command: Command) -> int:
    from inbox.services import cases, queries, questions, replies

    options = command.options
    if not options.questions:
        with command.app() as app, app.db.reading() as s:
            found = questions.suggest(s, options.id, language())
        command.show(found, {tr("fact"): [one.fact_kind for one in found], tr("question"): [one.text for one in found]})
        return 0
    with command.app() as app:
        with app.db.writing(app.agent.id) as s:
            row = queries.case(s, options.id)
            ask = sending.asked_questions(s, row.id, options.questions)
            text = replies.with_questions(options.text, ask)
            if options.by != "message":
                kind = MessageKind(options.by)
                replies.log_contact(s, row.id, kind, text, agent_id=app.agent.id, ask=ask)
                gate = cases.gate(s, row.id)
            elif not row.conversation_ids:
                raise NotFoundError("Case {id} has no conversation", "Use --by call or --by visit.", id=row.id)
            else:
                message_id = replies.queue(
                    s,
                    row.conversation_ids[-1],
                    text,
                    agent_id=app.agent.id,
                    ask=ask,
                    delay=0 if options.now else None,
                    confirmed=sending.Everything() if options.yes else (),
                )
        if options.by == "message":
            return sending.report(command, app, message_id)
    command.say(tr_n("{n} question asked", "{n} questions asked", len(ask)), asked=gate.asked, required=gate.required)
    return 0


def _answer(command: Command) -> int:
    from inbox.services import cases, questions

    options = command.options
    with command.app() as app, app.db.writing(app.agent.id) as s:
        if options.question is not None:
            _require_question(s, options.id, options.question)
            questions.answer(s, options.question, message_id=options.message, text=options.text)
        else:
            proposed = questions.proposals(s, options.id)
            if not proposed:
                raise NotFoundError("No message seems to answer a question", "Name the question, and give --text.")
            for one in proposed:
                questions.answer(s, one.question_id, message_id=one.message_id, text=one.text)
        gate = cases.gate(s, options.id)
    if command.as_json:
        print_json(gate)
    else:
        _print_gate(gate)
    return 0


def _no_answer(command: Command) -> int:
    from inbox.services import cases, questions

    with command.app() as app, app.db.writing(app.agent.id) as s:
        _require_question(s, command.options.id, command.options.question)
        questions.no_answer(s, command.options.question)
        gate = cases.gate(s, command.options.id)
    if command.as_json:
        print_json(gate)
    else:
        _print_gate(gate)
    return 0


def _require_question(s: "Session", case_id: int, question_id: int) -> None:
    from inbox.services import cases

    if question_id not in {row.id for row in cases.gate(s, case_id).questions}:
        raise NotFoundError(
            "There is no question {id} in case {case}", "See “inbox cases show {case}”.", id=question_id, case=case_id
        )


def _close(command: Command) -> int:
    from inbox.services import cases

    ids, reason = command.options.ids, CloseReason(command.options.reason)
    with command.app() as app:
        if len(ids) > 1:
            with app.db.writing(app.agent.id) as s:
                result = cases.close_many(s, ids, reason)
            return say_bulk(command, result)
        try:
            with app.db.writing(app.agent.id) as s:
                cases.close(s, ids[0], reason)
        except GateError as error:
            if command.as_json:
                print_json({"id": ids[0], "missing": error.missing, "questions_needed": error.questions_needed})
            raise
    command.say(tr("Case {id} is closed", id=ids[0]), id=ids[0], status="closed")
    return 0


def _waive(command: Command) -> int:
    from inbox.services import cases

    with command.app() as app, app.db.writing(app.agent.id) as s:
        cases.waive(s, command.options.id, app.agent.id, command.options.reason)
    command.say(tr("Case {id} may be closed without its questions", id=command.options.id), id=command.options.id)
    return 0


def _reopen(command: Command) -> int:
    from inbox.services import cases

    with command.app() as app, app.db.writing(app.agent.id) as s:
        cases.reopen(s, command.options.id)
    command.say(tr("Case {id} is open again", id=command.options.id), id=command.options.id, status="open")
    return 0


def _assign(command: Command) -> int:
    from inbox.services import cases, queries

    with command.app() as app, app.db.writing(app.agent.id) as s:
        agent_id = None
        if command.options.to:
            names = {row.name.casefold(): row.id for row in queries.agents(s)}
            agent_id = names.get(command.options.to.casefold())
            if agent_id is None:
                raise NotFoundError("There is no agent “{name}”", "Check the name.", name=command.options.to)
        result = cases.assign(s, command.options.ids, agent_id)
    return say_bulk(command, result)


def _join(command: Command) -> int:
    from inbox.services import cases

    with command.app() as app, app.db.writing(app.agent.id) as s:
        cases.join(s, command.options.id, command.options.into)
    command.say(
        tr("Case {id} was joined into {into}", id=command.options.id, into=command.options.into),
        id=command.options.into,
    )
    return 0


def _split(command: Command) -> int:
    from inbox.services import cases

    with command.app() as app, app.db.writing(app.agent.id) as s:
        case_id = cases.split(s, command.options.conversation)
    command.say(tr("The conversation is in case {id} now", id=case_id), id=case_id)
    return 0
