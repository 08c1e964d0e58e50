"""Case types with their banks of clarifying questions, and the names of the facts that these teach. All editable."""

import json
import re
from collections.abc import Sequence
from functools import cache

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import SettingsChanged
from inbox.i18n import resource_path
from inbox.services.question_text import is_courtesy
from inbox.services.rows import BankQuestionRow, CaseTypeRow
from inbox.store.db import record
from inbox.store.models import BankQuestion, Case, CaseType

_KEY = re.compile(r"[^a-z0-9]+")


@cache
def _labels() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(resource_path("facts.json").read_text(encoding="utf-8"))
    return found


def fact_label(kind: str, language: str) -> str:
    """What a person calls a kind of fact; one that a person made up is its own name."""
    words = _labels().get(kind, {})
    return words.get(language) or words.get("en") or kind.replace("_", " ").capitalize()


def every(s: Session, language: str, *, inactive: bool = False) -> list[CaseTypeRow]:
    """The case types in their order; ``inactive`` ones too for the settings."""
    found = select(CaseType).order_by(CaseType.position, CaseType.id)
    if not inactive:
        found = found.where(CaseType.active)
    return [row(kind, language) for kind in s.scalars(found)]


def row(kind: CaseType, language: str) -> CaseTypeRow:
    """For the screen."""
    return CaseTypeRow(
        id=kind.id,
        key=kind.key,
        name=kind.name_es if language == "es" else kind.name_en,
        name_en=kind.name_en,
        name_es=kind.name_es,
        required_questions=kind.required_questions,
        deadline_hours=kind.deadline_hours,
        waiting_hours=kind.waiting_hours,
        active=kind.active,
    )


def bank(s: Session, case_type_id: int, *, inactive: bool = False) -> list[BankQuestionRow]:
    """The clarifying questions of a case type, in the order in which they are proposed."""
    found = select(BankQuestion).where(BankQuestion.case_type_id == case_type_id)
    if not inactive:
        found = found.where(BankQuestion.active)
    return [
        BankQuestionRow(one.id, one.case_type_id, one.fact_kind, one.text_en, one.text_es, one.fresh_days, one.active)
        for one in s.scalars(found.order_by(BankQuestion.position, BankQuestion.id))
    ]


def save(
    s: Session,
    *,
    name_en: str,
    name_es: str,
    required_questions: int = 2,
    deadline_hours: int = 24,
    waiting_hours: int = 48,
    active: bool = True,
    case_type_id: int | None = None,
) -> int:
    """Add a case type, or change the one named. Fewer than 2 questions are never possible, nor more than 3."""
    english, spanish = name_en.strip() or name_es.strip(), name_es.strip() or name_en.strip()
    if not english:
        raise RuleError("A case type needs a name", "Give it one.")
    if required_questions not in (2, 3):
        raise RuleError("A case type asks 2 or 3 questions", "Choose 2 or 3.")
    if deadline_hours < 1 or waiting_hours < 1:
        raise RuleError("Deadline and waiting time are at least an hour", "Give whole hours from 1.")
    kind = _require(s, case_type_id) if case_type_id is not None else _new(s, english)
    if kind.key == "other" and not active:
        raise RuleError("The type for everything else can't be switched off", "New cases begin with it.")
    kind.name_en, kind.name_es, kind.active = english, spanish, active
    kind.required_questions, kind.deadline_hours, kind.waiting_hours = required_questions, deadline_hours, waiting_hours
    s.add(kind)
    s.flush()
    record(s, SettingsChanged(what="case_types"))
    return kind.id


def _new(s: Session, name: str) -> CaseType:
    stem = _KEY.sub("-", name.casefold()).strip("-")[:32] or "type"
    taken = set(s.scalars(select(CaseType.key).where(CaseType.key.startswith(stem))))
    key = next(one for n in range(len(taken) + 1) if (one := stem if not n else f"{stem}-{n + 1}") not in taken)
    return CaseType(key=key, position=(s.scalar(select(func.max(CaseType.position))) or 0) + 1)


def delete(s: Session, case_type_id: int) -> None:
    """Remove a case type that no case ever had; else switch it off instead."""
    kind = _require(s, case_type_id)
    if kind.key == "other":
        raise RuleError("The type for everything else can't be removed", "New cases begin with it.")
    if s.scalar(select(Case.id).where(Case.case_type_id == case_type_id).limit(1)) is not None:
        raise RuleError("There are cases of this type", "Switch it off instead: then no new case gets it.")
    s.delete(kind)
    s.flush()
    record(s, SettingsChanged(what="case_types"))


def save_question(
    s: Session,
    case_type_id: int,
    *,
    text_en: str,
    text_es: str,
    fact_kind: str,
    fresh_days: int = 365,
    active: bool = True,
    question_id: int | None = None,
) -> int:
    """Add a question to a bank, or change the one named. ``fact_kind`` is the fact that its answer fills."""
    _require(s, case_type_id)
    english, spanish = text_en.strip() or text_es.strip(), text_es.strip() or text_en.strip()
    if not english:
        raise RuleError("A question needs a text", "Write it in Spanish or English.")
    for text in (english, spanish):
        if is_courtesy(text):
            raise RuleError("«{question}» is courtesy", "It would teach nothing about the matter.", question=text)
    if fresh_days < 1:
        raise RuleError("A fact is fresh for at least a day", "Give whole days from 1.")
    kind = _KEY.sub("_", fact_kind.casefold()).strip("_")[:60]
    if not kind:
        raise RuleError("Say which fact the answer fills", "For example: order_number.")
    if question_id is None:
        last = s.scalar(select(func.max(BankQuestion.position)).where(BankQuestion.case_type_id == case_type_id))
        question = BankQuestion(case_type_id=case_type_id, position=(last or 0) + 1)
        s.add(question)
    else:
        question = _require_question(s, question_id)
    question.text_en, question.text_es, question.fact_kind = english, spanish, kind
    question.fresh_days, question.active = fresh_days, active
    s.flush()
    record(s, SettingsChanged(what="question_banks"))
    return question.id


def delete_question(s: Session, question_id: int) -> None:
    """Remove a question from its bank. Where it was asked, its words stay."""
    s.delete(_require_question(s, question_id))
    s.flush()
    record(s, SettingsChanged(what="question_banks"))


def order(s: Session, case_type_ids: Sequence[int]) -> None:
    """Put the case types into this order."""
    for position, id_ in enumerate(case_type_ids):
        s.execute(update(CaseType).where(CaseType.id == id_).values(position=position))
    record(s, SettingsChanged(what="case_types"))


def order_questions(s: Session, question_ids: Sequence[int]) -> None:
    """Put the questions of a bank into this order: the first is proposed first."""
    for position, id_ in enumerate(question_ids):
        s.execute(update(BankQuestion).where(BankQuestion.id == id_).values(position=position))
    record(s, SettingsChanged(what="question_banks"))


def _require(s: Session, case_type_id: int) -> CaseType:
    kind = s.get(CaseType, case_type_id)
    if kind is None:
        raise NotFoundError("There is no such case type any more", "Somebody may have removed it.")
    return kind


def _require_question(s: Session, question_id: int) -> BankQuestion:
    question = s.get(BankQuestion, question_id)
    if question is None:
        raise NotFoundError("There is no such question any more", "Somebody may have removed it.")
    return question
