"""Adding and changing an account: the form is built from the channel's manifest, tried before it is kept."""

from __future__ import annotations

from ssl import SSLError
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from inbox.errors import SignInError, TemporaryChannelError
from inbox.i18n import tr
from inbox.ui.account_form import AccountForm
from inbox.ui.dialog import Dialog
from inbox.ui.form import button, label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inbox.channels.base import Manifest
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
        self.form = AccountForm(manifest, account, lambda address: actions.suggest_settings(manifest.kind, address))
        self.form.changed.connect(self._on_changed)
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

    # --- testing ---

    def _on_test(self) -> None:
        if self._job is not None:
            self._cancel_test()
            return
        self._start_test(then_save=False)

    def _start_test(self, *, then_save: bool) -> None:
        if not self.form.check():
            self._refit()
            return
        self._then_save = then_save
        self.notice.clear()
        self._untested.hide()
        settings, secrets = self.form.settings(), self.form.secrets()
        self._set_busy(True)
        job_holder: list[Job] = []

        def ended(error: InboxError | None) -> None:
            if job_holder and job_holder[0] is self._job:
                self._on_tested(error, settings, secrets)

        self._job = self._actions.test_account(
            self._manifest.kind,
            settings,
            secrets,
            self._account.id if self._account else None,
            lambda: ended(None),
            ended,
        )
        job_holder.append(self._job)

    def _cancel_test(self) -> None:
        """Forget the test: what it answers later is not heard."""
        if self._job is not None:
            self._job.stop()
        self._job = None
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
        self._progress.setText(tr("Signing in") + " ·" * (1 + self._ticks % 3))

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
        self._refit()

    def reject(self) -> None:
        """Escape first stops a running test."""
        if self._job is not None:
            self._cancel_test()
            return
        super().reject()


class KindDialog(Dialog):
    """Which channel an account is added for; not shown where there is only one."""

    chosen = Signal(object)  # Manifest

    def __init__(self, manifests: list[Manifest], parent: QWidget | None = None) -> None:
        from inbox.ui.choices import BigChoice  # the card is drawn only here

        super().__init__(parent, tr("Add an account"), tr("Where do your customers write?"), width=480)
        for number, manifest in enumerate(manifests, start=1):
            made = BigChoice(str(number), tr(manifest.label), "", icon="at-sign")
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
