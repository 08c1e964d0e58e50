"""What is on its way out: claimed by one engine, handed over, settled. Never a second copy by itself."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from inbox.channels import registry
from inbox.channels.base import Bounce, Outgoing, OutgoingFile, Receipt
from inbox.errors import NotFoundError, RuleError
from inbox.events import QuestionAsked, ReplyQueued, ReplySettled
from inbox.services import breaker, cases, charges, conversations, customers, settings_store
from inbox.services.cases.rooms import locked
from inbox.states import GONE_OUT, CaseStatus, ConversationKind, Delivery, Direction
from inbox.store import search
from inbox.store.db import files_of, record
from inbox.store.models import Account, Agent, Attachment, Case, Conversation, Identity, Message, Question, ThreadKey

_PENDING = (Delivery.QUEUED, Delivery.SENDING)
# Full for now, too large, not understood or not let in (RFC 3463): the address itself is right.
_NOT_THE_ADDRESS = ("4.", "5.2.2", "5.2.3", "5.3.", "5.5.", "5.6.", "5.7.")


def claim(s: Session, account_id: int, engine: str, now: datetime) -> Outgoing | None:
    """Take the next reply that is due, for this engine alone; None where nothing is. A short transaction of its own.

    A reply that is tried again is not overtaken by later ones of its conversation. What the breaker stops is held.
    """
    message = _next(s, account_id, now)
    while message is not None and breaker.trips(s, message, now):
        breaker.hold(message)
        _tell(s, message)
        message = _next(s, account_id, now)
    if message is None:
        return None
    message.delivery = Delivery.SENDING
    message.claimed_by = engine
    s.flush()
    return _outgoing(s, message)


def _next(s: Session, account_id: int, now: datetime) -> Message | None:
    earlier = aliased(Message)
    overtaking = (
        select(earlier.id)
        .where(
            earlier.conversation_id == Message.conversation_id,
            earlier.id < Message.id,
            earlier.delivery.in_(_PENDING),
            earlier.attempts > 0,
        )
        .exists()
    )
    return s.scalars(
        select(Message)
        .where(
            Message.account_id == account_id,
            Message.delivery == Delivery.QUEUED,
            Message.not_before <= now,
            ~overtaking,
        )
        .order_by(Message.not_before, Message.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _outgoing(s: Session, message: Message) -> Outgoing:
    conversation, account = s.execute(
        select(Conversation, Account)
        .join(Account, Account.id == Conversation.account_id)
        .where(Conversation.id == message.conversation_id)
    ).one()
    extra = message.outgoing or {}
    return Outgoing(
        message_id=message.id,
        remote_id=message.own_key,
        to=tuple(message.recipients),
        text=message.text,
        subject=message.subject,
        html=extra.get("html", ""),
        cc=tuple(extra.get("cc", ())),
        bcc=tuple(extra.get("bcc", ())),
        from_name=_from_name(s, message, account),
        remote_thread=conversation.remote_thread,
        in_reply_to=extra.get("in_reply_to", ""),
        references=tuple(extra.get("references", ())),
        files=_files(s, message.id),
        public=conversation.kind == ConversationKind.MENTION,
        maybe_sent=message.handed_over_at is not None,
    )


def _from_name(s: Session, message: Message, account: Account) -> str:
    """Who the customer sees: the person and the company, as far as they have names."""
    agent = s.get(Agent, message.agent_id) if message.agent_id is not None else None
    names = [agent.name if agent is not None else "", settings_store.text(s, "company.name")]
    return " · ".join(name for name in names if name) or account.name


def _files(s: Session, message_id: int) -> tuple[OutgoingFile, ...]:
    found = s.scalars(select(Attachment).where(Attachment.message_id == message_id).order_by(Attachment.id))
    store = files_of(s)
    return tuple(
        OutgoingFile(one.filename, one.content_type, store.get(s, one.sha256), one.content_id)
        for one in found
        if one.sha256
    )


def next_due(s: Session, account_id: int) -> datetime | None:
    """When the next reply of an account is due."""
    return s.scalar(
        select(func.min(Message.not_before)).where(
            Message.account_id == account_id, Message.delivery == Delivery.QUEUED
        )
    )


def handed_over(s: Session, message_id: int) -> None:
    """From now on it may have gone out: committed before the bytes can take effect."""
    message = _require(s, message_id, Delivery.SENDING)
    message.handed_over_at = datetime.now(UTC)
    s.flush()


def settle(s: Session, message_id: int, receipt: Receipt) -> None:
    """The other side took it. Its questions are asked from now on, and the case waits for the customer."""
    message = _find(s, message_id)
    charges.add(s, message.account_id, receipt.charges)
    if message.delivery in GONE_OUT:
        return
    if receipt.remote_id and receipt.remote_id != message.remote_id and not message.own_key:
        _take_remote_id(s, message, receipt.remote_id)
    if receipt.raw:
        files_of(s).put_source(s, message.id, receipt.raw)
    note = "; ".join(f"{recipient}: {words}" for recipient, words in receipt.refused)
    _went_out(s, message, note)


def _take_remote_id(s: Session, message: Message, remote_id: str) -> None:
    """Their id of it. Where the channel has shown us our own message already, that copy gives way."""
    copy = s.scalars(
        select(Message).where(Message.account_id == message.account_id, Message.remote_id == remote_id)
    ).one_or_none()
    if copy is not None and copy.direction == Direction.OUT and copy.conversation_id == message.conversation_id:
        search.unindex(s, [copy.id])
        s.delete(copy)
        s.flush()
    elif copy is not None:
        return
    message.remote_id = remote_id


def _went_out(s: Session, message: Message, note: str = "") -> None:
    now = datetime.now(UTC)
    put = _questions(s, message.id)
    for case_id in {question.case_id for question in put}:
        if cases.require(s, case_id).status == CaseStatus.CLOSED:  # while nobody knew: now a question waits in it
            cases.reopen(s, case_id, "bounce")
    message.delivery, message.delivery_note, message.sent_at, message.claimed_by = Delivery.SENT, note, now, ""
    s.flush()
    conversation = s.get(Conversation, message.conversation_id)
    case = _case_of(s, message)
    if case is not None and case.status != CaseStatus.CLOSED:
        case.first_reply_at = case.first_reply_at or now
        newest = s.scalar(
            select(func.max(Message.id)).where(
                Message.conversation_id == message.conversation_id, Message.direction == Direction.IN
            )
        )
        if newest is None or newest < message.id:  # what came in after it was written still waits for us
            case.waiting_since = None
            if case.status in (CaseStatus.NEW, CaseStatus.OPEN):
                case.status = CaseStatus.WAITING
        s.flush()
    for question in put:
        question.asked_at = now
        s.flush()
        record(
            s,
            QuestionAsked(
                case_id=question.case_id,
                conversation_id=message.conversation_id,
                customer_id=conversation.customer_id if conversation else None,
                message_id=message.id,
                question_id=question.id,
            ),
        )
    _tell(s, message)


def fail(s: Session, message_id: int, error: object) -> None:
    """It will never go out as it is; ``error`` is the other side's own words."""
    message = _find(s, message_id)
    if message.delivery in GONE_OUT:
        return
    message.delivery, message.delivery_note, message.claimed_by = Delivery.FAILED, str(error), ""
    message.handed_over_at = None
    _wake(s, message)
    _tell(s, message)


