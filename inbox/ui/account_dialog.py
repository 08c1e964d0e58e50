"""Adding and changing an account: the form is built from the channel's manifest, tried before it is kept."""

from __future__ import annotations

from ssl import SSLError
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from inbox.errors import NoKeychainError, SignInError, TemporaryChannelError, VaultLockedError
from inbox.i18n import tr
from inbox.ui.account_form import AccountForm
from inbox.ui.browser_field import BrowserField
from inbox.ui.dialog import Dialog
from inbox.ui.form import button, label
from inbox.ui.vault_dialog import VaultDialog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inbox.channels.base import Found, Manifest
    from inbox.errors import InboxError
    from inbox.services.rows import AccountRow
    from inbox.ui.dialog_actions import DialogActions
    from inbox.ui.tasks import Job


class AccountDialog(Dialog):
    """One account of one channel. ``saved`` carries its id."""

    saved = Signal(int)

    def __init__(
        self,
        actions: DialogActions,
        manifest: Manifest,
        account: AccountRow | None = None,
        parent: QWidget | None = None,
    ) -> None:
        title = tr("Change the account") if account else tr("Add an account: {kind}", kind=tr(manifest.label))
        super().__init__(parent, title, account.address if account else "", width=520)
        self._actions, self._manifest, self._account = actions, manifest, account
        self._job: Job | None = None
        self._tested: tuple[Mapping[str, str], Mapping[str, str]] | None = None
        self._then_save = False
        self.form = AccountForm(
            manifest,
            account,
            lambda address: actions.suggest_settings(manifest.kind, address),
            lambda address, host: actions.password_help(manifest.kind, address, host),
        )
        self._looked_for = account.address if account else ""
        self._search: Job | None = None
        self._after_search: bool | None = None  # what was asked for meanwhile: to test, and to save then
        self.form.changed.connect(self._on_changed)
        self.form.fields[manifest.address_field].committed.connect(lambda: self._look_for_servers())
        self.form.wider.clicked.connect(lambda: self._look_for_servers(directory=True))
        for field in self.form.fields.values():
            if isinstance(field, BrowserField):
                field.asked.connect(lambda field=field: self._sign_in(field))
                field.stopped.connect(self._stop_sign_in)
        self._sign_in_job: Job | None = None
        self.form.unfolded.connect(self._refit)
        self.content.addWidget(self.form)
        self.content.addStretch(1)
        self._test = button(tr("Test connection"))
        self._test.clicked.connect(self._on_test)
        self._stay = button(tr("Cancel"))
        self._stay.clicked.connect(self.reject)
        self._save = button(tr("Save"), "primary")
        self._save.clicked.connect(self._on_save)
        self._untested = button(tr("Save without testing"), "quiet")
        self._untested.clicked.connect(self._keep)
        self._untested.hide()
        self._progress = label("", "soft")
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(400)
        self._timer.timeout.connect(self._tick)
        self.foot.addWidget(self._test)
        self.foot.addWidget(self._untested)
        self.foot.addWidget(self._progress, 1)
        self.foot.addWidget(self._stay)
        self.foot.addWidget(self._save)

    def _on_changed(self) -> None:
        self.notice.clear()
        self._untested.hide()
        self._tested = None

    def _refit(self) -> None:
        if self.isVisible():
            QTimer.singleShot(0, self, self.fit)

    # --- finding the servers ---

    def _look_for_servers(self, *, directory: bool = False) -> None:
        """Once per address, when the person is done with it."""
        address = self.form.address
        if "@" not in address or (address == self._looked_for and not directory):
            return
        self._looked_for = address
        if self._search is not None:
            self._search.stop()
        self.form.show_looking()
        holder: list[Job] = []

        def then(found: Found | None) -> None:
            if holder and holder[0] is self._search:
                self._on_found(found)

        self._search = self._actions.find_settings(self._manifest.kind, address, directory, then)
        holder.append(self._search)

    def _on_found(self, found: Found | None) -> None:
        self._search = None
        if found is not None and found.settings and self.form.address == self._looked_for:
            self.form.show_found(found)
        else:
            self.form.hide_found()
        self._tested = None
        self._refit()
        if self._after_search is not None:
            then_save, self._after_search = self._after_search, None
            self._set_busy(False)
            self._start_test(then_save=then_save)

    # --- signing in by way of the browser ---

    def _sign_in(self, field: BrowserField) -> None:
        self.notice.clear()
        if not self.form.check(but=field):
            self._refit()
            return
        field.wait()
        holder: list[Job] = []

        def ended(error: InboxError | None, secrets: Mapping[str, str] | None = None) -> None:
            if not holder or holder[0] is not self._sign_in_job:
                return
            self._sign_in_job = None
            field.end()
            for name, secret in (secrets or {}).items():
                got = self.form.fields[name]
                assert isinstance(got, BrowserField)
                got.end(secret)
            if error is not None:
                self.show_error(error)
            self._refit()

        self._sign_in_job = self._actions.sign_in(
            self._manifest.kind,
            self.form.settings(),
            self.form.secrets(),
            self._account.id if self._account else None,
            lambda page: field.open_page(page) if field.is_waiting else None,
            lambda secrets: ended(None, secrets),
            ended,
        )
        holder.append(self._sign_in_job)

    def _stop_sign_in(self) -> None:
        """What the browser brings later is not heard."""
        if self._sign_in_job is not None:
            self._sign_in_job.stop()
            self._sign_in_job = None
        for field in self.form.fields.values():
            if isinstance(field, BrowserField):
                field.end()

    # --- testing ---

    def _on_test(self) -> None:
        if self._job is not None or self._after_search is not None:
            self._cancel_test()
            return
        self._start_test(then_save=False)

    def _start_test(self, *, then_save: bool) -> None:
        if not self.form.check():
            self._refit()
            return
        self._then_save = then_save
        self._look_for_servers()
        if self._search is not None:
            self._after_search = then_save
            self._set_busy(True)
            return
        self.notice.clear()
        self._untested.hide()
        settings, secrets = self.form.settings(), self.form.secrets()
        self._set_busy(True)
        job_holder: list[Job] = []

        def ended(error: InboxError | None, renewed: Mapping[str, str] | None = None) -> None:
            if job_holder and job_holder[0] is self._job:
                self.form.keep_secrets(renewed or {})
                self._on_tested(error, settings, {**secrets, **(renewed or {})})

        self._job = self._actions.test_account(
            self._manifest.kind,
            settings,
            secrets,
            self._account.id if self._account else None,
            lambda renewed: ended(None, renewed),
            ended,
        )
        job_holder.append(self._job)

    def _cancel_test(self) -> None:
        """Forget the test: what it answers later is not heard."""
        if self._job is not None:
            self._job.stop()
        self._job = None
        self._after_search = None
        self._set_busy(False)
        self._progress.setText(tr("Stopped"))

    def _on_tested(self, error: InboxError | None, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._job = None
        self._set_busy(False)
        if error is None:
            self._tested = (settings, secrets)
            if self._then_save:
                self._keep()
            else:
                self.notice.show_text(tr("The connection works"), tr("Receiving and sending were both tried."))
        else:
            self.show_error(error)
        self._refit()

    def show_error(self, error: InboxError) -> None:
        """At the field it concerns, else under the form. A server out of reach may still be saved."""
        field = error.field if isinstance(error, SignInError) else ""
        if not self.form.complain(field, " ".join(part for part in (error.title + ".", error.hint) if part)):
            self.notice.show_error(error)
        is_unreachable = field.endswith(("_host", "_port")) and isinstance(error.__cause__, OSError)
        is_unreachable &= not isinstance(error.__cause__, SSLError)  # whoever answers there is told no password
        if isinstance(error, TemporaryChannelError) or is_unreachable:
            self._offer_untested(error)

    def _offer_untested(self, error: InboxError) -> None:
        """The line or the server may be down just now: that is no reason to type everything again."""
        self._untested.show()
        hint = tr(
            "If you are sure of what you typed, save it without testing. The account tries again by itself, "
            "and its light shows when it works."
        )
        self.notice.show_text(error.title, hint, role="warn")

    def _set_busy(self, busy: bool) -> None:
        self.form.setEnabled(not busy)
        self._save.setEnabled(not busy)
        self._test.setText(tr("Stop") if busy else tr("Test connection"))
        self._progress.setText("")
        self._ticks = 0
        if busy:
            self._tick()
            self._timer.start()
            self._test.setFocus()
        else:
            self._timer.stop()

    def _tick(self) -> None:
        self._ticks += 1
        doing = tr("Looking for the servers") if self._after_search is not None else tr("Signing in")
        self._progress.setText(doing + " ·" * (1 + self._ticks % 3))

    # --- saving ---

    def _on_save(self) -> None:
        """Tried before it is kept; what was just tried is not tried again."""
        if not self.form.check():
            self._refit()
            return
        if self._tested == (self.form.settings(), self.form.secrets()) or not self.form.touches_connection():
            self._keep()
        else:
            self._start_test(then_save=True)

    def _keep(self) -> None:
        self._save.setEnabled(False)
        name, settings, secrets = self.form.account_name(), self.form.settings(), self.form.secrets()
        if self._account is None:
            self._actions.add_account(self._manifest.kind, name, settings, secrets, self._on_kept, self._on_refused)
        else:
            account_id = self._account.id
            self._actions.change_account(
                account_id, name, settings, secrets, lambda: self._on_kept(account_id), self._on_refused
            )

    def _on_kept(self, account_id: int) -> None:
        self.accept()
        self.saved.emit(account_id)

    def _on_refused(self, error: InboxError) -> None:
        """Everything typed stays: the keychain may be unlocked and Save pressed again."""
        self._save.setEnabled(True)
        self.show_error(error)
        if isinstance(error, NoKeychainError | VaultLockedError):
            made = VaultDialog(self._actions, "create" if isinstance(error, NoKeychainError) else "unlock", self)
            made.opened.connect(self.notice.clear)
            made.opened.connect(self._keep)
            made.open()
        self._refit()

    def reject(self) -> None:
        """Escape first stops what is going on."""
        if self._job is not None or self._after_search is not None:
            self._cancel_test()
            return
        super().reject()

    def done(self, result: int) -> None:
        """What still runs for this form ends with it."""
        self._stop_sign_in()
        if self._search is not None:
            self._search.stop()
            self._search = None
        super().done(result)


class KindDialog(Dialog):
    """Which channel an account is added for; not shown where there is only one."""

    chosen = Signal(object)  # Manifest

    def __init__(self, manifests: list[Manifest], parent: QWidget | None = None) -> None:
        from inbox.ui.choices import BigChoice  # the card is drawn only here

        super().__init__(parent, tr("Add an account"), tr("Where do your customers write?"), width=480)
        for number, manifest in enumerate(manifests, start=1):
            made = BigChoice(str(number), tr(manifest.label), "", channel=manifest.kind)
            made.clicked.connect(lambda _checked=False, manifest=manifest: self._choose(manifest))
            self.content.addWidget(made)
        self.content.addStretch(1)
        stay = button(tr("Cancel"))
        stay.clicked.connect(self.reject)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)

    def _choose(self, manifest: Manifest) -> None:
        self.accept()
        self.chosen.emit(manifest)
