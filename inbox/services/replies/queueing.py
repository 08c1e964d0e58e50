"""A reply goes into the outbox, and comes back out of it as long as nobody has begun to send it."""

import uuid
from collections.abc import Container, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import NotFoundError, RuleError, StaleError
from inbox.events import ReplyQueued
from inbox.services import cases, conversations, questions, settings_store
from inbox.services.cases.changing import require
from inbox.services.replies import checking, drafts, rich
from inbox.services.replies.checking import Content, Subject
from inbox.services.rows import AskedQuestion, NewFile, ReplyWarning
from inbox.services.writing import once
from inbox.states import CaseStatus, Delivery, Direction, QuestionOrigin
from inbox.store import search
from inbox.store.db import next_message_ids, record
from inbox.store.models import Agent, Attachment, BankQuestion, Message, Question, Template

_REFERENCES = 12
"""How many earlier keys a reply names: the first of the thread and the newest ones."""


def queue(
    s: Session,
    conversation_id: int,
    text: str,
    *,
    agent_id: int | None,
    ask: Sequence[AskedQuestion] = (),
    template_id: int | None = None,
    files: Sequence[NewFile] = (),
    attachment_ids: Sequence[int] = (),
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    html: str = "",
    subject: str = "",
    delay: float | None = None,
    not_before: datetime | None = None,
    seen_message_id: int | None = None,
    confirmed: Container[str] = (),
) -> int:
    """Store a reply to be sent and answer its message id. It can be taken back until it is claimed.

    ``ask`` are the clarifying questions that stand in the text: they count once it was sent. ``attachment_ids`` are
    files already stored (of a draft, a template, another message) to go out with it. ``delay`` is in seconds, the
    setting where it is not given; ``not_before`` sends later. ``seen_message_id`` is the newest message that the
    person saw, and ``confirmed`` the kinds of warnings that the person has accepted. Without ``to`` it goes to whom the
    conversation is with. ``html`` is the same text with its looks; a channel without HTML sends the text alone.

    Raises StaleError where something came in meanwhile, RuleError for any other warning that was not confirmed; its
    ``values["kind"]`` names the warning. Opens a case if there is none; asking in a closed case reopens it.
    """
    about = checking.find_subject(s, conversation_id)
    carried = len(files) + len(attachment_ids)
    content = Content(text, ask, template_id, carried, seen_message_id, agent_id, to, (*cc, *bcc))
    _require_confirmed(checking.check(s, about, content), confirmed)
    case_id = _ready_case(s, about, ask, agent_id)
    now = datetime.now(UTC)
    wait = settings_store.number(s, "undo_seconds") if delay is None else delay
    message = _message(s, about, content, now, not_before or now + timedelta(seconds=wait))
    page = rich.sanitise(html) if about.manifest.html and html else ""
    message.outgoing = _headers(s, about, cc) | _unless_empty(bcc=list(bcc), html=page)
    message.has_html = bool(page)
    message.subject = subject or _reply_subject(s, about)
    s.add(message)
    s.flush()
    if message.own_key:
        conversations.register_key(s, message.account_id, message.own_key, conversation_id)
    names = attach(s, message.id, files, attachment_ids, rich.shown_pictures(page))
    put(s, case_id, message.id, ask)
    _count_template(s, template_id)
    if agent_id is not None:
        drafts.drop_draft(s, conversation_id, agent_id)
    index(s, message, " ".join([about.identity.name, about.identity.handle, *to, *cc, *bcc]).strip(), names)
    if about.conversation.dismissed is not None:  # whoever gets a reply is not put away
        conversations.restore(s, [conversation_id])
    conversations.mark_read(s, [conversation_id])
    conversations.refresh(s, [conversation_id])
    _tell(s, about, case_id, message)
    return message.id


def _tell(s: Session, about: Subject, case_id: int, message: Message) -> None:
    event = ReplyQueued(
        account_id=message.account_id,
        conversation_id=about.conversation.id,
        case_id=case_id,
        customer_id=about.conversation.customer_id,
        message_id=message.id,
    )
    record(s, event)


def with_questions(text: str, ask: Sequence[AskedQuestion]) -> str:
    """The text with those questions at its end that don't stand in it yet, as the command line needs them."""
    missing = [one.text for one in ask if not questions.stands_in(one.text, text)]
    return "\n\n".join([text.rstrip(), *missing]) if missing else text


def _require_confirmed(found: Sequence[ReplyWarning], confirmed: Container[str]) -> None:
    for warning in found:
        if warning.blocking:
            raise RuleError(
                "{problem}", "Change the reply, then send it.", problem=warning.text.rstrip("."), kind=warning.kind
            )
    for warning in found:
        if warning.kind not in confirmed:
            kind = StaleError if warning.kind == "stale" else RuleError
            raise kind(
                "{problem}", "Send it again if it is meant so.", problem=warning.text.rstrip("."), kind=warning.kind
            )


def _ready_case(s: Session, about: Subject, ask: Sequence[AskedQuestion], agent_id: int | None) -> int:
    """The open case that this reply belongs to; a closed one stays closed for a reply that asks nothing."""
    if about.case is None:
        case = require(s, cases.open_case(s, about.conversation.id))
    else:
        case = require(s, about.case.id)
        if case.status == CaseStatus.CLOSED:
            if not ask:
                return case.id
            cases.reopen(s, case.id)
    if case.status == CaseStatus.NEW:
        case.status = CaseStatus.OPEN
    if case.owner_id is None and agent_id is not None:
        case.owner_id = agent_id  # who answers takes it: no work is left to nobody
    s.flush()
    return case.id