def retry_later(s: Session, message_id: int, error: object, at: datetime, *, not_taken: bool = False) -> None:
    """Try it again then. ``not_taken``: the other side itself said that it did not take it.

    Without that, a reply that was handed over is tried again only on a channel that can look for it first; on the
    others it becomes *unknown*, and a person decides.
    """
    message = _find(s, message_id)
    if message.delivery not in _PENDING:
        return
    if not_taken:
        message.handed_over_at = None
    if message.handed_over_at is not None and not _finds_sent(s, message):
        unknown(s, message_id, str(error))
        return
    message.delivery, message.delivery_note, message.claimed_by = Delivery.QUEUED, str(error), ""
    message.attempts += 1
    message.not_before = at
    _tell(s, message)


def unknown(s: Session, message_id: int, note: str) -> None:
    """It may have gone out or not, and nobody can tell: a person decides."""
    message = _find(s, message_id)
    if message.delivery not in _PENDING:
        return
    message.delivery, message.delivery_note, message.claimed_by = Delivery.UNKNOWN, note, ""
    _tell(s, message)


def recover(s: Session, account_id: int, engine: str, can_find: bool) -> int:
    """Take up what an engine that died left in *sending*; call it holding the account's lease. Answers how many.

    What was not handed over did not go out. What was is looked for before it is sent again; where the channel can't
    look, it is *unknown*.
    """
    left = s.scalars(
        select(Message)
        .where(Message.account_id == account_id, Message.delivery == Delivery.SENDING, Message.claimed_by != engine)
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    ).all()
    for message in left:
        if message.handed_over_at is not None and not can_find:
            unknown(s, message.id, "")
            continue
        message.delivery, message.claimed_by = Delivery.QUEUED, ""
        _tell(s, message)
    return len(left)


