"""The breaker: what goes to one person again and again in the same words waits until somebody of ours says so.

Two machines that answer each other, or a macro that runs astray, stop here. A reply that is held stays in the outbox
with no time to go out at: it can be sent anyway, or taken back into a draft.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from inbox.i18n import tr
from inbox.states import GONE_OUT, Delivery, Direction
from inbox.store.models import Attachment, Conversation, Message

MOST = 3
"""So many equal messages go to one person within ``WITHIN``; the next one is held."""
WITHIN = timedelta(minutes=10)

_MEANT = "sent_anyway"
_PERHAPS_OUT = (*GONE_OUT, Delivery.SENDING, Delivery.UNKNOWN)
_LOOKED_AT = 1000  # the newest of ours in the conversations with a person


def is_held(message: Message) -> bool:
    """Whether a reply waits for a person's word."""
    return message.delivery == Delivery.QUEUED and message.not_before is None


def trips(s: Session, message: Message, now: datetime) -> bool:
    """Whether this reply is one too many: its like went out several times just now, or is held already."""
    words = _words(message)
    if not words or (message.outgoing or {}).get(_MEANT):
        return False
    readers = _readers(message)
    equal = [one for one in _recent(s, message, now) if _words(one) == words and _readers(one) & readers]
    if len(equal) < MOST and not any(is_held(one) for one in equal):
        return False
    files = _files(s, [message.id, *(one.id for one in equal)])
    equal = [one for one in equal if files.get(one.id) == files.get(message.id)]
    return len([one for one in equal if not is_held(one)]) >= MOST or any(is_held(one) for one in equal)


def hold(message: Message) -> None:
    """Let it wait until somebody decides."""
    message.not_before, message.attempts = None, 0
    message.delivery_note = tr(
        "Held back: the same text went to the same person {n} times within {minutes} minutes.",
        n=MOST,
        minutes=WITHIN // timedelta(minutes=1),
    )


def let_pass(message: Message) -> None:
    """A person wants it to go out all the same."""
    message.outgoing = {**(message.outgoing or {}), _MEANT: True}
    message.delivery_note = ""


def _recent(s: Session, message: Message, now: datetime) -> Iterable[Message]:
    """What went out to this person just now, or is held, whichever of their conversations it was written in."""
    here, theirs = aliased(Conversation), aliased(Conversation)
    rooms = (
        select(theirs.id)
        .join(here, or_(theirs.id == here.id, theirs.identity_id == here.identity_id))
        .where(here.id == message.conversation_id)
    )
    went_out = and_(
        Message.delivery.in_(_PERHAPS_OUT), func.coalesce(Message.handed_over_at, Message.sent_at) > now - WITHIN
    )
    held = and_(Message.delivery == Delivery.QUEUED, Message.not_before.is_(None))
    return s.scalars(
        select(Message)
        .where(
            Message.conversation_id.in_(rooms),
            Message.account_id == message.account_id,
            Message.direction == Direction.OUT,
            Message.id != message.id,
            or_(went_out, held),
        )
        .order_by(Message.id.desc())
        .limit(_LOOKED_AT)
    ).all()


def _words(message: Message) -> str:
    return " ".join(message.text.casefold().split())


def _readers(message: Message) -> set[str]:
    extra = message.outgoing or {}
    found = {one.casefold() for one in (*message.recipients, *extra.get("cc", ()), *extra.get("bcc", ()))}
    return found or {f"conversation {message.conversation_id}"}


def _files(s: Session, message_ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.sha256)
    for one in s.scalars(rows):
        if one.message_id is not None:
            found.setdefault(one.message_id, []).append(one.sha256 or "")
    return found
