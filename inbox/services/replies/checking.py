"""What to look at before a reply goes out: what stops it, and what only warns."""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Manifest
from inbox.errors import NotFoundError
from inbox.i18n import tr, tr_n
from inbox.lazy_dataclass import dataclass
from inbox.services import charges, questions, template_text
from inbox.services.cases.put import Put, put_in
from inbox.services.cases.rooms import members
from inbox.services.names import PRETENDS, is_unknown
from inbox.services.question_text import is_courtesy
from inbox.services.replies import recipients
from inbox.services.rows import AskedQuestion, NewFile, ReplyWarning
from inbox.services.text_length import has_link, measure
from inbox.services.writing import is_address, is_no_reply
from inbox.states import CaseStatus, ConversationKind, Delivery, Direction
from inbox.store.models import Account, BankQuestion, Case, Conversation, Identity, Message, Template

ENOUGH = 2
"""A solution offered before this many questions were asked warns."""

_PROMISED = re.compile(
    r"\b(?:adjunt[oa]s?|adjuntamos|adjuntándo\w*|adjuntad[oa]s?|adjuntar(?:é|emos)|anex[oa]s?|anexamos|"
    r"attach(?:ed|ing|ment|ments)?|enclosed)\b",
    re.I,
)
_QUOTED = re.compile(r"^>.*$", re.M)
_ASKING_FOR_IT = re.compile(
    r"\b(?:puedes?|podr[ií]as?|podr[ií]an?|(?:could|can|would) you|please|por favor|nos|me)\W+(?:\w+\W+){0,3}"
    r"(?:adjuntar\w*|adjunte\w*|attach\b)|\b(?:su|tu|your)\W+(?:\w+\W+)?(?:adjunt|attach)\w*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a reply is about to go into."""

    conversation: Conversation
    account: Account
    identity: Identity
    manifest: Manifest
    case: Case | None
    put: tuple[Put, ...]  # the questions of the case
    to: tuple[str, ...]  # whom a reply goes to where nobody chose


@dataclass(frozen=True, slots=True)
class Content:
    """What a person wants to send."""

    text: str
    ask: Sequence[AskedQuestion] = ()
    template_id: int | None = None
    files: int = 0
    seen_message_id: int | None = None
    agent_id: int | None = None
    to: Sequence[str] = ()  # empty: whom the conversation is with
    copies: Sequence[str] = ()  # open and blind ones


def find_subject(s: Session, conversation_id: int) -> Subject:
    """Read all that the checks need. Raises NotFoundError."""
    found = s.execute(
        select(Conversation, Account, Identity)
        .join(Account, Account.id == Conversation.account_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Conversation.id == conversation_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    conversation, account, identity = found
    case = s.get(Case, conversation.case_id) if conversation.case_id is not None else None
    put = tuple(put_in(s, case.id)) if case is not None else ()
    to = recipients.proposed(s, conversation, account, identity)
    return Subject(conversation, account, identity, registry.manifest(account.kind), case, put, to)


def warnings(
    s: Session,
    conversation_id: int,
    text: str,
    *,
    agent_id: int | None = None,
    ask: Sequence[AskedQuestion] = (),
    template_id: int | None = None,
    files: Sequence[NewFile] = (),
    attachment_ids: Sequence[int] = (),
    seen_message_id: int | None = None,
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
) -> list[ReplyWarning]:
    """Everything to look at before this reply is sent; the blocking ones first."""
    carried = len(files) + len(attachment_ids)
    content = Content(text, ask, template_id, carried, seen_message_id, agent_id, to, (*cc, *bcc))
    return check(s, find_subject(s, conversation_id), content)


def check(s: Session, subject: Subject, content: Content) -> list[ReplyWarning]:
    """The same, with all that is needed read before."""
    found = [
        *_channel(subject, content),
        *_recipients(subject, content),
        *_text(content),
        *_asked(content),
        *_newer(s, subject, content),
        *_gate(s, subject, content),
        *_known(s, subject, content),
    ]
    return sorted(found, key=lambda warning: not warning.blocking)


def _channel(subject: Subject, content: Content) -> Iterator[ReplyWarning]:
    manifest = subject.manifest
    if not manifest.sends:
        text = tr("Nothing can be sent by {channel}.", channel=tr(manifest.label))
        yield ReplyWarning("cannot_send", text, blocking=True)
    if content.files and not manifest.attachments:
        text = tr("{channel} can't carry files.", channel=tr(manifest.label))
        yield ReplyWarning("no_attachments", text, blocking=True)
    length, most = measure(content.text, manifest.length_unit), _most(subject)
    if most is not None and length > most and not manifest.splits:
        text = tr("The text is too long: {length} of {most}.", length=length, most=most)
        yield ReplyWarning("too_long", text, blocking=True)
    if manifest.metered and subject.conversation.kind is ConversationKind.MENTION and has_link(content.text):
        costs = charges.prices(subject.account.kind, subject.account.settings)
        dear, plain = costs.get("post_with_link", 0.0), costs.get("answer", 0.0)
        text = tr(
            "With a link this costs {dear} USD, without one {plain} USD.", dear=f"{dear:.2f}", plain=f"{plain:.2f}"
        )
        yield ReplyWarning("dear", text)


def _most(subject: Subject) -> int | None:
    """How long a text may be: in private often longer than in public."""
    manifest = subject.manifest
    private = subject.conversation.kind is ConversationKind.DIRECT
    return manifest.private_max_length if private and manifest.private_max_length else manifest.max_length


def _recipients(subject: Subject, content: Content) -> Iterator[ReplyWarning]:
    handle, to = subject.identity.handle, content.to or subject.to
    if not to and (not handle.strip() or is_unknown(handle)):
        yield ReplyWarning("no_recipient", tr("Nobody knows where to send it: no sender is named."), blocking=True)
    elif not to:
        text = tr("Nobody reads what is sent to {address}.", address=handle)
        yield ReplyWarning("no_recipient", text, blocking=True)
    elif handle in to and not subject.identity.valid:
        reason = subject.identity.invalid_reason
        text = tr("What was sent to {handle} came back: {reason}", handle=handle, reason=reason)
        yield ReplyWarning("invalid_recipient", text)
    plays = subject.account.settings.get(PRETENDS, "email")  # a demo account carries what the channel does it plays
    if subject.manifest.copies and plays == "email":
        yield from _addresses((*to, *content.copies), chosen=content.to)
    elif content.copies or len(to) > 1:
        text = tr("{channel} carries a message to one person only.", channel=tr(subject.manifest.label))
        yield ReplyWarning("no_copies", text, blocking=True)


def _addresses(every: Sequence[str], chosen: Sequence[str]) -> Iterator[ReplyWarning]:
    bad = [one for one in every if not is_address(one)]
    if bad:
        text = tr("This is no email address: {address}", address=", ".join(bad))
        yield ReplyWarning("bad_address", text, blocking=True)
    for one in chosen:
        if is_no_reply(one):
            yield ReplyWarning("no_reply", tr("Nobody reads what is sent to {address}.", address=one))


def _text(content: Content) -> Iterator[ReplyWarning]:
    if not content.text.strip() and not content.files:
        yield ReplyWarning("empty", tr("There is nothing to send yet."), blocking=True)
    holes = template_text.holes(content.text)
    if holes:
        text = tr("A value is missing: {names}. Fill it in or take it out.", names=", ".join(holes))
        yield ReplyWarning("missing_value", text, blocking=True)
    promised = _PROMISED.search(_ASKING_FOR_IT.sub("", _QUOTED.sub("", content.text)))
    if promised and not content.files:
        text = tr("The text says «{word}», but no file is attached.", word=promised.group())
        yield ReplyWarning("forgotten_attachment", text)


def _asked(content: Content) -> Iterator[ReplyWarning]:
    for one in content.ask:
        if is_courtesy(one.text):
            text = tr("«{question}» is courtesy: it does not count as a clarifying question.", question=one.text)
            yield ReplyWarning("courtesy_question", text, blocking=True)
        elif not questions.stands_in(one.text, content.text):
            text = tr("The question «{question}» does not stand in the text.", question=one.text)
            yield ReplyWarning("question_not_in_text", text, blocking=True)


def _newer(s: Session, subject: Subject, content: Content) -> Iterator[ReplyWarning]:
    """A colleague's reply counts as well as the customer's message: two answers are worse than none."""
    if content.seen_message_id is None:
        return
    rooms = {subject.conversation.id, *(members(s, [subject.case.id]) if subject.case is not None else ())}
    counted = (
        select(Message.direction, func.count().label("n"))
        .where(
            Message.conversation_id.in_(rooms),
            Message.direction != Direction.NOTE,
            Message.id > content.seen_message_id,
        )
        .group_by(Message.direction)
    )
    newer = {row.direction: row.n for row in s.execute(counted)}
    if theirs := newer.get(Direction.IN, 0):
        text = tr_n(
            "The customer wrote {n} more message: look at it before you send.",
            "The customer wrote {n} more messages: look at them before you send.",
            theirs,
        )
        yield ReplyWarning("stale", text)
    elif newer:
        yield ReplyWarning("stale", tr("A colleague has answered meanwhile: look at it before you send."))


def _gate(s: Session, subject: Subject, content: Content) -> Iterator[ReplyWarning]:
    case = subject.case
    live = () if case is None or (case.status == CaseStatus.CLOSED and not content.ask) else subject.put
    before = sum(one.delivery != Delivery.FAILED for one in live)
    if content.ask and before + len(content.ask) > questions.MOST:
        text = tr("That would be {n} questions in this case: three are enough.", n=before + len(content.ask))
        yield ReplyWarning("too_many_questions", text)
    template = s.get(Template, content.template_id) if content.template_id is not None else None
    if template is not None and template.solution and sum(one.counts for one in subject.put) < ENOUGH:
        text = tr("This offers a solution before two clarifying questions were asked.")
        yield ReplyWarning("solution_too_early", text)


def _known(s: Session, subject: Subject, content: Content) -> Iterator[ReplyWarning]:
    """Nobody likes to be asked what they have told already."""
    ids = [one.bank_question_id for one in content.ask if one.bank_question_id is not None]
    if not ids:
        return
    banks = {bank.id: bank for bank in s.scalars(select(BankQuestion).where(BankQuestion.id.in_(ids)))}
    facts = questions.known_facts(s, subject.conversation.customer_id)
    for one in content.ask:
        bank = banks.get(one.bank_question_id or 0)
        fact = facts.get(bank.fact_kind) if bank is not None else None
        if bank and fact and questions.is_fresh(fact, bank.fresh_days) and fact.value not in one.text:
            text = tr("«{question}» is known already: {value}", question=one.text, value=fact.value)
            yield ReplyWarning("already_known", text)
