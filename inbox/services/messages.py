"""One message: its body as it is shown, its bytes, its files, and trying again to read what could not be read."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Incoming
from inbox.errors import NotFoundError, RuleError
from inbox.events import ConversationChanged
from inbox.services import conversations, tables
from inbox.services.cleaning import cleaned
from inbox.services.ingest import people, storing
from inbox.services.rows import AttachmentRow, MessageBody
from inbox.states import Direction, MessageKind
from inbox.store import search
from inbox.store.db import files_of, record
from inbox.store.models import Account, Attachment, Case, Conversation, Customer, Identity, Message


def body(s: Session, message_id: int, *, remote_images: bool = False) -> MessageBody:
    """A message's body for the screen: its HTML sanitised, remote images only where asked for."""
    message, account = _require(s, message_id)
    raw = files_of(s).get_source(s, message_id)
    if not message.has_html:
        return MessageBody(message_id, message.text, "")
    if not raw:  # a reply of ours that has not gone out yet
        return MessageBody(message_id, message.text, (message.outgoing or {}).get("html", ""), _pictures(s, message_id))
    parsed = registry.plugin(account.kind).read_body(raw, remote_images=remote_images)
    return MessageBody(
        message_id=message_id,
        text=message.text or parsed.text,
        html=parsed.html,
        inline=dict(parsed.inline),
        remote_images=parsed.remote_images,
    )


def _pictures(s: Session, message_id: int) -> dict[str, bytes]:
    found = select(Attachment).where(Attachment.message_id == message_id, Attachment.inline.is_(True))
    store = files_of(s)
    return {one.content_id: store.get(s, one.sha256) for one in s.scalars(found) if one.sha256}


def source(s: Session, message_id: int) -> bytes:
    """A message's bytes as they came or went; empty for what never had any, such as a note."""
    _require(s, message_id)
    return files_of(s).get_source(s, message_id)


def attachment(s: Session, attachment_id: int) -> tuple[AttachmentRow, bytes]:
    """A file with its content, wherever that lies."""
    found = s.get(Attachment, attachment_id)
    if found is None:
        raise NotFoundError("There is no such file any more", "It may have been erased.")
    row = AttachmentRow(found.id, found.filename, found.content_type, found.size, found.content_id, found.inline)
    if found.sha256 is not None:
        return row, files_of(s).get(s, found.sha256)
    if found.message_id is None:
        return row, b""
    _, account = _require(s, found.message_id)
    raw = files_of(s).get_source(s, found.message_id)
    return row, registry.plugin(account.kind).read_part(raw, found.part)


def read_again(s: Session, message_id: int) -> bool:
    """Try again to read a message that could not be read; whether it worked. It stays in its place in the thread."""
    message, account = _require(s, message_id)
    if message.kind is not MessageKind.UNREADABLE:
        raise RuleError("This message could be read already", "There is nothing to try again.")
    raw = files_of(s).get_source(s, message_id)
    settings = {name: str(value) for name, value in account.settings.items()}
    parsed = cleaned([registry.plugin(account.kind).read_message(raw, settings, message.remote_id, message.sent_at)])[0]
    message.problem = parsed.problem
    if parsed.kind is MessageKind.UNREADABLE:
        s.flush()
        return False
    _take_over(s, message, account, parsed)
    conversations.register_key(s, account.id, parsed.own_key or message.remote_id, message.conversation_id)
    record(
        s,
        ConversationChanged(
            account_id=account.id, conversation_id=message.conversation_id, message_id=message.id, what="read_again"
        ),
    )
    return True


def _take_over(s: Session, message: Message, account: Account, parsed: Incoming) -> None:
    """Put what was understood in place of the problem: text, sender's name, files and searchable words."""
    search.unindex(s, [message.id])
    message.kind, message.subject, message.text = parsed.kind, parsed.subject, parsed.text
    message.has_html, message.own_key = parsed.has_html, parsed.own_key
    message.recipients = list(parsed.recipients)
    s.execute(delete(tables.attachments).where(tables.attachments.c.message_id == message.id))
    s.flush()
    storing.insert_attachments(s, account.kind, [(message.id, parsed)])
    search.index_messages(s, [storing.words(message.id, parsed)])
    if parsed.author.handle and message.direction != Direction.OUT:
        _name_sender(s, message, account, parsed)
    conversation = s.get_one(Conversation, message.conversation_id)
    conversation.subject = conversation.subject or message.subject
    if conversation.last_message_id == message.id:
        conversation.last_message_id = 0  # so that the snippet is made anew
    s.flush()
    conversations.refresh(s, [conversation.id])


def _name_sender(s: Session, message: Message, account: Account, parsed: Incoming) -> None:
    """The sender is known now: what stood under "unknown" goes to the customer who it is."""
    placeholder = s.get_one(Identity, message.identity_id)
    if not placeholder.handle.startswith(people.UNKNOWN_SENDER):
        return
    [person] = people.resolve(s, account.kind, [parsed])
    to_person = {"customer_id": person.customer_id}
    of_nobody = Conversation.identity_id == placeholder.id
    cases = select(Conversation.case_id).where(of_nobody, Conversation.case_id.is_not(None))
    s.execute(update(Case).where(Case.id.in_(cases)).values(to_person))
    s.execute(update(Message).where(Message.identity_id == placeholder.id).values(identity_id=person.identity_id))
    s.execute(update(Conversation).where(of_nobody).values(identity_id=person.identity_id, **to_person))
    s.execute(delete(Identity).where(Identity.id == placeholder.id))
    if not s.scalar(select(Identity.id).where(Identity.customer_id == placeholder.customer_id).limit(1)):
        s.execute(delete(Customer).where(Customer.id == placeholder.customer_id))
    s.expire_all()


def _require(s: Session, message_id: int) -> tuple[Message, Account]:
    found = s.execute(
        select(Message, Account).join(Account, Account.id == Message.account_id).where(Message.id == message_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("There is no such message any more", "It may have been taken back.")
    return found[0], found[1]
