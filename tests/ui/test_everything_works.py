"""No key, menu entry or button does nothing; every control has a name for those who can't see it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)

from inbox.ui.list_view import ListView
from tests.ui.conftest import Desk

# The offscreen platform says so of every menu.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

_CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, ListView)


def _desk_at_work(desk: Desk) -> None:
    """A conversation with a case is open, wide enough for everything; nothing happens by itself."""
    desk.app.engine.stop()
    desk.window.resize(1600, 1000)
    desk.open(desk.find(lambda row: row.case_id is not None and row.asked < row.required))
    desk.until(lambda: desk.window.panel.card is not None)
    desk.settle()


def test_no_two_commands_share_a_key(desk: Desk) -> None:
    owners: dict[str, str] = {}
    for command in desk.window.commands:
        for key in command.keys:
            text = QKeySequence(key).toString()
            assert text not in owners, f"{text} is the key of {command.id} and of {owners[text]}: Qt runs neither"
            owners[text] = command.id


def test_every_key_runs_its_command(desk: Desk) -> None:
    _desk_at_work(desk)
    ran: list[str] = []
    for command in desk.window.commands:
        command.run = lambda id=command.id: ran.append(id)  # type: ignore[misc]  # only who is called is of interest
        command.enabled = lambda: True
    for command in desk.window.commands:
        for key in command.keys:
            desk.window.list.setFocus()
            ran.clear()
            QTest.keySequence(desk.window.list, QKeySequence(key))
            assert ran == [command.id], f"{key} ran {ran}, not {command.id}"


def test_every_command_stands_in_the_menu_with_its_name_and_key(desk: Desk) -> None:
    _desk_at_work(desk)
    shown: list[str] = []

    def read() -> None:
        menu = QApplication.activePopupWidget()
        if menu is None:
            QTimer.singleShot(20, read)
            return
        for action in menu.actions():
            inner = action.menu()
            shown.extend(entry.text() for entry in inner.actions())  # type: ignore[attr-defined]  # a QMenu
        menu.close()

    QTimer.singleShot(20, read)
    desk.window.commands.run("program.menu")
    for command in desk.window.commands:
        assert f"{command.label}\t{command.key_text}" in shown


class _Watch:
    """What a press brings about: a menu or a dialog, work for the worker, another focus, another picture."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.opened = 0
        self._timer = QTimer(desk.shell.application, interval=10)
        self._timer.timeout.connect(self._leave)
        self._timer.start()

    def _leave(self) -> None:
        found = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if found is not None:
            self.opened += 1
            found.reject() if isinstance(found, QDialog) else found.close()

    def state(self) -> tuple[object, ...]:
        window = self.desk.window
        asked = next(self.desk.shell.tasks._numbers)  # each look takes one itself
        return self.opened, QApplication.focusWidget(), window.grab().toImage(), asked

    def stop(self) -> None:
        self._timer.stop()


def _does_something(watch: _Watch, button: QAbstractButton) -> bool:
    desk = watch.desk
    before = watch.state()
    button.click()
    QTest.qWait(30)
    desk.settle()
    after = watch.state()
    return before[:3] != after[:3] or after[3] != before[3] + 1  # type: ignore[operator]  # a number


def _pressable(desk: Desk) -> list[QAbstractButton]:
    """The buttons on screen that are not pressed already."""
    return [
        button
        for button in desk.window.findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled() and not (button.isCheckable() and button.isChecked())
    ]


def _name(button: QAbstractButton) -> str:
    return f"{type(button).__name__} “{button.text() or button.accessibleName() or button.toolTip()}”"


@pytest.fixture
def watch(desk: Desk) -> Iterator[_Watch]:
    """It ends with the test: left alone it would close the dialogs of those that follow."""
    made = _Watch(desk)
    yield made
    made.stop()


@pytest.mark.timeout(180)
def test_every_button_on_screen_does_something(desk: Desk, watch: _Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PySide6.QtWidgets.QFileDialog.getOpenFileNames", lambda *_a, **_k: ([], ""))
    monkeypatch.setattr("PySide6.QtGui.QDesktopServices.openUrl", lambda *_a: True)
    _desk_at_work(desk)
    row = desk.window.list.current
    idle = []
    dead = QPushButton("Nothing", desk.window)
    dead.show()
    tries = (_does_something(watch, dead) for _ in range(5))  # in the demo a customer may write just then
    assert not all(tries), "the test sees no difference"
    dead.hide()
    names = [_name(button) for button in _pressable(desk)]
    assert len(names) > 25
    for place, name in enumerate(names):
        found = [button for button in _pressable(desk) if _name(button) == name]
        if not found or names.index(name) != place:
            continue  # it was of the state before: another one has taken its place
        if not _does_something(watch, found[0]):
            idle.append(name)
        if desk.window.list.current != row and row is not None:
            desk.window.rail.choose("mine")
            desk.settle()
            desk.window.open_conversation(row)
            desk.settle()
    assert idle == []


def test_every_control_has_a_name(desk: Desk) -> None:
    _desk_at_work(desk)
    desk.window.pane.note()
    nameless = []
    for control in desk.window.findChildren(QWidget):
        if isinstance(control, _CONTROLS) and control.isVisible() and control.focusPolicy():
            text = control.text() if isinstance(control, QAbstractButton) else ""
            if not (control.accessibleName() or text.strip()):
                nameless.append(f"{type(control).__name__} {control.objectName()}")
    assert nameless == []


def test_only_what_can_be_used_takes_the_keyboard(desk: Desk) -> None:
    _desk_at_work(desk)
    frames = [
        type(widget).__name__
        for widget in desk.window.findChildren(QFrame)
        if type(widget) is QFrame and widget.focusPolicy() and not isinstance(widget, QAbstractScrollArea)
    ]
    assert frames == []
