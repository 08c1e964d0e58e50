"""The first start, in the window's middle: UI's welcome, connected to what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from inbox.ui import places
from inbox.ui.welcome import Welcome

if TYPE_CHECKING:
    from inbox.ui.window import Window


class StartPage(QWidget):
    """Three ways to begin."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        welcome = Welcome(self)
        layout.addWidget(welcome)
        welcome.demo_chosen.connect(lambda: window.demo_wanted.emit())
        welcome.account_chosen.connect(lambda: places.add_account(window, "email"))
        welcome.import_chosen.connect(lambda: places.import_mail(window))
