"""The dialogs and menus, driven by keys and mouse on a real program."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from inbox.app import App, ImportSummary
from inbox.services import agents, cases, merging, queries, questions, replies, settings_store, templates
from inbox.services.rows import (
    AskedQuestion,
    BulkResult,
    Gate,
    Refusal,
    RenderedTemplate,
    SuggestedQuestion,
    TemplateVariantRow,
)
from inbox.states import CaseStatus, CloseReason, MessageKind, Role
from inbox.store.models import Case, Conversation, Customer, Waiver
from inbox.ui.bulk_dialog import BulkDialog
from inbox.ui.choices import BigChoice
from inbox.ui.close_dialog import CloseDialog
from inbox.ui.commands import Command
from inbox.ui.fuzzy import best, score
from inbox.ui.import_dialog import ImportDialog
from inbox.ui.keys_sheet import KeysSheet
from inbox.ui.merge_dialog import MergeDialog, ask_unmerge
from inbox.ui.palette import Palette
from inbox.ui.question_menu import QuestionMenu, dots
from inbox.ui.settings.actions import SettingsActions
from inbox.ui.template_menu import TemplateMenu
from inbox.ui.welcome import Welcome
from tests.services.arriving import mail, receive, rows

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def case(app: App, email_account: int) -> int:
    """A case that a customer's mail has opened."""
    receive(app.db, email_account, mail(name="Ana Torres Vidal", subject="Lavadora con golpe"))
    return int(rows(app.db, Case)[0].id)


def texts(widget: QWidget) -> str:
    return "\n".join(found.text() for found in widget.findChildren(QLabel) if found.isVisibleTo(widget))


def click(qtbot: QtBot, widget: QWidget, text: str) -> None:
    def named() -> list[QPushButton]:
        return [b for b in widget.findChildren(QPushButton) if b.text() == text and b.isVisible()]

    qtbot.waitUntil(lambda: bool(named()))
    found = named()[0]
    found.setFocus()
    QTest.keyClick(found, Qt.Key.Key_Space)


def ask_by_phone(app: App, case_id: int, *asked: str, answered: bool) -> None:
    with app.db.writing(app.agent.id) as s:
        replies.log_contact(
            s, case_id, MessageKind.CALL, "Llamada", agent_id=app.agent.id, ask=[AskedQuestion(text) for text in asked]
        )
    if answered:
        with app.db.writing(app.agent.id) as s:
            for question in cases.gate(s, case_id).questions:
                questions.answer(s, question.id, text="Sí, está instalada.", learn=False)


# --- closing ---


def test_a_refused_closing_says_what_is_missing_and_puts_a_question_into_the_reply(
    qtbot: QtBot,
    act: SettingsActions,
    window: QWidget,
    case: int,
) -> None:
    dialog = CloseDialog(act, case, window)
    dialog.open()
    qtbot.waitUntil(lambda: "This case can't be closed yet" in texts(dialog))
    with act.app.db.reading() as s:
        missing = cases.gate(s, case).missing
        offered = questions.suggest(s, case, "en")
    assert missing
    qtbot.waitUntil(lambda: all(sentence in texts(dialog) for sentence in missing))
    qtbot.waitUntil(lambda: offered[0].text in texts(dialog))
    asked: list[SuggestedQuestion] = []
    dialog.ask_requested.connect(asked.append)
    click(qtbot, dialog, "Ask this")
    assert asked == [offered[0]]
    assert not dialog.isVisible()


