"""The accounts: their lights with the reasons, and what each one does with what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from inbox.i18n import tr, tr_n
from inbox.states import AccountState
from inbox.ui.account_dialog import AccountDialog, KindDialog
from inbox.ui.dialog import Notice, ask
from inbox.ui.form import Field, button, label, number, row
from inbox.ui.rows_view import Row
from inbox.ui.settings.page import ListPage, pair, section
from inbox.ui.toggle import Toggle
from inbox.ui.vault_dialog import VaultDialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QPushButton, QWidget

    from inbox.channels.base import Manifest
    from inbox.errors import InboxError
    from inbox.services.rows import AccountRow
    from inbox.ui.settings.actions import SettingsActions
    from inbox.ui.tasks import Job
    from inbox.ui.vault_dialog import Purpose

LIGHTS = {
    AccountState.OFF: "plain",
    AccountState.CONNECTING: "accent",
    AccountState.SYNCING: "accent",
    AccountState.ONLINE: "ok",
    AccountState.RETRYING: "warn",
    AccountState.SIGN_IN: "danger",
}


def state_words(account: AccountRow) -> str:
    """An account's light in words."""
    words = {
        AccountState.OFF: tr("Switched off"),
        AccountState.CONNECTING: tr("Connecting"),
        AccountState.SYNCING: tr("Fetching older mail"),
        AccountState.ONLINE: tr("Up to date"),
        AccountState.RETRYING: tr("Trying again by itself"),
        AccountState.SIGN_IN: tr("Needs you"),
    }
    if account.state is AccountState.SYNCING and account.remaining:
        return tr_n("{n} message still to be fetched", "{n} messages still to be fetched", account.remaining)
    return words[account.state]


