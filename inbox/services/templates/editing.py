"""Templates as they are written: saved, removed, and looked at with an example's values."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete as sql_delete, func, insert, select
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import SettingsChanged
from inbox.services import dates, template_text
from inbox.services.replies.drafts import stored
from inbox.services.rows import NewFile, TemplateVariantRow
from inbox.store.db import record
from inbox.store.models import Attachment, Template, TemplateVariant

_KEY = re.compile(r"[^a-z0-9]+")
_EXAMPLES = {
    "en": {
        "case.subject": "Washing machine delivered with a dent",
        "case.type": "Incident",
        "message.subject": "Washing machine delivered with a dent",
    },
    "es": {
        "case.subject": "Lavadora entregada con golpe en el lateral",
        "case.type": "Incidencia",
        "message.subject": "Lavadora entregada con golpe en el lateral",
    },
}
_PEOPLE = {
    "customer.name": "Ana Torres Vidal",
    "customer.first_name": "Ana",
    "customer.company": "Hotel Miramar",
    "case.number": "2187",
    "agent.name": "Marta Ruiz",
    "agent.first_name": "Marta",
    "agent.signature": "Marta Ruiz",
    "company.name": "Casa Verde",
    "company.phone": "972 000 147",
    "company.email": "atencion@casaverde.example",
    "company.web": "www.casaverde.example",
}


def save(
    s: Session,
    *,
    name_en: str,
    name_es: str,
    variants: Sequence[TemplateVariantRow],
    case_type_id: int | None = None,
    solution: bool = False,
    agent_id: int | None = None,
    team_id: int | None = None,
    active: bool = True,
    files: Sequence[NewFile] = (),
    keep_attachment_ids: Sequence[int] = (),
    template_id: int | None = None,
) -> int:
    """Add a template, or change the one named. Raises TemplateError, which points to the mistake in a text.

    ``agent_id``: only this agent has it; ``team_id``: only this team; neither: everybody. ``keep_attachment_ids`` are
    those of its files that stay, ``files`` new ones.
    """
    english, spanish = name_en.strip() or name_es.strip(), name_es.strip() or name_en.strip()
    if not english:
        raise RuleError("A template needs a name", "Give it one.")
    written = [one for one in variants if one.text.strip()]
    if not written:
        raise RuleError("A template needs a text", "Write it in one language at least.")
    if agent_id is not None and team_id is not None:
        raise RuleError("A template is one agent's or a team's", "Choose one of both, or everybody.")
    for one in written:
        template_text.check(one.subject)
        template_text.check(one.text)
    template = _require(s, template_id) if template_id is not None else _new(s, english)
    template.name_en, template.name_es = english, spanish
    template.case_type_id, template.solution, template.active = case_type_id, solution, active
    template.agent_id, template.team_id = agent_id, team_id
    s.add(template)
    s.flush()
    _put_variants(s, template.id, written)
    _put_files(s, template.id, files, keep_attachment_ids)
    record(s, SettingsChanged(what="templates"))
    return template.id


def _new(s: Session, name: str) -> Template:
    stem = _KEY.sub("-", name.casefold()).strip("-")[:50] or "template"
    taken = set(s.scalars(select(Template.key).where(Template.key.startswith(stem))))
    key = next(one for n in range(len(taken) + 1) if (one := stem if not n else f"{stem}-{n + 1}") not in taken)
    return Template(key=key, position=(s.scalar(select(func.max(Template.position))) or 0) + 1)


def _put_variants(s: Session, template_id: int, variants: Sequence[TemplateVariantRow]) -> None:
    s.execute(sql_delete(TemplateVariant).where(TemplateVariant.template_id == template_id))
    rows = {(one.language, one.channel): one for one in variants}
    s.execute(
        insert(TemplateVariant),
        [
            {
                "template_id": template_id,
                "language": language,
                "channel": channel,
                "subject": one.subject.strip(),
                "text": one.text.strip(),
            }
            for (language, channel), one in rows.items()
        ],
    )


def _put_files(s: Session, template_id: int, files: Sequence[NewFile], keep: Sequence[int]) -> None:
    s.execute(sql_delete(Attachment).where(Attachment.template_id == template_id, Attachment.id.not_in(list(keep))))
    if files:
        s.execute(insert(Attachment), [{**stored(s, file), "template_id": template_id} for file in files])


def delete(s: Session, template_id: int) -> None:
    """Remove a template; what was sent with it stays."""
    template = _require(s, template_id)
    s.delete(template)
    s.flush()
    record(s, SettingsChanged(what="templates"))


def preview(
    text: str, example: Mapping[str, str] | None = None, *, language: str = "es"
) -> tuple[str, tuple[str, ...]]:
    """The text with an example's values, and what has none. Raises TemplateError."""
    now = datetime.now(UTC)
    words = _EXAMPLES.get(language, _EXAMPLES["en"])
    moments = {
        "date.today": dates.long_date(now, language),
        "date.now": dates.long_moment(now, language),
        "message.date": dates.long_date(now, language),
        "case.due": dates.long_moment(now, language),
    }
    return template_text.fill(text, _PEOPLE | words | moments | dict(example or {}))


def _require(s: Session, template_id: int) -> Template:
    template = s.get(Template, template_id)
    if template is None:
        raise NotFoundError("There is no such template any more", "Somebody may have removed it.")
    return template
