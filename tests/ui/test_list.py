"""The conversation list: pages, what is on screen while things change, and a page that can't be read."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import event

from inbox.services import accounts, conversations
from inbox.states import DismissReason
from tests.services.arriving import mail, receive
from tests.ui.conftest import Desk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

MANY = 420


@pytest.fixture
def many(start: Callable[..., Desk]) -> Desk:
    """A desk with more conversations than are read at once, all of them on screen by scrolling."""
    desk = start(demo=False)
    desk.app.engine.stop()  # nothing is to be fetched
    with desk.app.db.writing(desk.app.agent.id) as s:
        account_id = accounts.add(s, "email", "Shop", {"address": "shop@example.com"})
    mails = [
        mail(f"Message {n}", f"c{n}@example.com", name=f"Customer {n}", subject=f"Subject {n}") for n in range(MANY)
    ]
    receive(desk.app.db, account_id, *mails)
    desk.window.resize(1200, 700)
    desk.until(lambda: len(desk.window.rail.accounts) == 1)
    desk.window.rail.choose("unassigned")
    desk.settle()
    return desk


def _load_all(desk: Desk) -> None:
    bar = desk.window.list.verticalScrollBar()
    while desk.window.model.after is not None:
        bar.setValue(bar.maximum())
        desk.settle()
    assert len(desk.window.model) == MANY


def _look_at(desk: Desk, index: int) -> None:
    view = desk.window.list
    view.verticalScrollBar().setValue(index * view.row_height)
    desk.settle()


def _shown(desk: Desk) -> list[str]:
    """The subjects on screen, from the top."""
    view = desk.window.list
    first = view.verticalScrollBar().value() // view.row_height
    count = view.viewport().height() // view.row_height
    return [row.subject for row in desk.window.model.rows[first : first + count]]


def _write(desk: Desk, work: Callable[[Any], object]) -> None:
    with desk.app.db.writing(desk.app.agent.id) as s:
        work(s)


@contextmanager
def _unreadable(desk: Desk) -> Iterator[None]:
    """The database refuses to be read."""
    engine = desk.app.db._reader
    assert engine is not None

    def forbid(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.set_authorizer(lambda *_what: sqlite3.SQLITE_DENY)

    def allow(connection: sqlite3.Connection, *_rest: object) -> None:
        connection.set_authorizer(None)

    event.listen(engine, "checkout", forbid)
    yield
    event.remove(engine, "checkout", forbid)
    event.listen(engine, "checkout", allow)


def test_a_page_that_cannot_be_read_leaves_the_rows_and_is_tried_again(many: Desk) -> None:
    model, view = many.window.model, many.window.list
    before = list(model.ids)
    with _unreadable(many):
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        many.until(lambda: model.more_error is not None)
        assert model.ids == before
        assert "can't be" in model.more_error.title if model.more_error else False
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
        many.settle()
        assert view._again_place().intersects(view.viewport().rect())
        view.grab()  # draws the line
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view._again_place().center())
    many.until(lambda: len(model) > len(before))
    assert model.more_error is None


def test_a_view_that_cannot_be_read_says_so_and_is_tried_again(many: Desk) -> None:
    model, view = many.window.model, many.window.list
    with _unreadable(many):
        many.window.rail.choose("open")
        many.until(lambda: model.error is not None)
        view.grab()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view._again_place().center())
    many.until(lambda: model.rows and model.error is None)


def test_what_goes_away_far_down_goes_from_the_screen(many: Desk) -> None:
    _load_all(many)
    _look_at(many, 300)
    gone = many.window.model.rows[301]
    _write(many, lambda s: conversations.dismiss(s, [gone.id], DismissReason.SPAM))
    many.until(lambda: gone.subject not in _shown(many))
    assert many.window.model.index_of(gone.id) == -1
    assert len(many.window.model) == MANY - 1


def test_what_changes_far_down_is_right_on_the_screen_and_elsewhere_once_it_is_looked_at(many: Desk) -> None:
    _load_all(many)
    _look_at(many, 300)
    model = many.window.model
    gone = [model.ids[n] for n in (250, 301, 395)]
    _write(many, lambda s: conversations.dismiss(s, gone, DismissReason.SPAM))
    many.until(lambda: gone[1] not in model.ids)
    for index in (248, 392):
        _look_at(many, index)
        many.settle()
    many.until(lambda: not set(gone) & set(model.ids))
    assert len(model) == MANY - 3


def test_a_row_that_moves_up_while_one_looks_far_down_is_not_there_twice(many: Desk) -> None:
    _load_all(many)
    model = many.window.model
    many.window.side._sort("newest")
    many.settle()
    _load_all(many)
    _look_at(many, 300)
    looked_at = model.rows[300].subject
    mover = model.rows[305]
    receive(many.app.db, mover.account_id, mail("Once more", f"c{mover.subject.split()[1]}@example.com",
                                                subject=f"Re: {mover.subject}", key="again@example.com"))  # fmt: skip
    many.until(lambda: len(model) > MANY or model.index_of(mover.id) == 0)
    many.settle()
    assert len(model.ids) == len(set(model.ids))
    assert _shown(many)[0] == looked_at
    assert sorted(model.ids) == sorted(row.id for row in model.rows)


def test_more_news_than_one_page_leaves_no_gap(many: Desk) -> None:
    many.window.side._sort("newest")
    many.settle()
    _load_all(many)
    account_id = many.window.rail.accounts[0].id
    fresh = [mail(f"New {n}", f"n{n}@example.com", subject=f"New {n}") for n in range(260)]
    receive(many.app.db, account_id, *fresh)
    model = many.window.model
    many.until(lambda: model.rows[0].subject.startswith("New"))
    for index in range(0, 700, 40):
        _look_at(many, index)
    many.until(lambda: len(model) == MANY + 260)
    assert [row.last_message_id for row in model.rows] == sorted(
        (row.last_message_id for row in model.rows), reverse=True
    )
