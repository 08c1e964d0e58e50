"""A mail that comes after its answers shows that two conversations are one: history arrives in any order."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.services import conversations, tables
from inbox.services.ingest.threads import Link, Place, keys_of
from inbox.store.db import files_of
from inbox.store.models import Account

_conversations, _messages, _keys = tables.conversations.c, tables.messages.c, tables.thread_keys.c


def close(s: Session, account_id: int, links: Sequence[Link]) -> None:
    """Put what answers a mail into the conversation of that mail, where nobody has begun to work on it apart."""
    for link in links:
        apart, into = link.apart, link.into
        if apart.id != into.id and _is_untouched(s, apart) and _began_as_answer(s, account_id, link):
            _move(s, apart, into)
            apart.id = into.id


def _is_untouched(s: Session, place: Place) -> bool:
    row = s.execute(
        select(_conversations.tags).where(
            _conversations.id == place.id,
            _conversations.case_id.is_(None),
            _conversations.dismissed.is_(None),
            _conversations.snoozed_until.is_(None),
        )
    ).one_or_none()
    drafts = tables.drafts.c
    typed = select(drafts.id).where(drafts.conversation_id == place.id).limit(1)
    return row is not None and not row.tags and s.scalar(typed) is None


def _began_as_answer(s: Session, account_id: int, link: Link) -> bool:
    """Whether the first mail of the conversation would have gone to the other one, had it come in time."""
    first = s.execute(
        select(_messages.id, _messages.remote_id, _messages.sent_at)
        .where(_messages.conversation_id == link.apart.id)
        .order_by(_messages.id)
        .limit(1)
    ).one()
    account = s.get_one(Account, account_id)
    settings = {name: str(value) for name, value in account.settings.items()}
    raw = files_of(s).get_source(s, first.id)
    read = registry.plugin(account.kind).read_message(raw, settings, first.remote_id, first.sent_at)
    return first.sent_at >= link.sent_at and link.key in keys_of(read)


def _move(s: Session, apart: Place, into: Place) -> None:
    here = {"conversation_id": into.id}
    s.flush()
    connection = s.connection()
    connection.execute(update(tables.messages).where(_messages.conversation_id == apart.id).values(here))
    connection.execute(update(tables.thread_keys).where(_keys.conversation_id == apart.id).values(here))
    old = connection.execute(select(tables.conversations).where(_conversations.id == apart.id)).one()
    connection.execute(delete(tables.conversations).where(_conversations.id == apart.id))
    connection.execute(
        update(tables.conversations)
        .where(_conversations.id == into.id)
        .values(unread_count=_conversations.unread_count + old.unread_count)
    )
    connection.execute(
        update(tables.conversations)
        .where(
            _conversations.id == into.id,
            _conversations.case_id.is_(None),
            _conversations.last_message_id < old.last_message_id,
        )
        .values(state=old.state, waiting_since=func.coalesce(_conversations.waiting_since, old.waiting_since))
    )
    s.expire_all()
    conversations.refresh(s, [into.id])
