"""The field of a secret that nobody types: a button sends the person to the browser, and the field keeps what came."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr
from inbox.ui.form import Field, button, label, row


class BrowserField(Field):
    """Says whether somebody has signed in, and offers it.

    Signals:
        asked: Sign in now; ``stopped`` when waiting shall end.
    """

    asked = Signal()
    stopped = Signal()

    def __init__(self, text: str, *, kept: bool) -> None:
        self._token, self._kept, self._page = "", kept, ""
        self.is_waiting = False
        self._go = button(tr("Sign in in the browser"))
        self._copy = button(tr("Copy the page's address"), "quiet")
        self._state = label("", "soft", wrap=False)
        editor = QWidget()
        editor.setLayout(row(self._go, self._state, self._copy, -1, space=12))
        editor.setFocusProxy(self._go)
        super().__init__(text, editor)
        self._go.clicked.connect(lambda: self.stopped.emit() if self.is_waiting else self.asked.emit())
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._page))
        self._show()

    def wait(self) -> None:
        """The person is on the way to the browser."""
        self.is_waiting = True
        self.complain("")
        self._show()

    def open_page(self, page: str) -> None:
        """Send the browser there; the address can be copied where none opens."""
        self._page = page
        QDesktopServices.openUrl(QUrl(page))
        self._show()

    def end(self, token: str = "") -> None:
        """The person came back, with or without."""
        self.is_waiting, self._page = False, ""
        self._token = token or self._token
        if token:
            self.complain("")
            self.changed.emit()
        self._show()

    def _show(self) -> None:
        signed_in = bool(self._token) or self._kept
        self._copy.setVisible(bool(self._page))
        if self.is_waiting:
            self._go.setText(tr("Stop"))
            self._state.setText(tr("Waiting for the browser …"))
            return
        self._go.setText(tr("Sign in again") if signed_in else tr("Sign in in the browser"))
        self._state.setText(tr("Signed in") if signed_in else tr("Nobody has signed in yet."))

    @property
    def value(self) -> str:
        """The token; empty where nobody signed in just now."""
        return self._token

    @value.setter
    def value(self, text: str) -> None:
        self._token = text
        self._show()
