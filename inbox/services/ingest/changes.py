"""What changed at the other side after a message came or went: edits, removals, delivery news, renamed threads."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import DeliveryNews, Edit
from inbox.events import ConversationChanged
from inbox.services import conversations, outbox, tables
from inbox.services.cleaning import clean, indexable
from inbox.states import Delivery, Direction, MessageKind
from inbox.store import search
from inbox.store.db import files_of, record
from inbox.store.models import Account, Conversation, Message

_LATER = {Delivery.DELIVERED: (Delivery.SENT,), Delivery.READ: (Delivery.SENT, Delivery.DELIVERED)}


def rename_threads(s: Session, account_id: int, moved: Mapping[str, str]) -> None:
    """Know conversations by their new name, so that what comes next joins them. One that is taken is left alone."""
    columns = tables.conversations.c
    for former, new in moved.items():
        taken = select(columns.id).where(columns.account_id == account_id, columns.remote_thread == indexable(new))
        s.execute(
            update(tables.conversations)
            .where(
                columns.account_id == account_id,
                columns.remote_thread == indexable(former),
                ~taken.exists(),
            )
            .values(remote_thread=indexable(new))
        )


def apply_edits(s: Session, account_id: int, edits: Sequence[Edit]) -> None:
    """Take over what was edited or removed. The former text stays as a version; an older edit changes nothing."""
    if not edits:
        return
    account = s.get_one(Account, account_id)
    found = _messages(s, account_id, [edit.remote_id for edit in edits])
    changed: dict[int, int] = {}  # message -> conversation
    for edit in sorted(edits, key=lambda each: each.at):
        message = found.get(indexable(edit.remote_id))
        if message is None:
            continue
        if edit.deleted:
            message.removed_at = message.removed_at or edit.at
        elif not _take_text(s, account, message, edit):
            continue
        changed[message.id] = message.conversation_id
    s.flush()
    _refresh(s, changed)
    for message_id, conversation_id in changed.items():
        record(
            s,
            ConversationChanged(
                account_id=account_id, conversation_id=conversation_id, message_id=message_id, what="edited"
            ),
        )


def _take_text(s: Session, account: Account, message: Message, edit: Edit) -> bool:
    """Put an edit's text in place of the message's; false where it is known already or older than what we have."""
    text = clean(edit.text)
    if text == message.text or (message.edited_at is not None and edit.at < message.edited_at):
        return False
    s.execute(insert(tables.message_versions).values(message_id=message.id, text=message.text, until=edit.at))
    s.flush()
    search.unindex(s, [message.id])
    message.text, message.edited_at = text, edit.at
    s.flush()
    files_of(s).put_source(s, message.id, edit.raw)
    parsed = registry.plugin(account.kind).read_message(edit.raw, {}, message.remote_id, message.sent_at)
    message.has_html = parsed.has_html if parsed.kind is not MessageKind.UNREADABLE else message.has_html
    search.index_messages(s, [_words(s, account, message)])
    return True


def _words(s: Session, account: Account, message: Message) -> search.IndexRow:
    """What of the message is searched."""
    author = s.execute(
        select(tables.identities.c.name, tables.identities.c.handle).where(
            tables.identities.c.id == message.identity_id
        )
    ).one_or_none()
    names = s.scalars(select(tables.attachments.c.filename).where(tables.attachments.c.message_id == message.id)).all()
    return search.IndexRow(
        message_id=message.id,
        subject=message.subject,
        body=message.text,
        author=" ".join(author) if author is not None else account.address,
        recipients=" ".join(message.recipients),
        files=" ".join(names),
    )


def _refresh(s: Session, changed: Mapping[int, int]) -> None:
    """Make the snippets of the conversations anew whose newest message changed."""
    rows = s.scalars(
        select(Conversation).where(
            Conversation.id.in_(set(changed.values())), Conversation.last_message_id.in_(list(changed))
        )
    ).all()
    for conversation in rows:
        conversation.last_message_id = 0
    s.flush()
    conversations.refresh(s, [conversation.id for conversation in rows])


def apply_deliveries(s: Session, account_id: int, deliveries: Sequence[DeliveryNews]) -> None:
    """What became of messages of ours. News come out of order: what was read stays read."""
    if not deliveries:
        return
    found = _messages(s, account_id, [each.remote_id for each in deliveries])
    for news in deliveries:
        message = found.get(indexable(news.remote_id))
        if message is None:
            continue
        if news.delivery is Delivery.FAILED:
            outbox.failed_after_all(s, message.id, news.note)
        elif message.delivery in _LATER.get(news.delivery, ()):
            message.delivery = news.delivery
            s.flush()
            record(
                s,
                ConversationChanged(
                    account_id=account_id,
                    conversation_id=message.conversation_id,
                    message_id=message.id,
                    what="delivery",
                    value=news.delivery.value,
                ),
            )


def apply_seen(s: Session, account_id: int, keys: Sequence[str]) -> None:
    """What was read in another program is read here: of a conversation, all up to its newest such message."""
    if not keys:
        return
    wanted = [indexable(each) for each in keys]
    thread_keys, messages, columns = tables.thread_keys.c, tables.messages.c, tables.conversations.c
    threads = select(thread_keys.conversation_id).where(
        thread_keys.account_id == account_id, thread_keys.key.in_(wanted)
    )
    newest_read = dict(
        s.execute(
            select(messages.conversation_id, func.max(messages.id))
            .where(messages.conversation_id.in_(threads), messages.own_key.in_(wanted))
            .group_by(messages.conversation_id)
        ).all()
    )
    for conversation_id, message_id in newest_read.items():
        left = (
            select(func.count())
            .where(
                messages.conversation_id == conversation_id,
                messages.id > message_id,
                messages.direction == Direction.IN,
            )
            .scalar_subquery()
        )
        changed = s.scalars(
            update(tables.conversations)
            .where(columns.id == conversation_id, columns.unread_count > left)
            .values(unread_count=left)
            .returning(columns.id)
        ).all()
        conversations.forget_loaded(s, changed)
        for each in changed:
            record(s, ConversationChanged(account_id=account_id, conversation_id=each, what="read", value="yes"))


def _messages(s: Session, account_id: int, remote_ids: Sequence[str]) -> dict[str, Message]:
    wanted = {indexable(each) for each in remote_ids}
    rows = s.scalars(select(Message).where(Message.account_id == account_id, Message.remote_id.in_(wanted)))
    return {row.remote_id: row for row in rows}
