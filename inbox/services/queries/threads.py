"""The thread of a conversation: the messages of all conversations of its case, the newest page first."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, exists, literal, select, union_all
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.errors import NotFoundError
from inbox.i18n import language
from inbox.services import tables
from inbox.services.names import channel_column, customer_name, visible_handle
from inbox.services.rows import AttachmentRow, MessageRow, ThreadPage
from inbox.states import Direction

_messages = tables.messages.c


def thread(s: Session, conversation_id: int, *, before: int | None = None, limit: int = 20) -> ThreadPage:
    """The newest messages, or those before a message; the oldest of them first. Raises NotFoundError."""
    inside = conversations_with(s, conversation_id)
    ids = _newest_ids(s, inside, before, limit + 1)
    rows = message_rows(s, ids[:limit][::-1])
    return ThreadPage(tuple(rows), ids[limit - 1] if len(ids) > limit else None)


def conversations_with(s: Session, conversation_id: int) -> list[int]:
    """The conversations of the same case, this one included."""
    columns = tables.conversations.c
    here = tables.conversations.alias()
    found = s.scalars(
        select(columns.id)
        .join(here, (here.c.id == columns.id) | (here.c.case_id == columns.case_id))
        .where(here.c.id == conversation_id)
    ).all()
    if not found:
        raise NotFoundError("There is no conversation {id}", "It may have been removed.", id=conversation_id)
    return list(found)


def message_rows(s: Session, ids: Sequence[int]) -> list[MessageRow]:
    """These messages, in this order."""
    if not ids:
        return []
    found = {row.id: row for row in s.execute(_query().where(_messages.id.in_(ids)))}
    attachments = _attachments(s, ids)
    questions = _questions(s, ids)
    former = _former_texts(s, [id_ for id_, row in found.items() if row.edited_at is not None])
    return [
        _row(found[id_], attachments.get(id_, []), questions.get(id_, []), former.get(id_, ()))
        for id_ in ids
        if id_ in found
    ]


def _newest_ids(s: Session, conversation_ids: Sequence[int], before: int | None, limit: int) -> list[int]:
    """Each conversation's newest by its own index, so that a long thread costs no more than a short one."""
    parts = []
    for conversation_id in conversation_ids:
        part = select(_messages.id).where(_messages.conversation_id == conversation_id)
        if before is not None:
            part = part.where(_messages.id < before)
        parts.append(select(part.order_by(_messages.id.desc()).limit(limit).subquery().c.id))
    newest = union_all(*parts).subquery()
    return list(s.scalars(select(newest.c.id).order_by(newest.c.id.desc()).limit(limit)))


def _query() -> Any:
    accounts, identities, agents = tables.accounts, tables.identities, tables.agents
    joined = (
        tables.messages.outerjoin(accounts, accounts.c.id == _messages.account_id)
        .outerjoin(identities, identities.c.id == _messages.identity_id)
        .outerjoin(tables.customers, tables.customers.c.id == identities.c.customer_id)
        .outerjoin(agents, agents.c.id == _messages.agent_id)
        .outerjoin(tables.templates, tables.templates.c.id == _messages.template_id)
    )
    return select(
        *_messages,
        accounts.c.kind.label("account_kind"),
        channel_column().label("channel"),
        accounts.c.name.label("account_name"),
        accounts.c.address.label("account_address"),
        identities.c.name.label("identity_name"),
        identities.c.handle,
        tables.customers.c.name.label("customer_name"),
        agents.c.name.label("agent_name"),
        (tables.templates.c.name_es if language() == "es" else tables.templates.c.name_en).label("template_name"),
        exists(
            select(literal(1)).where(tables.message_sources.c.message_id == _messages.id).correlate(tables.messages)
        ).label("has_source"),
    ).select_from(joined)


def _row(
    row: Row[*tuple[Any, ...]], attachments: list[AttachmentRow], questions: list[str], former_texts: tuple[str, ...]
) -> MessageRow:
    incoming = row.direction is Direction.IN
    named = row.identity_name or row.customer_name
    folded = row.text if row.direction is Direction.NOTE else registry.plugin(row.account_kind).visible_text(row.text)
    return MessageRow(
        id=row.id,
        conversation_id=row.conversation_id,
        account_id=row.account_id,
        channel=row.channel,
        direction=row.direction,
        kind=row.kind,
        author=customer_name(named, row.handle) if incoming else row.agent_name or row.account_name,
        author_handle=visible_handle(row.handle) if incoming else row.account_address,
        sent_at=row.sent_at,
        subject=row.subject,
        text=row.text,
        new_text=folded,
        has_html=row.has_html,
        recipients=tuple(row.recipients),
        delivery=row.delivery,
        delivery_note=row.delivery_note,
        not_before=row.not_before,
        problem=row.problem,
        template_name=row.template_name or "",
        attachments=tuple(attachments),
        questions=tuple(questions),
        has_source=row.has_source,
        cc=tuple((row.outgoing or {}).get("cc", ())),
        bcc=tuple((row.outgoing or {}).get("bcc", ())),
        former_texts=former_texts,
        removed=row.removed_at is not None,
    )


def _attachments(s: Session, message_ids: Sequence[int]) -> dict[int, list[AttachmentRow]]:
    columns = tables.attachments.c
    found: dict[int, list[AttachmentRow]] = {}
    rows = s.execute(select(*columns).where(columns.message_id.in_(message_ids)).order_by(columns.id))
    for row in rows:
        found.setdefault(row.message_id, []).append(
            AttachmentRow(row.id, row.filename, row.content_type, row.size, row.content_id, row.inline)
        )
    return found


def _former_texts(s: Session, message_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    if not message_ids:
        return {}
    columns = tables.message_versions.c
    found: dict[int, tuple[str, ...]] = {}
    for row in s.execute(select(*columns).where(columns.message_id.in_(message_ids)).order_by(columns.id)):
        found[row.message_id] = (*found.get(row.message_id, ()), row.text)
    return found


def _questions(s: Session, message_ids: Sequence[int]) -> dict[int, list[str]]:
    columns = tables.questions.c
    found: dict[int, list[str]] = {}
    asked = select(columns.message_id, columns.text).where(columns.message_id.in_(message_ids)).order_by(columns.id)
    for message_id, text in s.execute(asked):
        found.setdefault(message_id, []).append(text)
    return found
