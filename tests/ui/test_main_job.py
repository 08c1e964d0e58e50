"""The main job in the window, on real servers: mail comes in, is answered from templates, and the gate holds."""

from collections.abc import Callable
from email import message_from_bytes
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from inbox.channels.email.incoming import to_incoming
from inbox.services import cases, queries, settings_store
from inbox.services.rows import ConversationRow
from inbox.states import CaseStatus, Direction
from inbox.store.models import Message
from inbox.ui.account_dialog import AccountDialog
from inbox.ui.bulk_dialog import BulkDialog
from inbox.ui.close_dialog import CloseDialog
from inbox.ui.dialog import Dialog
from inbox.ui.rows_view import RowsView
from inbox.ui.start_page import StartPage
from inbox.ui.template_menu import TemplateMenu
from inbox.ui.welcome import Welcome
from tests.e2e.test_main_job import CUSTOMERS, mail, sent_to
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.services.arriving import rows
from tests.ui.conftest import Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _texts(widget: QWidget) -> str:
    return "\n".join(found.text() for found in widget.findChildren(QLabel) if found.isVisibleTo(widget))


def _press(widget: QWidget, text: str) -> None:
    button = next(found for found in widget.findChildren(QPushButton) if found.text() == text and found.isVisible())
    button.click()


def _shown(desk: Desk, kind: type[Dialog]) -> Dialog:
    def visible() -> list[Dialog]:
        return [found for found in desk.window.findChildren(kind) if found.isVisible()]

    desk.until(visible)
    return visible()[0]


def _add_account(desk: Desk, imap: Dovecot, smtp: SmtpServer) -> None:
    """From the first start's page, by the form, with "Test connection"."""
    desk.until(lambda: desk.window.findChildren(StartPage))
    desk.window.findChildren(Welcome)[0].choices[1].click()
    dialog = _shown(desk, AccountDialog)
    assert isinstance(dialog, AccountDialog)
    dialog.form.show_advanced(True)
    for name, value in {
        "address": "shop@example.com",
        "password": "secret",
        "imap_host": "localhost",
        "imap_port": str(imap.tls_port),
        "smtp_host": "localhost",
        "smtp_port": str(smtp.port),
        "ca_file": str(imap.ca_file),
    }.items():
        editor = dialog.form.fields[name].editor
        assert isinstance(editor, QLineEdit)
        editor.clear()
        QTest.keyClicks(editor, value)
    _press(dialog, "Test connection")
    desk.until(lambda: dialog.notice.text)
    assert "The connection works" in dialog.notice.text
    _press(dialog, "Save")
    desk.until(lambda: not desk.window.findChildren(StartPage))
    assert desk.window.head.title.text() == "Unassigned"


def _find(desk: Desk, who: str) -> ConversationRow:
    """By the search."""
    desk.window.go_to_search()
    desk.window.rail.search.clear()
    QTest.keyClicks(desk.window.rail.search, f"from:{who}@customers.example")
    desk.until(lambda: len(desk.window.model.rows) == 1 and desk.window.model.rows[0].customer_name == who.title())
    desk.settle()
    return desk.window.model.rows[0]


