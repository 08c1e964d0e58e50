"""Greeting once, and listening before one answers a chat."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtWidgets import QPushButton

from inbox.services import settings_store
from inbox.services.rows import RenderedTemplate
from inbox.services.writing import Writing
from inbox.ui.composer import Composer
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def _set(desk: Desk, name: str, value: str) -> None:
    with desk.app.db.writing(desk.app.agent.id) as s:
        settings_store.change(s, name, value)


def _open(desk: Desk, known: Writing) -> Composer:
    """A conversation, of which the composer knows this."""
    desk.open(desk.window.model.rows[0])
    pane = desk.window.pane
    assert pane.detail is not None
    detail = dataclasses.replace(pane.detail, draft=None, writing=dataclasses.replace(known, to=pane.detail.reply_to))
    pane.composer.show_conversation(detail, pane.composer.manifest)
    return pane.composer


def test_the_greeting_stands_in_the_first_reply_and_gives_way_to_a_template(desk: Desk) -> None:
    composer = _open(desk, Writing(greeting="Hello Ann, how can I help you?"))
    assert composer.editor.toPlainText() == "Hello Ann, how can I help you?\n\n"
    assert not composer.has_unsaved
    composer.insert_template(RenderedTemplate(1, "", "Dear Ann, it left today.", (), False, ()))
    assert composer.editor.toPlainText() == "Dear Ann, it left today."


def test_a_template_stands_under_what_was_typed_after_the_greeting(desk: Desk) -> None:
    composer = _open(desk, Writing(greeting="Hello Ann,"))
    composer.editor.insert("thank you. ")
    composer.insert_template(RenderedTemplate(1, "", "It left today.", (), False, ()))
    assert composer.editor.toPlainText() == "Hello Ann,\n\nthank you. It left today."


def test_a_hint_asks_once_before_a_chat_is_answered_too_soon(desk: Desk) -> None:
    composer = _open(desk, Writing(listening="hint", heard_at=datetime.now(UTC) + timedelta(hours=1)))
    composer.editor.insert("Hello")
    assert not composer.listening.isHidden()
    composer.send()
    assert "may still be writing" in composer.notice_text
    sent: list[object] = []
    composer.send_wanted.connect(lambda reply, _confirmed: sent.append(reply))
    composer.notice.findChildren(QPushButton)[0].click()
    assert len(sent) == 1


def test_held_nothing_goes_out_until_the_pause_is_over(desk: Desk) -> None:
    composer = _open(desk, Writing(listening="hold", heard_at=datetime.now(UTC) - timedelta(seconds=3)))
    composer.editor.insert("Hello")
    assert not composer.send_button.isEnabled()
    desk.until(composer.send_button.isEnabled)
    assert composer.listening.isHidden()


def test_what_was_said_long_ago_is_answered_at_once(desk: Desk) -> None:
    composer = _open(desk, Writing(listening="hold", heard_at=datetime.now(UTC) - timedelta(minutes=3)))
    composer.editor.insert("Hello")
    assert composer.listening.isHidden()
    assert composer.send_button.isEnabled()


def test_the_office_chooses_its_greeting(desk: Desk) -> None:
    _set(desk, "greeting", "Good morning.")
    desk.show_all()
    answered = []
    for row in list(desk.window.model.rows):
        desk.open(row)
        pane = desk.window.pane
        if pane.composer.may_write and pane.detail is not None and pane.detail.draft is None:
            begins = pane.composer.written.texts[False].startswith("Good morning.")
            answered.append((any(found.direction == "out" for found in pane.stream.messages), begins))
    assert (False, True) in answered
    assert (True, False) in answered