def decide(s: Session, message_id: int, was_sent: bool) -> None:
    """A person says what became of an unknown reply."""
    message = _require(s, message_id, Delivery.UNKNOWN)
    if was_sent:
        _went_out(s, message)
        return
    message.delivery, message.handed_over_at = Delivery.FAILED, None
    _wake(s, message)
    _tell(s, message)


def try_again(s: Session, message_id: int) -> None:
    """Send a failed reply once more, as it is."""
    message = _require(s, message_id, Delivery.FAILED)
    put = _questions(s, message_id)
    for case_id in {question.case_id for question in put}:
        case = cases.require(s, case_id)
        if case.status == CaseStatus.CLOSED:
            raise RuleError("Case {id} is closed", "Reopen it first: this reply asks a question in it.", id=case.id)
    message.delivery, message.delivery_note, message.attempts = Delivery.QUEUED, "", 0
    message.handed_over_at, message.not_before = None, datetime.now(UTC)
    _tell(s, message)
    record(
        s,
        ReplyQueued(account_id=message.account_id, conversation_id=message.conversation_id, message_id=message.id),
    )


def came_back(s: Session, account_id: int, own_key: str, bounce: Bounce) -> bool:
    """A delivery report about a reply of ours; false where it is about none, or only says that it will be late.

    The reply failed after all, its questions were not asked, its address is marked, and a closed case is reopened.
    """
    message = _reply_with(s, account_id, own_key)
    if message is None or not bounce.permanent or message.delivery == Delivery.FAILED:
        return False
    words = bounce.diagnostic or bounce.status
    recipient = bounce.recipient.strip().casefold()
    if recipient and not _is_lost(s, message, recipient):
        message.delivery_note = f"{bounce.recipient}: {words}"
        _tell(s, message)
        return True
    failed_after_all(s, message.id, words)
    if not bounce.status.startswith(_NOT_THE_ADDRESS):
        _mark_invalid(s, message, [bounce.recipient.strip()] if recipient else message.recipients, words)
    return True


def failed_after_all(s: Session, message_id: int, words: str) -> None:
    """The other side took a reply of ours and could not deliver it: its questions were not asked, its case is open."""
    message = _find(s, message_id)
    if message.delivery == Delivery.FAILED:
        return
    put = _questions(s, message.id)
    case = _case_of(s, message)
    for case_id in {*(question.case_id for question in put), *([case.id] if case is not None else [])}:
        cases.reopen(s, case_id, "bounce")
    for question in put:
        question.asked_at = question.no_answer_at = None
    s.flush()
    message.delivery, message.delivery_note, message.handed_over_at = Delivery.FAILED, words, None
    _wake(s, message)
    _tell(s, message)


