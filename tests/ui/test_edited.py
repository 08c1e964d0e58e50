"""A message that was changed at the other side says so, and shows what it said before."""

from datetime import UTC, datetime

from PySide6.QtWidgets import QLabel, QPushButton

from inbox.channels.base import Batch, Edit
from inbox.services import ingest
from inbox.store.models import Message
from inbox.ui.thread.card import MessageCard
from tests.ui.conftest import Desk


def _card(desk: Desk, message_id: int) -> MessageCard:
    return next(card for card in desk.window.pane.findChildren(MessageCard) if card.row.id == message_id)


def test_an_edited_message_shows_what_it_says_and_what_it_said(desk: Desk) -> None:
    desk.show_all()
    row = desk.window.model.rows[0]
    desk.open(row)
    incoming = [card.row for card in desk.window.pane.findChildren(MessageCard) if card.row.direction == "in"]
    before = incoming[-1]
    with desk.app.db.writing() as s:
        message = s.get_one(Message, before.id)
        edit = Edit(message.remote_id, datetime.now(UTC), b'{"text": "It was order 21."}', "It was order 21.")
        ingest.store_batch(s, message.account_id, Batch((), "", edits=(edit,)))
    desk.until(lambda: _card(desk, before.id).row.text == "It was order 21.")
    card = _card(desk, before.id)
    assert "edited" in card.state_text()
    button = next(one for one in card.findChildren(QPushButton) if one.text() == "Show what it said before")
    button.click()
    assert before.text in [label.text() for label in card.findChildren(QLabel)]


def test_a_message_that_was_deleted_there_stays_and_says_so(desk: Desk) -> None:
    desk.show_all()
    desk.open(desk.window.model.rows[0])
    before = desk.window.pane.findChildren(MessageCard)[0].row
    with desk.app.db.writing() as s:
        message = s.get_one(Message, before.id)
        edit = Edit(message.remote_id, datetime.now(UTC), b"", deleted=True)
        ingest.store_batch(s, message.account_id, Batch((), "", edits=(edit,)))
    desk.until(lambda: _card(desk, before.id).row.removed)
    assert "deleted at the other side" in _card(desk, before.id).state_text()
    assert _card(desk, before.id).row.text == before.text
