"""The settings: each change is kept at once, mistakes are told at their place, nothing typed is lost."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from inbox import i18n
from inbox.app import App
from inbox.services import agents, case_types, queries, settings_store, templates
from inbox.states import Role
from inbox.ui import style
from inbox.ui.form import Field
from inbox.ui.settings.actions import SettingsActions
from inbox.ui.settings.agents import AgentsPage
from inbox.ui.settings.case_types import CaseTypesPage
from inbox.ui.settings.general import GeneralPage
from inbox.ui.settings.templates import TemplatesPage
from inbox.ui.settings.views import ViewsPage
from inbox.ui.settings.window import _NAMES, SettingsWindow
from tests.ui.dialogs.test_dialogs import click, commands, texts

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def settings(qtbot: QtBot, act: SettingsActions, window: QWidget) -> SettingsWindow:
    made = SettingsWindow(act, commands(), window)
    made.show()
    return made


def write(qtbot: QtBot, field: Field, text: str) -> None:
    """Type as a person does, and go on."""
    editor = field.editor
    if isinstance(editor, QLineEdit):
        editor.setFocus()
        editor.selectAll()
        editor.insert(text)  # as from a clipboard: QTest types ASCII only
        QTest.keyClick(editor, Qt.Key.Key_Return)
    else:
        assert isinstance(editor, QPlainTextEdit)
        editor.setPlainText(text)
        field.committed.emit()


def test_the_company_s_particulars_are_kept_when_the_field_is_left(
    qtbot: QtBot, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("general")
    assert isinstance(page, GeneralPage)
    qtbot.waitUntil(lambda: "company.name" in page._stored)
    write(qtbot, page.company["company.name"], "Casa Verde")
    write(qtbot, page.company["company.email"], "no address")

    def name() -> str:
        with app.db.reading() as s:
            return settings_store.text(s, "company.name")

    qtbot.waitUntil(lambda: name() == "Casa Verde")
    assert "name@company.com" in page.company["company.email"].complaint
    assert page.company["company.email"].value == "no address"


def test_the_theme_the_text_size_and_the_language_change_the_program_at_once(
    qtbot: QtBot, qapp: QApplication, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("general")
    assert isinstance(page, GeneralPage)
    with qtbot.waitSignal(settings.look_changed):
        click(qtbot, page, "Dark")
    assert settings._actions.app.settings.theme == "dark"
    page = settings.page("general")
    with qtbot.waitSignal(settings.language_changed):
        click(qtbot, page, "Español")
    assert i18n.language() == "es"
    assert settings.windowTitle() == "Ajustes"
    style.apply(qapp, "light", 100)


def test_a_case_type_is_added_and_its_question_refused_where_it_is_only_courtesy(
    qtbot: QtBot, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("case_types")
    assert isinstance(page, CaseTypesPage)
    qtbot.waitUntil(lambda: len(page.list.rows) >= 7)
    click(qtbot, page, "Add a case type")
    assert page.fields is not None
    write(qtbot, page.fields["name_es"], "Garantía")
    qtbot.waitUntil(lambda: isinstance(page.key, int) and page.bank is not None)
    bank = page.bank
    assert bank is not None
    write(qtbot, bank._fact, "purchase date")
    write(qtbot, bank._text_es, "¿En qué puedo ayudarle?")
    qtbot.waitUntil(lambda: "courtesy" in bank._text_es.complaint)
    assert bank._text_es.value == "¿En qué puedo ayudarle?"
    write(qtbot, bank._text_es, "¿Cuándo lo compró?")

    def asked() -> list[str]:
        with app.db.reading() as s:
            kind = next(one for one in case_types.every(s, "es") if one.name == "Garantía")
            return [question.text_es for question in case_types.bank(s, kind.id)]

    qtbot.waitUntil(lambda: asked() == ["¿Cuándo lo compró?"])


def test_case_types_are_put_into_another_order(qtbot: QtBot, settings: SettingsWindow, app: App) -> None:
    page = settings.page("case_types")
    assert isinstance(page, CaseTypesPage)
    qtbot.waitUntil(lambda: len(page.list.rows) >= 7)
    first, second = page.list.rows[0].key, page.list.rows[1].key
    QTest.keyClick(page.list, Qt.Key.Key_Down)
    page.up.click()
    qtbot.waitUntil(lambda: [row.key for row in page.list.rows[:2]] == [second, first])


def test_a_template_s_mistake_is_told_under_its_text_and_the_text_stays(
    qtbot: QtBot, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("templates")
    assert isinstance(page, TemplatesPage)
    qtbot.waitUntil(lambda: page.form is not None and len(page.list.rows) > 25)
    click(qtbot, page, "Add a template")
    form = page.form
    assert form is not None
    write(qtbot, form.fields["name_es"], "Prueba")
    write(qtbot, form.text, "Hola {{ customer.first_name")
    qtbot.waitUntil(lambda: bool(form.text.complaint))
    assert form.text.value == "Hola {{ customer.first_name"
    write(qtbot, form.text, "Hola {{ customer.first_name }}")
    qtbot.waitUntil(lambda: "Hola Ana" in form._preview_text.toPlainText())

    def saved() -> list[str]:
        with app.db.reading() as s:
            found = [one for one in templates.list(s, agent_id=app.agent.id) if one.name_es == "Prueba"]
            return [variant.text for one in found for variant in one.variants]

    qtbot.waitUntil(lambda: saved() == ["Hola {{ customer.first_name }}"])


def test_a_file_goes_with_a_template(qtbot: QtBot, settings: SettingsWindow, app: App, tmp_path: Path) -> None:
    page = settings.page("templates")
    assert isinstance(page, TemplatesPage)
    qtbot.waitUntil(lambda: page.form is not None)
    form = page.form
    assert form is not None
    file = tmp_path / "terms.txt"
    file.write_text("Terms", encoding="utf-8")
    form.add_files([file])
    qtbot.waitUntil(lambda: "terms.txt" in texts(form))
    form.add_files([file.with_name("gone.txt")])
    qtbot.waitUntil(lambda: "gone.txt" in page.notice.text)
    assert "terms.txt" in texts(form)


def test_a_view_with_a_search_that_can_t_be_understood_is_explained_at_the_search(
    qtbot: QtBot, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("views")
    assert isinstance(page, ViewsPage)
    qtbot.waitUntil(lambda: bool(page.list.rows))
    click(qtbot, page, "Add a view")
    assert page.fields is not None
    write(qtbot, page.fields["name"], "Hoteles")
    write(qtbot, page.fields["query"], 'is:open "hotel')
    fields = page.fields
    qtbot.waitUntil(lambda: bool(fields["query"].complaint))
    assert fields["query"].value == 'is:open "hotel'
    write(qtbot, fields["query"], 'is:open "hotel"')

    def names() -> list[str]:
        with app.db.reading() as s:
            return [view.query for view in queries.views(s, app.agent.id) if view.name == "Hoteles"]

    qtbot.waitUntil(lambda: names() == ['is:open "hotel"'])


def test_people_and_teams_are_added_and_two_of_one_name_refused(
    qtbot: QtBot, settings: SettingsWindow, app: App
) -> None:
    page = settings.page("agents")
    assert isinstance(page, AgentsPage)
    qtbot.waitUntil(lambda: bool(page.list.rows))
    click(qtbot, page, "Add a team")
    assert page.fields is not None
    write(qtbot, page.fields["name"], "Postventa")
    qtbot.waitUntil(lambda: any(row.title == "Postventa" for row in page.list.rows))
    click(qtbot, page, "Add a person")
    write(qtbot, page.fields["name"], "Luis Serra")
    qtbot.waitUntil(lambda: any(row.title == "Luis Serra" for row in page.list.rows))
    click(qtbot, page, "Add a person")
    write(qtbot, page.fields["name"], "Luis Serra")
    qtbot.waitUntil(lambda: bool(page.notice.text))
    assert page.fields["name"].value == "Luis Serra"
    with app.db.reading() as s:
        assert [agent.name for agent in agents.rows(s)].count("Luis Serra") == 1


def test_every_button_of_every_section_does_something_and_has_a_name(
    qtbot: QtBot, act: SettingsActions, settings: SettingsWindow
) -> None:
    for name in _NAMES:
        page = settings.page(name)
        qtbot.waitUntil(lambda: act.tasks.is_idle)
        for button in page.findChildren(QPushButton):
            works = button.receivers("2clicked(bool)") or button.menu() is not None or button.group() is not None
            assert works, f"{name}: {button.text()} does nothing"
            assert button.text() or button.accessibleName(), f"{name}: a button without a name"


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_word_is_cut_off_at_200_percent(
    qtbot: QtBot, qapp: QApplication, act: SettingsActions, window: QWidget, language: str
) -> None:
    i18n.set_language(language)
    style.apply(qapp, "dark", 200)
    made = SettingsWindow(act, commands(), window)
    made.resize(1900, 1200)
    made.show()
    for name in _NAMES:
        page = made.page(name)
        qtbot.waitUntil(lambda: act.tasks.is_idle)
        for button in page.findChildren(QPushButton):
            if button.isVisible():
                assert button.width() >= button.minimumSizeHint().width(), f"{name}: {button.text()} is cut off"
    style.apply(qapp, "light", 100)


@pytest.mark.parametrize("size", [(1400, 840), (984, 640)])
@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_runs_off_the_page_at_200_percent(
    qtbot: QtBot, qapp: QApplication, act: SettingsActions, window: QWidget, language: str, size: tuple[int, int]
) -> None:
    i18n.set_language(language)
    style.apply(qapp, "light", 200)
    made = SettingsWindow(act, commands(), window)
    made.resize(*size)
    made.show()
    for name in _NAMES:
        page = made.page(name)
        qtbot.waitUntil(lambda: act.tasks.is_idle)
        QApplication.processEvents()
        edge = made.mapToGlobal(made.rect().topRight()).x()
        for found in (page, *page.findChildren(QWidget)):
            if found.isVisible() and not found.visibleRegion().isEmpty():
                right = found.mapToGlobal(found.rect().topRight()).x()
                assert right <= edge, f"{name}: {type(found).__name__} {found.accessibleName()} {right - edge}"
    style.apply(qapp, "light", 100)


def test_escape_closes_the_settings(qtbot: QtBot, settings: SettingsWindow) -> None:
    QTest.keyClick(settings, Qt.Key.Key_Escape)
    assert not settings.isVisible()


def test_who_is_no_administrator_sees_whom_to_ask_about_closing_without_questions(
    qtbot: QtBot, act: SettingsActions
) -> None:
    page = GeneralPage(act)
    qtbot.addWidget(page)
    page.show()
    page.load()
    qtbot.waitUntil(lambda: page.waivers.editor.isEnabled())
    with act.app.db.writing(act.agent_id) as s:
        other = agents.add(s, "Luis Serra", role=Role.AGENT)
    plain = SettingsActions(act.app, act.tasks, other)
    theirs = GeneralPage(plain)
    qtbot.addWidget(theirs)
    theirs.show()
    theirs.load()
    qtbot.waitUntil(lambda: not theirs.waivers.editor.isEnabled())
    qtbot.waitUntil(lambda: "Only an administrator can change this" in texts(theirs))