def _reply_with(s: Session, account_id: int, own_key: str) -> Message | None:
    """By the thread's key, which is indexed; ``own_key`` alone is not."""
    if not own_key:
        return None
    return s.scalars(
        select(Message)
        .join(ThreadKey, ThreadKey.conversation_id == Message.conversation_id)
        .where(
            ThreadKey.account_id == account_id,
            ThreadKey.key == own_key,
            Message.own_key == own_key,
            Message.direction == Direction.OUT,
        )
        .limit(1)
    ).first()


def _is_lost(s: Session, message: Message, recipient: str) -> bool:
    """Whether a reply missed whom it was for; false where only a copy came back, or one of several readers'."""
    if recipient not in [one.casefold() for one in message.recipients]:
        return False
    answered = s.scalar(
        select(Identity.handle)
        .join(Conversation, Conversation.identity_id == Identity.id)
        .where(Conversation.id == message.conversation_id)
    )
    return len(message.recipients) == 1 or recipient == (answered or "").casefold()


def _mark_invalid(s: Session, message: Message, handles: Sequence[str], words: str) -> None:
    kind = s.scalar(select(Account.kind).where(Account.id == message.account_id))
    found = s.scalars(
        select(Identity.id).where(Identity.channel == kind, Identity.handle.in_([one.lower() for one in handles]))
    )
    for identity_id in found:
        customers.mark_invalid(s, identity_id, words)


def _wake(s: Session, message: Message) -> None:
    """A reply that did not arrive is ours to work on again: the customer still waits."""
    case = _case_of(s, message)
    if case is not None and case.status in (CaseStatus.WAITING, CaseStatus.SOLVED):
        case.status = CaseStatus.OPEN
    if case is not None and case.status == CaseStatus.OPEN and case.waiting_since is None:
        case.waiting_since = datetime.now(UTC)
    s.flush()


def _case_of(s: Session, message: Message) -> Case | None:
    """The case of the message's conversation, locked."""
    case_id = s.scalar(select(Conversation.case_id).where(Conversation.id == message.conversation_id))
    return locked(s, Case, case_id) if case_id is not None else None


def _questions(s: Session, message_id: int) -> Sequence[Question]:
    return s.scalars(select(Question).where(Question.message_id == message_id).order_by(Question.id)).all()


def _finds_sent(s: Session, message: Message) -> bool:
    kind = s.scalar(select(Account.kind).where(Account.id == message.account_id))
    return registry.manifest(kind or "").finds_sent


def _find(s: Session, message_id: int) -> Message:
    message = locked(s, Message, message_id)
    if message is None or message.direction != Direction.OUT:
        raise NotFoundError("There is no reply {id}", "It may have been taken back.", id=message_id)
    return message


def _require(s: Session, message_id: int, delivery: Delivery) -> Message:
    message = _find(s, message_id)
    if message.delivery != delivery:
        raise RuleError("This reply has moved on meanwhile", "Look again what became of it.")
    return message


def _tell(s: Session, message: Message) -> None:
    """Note what became of it, and bring the list up to date."""
    s.flush()
    found: Any = s.execute(
        select(Conversation.case_id, Conversation.customer_id).where(Conversation.id == message.conversation_id)
    ).one()
    rooms = cases.members(s, [found.case_id]) if found.case_id is not None else []
    conversations.refresh(s, sorted({message.conversation_id, *rooms}))
    record(
        s,
        ReplySettled(
            account_id=message.account_id,
            conversation_id=message.conversation_id,
            case_id=found.case_id,
            customer_id=found.customer_id,
            message_id=message.id,
            delivery=message.delivery.value,
        ),
    )