class AccountsPage(ListPage):
    """Adding and changing open the account dialog; the rules stand beside the list."""

    def __init__(self, actions: SettingsActions) -> None:
        sentence = tr("Where your customers write. Passwords are kept in this system's keychain.")
        super().__init__(actions, tr("Accounts"), sentence, add=tr("Add an account"), list_width=290)
        self._accounts: dict[int, AccountRow] = {}
        self.list.chosen.connect(lambda _key: self.edit())
        self.dialog: AccountDialog | KindDialog | None = None
        self._signing_in: Job | None = None

    def load(self) -> None:
        self.act.load_accounts(self._show_accounts)

    def _vault(self) -> QWidget:
        """Where the secrets are, if not in the system's keychain."""
        unlock, change = button(tr("Unlock …"), "primary"), button(tr("Another passphrase …"))
        move = button(tr("Move to the system's keychain"), "quiet")
        unlock.setVisible(self.act.vault_is_locked)
        unlock.clicked.connect(lambda: self._open_vault("unlock"))
        change.clicked.connect(lambda: self._open_vault("change"))
        move.clicked.connect(lambda: self.act.leave_vault(self._on_vault_left, self.say_error))
        words = tr("The passwords are in an encrypted vault, since this system had no keychain.")
        return section(tr("Vault"), label(words, "soft"), row(unlock, change, move, -1, space=8))

    def _open_vault(self, purpose: Purpose) -> None:
        dialog = VaultDialog(self.act, purpose, self.window())
        dialog.opened.connect(self.say_saved)
        dialog.opened.connect(self._show_again)
        dialog.open()

    def _on_vault_left(self, _name: str) -> None:
        self.say_saved()
        self._show_again()

    def _show_again(self) -> None:
        if self.key is not None:
            self.show_key(self.key)

    def _show_accounts(self, accounts: Sequence[AccountRow]) -> None:
        changed = self._accounts.get(self.key) if isinstance(self.key, int) else None
        self._accounts = {account.id: account for account in accounts}
        rows = [
            Row(a.id, a.name or a.address, note=state_words(a), light=LIGHTS[a.state], faded=not a.enabled)
            for a in accounts
        ]
        self.list.show_rows(rows, keep=self.key, first=True)
        if not rows:
            self.key = None
            self.empty_editor()
            words = tr("There is no account yet. Add the first one: email takes a minute.")
            self.editor.addWidget(label(words, "soft"))
        elif isinstance(self.key, int) and changed != self._accounts.get(self.key):
            self.show_key(self.key)

    def show_key(self, key: object) -> None:
        account = self._accounts[key]  # type: ignore[index]  # rows are keyed by id
        self.empty_editor()
        change, again = button(tr("Change …")), button(tr("Try again"))
        remove = button(tr("Remove …"), "quiet-danger")
        change.clicked.connect(self.edit)
        again.clicked.connect(lambda: self.act.try_account_again(account.id))
        remove.clicked.connect(self.ask_remove)
        by_browser = account.state is AccountState.SIGN_IN and self._signs_in_by_browser(account)
        again.setVisible(
            account.enabled and account.state in (AccountState.RETRYING, AccountState.SIGN_IN) and not by_browser
        )
        buttons = row(change, again, *([self._sign_in_button(account)] if by_browser else []), -1, remove, space=8)
        items: list[Any] = [label(account.address, "soft")]
        if account.state_title:
            items.append(_reason(account))
        self.editor.addWidget(section(account.name or account.address, *items, buttons))
        self.editor.addWidget(self._rules(account))
        if self.act.has_vault:
            self.editor.addWidget(self._vault())

    def _signs_in_by_browser(self, account: AccountRow) -> bool:
        manifest = next((m for m in self.act.manifests() if m.kind == account.kind), None)
        fields = manifest.fields if manifest is not None else ()
        return any(each.kind == "browser" and each.applies(account.settings) for each in fields)

    def _sign_in_button(self, account: AccountRow) -> QPushButton:
        made = button(tr("Sign in again"), "primary")
        made.clicked.connect(lambda: self._sign_in_again(account))
        if self._signing_in is not None:
            made.setText(tr("Stop waiting for the browser"))
        return made

    def _sign_in_again(self, account: AccountRow) -> None:
        """Send the person to the browser; a second press stops waiting."""
        if self._signing_in is not None:
            self._signing_in.stop()
            return

        def ended(error: InboxError | None = None) -> None:
            self._signing_in = None
            self.show_key(account.id)
            if error is None:
                self.say_saved()
            else:
                self.say_error(error)

        def open_page(page: str) -> None:
            QDesktopServices.openUrl(QUrl(page))

        self._signing_in = self.act.sign_in_again(account.id, open_page, ended, ended)
        self.show_key(account.id)

    def _rules(self, account: AccountRow) -> Any:
        runs = _switch(tr("Receive and send with this account"), account.enabled)
        opens = _switch(tr("A new conversation opens a case by itself"), account.opens_cases)
        days = Field(
            tr("… unless it is older than"),
            number(account.case_days, 1, 3650, suffix=tr(" days")),
            hint=tr("So that the history of a mailbox does not become work."),
        )
        reopen = Field(
            tr("A closed case is reopened for"),
            number(account.reopen_days, 0, 3650, suffix=tr(" days")),
            hint=tr("A customer who writes later gets a new case."),
        )
        runs.committed.connect(lambda: self._switch(account.id, runs.value == "yes"))
        opens.committed.connect(lambda: self._keep(account.id, opens_cases=opens.value == "yes"))
        days.committed.connect(lambda: self._keep(account.id, case_days=int(days.value)))
        reopen.committed.connect(lambda: self._keep(account.id, reopen_days=int(reopen.value)))
        return section(tr("What it does"), runs, opens, pair(days, reopen))

    def _switch(self, account_id: int, on: bool) -> None:
        def then() -> None:
            self.say_saved()
            self.load()

        self.act.switch_account(account_id, on, then, self.say_error)

    def _keep(self, account_id: int, **values: Any) -> None:
        account = self._accounts[account_id]
        if all(getattr(account, name) == value for name, value in values.items()):
            return

        def then() -> None:
            self.say_saved()
            self.load()

        self.act.change_account_rules(account_id, then, self.say_error, **values)

    # --- adding, changing, removing ---

    def begin_new(self) -> None:
        """Straight to the form where there is only one channel to choose."""
        manifests = list(self.act.manifests())
        if len(manifests) == 1:
            self._open(manifests[0], None)
            return
        self.dialog = KindDialog(manifests, self.window())
        self.dialog.chosen.connect(lambda manifest: self._open(manifest, None))
        self.dialog.open()

    def edit(self) -> None:
        """The form of the chosen account."""
        if isinstance(self.key, int):
            account = self._accounts[self.key]
            manifest = next((m for m in self.act.manifests() if m.kind == account.kind), None)
            if manifest is not None:
                self._open(manifest, account)

    def _open(self, manifest: Manifest, account: AccountRow | None) -> None:
        dialog = AccountDialog(self.act, manifest, account, self.window())
        dialog.saved.connect(self._on_saved)
        self.dialog = dialog
        dialog.open()

    def _on_saved(self, account_id: int) -> None:
        self.key = account_id
        self._accounts.pop(account_id, None)
        self.say_saved()
        self.load()

    def ask_remove(self) -> None:
        """Ask, saying what stays."""
        if not isinstance(self.key, int):
            return
        account = self._accounts[self.key]

        def then() -> None:
            self.key = None
            self.load()

        ask(
            self.window(),
            tr("Remove {name}?", name=account.name or account.address),
            tr(
                "Nothing more is received or sent, and the password is forgotten. Its conversations, customers and "
                "cases stay, and nothing changes on the server."
            ),
            yes=tr("Remove the account"),
            no=tr("Keep it"),
            danger=True,
            then=lambda: self.act.remove_account(account.id, then, self.say_error),
        )


def _switch(text: str, on: bool) -> Field:
    made = Field("", Toggle(text, on=on))
    made.label.hide()
    made.editor.setAccessibleName(text)
    return made


def _reason(account: AccountRow) -> Notice:
    made = Notice()
    role = {"danger": "danger", "warn": "warn"}.get(LIGHTS[account.state], "plain")
    made.show_text(account.state_title, account.state_hint, role=role)
    return made