def _answer(desk: Desk, who: str, questions: int) -> None:
    """Open what a customer wrote, take a template, put questions in, and send it by the keyboard."""
    desk.open(_find(desk, who))
    pane = desk.window.pane
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Slash)
    desk.until(lambda: isinstance(QApplication.activePopupWidget(), TemplateMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, TemplateMenu)
    desk.until(lambda: menu.rows.key is not None)
    QTest.keyClicks(menu.seek, "receipt")
    desk.settle()
    QTest.keyClick(menu.seek, Qt.Key.Key_Return)
    desk.until(lambda: len(pane.composer.editor.toPlainText()) > 20)
    while (hole := pane.composer.editor.toPlainText().find("⟨")) >= 0:
        cursor = pane.composer.editor.textCursor()
        cursor.setPosition(hole)
        end = pane.composer.editor.toPlainText().index("⟩") + 1
        cursor.setPosition(end, cursor.MoveMode.KeepAnchor)
        cursor.insertText("hoy")
    for number in range(1, questions + 1):
        pane.ask()
        assert len(pane.composer.asked_now()) == number
    sent = len(_outgoing(desk))
    QTest.keyClick(pane.composer.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: len(_outgoing(desk)) > sent or pane.composer.notice_text)
    assert not pane.composer.notice_text
    desk.until(lambda: pane.stream.messages[-1].delivery == "sent")


def _outgoing(desk: Desk) -> list[Message]:
    return [row for row in rows(desk.app.db, Message) if row.direction == "out"]


def _file_answers(desk: Desk, who: str) -> None:
    """Say yes to every answer that the window proposes, by its key."""
    desk.open(_find(desk, who))
    pane = desk.window.pane
    # Not which is the last: a mail's time has whole seconds only, and these answers are quick.
    desk.until(lambda: [row.direction for row in pane.stream.messages].count(Direction.IN) == 2)

    def answered() -> int:
        assert pane.detail is not None
        assert pane.detail.gate is not None
        return pane.detail.gate.answered

    assert pane.detail is not None
    assert pane.detail.gate is not None
    for number in range(answered(), pane.detail.gate.asked):
        desk.until(lambda: pane.bar.banners.is_asking)
        desk.window.commands.run("case.answer")
        desk.until(partial(_is_more, answered, number))


def _is_more(count: Callable[[], int], than: int) -> bool:
    return count() > than


def _status(desk: Desk, case_id: int) -> CaseStatus:
    with desk.app.db.reading() as s:
        return queries.case(s, case_id).status


@pytest.mark.timeout(120)
def test_the_main_job_in_the_window(
    dovecot: Dovecot, smtp_server: SmtpServer, shared_data: Path, start: Callable[..., Desk]
) -> None:
    files = sorted(file for file in (shared_data / "mail").iterdir() if file.suffix == ".eml")
    for file in files:
        dovecot.deliver(file.read_bytes())
    for who, (subject, body) in CUSTOMERS.items():
        dovecot.deliver(mail(who, subject, body, 1))
    expected = {to_incoming(file.read_bytes(), {"shop@example.com"}).remote_id for file in files}
    desk = start(demo=False)
    desk.no_undo_time()
    with desk.app.db.writing(desk.app.agent.id) as s:
        settings_store.change(s, "company.name", "Casa Verde")
    _add_account(desk, dovecot, smtp_server)
    desk.until(lambda: len(rows(desk.app.db, Message)) == len(expected) + len(CUSTOMERS))
    desk.settle()
    for who, count in {"ana": 2, "jordi": 2, "elena": 1}.items():
        _answer(desk, who, count)
    assert len(smtp_server.wait_for(3)) == 3
    for who in CUSTOMERS:
        reply = message_from_bytes(sent_to(smtp_server, who).data)
        words = "Es la lavadora del pedido 20544. Desde esta mañana."
        dovecot.deliver(mail(who, f"Re: {reply['Subject']}", words, 2, reply["Message-ID"].strip("<>")))
    for who in CUSTOMERS:
        _file_answers(desk, who)
    _close_one_and_refuse_another(desk)


def _close_one_and_refuse_another(desk: Desk) -> None:
    numbers = {who: _find(desk, who).case_id or 0 for who in CUSTOMERS}
    desk.open(_find(desk, "elena"))
    desk.window.pane.bar.close_button.click()
    refusal = _shown(desk, CloseDialog)
    desk.until(lambda: "This case can't be closed yet" in _texts(refusal))
    with desk.app.db.reading() as s:
        missing = cases.gate(s, numbers["elena"]).missing
    assert "Ask 1 more clarifying question." in " ".join(missing)
    for sentence in missing:
        assert sentence in _texts(refusal)
    refusal.reject()
    assert _status(desk, numbers["elena"]) != CaseStatus.CLOSED

    desk.open(_find(desk, "ana"))
    desk.choose("Resolved")
    desk.window.commands.run("case.close")
    desk.until(lambda: _status(desk, numbers["ana"]) == CaseStatus.CLOSED)

    desk.window.rail.search.setText("lavadora 20544")
    desk.until(lambda: {row.customer_name for row in desk.window.model.rows} == {"Ana", "Jordi", "Elena"})
    desk.window.list.select_all()
    desk.choose("Resolved")
    desk.window.commands.run("case.close")
    listed = _shown(desk, BulkDialog)
    assert "1 was refused" in _texts(listed)
    (row,) = listed.findChildren(RowsView)[0].rows
    assert "Ask 1 more clarifying question." in row.note
    listed.reject()
    desk.until(lambda: _status(desk, numbers["jordi"]) == CaseStatus.CLOSED)
    assert _status(desk, numbers["elena"]) != CaseStatus.CLOSED
