"""Case types, question banks, views and shared settings: editable, within their bounds."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from inbox import i18n
from inbox.errors import GateError, NotFoundError, RuleError, SearchError
from inbox.services import agents, case_types, cases, settings_store, views
from inbox.states import CloseReason, Role
from inbox.store.models import CaseType, SavedView
from tests.services.cases.desk import Desk


def test_a_case_type_asks_two_or_three_questions_never_fewer(desk: Desk) -> None:
    for wrong in (0, 1, 4):
        with pytest.raises(RuleError, match="2 or 3"), desk.db.writing() as s:
            case_types.save(s, name_en="Warranty", name_es="Garantía", required_questions=wrong)
    with desk.db.writing() as s:
        first = case_types.save(s, name_en="Warranty", name_es="Garantía", required_questions=3)
        second = case_types.save(s, name_en="Warranty", name_es="", deadline_hours=4)
        assert s.get_one(CaseType, first).key == "warranty"
        assert s.get_one(CaseType, second).key == "warranty-2"
        names = [row.name for row in case_types.every(s, "es")]
    assert names[-2:] == ["Garantía", "Warranty"]


def test_a_case_type_in_use_is_switched_off_and_not_removed(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with desk.db.writing() as s:
        cases.change(s, case_id, type_key="incident")
        kind = s.scalars(select(CaseType).where(CaseType.key == "incident")).one()
        with pytest.raises(RuleError, match="cases of this type"):
            case_types.delete(s, kind.id)
        case_types.save(s, case_type_id=kind.id, name_en=kind.name_en, name_es=kind.name_es, active=False)
        assert "incident" not in [row.key for row in case_types.every(s, "en")]
        assert "incident" in [row.key for row in case_types.every(s, "en", inactive=True)]
        other = s.scalars(select(CaseType.id).where(CaseType.key == "other")).one()
        for forbidden in (
            lambda: case_types.delete(s, other),
            lambda: case_types.save(s, case_type_id=other, name_en="Other", name_es="Otro", active=False),
        ):
            with pytest.raises(RuleError, match="everything else"):
                forbidden()


def test_a_bank_takes_questions_in_an_order_but_no_courtesy(desk: Desk) -> None:
    with desk.db.writing() as s:
        kind = case_types.save(s, name_en="Warranty", name_es="Garantía")
        first = case_types.save_question(s, kind, text_en="", text_es="¿Qué modelo es?", fact_kind="Model name")
        second = case_types.save_question(s, kind, text_en="Since when?", text_es="¿Desde cuándo?", fact_kind="since")
        with pytest.raises(RuleError, match="courtesy"):
            case_types.save_question(s, kind, text_en="Anything else?", text_es="¿Algo más?", fact_kind="x")
        case_types.order_questions(s, [second, first])
        s.expire_all()
        bank = case_types.bank(s, kind)
        assert [(row.id, row.fact_kind) for row in bank] == [(second, "since"), (first, "model_name")]
        assert bank[1].text_en == "¿Qué modelo es?"
        case_types.delete(s, kind)
        with pytest.raises(NotFoundError):
            case_types.delete_question(s, first)
    assert case_types.fact_label("order_number", "es") == "Número de pedido"
    assert case_types.fact_label("model_name", "es") == "Model name"


def test_settings_have_defaults_and_types(desk: Desk) -> None:
    with desk.db.writing(desk.agent_id) as s:
        assert (settings_store.number(s, "undo_seconds"), settings_store.is_on(s, "waivers_allowed")) == (5.0, False)
        settings_store.change(s, "undo_seconds", 10)
        settings_store.change(s, "company.name", "Casa Verde")
        assert settings_store.number(s, "undo_seconds") == 10
        assert settings_store.every(s)["company.name"] == "Casa Verde"
        for name, wrong in (("undo_seconds", "ten"), ("undo_seconds", -1), ("undo_seconds", True), ("company.name", 3)):
            with pytest.raises(RuleError):
                settings_store.change(s, name, wrong)
        with pytest.raises(NotFoundError):
            settings_store.text(s, "nonsense")


def test_only_an_administrator_allows_waivers(desk: Desk) -> None:
    with desk.db.writing(desk.agent_id) as s:
        boss = agents.add(s, "Ana Jefa", role=Role.SUPERVISOR)
    with pytest.raises(RuleError, match="administrator"), desk.db.writing(boss) as s:
        settings_store.change(s, "waivers_allowed", True)
    with pytest.raises(RuleError, match="administrator"), desk.db.writing() as s:
        settings_store.change(s, "waivers_allowed", True)


def test_a_view_is_a_search_that_can_be_understood(desk: Desk) -> None:
    with desk.db.writing(desk.agent_id) as s:
        view_id = views.save(s, name=" Grandes ", query="is:open tag:hotel", sort="due", agent_id=desk.agent_id)
        view = s.get_one(SavedView, view_id)
        assert (view.name, view.query, view.sort) == ("Grandes", "is:open tag:hotel", "due")
        with pytest.raises(SearchError):
            views.save(s, name="Mala", query='"sin cerrar')
        with pytest.raises(RuleError, match="sorted"):
            views.save(s, name="Mala", query="", sort="color")
        built_in = s.scalars(select(SavedView.id).where(SavedView.key == "mine")).one()
        with pytest.raises(RuleError, match="comes with the program"):
            views.delete(s, built_in)
        views.order(s, [view_id, built_in])
        views.delete(s, view_id)


def test_the_refusal_is_said_in_spanish(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    i18n.set_language("es")
    try:
        with pytest.raises(GateError) as refused, desk.db.writing() as s:
            cases.close(s, case_id, CloseReason.RESOLVED)
        assert str(refused.value) == (
            f"El caso {case_id} aún no se puede cerrar. Haga 2 preguntas aclaratorias más. "
            "Haga las preguntas que faltan y anote las respuestas."
        )
    finally:
        i18n.set_language("en")


def test_the_spanish_words_keep_every_placeholder() -> None:
    file = Path(__file__).parents[3] / "resources" / "i18n" / "es" / "cases.json"
    words: dict[str, str | dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    for english, spanish in words.items():
        for form in spanish.values() if isinstance(spanish, dict) else [spanish]:
            assert {part.partition("}")[0] for part in english.split("{")[1:]} == {
                part.partition("}")[0] for part in form.split("{")[1:]
            }, english
