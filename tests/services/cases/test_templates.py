"""Templates: placeholders that can do no harm, holes that are seen, the right variant, the editor's work."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from inbox.errors import NotFoundError, RuleError, TemplateError
from inbox.services import agents, customers, dates, settings_store, template_text, templates
from inbox.services.rows import NewFile, TemplateVariantRow
from inbox.services.templates.filling import choose, first_name
from inbox.store.models import Conversation, Customer, Template
from tests.services.cases.desk import Desk

# --- the text ---


def test_placeholders_are_filled_and_what_is_missing_is_seen() -> None:
    text = 'Hola, {{ customer.first_name }} ({{customer.company|default("particular")|upper}}): {{ fact.order_number }}'
    filled, missing = template_text.fill(text, {"customer.first_name": "Ana"})
    assert filled == "Hola, Ana (PARTICULAR): ⟨fact.order_number⟩"
    assert missing == ("fact.order_number",)
    assert template_text.holes(filled) == ("fact.order_number",)


def test_a_value_with_braces_is_only_text() -> None:
    filled, _ = template_text.fill("{{ customer.name }}", {"customer.name": "{{ agent.signature }} {% x %}"})
    assert filled == "{{ agent.signature }} {% x %}"


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'x' * 100000000 }}",
        "{% for i in range(999999999) %}x{% endfor %}",
        "{{ customer.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ fact.__init__ }}",
        "{{ customer.name.__class__ }}",
        "{{ customer.name | replace('a', 'b') }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{# comment #}",
        "{{ customer.name",
        "customer.name }}",
        "{{ }}",
        "{{ {{ customer.name }} }}",
        "{{ customer.name | default() }}",
        "x" * (template_text.LONGEST + 1),
    ],
)
def test_nothing_but_plain_placeholders_is_possible(text: str) -> None:
    with pytest.raises(TemplateError):
        templates.check(text)


def test_a_mistake_is_pointed_to_and_the_right_name_proposed() -> None:
    with pytest.raises(TemplateError) as caught:
        templates.check("Hola,\n\n  {{ custmer.first_name }}")
    assert caught.value.title == "There is no placeholder custmer.first_name"
    assert caught.value.hint == "Did you mean customer.first_name? (line 3, column 3)"
    assert (caught.value.values["line"], caught.value.values["column"]) == (3, 3)


def test_a_text_can_not_grow_without_end() -> None:
    with pytest.raises(TemplateError, match="too long"):
        template_text.fill("{{ customer.name }}" * 100, {"customer.name": "x" * 1000})


def test_the_example_fills_every_placeholder_but_facts() -> None:
    text = " ".join(f"{{{{ {name} }}}}" for name in template_text.NAMES)
    for language in ("es", "en"):
        shown, missing = templates.preview(text, language=language)
        assert missing == ()
        assert "⟨" not in shown
    assert templates.preview("{{ fact.tax_id }}", {"fact.tax_id": "B123"})[0] == "B123"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Ana Torres Vidal", "Ana"),
        ("Torres Vidal, Ana", "Ana"),
        ("ANA TORRES", "Ana"),
        ("Sra. Ana Torres", "Ana"),
        ("ana", "Ana"),
        ("McKenzie Smith", "McKenzie"),
        ("", ""),
    ],
)
def test_a_person_is_called_by_the_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


def test_dates_are_written_in_the_language_of_the_template() -> None:
    day = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert dates.long_date(day, "es") == "24 de noviembre de 2026"
    assert dates.long_date(day, "en") == "24 November 2026"


# --- for a conversation ---


def test_every_template_of_the_pack_can_be_filled_in_both_languages(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        for name in ("company.name", "company.phone", "company.email", "company.web"):
            settings_store.change(s, name, "Casa Verde")
    with desk.db.reading() as s:
        pack = templates.list(s, agent_id=desk.agent_id)
        assert len(pack) >= 25
        for template in pack:
            for language in ("es", "en"):
                shown = templates.render(s, template.id, conversation_id, agent_id=desk.agent_id, language=language)
                assert all(name.startswith("fact.") for name in shown.missing), (template.key, shown.missing)
                assert shown.solution == template.solution


def test_the_customers_language_and_the_channel_choose_the_variant(desk: Desk) -> None:
    variants = [
        TemplateVariantRow("es", "", "", "es"),
        TemplateVariantRow("es", "email", "", "es email"),
        TemplateVariantRow("en", "", "", "en"),
    ]
    assert choose(variants, "es", "email", "es").text == "es email"
    assert choose(variants, "es", "telegram", "es").text == "es"
    assert choose(variants, "en-GB", "email", "es").text == "en"
    assert choose(variants, "fr", "email", "en").text == "en"
    assert choose(variants[:1], "fr", "email", "de").text == "es"
    conversation_id, _ = desk.receive()
    with desk.db.writing(desk.agent_id) as s:
        template_id = templates.save(s, name_en="Test", name_es="Prueba", variants=variants)
        s.get_one(Customer, s.get_one(Conversation, conversation_id).customer_id).language = "en"
        assert templates.render(s, template_id, conversation_id, agent_id=desk.agent_id).text == "en"
        assert (
            templates.render(s, template_id, conversation_id, agent_id=desk.agent_id, language="es").text == "es email"
        )


def test_case_agent_company_and_facts_are_known(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    names = ("case.number", "case.type", "agent.first_name", "company.name", "fact.tax_id", "message.subject")
    text = " ".join(f"{{{{ {name} }}}}" for name in names)
    with desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "company.name", "Casa Verde")
        customers.learn(s, s.get_one(Conversation, conversation_id).customer_id, "tax_id", "B-17")
        variant = TemplateVariantRow("es", "", "{{ case.number }}", text)
        template_id = templates.save(s, name_en="Test", name_es="Prueba", variants=[variant])
        shown = templates.render(s, template_id, conversation_id, agent_id=desk.agent_id)
    assert shown.text.startswith(f"{case_id} ")
    assert shown.text.endswith(" Marta Casa Verde B-17 Lavadora")
    assert (shown.subject, shown.missing) == (str(case_id), ())


# --- in the editor ---


def test_only_those_who_may_see_a_template(desk: Desk) -> None:
    variant = [TemplateVariantRow("es", "", "", "Hola")]
    with desk.db.writing(desk.agent_id) as s:
        team = agents.add_team(s, "Facturas")
        luis = agents.add(s, "Luis Serra", team_id=team)
        mine = templates.save(s, name_en="Mine", name_es="Mía", variants=variant, agent_id=desk.agent_id)
        ours = templates.save(s, name_en="Ours", name_es="Nuestra", variants=variant, team_id=team)
    with desk.db.reading() as s:
        seen_by = {
            agent: {row.id for row in templates.list(s, agent_id=agent)} & {mine, ours}
            for agent in (desk.agent_id, luis, None)
        }
    assert seen_by == {desk.agent_id: {mine}, luis: {ours}, None: set()}


def test_templates_are_found_by_words_without_accents_those_of_the_case_first(desk: Desk) -> None:
    with desk.db.reading() as s:
        assert templates.find(s, "acuse de recibo", agent_id=None).key == "receipt"
        complaint = templates.find(s, "receipt-complaint", agent_id=None)
        assert complaint.id in {row.id for row in templates.list(s, agent_id=None, text="reclamacion")}
        assert templates.list(s, agent_id=None, case_type_id=complaint.case_type_id)[0].case_type_id is not None
        with pytest.raises(NotFoundError):
            templates.find(s, "no hay tal", agent_id=None)


def test_a_template_with_a_mistake_is_not_saved(desk: Desk) -> None:
    with pytest.raises(TemplateError), desk.db.writing(desk.agent_id) as s:
        templates.save(s, name_en="T", name_es="T", variants=[TemplateVariantRow("es", "", "", "{{ customer.nam }}")])
    with pytest.raises(RuleError, match="needs a text"), desk.db.writing(desk.agent_id) as s:
        templates.save(s, name_en="T", name_es="T", variants=[TemplateVariantRow("es", "", "", " ")])


def test_a_template_is_changed_and_removed(desk: Desk) -> None:
    file = NewFile("catálogo.pdf", "application/pdf", b"%PDF")
    with desk.db.writing(desk.agent_id) as s:
        first = templates.save(
            s, name_en="Test", name_es="Prueba", variants=[TemplateVariantRow("es", "", "", "Uno")], files=[file]
        )
        second = templates.save(s, name_en="Test", name_es="Prueba", variants=[TemplateVariantRow("es", "", "", "Dos")])
        assert s.get_one(Template, first).key != s.get_one(Template, second).key
        kept = [one.id for one in templates.find(s, "test", agent_id=None).attachments]
        templates.save(
            s,
            template_id=first,
            name_en="Test",
            name_es="Prueba",
            variants=[TemplateVariantRow("en", "", "", "One")],
            keep_attachment_ids=kept,
        )
        row = next(one for one in templates.list(s, agent_id=None) if one.id == first)
        assert [(one.language, one.text) for one in row.variants] == [("en", "One")]
        assert [one.filename for one in row.attachments] == ["catálogo.pdf"]
        templates.delete(s, first)
        assert s.scalars(select(Template.id).where(Template.id == first)).all() == []
