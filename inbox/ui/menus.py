"""Menus and buttons connected in one way: Qt's "checked" never ends up as an argument of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QAbstractButton, QMenu


def add(menu: QMenu, label: str, act: Callable[[], object]) -> QAction:
    """Add an entry that calls ``act``."""
    action = menu.addAction(label)
    action.triggered.connect(lambda _checked=False: act())
    return action


def add_choice(menu: QMenu, label: str, chosen: bool, act: Callable[[], object]) -> QAction:
    """Add one of several entries, marked if it is the one in force."""
    action = add(menu, label, act)
    action.setCheckable(True)
    action.setChecked(chosen)
    return action


def on_press(button: QAbstractButton, act: Callable[[], object]) -> None:
    """Call ``act`` when a button is pressed."""
    button.clicked.connect(lambda _checked=False: act())
