"""What a new database begins with: case types with their question banks, templates and views, from ``resources/``."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.i18n import resource_path
from inbox.store.models import BankQuestion, CaseType, SavedView, Template, TemplateVariant


def seed(s: Session) -> None:
    """Add what is missing, by its key. What is there was perhaps edited by a person, and stays as it is."""
    _case_types(s)
    _templates(s)
    _views(s)


def _case_types(s: Session) -> None:
    known = set(s.scalars(select(CaseType.key)))
    for position, entry in enumerate(_read("case_types.json")):
        if entry["key"] in known:
            continue
        names = ("key", "name_en", "name_es", "required_questions", "deadline_hours", "waiting_hours")
        case_type = CaseType(position=position, **{name: entry[name] for name in names})
        s.add(case_type)
        s.flush()
        s.add_all(
            BankQuestion(
                case_type_id=case_type.id,
                fact_kind=question["fact_kind"],
                text_en=question["text_en"],
                text_es=question["text_es"],
                fresh_days=question["fresh_days"],
                position=number,
            )
            for number, question in enumerate(entry["questions"])
        )
    s.flush()


def _templates(s: Session) -> None:
    known = set(s.scalars(select(Template.key)))
    types = dict(s.execute(select(CaseType.key, CaseType.id)).all())
    for position, entry in enumerate(_read("templates.json")):
        if entry["key"] in known:
            continue
        template = Template(
            key=entry["key"],
            name_en=entry["name_en"],
            name_es=entry["name_es"],
            case_type_id=types[entry["case_type"]] if entry["case_type"] else None,
            solution=entry["solution"],
            position=position,
        )
        s.add(template)
        s.flush()
        s.add_all(
            TemplateVariant(
                template_id=template.id,
                language=variant["language"],
                channel=variant["channel"],
                subject=variant["subject"],
                text=variant["text"],
            )
            for variant in entry["variants"]
        )
    s.flush()


def _views(s: Session) -> None:
    known = set(s.scalars(select(SavedView.key)))
    s.add_all(
        SavedView(key=entry["key"], name=entry["name"], query=entry["query"], sort=entry["sort"], position=position)
        for position, entry in enumerate(_read("views.json"))
        if entry["key"] not in known
    )
    s.flush()


def _read(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(resource_path(name).read_text(encoding="utf-8"))
    return entries
