"""The passphrase of the vault: making one where the system has no keychain, unlocking it, another passphrase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, button, line

if TYPE_CHECKING:
    from inbox.errors import InboxError
    from inbox.ui.dialog_actions import DialogActions

Purpose = Literal["create", "unlock", "change"]


class VaultDialog(Dialog):
    """Asks for what the purpose needs. ``opened`` when the vault is unlocked."""

    opened = Signal()

    def __init__(self, actions: DialogActions, purpose: Purpose, parent: QWidget | None = None) -> None:
        title, sentence, word = {
            "create": (
                tr("Keep passwords in an encrypted vault"),
                tr(
                    "This system has no keychain. The vault is a file in the profile that only a passphrase opens; "
                    "Inbox asks for it at each start. Nobody can bring a forgotten passphrase back."
                ),
                tr("Make the vault"),
            ),
            "unlock": (
                tr("Unlock the vault"),
                tr("The passwords of the accounts are in it. Until then nothing is received or sent."),
                tr("Unlock"),
            ),
            "change": (tr("Another passphrase for the vault"), "", tr("Change the passphrase")),
        }[purpose]
        super().__init__(parent, title, sentence, width=440)
        self._actions, self._purpose = actions, purpose
        self._old = Field(tr("Passphrase until now") if purpose == "change" else tr("Passphrase"), line(secret=True))
        self._new = Field(
            tr("New passphrase"), line(secret=True), hint=tr("Several words are best: eight characters at least.")
        )
        self._again = Field(tr("Once more"), line(secret=True))
        shown = {
            "create": (self._new, self._again),
            "unlock": (self._old,),
            "change": (self._old, self._new, self._again),
        }
        self._fields = shown[purpose]
        for field in self._fields:
            self.content.addWidget(field)
        self.content.addStretch(1)
        stay = button(tr("Later") if purpose == "unlock" else tr("Cancel"))
        stay.clicked.connect(self.reject)
        self._do = button(word, "primary")
        self._do.setDefault(True)
        self._do.clicked.connect(self._on_done)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(self._do)

    def _on_done(self) -> None:
        for field in self._fields:
            field.complain("" if field.value else tr("This is needed."))
        if any(field.complaint for field in self._fields):
            return
        if self._again in self._fields and self._again.value != self._new.value:
            self._again.complain(tr("The two passphrases differ."))
            return
        self._do.setEnabled(False)
        old, new = self._old.value, self._new.value
        if self._purpose == "create":
            self._actions.create_vault(new, self._on_open, self._on_refused)
        elif self._purpose == "change":
            self._actions.change_vault(old, new, self._on_open, self._on_refused)
        else:
            self._actions.unlock_vault(old, self._on_open, self._on_refused)

    def _on_open(self) -> None:
        self.accept()
        self.opened.emit()

    def _on_refused(self, error: InboxError) -> None:
        self._do.setEnabled(True)
        self._fields[0].complain(f"{error.title}. {error.hint}".strip())
        self.fit()
