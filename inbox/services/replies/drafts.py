"""What somebody is typing: kept at every pause, so that nothing typed is ever lost."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from inbox.errors import RuleError
from inbox.services.replies import rich
from inbox.services.rows import AskedQuestion, AttachmentRow, DraftRow, NewFile
from inbox.store.db import files_of
from inbox.store.models import Attachment, Draft, Message


def save_draft(
    s: Session,
    conversation_id: int,
    agent_id: int,
    text: str,
    *,
    is_note: bool = False,
    questions: Sequence[AskedQuestion] = (),
    template_id: int | None = None,
    files: Sequence[NewFile] = (),
    attachment_ids: Sequence[int] = (),
    to: Sequence[str] = (),
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    html: str = "",
) -> DraftRow | None:
    """Keep a draft as it stands now; an empty one is dropped. It has ``attachment_ids`` and new ``files``."""
    page = rich.sanitise(html) if html else ""
    if not text.strip() and not files and not attachment_ids:
        drop_draft(s, conversation_id, agent_id, is_note=is_note)
        return None
    draft = find(s, conversation_id, agent_id, is_note=is_note)
    if draft is None:
        draft = Draft(conversation_id=conversation_id, agent_id=agent_id, is_note=is_note)
        s.add(draft)
    draft.text, draft.template_id, draft.updated_at = text, template_id, datetime.now(UTC)
    draft.questions = _packed(questions)
    draft.outgoing = _outgoing(to=list(to), cc=list(cc), bcc=list(bcc), html=page)
    s.flush()
    for attachment in _files(s, draft.id):
        if attachment.id not in attachment_ids:
            s.delete(attachment)
    _copy_files(s, draft.id, attachment_ids)
    if files:
        s.execute(insert(Attachment), [{**stored(s, file), "draft_id": draft.id} for file in files])
    s.flush()
    return row(s, draft)


def drop_draft(s: Session, conversation_id: int, agent_id: int, *, is_note: bool = False) -> None:
    """Forget a draft and its files."""
    draft = find(s, conversation_id, agent_id, is_note=is_note)
    if draft is not None:
        s.delete(draft)
        s.flush()


def find(s: Session, conversation_id: int, agent_id: int, *, is_note: bool = False) -> Draft | None:
    """An agent's draft in a conversation."""
    return s.scalars(
        select(Draft).where(
            Draft.conversation_id == conversation_id, Draft.agent_id == agent_id, Draft.is_note == is_note
        )
    ).one_or_none()


def row(s: Session, draft: Draft) -> DraftRow:
    """For the composer."""
    return DraftRow(
        id=draft.id,
        conversation_id=draft.conversation_id,
        is_note=draft.is_note,
        text=draft.text,
        template_id=draft.template_id,
        questions=tuple(
            AskedQuestion(one["text"], one.get("bank_question_id"), one.get("fact_kind", "")) for one in draft.questions
        ),
        attachments=tuple(
            AttachmentRow(one.id, one.filename, one.content_type, one.size, one.content_id, one.inline)
            for one in _files(s, draft.id)
        ),
        updated_at=draft.updated_at,
        **_people(draft),
        html=str((draft.outgoing or {}).get("html", "")),
    )


def _people(draft: Draft) -> dict[str, tuple[str, ...]]:
    outgoing = draft.outgoing or {}
    return {name: tuple(outgoing.get(name, ())) for name in ("to", "cc", "bcc")}


def _outgoing(**values: Any) -> dict[str, Any] | None:
    """What is not empty of it; nothing where all is."""
    return {name: value for name, value in values.items() if value} or None


def restore(s: Session, message: Message, asked: Sequence[AskedQuestion]) -> DraftRow:
    """Make a reply that is taken back into its writer's draft; what was typed meanwhile stays below it."""
    agent_id: int | None = message.agent_id or s.info.get("agent_id")
    if agent_id is None:
        raise RuleError("Nobody wrote this reply", "There is nobody to give it back to: it will be sent.")
    draft = find(s, message.conversation_id, agent_id)
    if draft is None:
        draft = Draft(conversation_id=message.conversation_id, agent_id=agent_id, is_note=False, questions=[])
        s.add(draft)
    ours, typed = message.outgoing or {}, draft.outgoing or {}
    page = rich.joined((message.text, ours.get("html", "")), (draft.text or "", typed.get("html", "")))
    draft.outgoing = _outgoing(to=message.recipients, cc=ours.get("cc"), bcc=ours.get("bcc"), html=page)
    draft.text = "\n\n".join(part for part in (message.text, draft.text or "") if part.strip())
    draft.questions = [*_packed(asked), *draft.questions]
    draft.template_id = message.template_id
    draft.updated_at = datetime.now(UTC)
    s.flush()
    s.execute(
        update(Attachment).where(Attachment.message_id == message.id).values(message_id=None, draft_id=draft.id),
        execution_options={"synchronize_session": "fetch"},
    )
    return row(s, draft)


def stored(s: Session, file: NewFile) -> dict[str, Any]:
    """Put a file's content into the store and answer the columns of its row."""
    return {
        "filename": file.filename,
        "content_type": file.content_type,
        "size": len(file.content),
        "sha256": files_of(s).put(s, file.content),
        "content_id": file.content_id,
        "inline": bool(file.content_id),
    }


def _files(s: Session, draft_id: int) -> Sequence[Attachment]:
    return s.scalars(select(Attachment).where(Attachment.draft_id == draft_id).order_by(Attachment.id)).all()


def _copy_files(s: Session, draft_id: int, attachment_ids: Sequence[int]) -> None:
    """Files of a template, or of another message, that are to go out with the draft."""
    others = select(Attachment).where(
        Attachment.id.in_(attachment_ids),
        (Attachment.draft_id.is_(None)) | (Attachment.draft_id != draft_id),
        Attachment.sha256.is_not(None),
    )
    for one in s.scalars(others).all():
        s.add(
            Attachment(
                draft_id=draft_id,
                filename=one.filename,
                content_type=one.content_type,
                size=one.size,
                sha256=one.sha256,
                content_id=one.content_id,
                inline=one.inline,
            )
        )


def _packed(asked: Sequence[AskedQuestion]) -> list[Any]:
    return [{"text": one.text, "bank_question_id": one.bank_question_id, "fact_kind": one.fact_kind} for one in asked]