def _message(s: Session, about: Subject, content: Content, now: datetime, not_before: datetime) -> Message:
    plugin = registry.plugin(about.account.kind)
    make = getattr(plugin, "new_remote_id", None)  # only channels whose ids we choose offer it
    own_key = make(about.account.settings, about.conversation.id) if make is not None else ""
    return Message(
        id=next_message_ids(s, [now])[0],
        account_id=about.account.id,
        conversation_id=about.conversation.id,
        remote_id=own_key or f"reply-{uuid.uuid4().hex}",
        own_key=own_key,
        direction=Direction.OUT,
        agent_id=content.agent_id,
        sent_at=now,
        text=content.text,
        recipients=list(once(content.to or about.to)),
        delivery=Delivery.QUEUED,
        not_before=not_before,
        template_id=content.template_id,
    )


def _headers(s: Session, about: Subject, cc: Sequence[str]) -> dict[str, Any]:
    rows = s.execute(
        select(Message.own_key, Message.direction)
        .where(Message.conversation_id == about.conversation.id, Message.own_key != "")
        .order_by(Message.id.desc())
        .limit(_REFERENCES - 1)
    ).all()
    first = s.scalar(
        select(Message.own_key)
        .where(Message.conversation_id == about.conversation.id, Message.own_key != "")
        .order_by(Message.id)
        .limit(1)
    )
    theirs = next((row.own_key for row in rows if row.direction == Direction.IN), rows[0].own_key if rows else "")
    keys = [row.own_key for row in reversed(rows)]
    if first and first not in keys:
        keys.insert(0, first)
    return {"cc": list(cc), "in_reply_to": theirs, "references": keys}


def _unless_empty(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _reply_subject(s: Session, about: Subject) -> str:
    """The thread's subject with one "Re:" before it, whatever the other side put there."""
    if not about.manifest.subject:
        return ""
    newest = s.scalar(
        select(Message.subject)
        .where(Message.conversation_id == about.conversation.id, Message.subject != "")
        .order_by(Message.id.desc())
        .limit(1)
    )
    return reply_subject(newest or about.conversation.subject)


_AGAIN = ("re", "aw", "sv", "antw", "rif", "ref", "odp")
"""What mail programs put before the subject of a reply."""


def reply_subject(subject: str) -> str:
    """A subject with one "Re:" before it."""
    rest = subject.strip()
    while True:
        head, colon, tail = rest.partition(":")
        if not colon or head.strip().casefold().rstrip("0123456789[]()") not in _AGAIN:
            return f"Re: {rest}" if rest else ""
        rest = tail.strip()


def put(
    s: Session, case_id: int, message_id: int, ask: Sequence[AskedQuestion], asked_at: datetime | None = None
) -> list[int]:
    """Tie clarifying questions to the message that carries them; ``asked_at`` where it was said already."""
    ids = [one.bank_question_id for one in ask if one.bank_question_id is not None]
    banks = {bank.id: bank for bank in s.scalars(select(BankQuestion).where(BankQuestion.id.in_(ids)))} if ids else {}
    made = []
    for one in ask:
        bank = banks.get(one.bank_question_id or 0)
        made.append(
            Question(
                case_id=case_id,
                bank_question_id=bank.id if bank else None,
                origin=QuestionOrigin.BANK if bank else QuestionOrigin.FREE,
                text=one.text.strip(),
                fact_kind=bank.fact_kind if bank else one.fact_kind,
                message_id=message_id,
                asked_at=asked_at,
            )
        )
    s.add_all(made)
    s.flush()
    return [one.id for one in made]


def attach(
    s: Session, message_id: int, files: Sequence[NewFile], attachment_ids: Sequence[int], shown: Container[str] = ()
) -> list[str]:
    """Give a message its files: new ones, and copies of ones already stored. Answers their names.

    A picture that was pasted into the text goes only if it is among those that are still ``shown`` in it.
    """
    rows = [drafts.stored(s, file) for file in files]
    if attachment_ids:
        columns = ("filename", "content_type", "size", "sha256", "part", "content_id", "inline")
        found = {one.id: one for one in s.scalars(select(Attachment).where(Attachment.id.in_(attachment_ids)))}
        for id_ in attachment_ids:
            if id_ not in found or found[id_].sha256 is None:
                raise NotFoundError("A file of this reply is gone", "Attach it again.")
            rows.append({name: getattr(found[id_], name) for name in columns})
    rows = [row for row in rows if not row["inline"] or row["content_id"] in shown]
    if rows:
        s.execute(insert(Attachment), [{**row, "message_id": message_id} for row in rows])
    return [row["filename"] for row in rows]


def index(s: Session, message: Message, recipients: str = "", files: Sequence[str] = ()) -> None:
    """Make a message of ours searchable."""
    agent = s.get(Agent, message.agent_id) if message.agent_id is not None else None
    row = search.IndexRow(
        message.id,
        message.subject,
        message.text,
        author=agent.name if agent is not None else "",
        recipients=recipients,
        files=" ".join(files),
    )
    search.index_messages(s, [row])


def _count_template(s: Session, template_id: int | None) -> None:
    if template_id is not None:
        s.execute(update(Template).where(Template.id == template_id).values(used_count=Template.used_count + 1))
