"""The templates that an agent may use."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError
from inbox.i18n import language
from inbox.services.question_text import fold
from inbox.services.rows import AttachmentRow, TemplateRow, TemplateVariantRow
from inbox.store.models import Agent, Attachment, Template, TemplateVariant


def every(
    s: Session, *, agent_id: int | None, text: str = "", case_type_id: int | None = None, inactive: bool = False
) -> list[TemplateRow]:
    """Everybody's templates, the team's and the agent's own; those for the case type first.

    ``text`` narrows them by words in their names, accents and case apart.
    """
    agent = s.get(Agent, agent_id) if agent_id is not None else None
    found = select(Template).where(_scope(agent)).order_by(Template.position, Template.id)
    if not inactive:
        found = found.where(Template.active)
    rows = _rows(s, s.scalars(found).all())
    words = fold(text).split()
    rows = [row for row in rows if all(word in fold(f"{row.name_es} {row.name_en} {row.key}") for word in words)]
    if case_type_id is not None:
        rows = [row for row in rows if row.case_type_id in (None, case_type_id)]
        rows.sort(key=lambda row: row.case_type_id != case_type_id)
    return rows


def find(s: Session, name: str, *, agent_id: int | None) -> TemplateRow:
    """The template of this key or name, as the command line says it."""
    wanted = fold(name)
    for row in every(s, agent_id=agent_id):
        if wanted in (fold(row.key), fold(row.name_en), fold(row.name_es)):
            return row
    raise NotFoundError("There is no template {name}", "Look at the list of templates.", name=name)


def _scope(agent: Agent | None) -> ColumnElement[bool]:
    everybodys = Template.agent_id.is_(None) & Template.team_id.is_(None)
    if agent is None:
        return everybodys
    if agent.team_id is None:
        return or_(everybodys, Template.agent_id == agent.id)
    return or_(everybodys, Template.agent_id == agent.id, Template.team_id == agent.team_id)


def _rows(s: Session, found: Sequence[Template]) -> list[TemplateRow]:
    ids = [one.id for one in found]
    variants: dict[int, list[TemplateVariantRow]] = {}
    order = (TemplateVariant.language.desc(), TemplateVariant.channel)
    for one in s.scalars(select(TemplateVariant).where(TemplateVariant.template_id.in_(ids)).order_by(*order)):
        variants.setdefault(one.template_id, []).append(
            TemplateVariantRow(one.language, one.channel, one.subject, one.text)
        )
    files: dict[int, list[AttachmentRow]] = {}
    for file in s.scalars(select(Attachment).where(Attachment.template_id.in_(ids)).order_by(Attachment.id)):
        files.setdefault(file.template_id or 0, []).append(
            AttachmentRow(file.id, file.filename, file.content_type, file.size, file.content_id, file.inline)
        )
    return [row(one, variants.get(one.id, []), files.get(one.id, [])) for one in found]


def row(one: Template, variants: Sequence[TemplateVariantRow], files: Sequence[AttachmentRow]) -> TemplateRow:
    """For the screen."""
    return TemplateRow(
        id=one.id,
        key=one.key,
        name=one.name_es if language() == "es" else one.name_en,
        name_en=one.name_en,
        name_es=one.name_es,
        case_type_id=one.case_type_id,
        solution=one.solution,
        agent_id=one.agent_id,
        team_id=one.team_id,
        active=one.active,
        used_count=one.used_count,
        variants=tuple(variants),
        attachments=tuple(files),
    )


def one(s: Session, template_id: int) -> TemplateRow:
    """A template by its id, whoever may use it. Raises NotFoundError."""
    found = s.get(Template, template_id)
    if found is None:
        raise NotFoundError("There is no such template any more", "Somebody may have removed it.")
    return _rows(s, [found])[0]
