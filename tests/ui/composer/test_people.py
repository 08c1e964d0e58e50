"""To, Cc and Bcc; reply and reply all; senders that nobody reads."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from inbox.channels.base import Author, Batch, Incoming
from inbox.services import accounts, customers, ingest, queries
from inbox.services.rows import ConversationRow
from inbox.ui.composer import Composer
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

ESCAPE, LEFT = Qt.Key.Key_Escape, Qt.MouseButton.LeftButton


def _mail(desk: Desk, sender: str, recipients: tuple[str, ...] = ()) -> ConversationRow:
    """A mail comes in to the demo's mailbox, and is opened."""
    account = next(found for found in desk.window.rail.accounts if found.settings.get("as") == "email")
    mail = Incoming(
        remote_id=f"mail-of-{sender}",
        author=Author(sender, "Ana Torres"),
        sent_at=datetime.now(UTC),
        raw=b"{}",
        text="Good morning",
        new_text="Good morning",
        subject="A parcel",
        remote_thread=f"thread-of-{sender}",
        own_key=f"mail-of-{sender}",
        recipients=recipients,
    )
    with desk.app.db.writing() as s:
        ingest.store_batch(s, account.id, Batch([mail], cursor=accounts.load_cursor(s, account.id)))
    desk.show_all()
    desk.until(lambda: any(row.subject == "A parcel" for row in desk.window.model.rows))
    row = desk.find(lambda found: found.subject == "A parcel")
    desk.open(row)
    return row


def _composer(desk: Desk) -> Composer:
    return desk.window.pane.composer


def _copies(composer: Composer) -> list[str]:
    return list(composer.written.cc)


def test_the_recipients_are_folded_until_one_opens_them(desk: Desk) -> None:
    _mail(desk, "ana@correo.example")
    composer = _composer(desk)
    assert composer.people.line.text() == "ana@correo.example"
    assert not composer.people.isVisible()
    assert composer.people.all_button.isHidden()
    QTest.mouseClick(composer.people.line, LEFT)
    assert composer.people.isVisible()
    assert composer.people.fields["to"].text() == "ana@correo.example"
    QTest.keyClick(composer.people.fields["cc"], ESCAPE)
    assert not composer.people.isVisible()
    desk.window.commands.run("reply.people")
    assert composer.people.isVisible()


def test_reply_all_gives_everybody_a_copy_and_reply_takes_it_away(desk: Desk) -> None:
    _mail(desk, "ana@correo.example", ("luis@empresa.example", "eva@empresa.example"))
    composer = _composer(desk)
    assert composer.people.all_button.text() == "Reply all"
    composer.people.all_button.click()
    assert _copies(composer) == ["luis@empresa.example", "eva@empresa.example"]
    assert composer.people.line.text() == "ana@correo.example and 2 more"
    assert "Ana and 2 more" in composer.send_button.text()
    assert composer.people.all_button.text() == "Reply"
    composer.people.all_button.click()
    assert not _copies(composer)
    desk.window.commands.run("reply.all")
    assert _copies(composer) == ["luis@empresa.example", "eva@empresa.example"]


def test_copies_go_out_are_shown_in_the_thread_and_come_back_with_an_undo(desk: Desk) -> None:
    row = _mail(desk, "ana@correo.example")
    composer, pane = _composer(desk), desk.window.pane
    composer.people.toggle()
    QTest.keyClicks(composer.people.fields["cc"], "luis@empresa.example")
    QTest.keyClicks(composer.people.fields["bcc"], "boss@shop.example")
    composer.editor.insert("It left today.")
    composer.send()
    desk.until(lambda: any(found.text == "It left today." for found in pane.stream.messages))
    sent = next(found for found in pane.stream.messages if found.text == "It left today.")
    assert (sent.cc, sent.bcc) == (("luis@empresa.example",), ("boss@shop.example",))
    card = pane.stream.card(sent.id)
    assert card is not None
    assert card.about == "to ana@correo.example · Cc luis@empresa.example · Bcc boss@shop.example"
    assert not _copies(composer)
    pane.undo_reply(sent.id)
    desk.until(lambda: _copies(composer) == ["luis@empresa.example"])
    assert composer.people.fields["bcc"].text() == "boss@shop.example"
    with desk.app.db.reading() as s:
        assert queries.detail(s, row.id, agent_id=desk.app.agent.id, language="en").draft is not None


def test_an_address_that_is_none_is_named_before_anything_is_sent(desk: Desk) -> None:
    _mail(desk, "ana@correo.example")
    composer = _composer(desk)
    composer.people.toggle()
    QTest.keyClicks(composer.people.fields["cc"], "luis@")
    composer.editor.insert("It left today.")
    composer.send()
    desk.until(lambda: "luis@" in composer.notice_text)
    assert composer.editor.toPlainText() == "It left today."


def test_a_no_reply_sender_is_not_answered_and_the_customers_other_address_is_offered(desk: Desk) -> None:
    account = next(found for found in desk.window.rail.accounts if found.settings.get("as") == "email")
    row = _mail(desk, "no-reply@shop.example")
    with desk.app.db.writing(desk.app.agent.id) as s:
        customers.add_identity(s, row.customer_id, "email", "ana@correo.example")
    assert account.kind == "demo"
    desk.open(desk.find(lambda found: found.id != row.id))
    desk.open(row)
    composer = _composer(desk)
    assert not composer.is_note
    assert "Nobody reads what is sent to no-reply@shop.example" in composer.notice_text
    composer.editor.insert("Hello")
    assert not composer.send_button.isEnabled()
    desk.open(desk.find(lambda found: found.id != row.id))
    desk.open(row)
    offer = next(found for found in composer.notice.findChildren(QPushButton) if "ana@correo.example" in found.text())
    offer.click()
    assert composer.written.to == ("ana@correo.example",)
    assert composer.send_button.isEnabled()
    assert "ana@correo.example" in composer.send_button.text()


def test_a_chat_has_one_recipient_and_nothing_to_open(desk: Desk) -> None:
    desk.show_all()
    desk.open(desk.find(lambda found: found.channel not in ("email",)))
    composer = _composer(desk)
    assert composer.people.fold_button.isHidden()
    composer.people.toggle()
    assert not composer.people.isVisible()