def test_an_open_gate_closes_by_one_key_with_its_reason(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    ask_by_phone(app, case, "¿Está ya instalada?", "¿Qué día le viene bien?", answered=True)
    dialog = CloseDialog(act, case, window)
    dialog.open()
    qtbot.waitUntil(lambda: "How did it end?" in texts(dialog))
    qtbot.waitUntil(lambda: all(choice.isVisible() for choice in dialog.findChildren(BigChoice)))
    with qtbot.waitSignal(dialog.closed):
        QTest.keyClick(dialog, Qt.Key.Key_3)
    closed = rows(app.db, Case)[0]
    assert (closed.status, closed.close_reason) == (CaseStatus.CLOSED, CloseReason.LOST_CUSTOMER)


def test_questions_without_an_answer_are_shown_as_waiting_and_escape_leaves_the_case_open(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    ask_by_phone(app, case, "¿Está ya instalada?", "¿Qué día le viene bien?", answered=False)
    dialog = CloseDialog(act, case, window)
    dialog.open()
    qtbot.waitUntil(lambda: "¿Está ya instalada?" in texts(dialog))
    assert "Waiting for the answer" in texts(dialog)
    assert not [b for b in dialog.findChildren(QPushButton) if b.text() == "Mark “no answer”"]  # 48 h have not passed
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert rows(app.db, Case)[0].status is not CaseStatus.CLOSED


def test_a_supervisor_closes_without_the_questions_only_where_allowed_and_with_a_reason(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    dialog = CloseDialog(act, case, window)
    dialog.open()
    qtbot.waitUntil(lambda: "This case can't be closed yet" in texts(dialog))
    assert not dialog.without_questions.isVisible()
    with app.db.writing(app.agent.id) as s:
        settings_store.change(s, "waivers_allowed", True)
    dialog.load()
    qtbot.waitUntil(dialog.without_questions.isVisible)
    dialog.without_questions.click()
    dialog.waive_button.click()
    assert dialog.why.complaint == "Write a reason: it is kept with the case."
    dialog.why.value = "The customer died"
    dialog.end.value = "not_resolved"
    with qtbot.waitSignal(dialog.closed):
        dialog.waive_button.click()
    closed, waiver = rows(app.db, Case)[0], rows(app.db, Waiver)[0]
    assert (closed.status, closed.close_reason) == (CaseStatus.CLOSED, CloseReason.NOT_RESOLVED)
    assert (waiver.case_id, waiver.agent_id, waiver.reason) == (case, app.agent.id, "The customer died")


def test_an_agent_is_not_offered_to_close_without_the_questions(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    with app.db.writing(app.agent.id) as s:
        settings_store.change(s, "waivers_allowed", True)
        agents.add(s, "Ada Admin", role=Role.ADMIN)
        agents.change(s, app.agent.id, role=Role.AGENT)
    dialog = CloseDialog(act, case, window)
    dialog.open()
    qtbot.waitUntil(lambda: "This case can't be closed yet" in texts(dialog))
    assert not dialog.without_questions.isVisible()


def test_what_a_bulk_action_refused_is_listed_with_its_reasons_and_one_key_away(
    qtbot: QtBot,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    with app.db.writing(app.agent.id) as s:
        result = cases.close_many(s, [case], CloseReason.RESOLVED)
    assert [refusal.id for refusal in result.refused] == [case]
    dialog = BulkDialog(result, "0 cases were closed", window)
    qtbot.addWidget(dialog)
    dialog.open()
    assert result.refused[0].reasons[0] in str(dialog._rows.rows[0].note)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        QTest.keyClick(dialog._rows, Qt.Key.Key_Return)
    assert chosen.args == [case]


def test_a_bulk_dialog_counts_what_was_refused(qtbot: QtBot, window: QWidget) -> None:
    dialog = BulkDialog(BulkResult((1,), (Refusal(2, "Case 2", ("No.",)), Refusal(3, "Case 3", ("No.",)))), "", window)
    qtbot.addWidget(dialog)
    assert dialog.windowTitle() == "2 were refused"


# --- menus ---


def test_a_template_is_found_by_some_letters_previewed_and_put_in_by_enter(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    with app.db.writing(app.agent.id) as s:
        text = "Hola {{ customer.first_name }}, su pedido {{ fact.order_number }} sale hoy."
        templates.save(
            s,
            name_en="Zebra crossing",
            name_es="Paso",
            variants=[TemplateVariantRow("es", "", "", text)],
            solution=True,
        )
    conversation = rows(app.db, Conversation)[0].id
    menu = TemplateMenu(act, conversation, window, asked=0, required=2)
    picked: list[RenderedTemplate] = []
    menu.picked.connect(picked.append)
    menu.show_at(QPoint(50, 600))
    qtbot.waitUntil(lambda: len(menu.rows.rows) > 20)
    QTest.keyClicks(menu.seek, "zebra")
    assert [row.title for row in menu.rows.rows] == ["Zebra crossing"]
    qtbot.waitUntil(lambda: "Hola Ana" in menu._preview.toPlainText())
    assert "2 clarifying questions are still to be asked" in menu._warning.text()
    assert "order" in menu._warning.text()
    QTest.keyClick(menu.seek, Qt.Key.Key_Return)
    assert picked[0].text.startswith("Hola Ana, su pedido ⟨")
    assert picked[0].missing
    assert not menu.isVisible()


def test_enter_pressed_before_the_preview_is_there_still_puts_the_template_in(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    menu = TemplateMenu(act, rows(app.db, Conversation)[0].id, window)
    menu.show_at(QPoint(50, 600))
    qtbot.waitUntil(lambda: menu.rows.key is not None)
    with qtbot.waitSignal(menu.picked):
        QTest.keyClick(menu.seek, Qt.Key.Key_Return)


def test_a_question_is_chosen_or_written_and_never_more_than_three_without_a_warning(
    qtbot: QtBot,
    window: QWidget,
) -> None:
    suggested = [
        SuggestedQuestion(1, "¿Está ya instalada?", "installed"),
        SuggestedQuestion(2, "¿Dónde vive?", "city", "Girona"),
    ]
    menu = QuestionMenu(suggested, Gate(2, 3, 3, (), ()), window)
    picked: list[AskedQuestion] = []
    menu.picked.connect(picked.append)
    menu.show_at(QPoint(50, 600))
    assert "A fourth" in texts(menu)
    assert "Girona" in menu.rows.rows[1].note
    QTest.keyClick(menu.seek, Qt.Key.Key_Down)
    QTest.keyClick(menu.seek, Qt.Key.Key_Return)
    menu.show_at(QPoint(50, 600))
    QTest.keyClicks(menu.seek, "De que color")
    QTest.keyClick(menu.seek, Qt.Key.Key_Return)
    assert picked == [AskedQuestion("¿Dónde vive?", 2, "city"), AskedQuestion("De que color?")]


def test_dots_show_asked_and_missing_questions() -> None:
    assert dots(1, 3) == "●○○"
    assert dots(3, 2) == "●●●"


# --- palette and keys ---


def commands() -> list[Command]:
    def nothing() -> None: ...

    return [
        Command("case.close", "Close the case", ("E",), nothing, group="Case"),
        Command("reply", "Reply", ("R",), nothing, group="Conversation"),
        Command("never", "Not now", (), nothing, enabled=lambda: False, group="Case"),
    ]


def test_the_palette_finds_commands_views_customers_and_templates(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    window: QWidget,
    case: int,
) -> None:
    palette = Palette(act, commands(), window)
    palette.show_palette()
    qtbot.waitUntil(lambda: any(row.title == "Views" for row in palette.rows.rows))
    assert not any(row.title == "Not now" for row in palette.rows.rows)
    QTest.keyClicks(palette.seek, "torr")
    qtbot.waitUntil(lambda: any(row.title == "Ana Torres Vidal" for row in palette.rows.rows))
    with qtbot.waitSignal(palette.customer_chosen) as chosen:
        palette.rows.select(("customer", rows(app.db, Customer)[0].id))
        QTest.keyClick(palette.seek, Qt.Key.Key_Return)
    assert chosen.args == [rows(app.db, Customer)[0].id]


def test_the_palette_runs_a_command_by_two_letters_and_says_when_nothing_fits(
    qtbot: QtBot,
    act: SettingsActions,
    window: QWidget,
) -> None:
    palette = Palette(act, commands(), window)
    palette.show_palette()
    QTest.keyClicks(palette.seek, "xqzw")
    qtbot.waitUntil(lambda: "Nothing is called that" in texts(palette))
    palette.seek.setText("cl ca")
    with qtbot.waitSignal(palette.command_chosen) as chosen:
        QTest.keyClick(palette.seek, Qt.Key.Key_Return)
    assert chosen.args == ["case.close"]


def test_the_keys_sheet_is_read_from_the_commands_and_can_be_searched(qtbot: QtBot, window: QWidget) -> None:
    sheet = KeysSheet(commands(), window)
    qtbot.addWidget(sheet)
    sheet.open()
    assert "Close the case" in texts(sheet)
    assert "Not now" not in texts(sheet)  # it has no key
    QTest.keyClicks(sheet._seek, "reply")
    qtbot.waitUntil(lambda: "Close the case" not in texts(sheet))
    qtbot.waitUntil(lambda: "Reply" in texts(sheet))


def test_finding_by_letters_prefers_the_start_of_words_and_ignores_accents() -> None:
    assert score("cion", "Devolución") is not None
    assert score("zz", "Devolución") is None
    found = best("in", ["Pinar", "Casa inicial", "Información"], str, 5)
    assert found == ["Información", "Casa inicial", "Pinar"]


# --- customers ---


def test_two_customers_become_one_and_are_split_again(
    qtbot: QtBot,
    act: SettingsActions,
    app: App,
    email_account: int,
    window: QWidget,
) -> None:
    receive(app.db, email_account, mail(name="Ana Torres"), mail(sender="ana@work.example", name="A. Torres"))
    first, second = (found.id for found in rows(app.db, Customer))
    dialog = MergeDialog(act, first, second, window)
    dialog.open()
    qtbot.waitUntil(lambda: "ana@work.example" in texts(dialog))
    click(qtbot, dialog, "Keep the other one")
    qtbot.waitUntil(lambda: "move to A. Torres" in texts(dialog))
    with qtbot.waitSignal(dialog.merged) as merged:
        click(qtbot, dialog, "Make them one")
    survivor, _merge_id = merged.args
    assert survivor == second
    with app.db.reading() as s:
        merge = queries.customer_card(s, second, language="en").merges[0]
    done: list[bool] = []
    question = ask_unmerge(act, merge, window, lambda: done.append(True))
    click(qtbot, question, "Split them")
    qtbot.waitUntil(lambda: bool(done))
    with app.db.reading() as s:
        assert not queries.customer_card(s, second, language="en").merges
        assert merging.suggestions(s, second) is not None


# --- first start and import ---


@pytest.mark.parametrize("number", [1, 2, 3])
def test_each_way_to_begin_is_one_key_away(qtbot: QtBot, number: int) -> None:
    welcome = Welcome()
    qtbot.addWidget(welcome)
    welcome.show()
    welcome.activateWindow()
    qtbot.waitUntil(welcome.isActiveWindow)
    welcome.setFocus()
    signals = [welcome.demo_chosen, welcome.account_chosen, welcome.import_chosen]
    with qtbot.waitSignal(signals[number - 1]):
        QTest.keyClick(QApplication.focusWidget() or welcome, Qt.Key(Qt.Key.Key_0 + number))


def test_an_import_ends_with_a_summary_that_names_what_could_not_be_read(
    qtbot: QtBot,
    act: SettingsActions,
    window: QWidget,
    tmp_path: Path,
) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(
        b"From: Ana <ana@example.com>\r\nTo: shop@example.com\r\nSubject: Hola\r\nMessage-ID: <1@x>\r\n\r\nHola\r\n"
    )
    bad = tmp_path / "picture.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(200))
    dialog = ImportDialog(act, window)
    dialog.open()
    assert [choice.property("digit") for choice in dialog.findChildren(BigChoice)] == ["1", "2"]
    with qtbot.waitSignal(dialog.imported, timeout=20_000) as done:
        dialog.start([good, bad])
    summary: ImportSummary = done.args[0]
    assert summary.new == 1
    qtbot.waitUntil(lambda: "1 message is new" in texts(dialog))
    assert [name for name, _why in summary.unreadable] == ["picture.png"] or "picture.png" in str(summary.unreadable)
    click(qtbot, dialog, "Done")
    assert not dialog.isVisible()


def test_an_import_of_what_is_not_there_says_so_and_offers_the_choice_again(
    qtbot: QtBot,
    act: SettingsActions,
    window: QWidget,
    tmp_path: Path,
) -> None:
    dialog = ImportDialog(act, window)
    dialog.open()
    dialog.start([tmp_path / "nothing.mbox"])
    qtbot.waitUntil(lambda: bool(dialog.notice.text) or "could not be read" in texts(dialog), timeout=10_000)
