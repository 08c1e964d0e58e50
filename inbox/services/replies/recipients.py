"""Whom a reply goes to, who gets a copy, and who is not to be answered at all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.i18n import tr
from inbox.services import settings_store, template_text
from inbox.services.names import PRETENDS, visible_handle
from inbox.services.templates.filling import values
from inbox.services.writing import OtherWay, Writing, is_no_reply, once
from inbox.states import ConversationKind, Delivery, Direction
from inbox.store.db import files_of
from inbox.store.models import Account, Case, Conversation, Identity, Message

_MOST_WAYS = 4


def before_writing(s: Session, conversation_id: int, *, agent_id: int | None, language: str) -> Writing:
    """All that the composer has to know. ``language`` is the one that the customer is written to in."""
    conversation = s.get_one(Conversation, conversation_id)
    account = s.get_one(Account, conversation.account_id)
    handle = visible_handle(s.get_one(Identity, conversation.identity_id).handle)
    newest = _newest(s, conversation_id)
    to, others = _both(s, account, handle, newest)
    trouble = _trouble(to or ((handle,) if handle else ()))
    return Writing(
        to=() if trouble else to,
        others=others,
        trouble=trouble,
        instead=_instead(s, conversation, account) if trouble else (),
        greeting=_greeting(s, conversation, agent_id, language),
        heard_at=newest.sent_at if newest is not None else None,
        listening=_listening(s, conversation, account),
    )


def proposed(s: Session, conversation: Conversation, account: Account, identity: Identity) -> tuple[str, ...]:
    """Whom a reply goes to where nobody chose; empty where nobody is to be answered."""
    to, _others = _both(s, account, visible_handle(identity.handle), _newest(s, conversation.id))
    return () if _trouble(to) else to


def _newest(s: Session, conversation_id: int) -> Message | None:
    return s.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.IN)
        .order_by(Message.id.desc())
        .limit(1)
    ).one_or_none()


def _both(s: Session, account: Account, handle: str, newest: Message | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom the newest message wants its answer to go to, and who else got it; never ourselves."""
    plain = (handle,) if handle else ()
    manifest = registry.manifest(account.kind)
    if not manifest.copies or newest is None:
        return plain, ()
    read = getattr(registry.plugin(account.kind), "read_recipients", None)  # only channels with copies offer it
    raw = files_of(s).get_source(s, newest.id) if read is not None else b""
    wanted, others = read(raw) if read is not None and raw else ((), tuple(newest.recipients))
    author = s.get(Identity, newest.identity_id) if newest.identity_id is not None else None
    own = _own_addresses(s, account.kind)
    to = tuple(one for one in once(wanted) if one.casefold() not in own) if author and author.handle == handle else ()
    to = to or plain
    known = {one.casefold() for one in to} | own
    rest = [author.handle if author is not None else "", *others]
    return to, once(visible_handle(one) for one in rest if one and one.casefold() not in known and "@" in one)


def _own_addresses(s: Session, kind: str) -> set[str]:
    found: set[str] = set()
    for address, settings in s.execute(select(Account.address, Account.settings).where(Account.kind == kind)):
        found.update(each.strip().casefold() for each in (address, str(settings.get("user", ""))) if each)
    return found


def _trouble(to: Sequence[str]) -> str:
    if to and all(is_no_reply(one) for one in to):
        return tr("Nobody reads what is sent to {address}.", address=to[0])
    return ""


def _instead(s: Session, conversation: Conversation, account: Account) -> tuple[OtherWay, ...]:
    """The customer's other identities, with the newest conversation of each."""
    here = str(account.settings.get(PRETENDS) or account.kind)
    found = s.scalars(
        select(Identity)
        .where(
            Identity.customer_id == conversation.customer_id,
            Identity.id != conversation.identity_id,
            Identity.valid.is_(True),
        )
        .order_by(Identity.is_primary.desc(), Identity.id)
    )
    ways = []
    for identity in found:
        if not visible_handle(identity.handle) or is_no_reply(identity.handle):
            continue
        newest = s.scalar(
            select(Conversation.id)
            .where(Conversation.identity_id == identity.id)
            .order_by(Conversation.last_message_id.desc())
            .limit(1)
        )
        if newest is not None or identity.channel == here:
            ways.append(OtherWay(identity.channel, identity.handle, newest))
    return tuple(ways[:_MOST_WAYS])


def _greeting(s: Session, conversation: Conversation, agent_id: int | None, language: str) -> str:
    """Once per contact: before the first reply to the matter at hand, and never in public."""
    text = settings_store.text(s, "greeting")
    if not text.strip() or conversation.kind is ConversationKind.MENTION or _was_answered(s, conversation):
        return ""
    known: dict[str, Any] = values(s, conversation, agent_id=agent_id, language=language)
    filled, missing = template_text.fill(text, known)
    return "" if missing else filled


def _was_answered(s: Session, conversation: Conversation) -> bool:
    replies = select(Message.id).where(
        Message.conversation_id == conversation.id,
        Message.direction == Direction.OUT,
        Message.delivery != Delivery.FAILED,
    )
    case = s.get(Case, conversation.case_id) if conversation.case_id is not None else None
    if case is not None:
        replies = replies.where(Message.sent_at >= case.opened_at)
    return s.scalar(replies.limit(1)) is not None


def _listening(s: Session, conversation: Conversation, account: Account) -> str:
    """Only where people write in short turns: in private, on a channel without subjects."""
    plays = str(account.settings.get(PRETENDS, ""))
    has_subject = plays == "email" if plays else registry.manifest(account.kind).subject
    if has_subject or conversation.kind is ConversationKind.MENTION:
        return "off"
    return settings_store.text(s, "listening")
