"""The fields of an account, from its channel's manifest; the rest is filled in from the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from inbox.i18n import tr
from inbox.ui import icons
from inbox.ui.browser_field import BrowserField
from inbox.ui.form import Field, button, choice, column, label, line, row
from inbox.ui.toggle import Toggle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inbox.channels.base import Field as FormField, Found, Manifest
    from inbox.services.rows import AccountRow


class AccountForm(QWidget):
    """Address and password first; servers and the like are folded away until they are needed.

    ``suggest`` tells the rest of the form from the address, ``help`` what the provider wants as a password, and where.
    """

    changed = Signal()
    unfolded = Signal()

    def __init__(
        self,
        manifest: Manifest,
        account: AccountRow | None,
        suggest: Callable[[str], Mapping[str, str]],
        help: Callable[[str, str], tuple[str, str]],
    ) -> None:
        super().__init__()
        self._manifest, self._account, self._suggest, self._help = manifest, account, suggest, help
        self.fields: dict[str, Field] = {}
        self._page_url = ""
        filled = set(suggest("name@company.com")) - {"sign_in"}  # what the address alone tells need not be looked at
        self._folded = {each.name for each in manifest.fields if each.advanced or each.name in filled}
        self._own: set[str] = set()  # what the person typed or chose: suggestions leave it alone
        self._name = Field(
            tr("What you call it"),
            line(account.name if account else "", placeholder=tr("The address, unless you give it a name")),
        )
        for described in manifest.fields:
            self._add(described)
        self._where = label("", "soft")
        self._where.hide()
        self.wider = button(tr("Ask Mozilla's list"), "quiet")
        self.wider.setToolTip(tr("Mozilla then learns the domain of the address, nothing else."))
        self.wider.hide()
        self._page = button(tr("Open the provider's page"), "quiet")
        self._page.setIcon(icons.icon("external-link"))
        self._page.hide()
        self._page.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._page_url)))
        self._fold = button("", "quiet")
        self._fold.clicked.connect(lambda: self.show_advanced(self._advanced.isHidden()))
        self._advanced: QWidget = QWidget()
        self._advanced.setLayout(self._advanced_layout())
        plain = [self.fields[described.name] for described in manifest.fields if described.name not in self._folded]
        found = row(self._where, self.wider, space=8)
        found.setStretch(0, 1)
        self.setLayout(column(*plain, row(self._page, -1), found, row(self._fold, -1), self._advanced, space=16))
        self._before = self._values()
        self.show_advanced(False)
        self._on_address()

    def _advanced_layout(self) -> QGridLayout:
        """Short ones (a port, its encryption) stand in pairs, the others across."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(16))
        line_, place = 0, 0
        for described in self._manifest.fields:
            if described.name not in self._folded:
                continue
            is_short = described.kind in ("number", "choice")
            if place and not is_short:
                line_, place = line_ + 1, 0
            grid.addWidget(self.fields[described.name], line_, place, 1, 1 if is_short else 2)
            line_, place = (line_, 1) if is_short and not place else (line_ + 1, 0)
        grid.addWidget(self._name, line_ + 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _add(self, described: FormField) -> None:
        stored = self._account.settings.get(described.name) if self._account else None
        value = described.default if stored is None else stored
        editor = self._editor(described, value)
        hint = tr(described.hint) if described.hint else ""
        if described.kind == "browser":
            made: Field = BrowserField(tr(described.label), kept=self._has_kept(described))
        else:
            made = Field("" if isinstance(editor, Toggle) else tr(described.label), editor, hint=hint)
        made.label.setVisible(not isinstance(editor, Toggle))
        made.editor.setAccessibleName(tr(described.label))
        made.changed.connect(lambda name=described.name: self._on_changed(name))
        self.fields[described.name] = made
        if self._account:
            self._own.add(described.name)

    def _has_kept(self, described: FormField) -> bool:
        """Whether the keychain holds it, as far as one can tell without asking it."""
        return self._account is not None and described.secret and described.applies(self._account.settings)

    def _editor(self, described: FormField, value: str) -> QWidget:
        if described.kind == "choice":
            return choice([(key, tr(text)) for key, text in described.choices], value)
        if described.kind == "switch":
            return Toggle(tr(described.label), on=value.lower() in ("1", "true", "yes", "on"))
        if described.secret or described.kind == "password":
            unchanged = tr("unchanged") if self._has_kept(described) else ""
            return _with_eye(line(placeholder=unchanged, secret=True))
        return line(value)

    def _on_changed(self, name: str) -> None:
        self._own.add(name)
        self.changed.emit()
        if name == self._manifest.address_field:
            self._on_address()
        elif any(each.only_if and each.only_if[0] == name for each in self._manifest.fields):
            self._show_applying()

    def _on_address(self) -> None:
        """Fill in what the person has not touched, and say what the provider wants as a password."""
        self._where.hide()
        self.wider.hide()
        address = self.fields[self._manifest.address_field].value
        if "@" in address:
            self._fill(self._suggest(address))
        if not self._account:
            self._before = {}
        self._show_applying()

    def _fill(self, values: Mapping[str, str]) -> None:
        unsaid = {each.name: each.default for each in self._manifest.fields if each.kind == "choice"}
        for name, value in {**unsaid, **values}.items():
            if name in self.fields and name not in self._own:
                self.fields[name].value = value

    def show_found(self, found: Found) -> None:
        """Fill in what was found over the network, and say where it comes from."""
        self._fill(found.settings)
        values = self._values()
        servers = " · ".join(dict.fromkeys(values[name] for name in ("imap_host", "smtp_host") if values.get(name)))
        self._where.setText(f"{found.words} {servers}".strip())
        self._where.show()
        self.wider.setVisible(not found.sure)
        self._show_applying()
        self.unfolded.emit()

    def hide_found(self) -> None:
        """Nothing was found."""
        self._where.hide()
        self.wider.hide()

    def show_looking(self) -> None:
        """Say that the servers are looked for."""
        self._where.setText(tr("Looking for the servers …"))
        self._where.show()
        self.wider.hide()

    def _show_applying(self) -> None:
        """Show the fields that the chosen way of signing in has, and what the provider wants there."""
        values = self._values()
        address = values[self._manifest.address_field]
        hint, self._page_url = self._help(address, values.get("imap_host", ""))
        for described in self._manifest.fields:
            field = self.fields[described.name]
            if described.only_if is not None:
                field.setVisible(described.applies(values))
            if described.name in ("password", "oauth_client"):
                by_browser = values.get("sign_in") == "oauth2"
                known = tr(described.hint) if described.hint else ""
                field.set_hint(known if by_browser and described.name == "password" else hint or known)
        self._page.setVisible(bool(self._page_url))
        self.unfolded.emit()

    def show_advanced(self, shown: bool) -> None:
        """Fold the servers open or away."""
        has_some = bool(self._folded)
        self._fold.setVisible(has_some)
        self._advanced.setVisible(shown or not has_some)
        self._fold.setText(tr("Servers and more"))
        self._fold.setIcon(icons.icon("chevron-down" if shown else "chevron-right"))
        self.unfolded.emit()

    # --- what it holds ---

    def _values(self) -> dict[str, str]:
        return {name: field.value for name, field in self.fields.items()}

    def settings(self) -> dict[str, str]:
        """What goes to the database."""
        secret = {described.name for described in self._manifest.fields if described.secret}
        return {name: value for name, value in self._values().items() if name not in secret}

    def secrets(self) -> dict[str, str]:
        """What goes to the keychain: only what was typed now."""
        found = {d.name: self.fields[d.name].value for d in self._manifest.fields if d.secret}
        applying = {d.name for d in self._manifest.fields if d.applies(self._values())}
        needed = {d.name for d in self._manifest.fields if d.required and not self._has_kept(d)}
        return {name: value for name, value in found.items() if name in applying and (value or name in needed)}

    def keep_secrets(self, secrets: Mapping[str, str]) -> None:
        """Take the place of what was typed: the other side exchanged it meanwhile."""
        for name, value in secrets.items():
            self.fields[name].value = value

    def account_name(self) -> str:
        """What the person calls it, else its address."""
        return self._name.value or self.address

    def touches_connection(self) -> bool:
        """Whether something was changed that a test would try."""
        return self._values() != self._before

    @property
    def address(self) -> str:
        """The field that names the account."""
        return self.fields[self._manifest.address_field].value

    def check(self, *, but: Field | None = None) -> bool:
        """Complain at the first field that is empty or can't be; true when all can be tried. ``but`` is left out."""
        first: str = ""
        for described in self._manifest.fields:
            text = "" if self.fields[described.name] is but else self._complaint(described)
            self.fields[described.name].complain(text)
            first = first or (described.name if text else "")
        if first:
            self._show_field(first)
        return not first

    def _complaint(self, described: FormField) -> str:
        value = self.fields[described.name].value
        kept = self._has_kept(described)
        if not described.applies(self._values()):
            return ""
        if described.kind == "browser" and not value and not kept:
            return tr("Sign in in the browser first.")
        if described.required and not value and not kept:
            return tr("This is needed.")
        if described.kind == "address" and value and not _is_address(value):
            return tr("This is no email address. It looks like name@company.com.")
        if described.kind == "number" and value and not value.isdigit():
            return tr("Enter a number.")
        return ""

    def complain(self, name: str, text: str) -> bool:
        """Show a complaint at a field; false if there is no such field."""
        if name not in self.fields:
            return False
        self.fields[name].complain(text)
        self._show_field(name)
        return True

    def _show_field(self, name: str) -> None:
        if name in self._folded:
            self.show_advanced(True)
        editor = self.fields[name].editor
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if isinstance(editor, QLineEdit):
            editor.selectAll()


def _is_address(text: str) -> bool:
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and " " not in text and not domain.startswith(".") and not domain.endswith(".")


def _with_eye(editor: QLineEdit) -> QLineEdit:
    """A password that can be looked at while it is typed."""
    action = QAction(icons.icon("eye"), tr("Show the password"), editor)
    action.setCheckable(True)

    def toggle(shown: bool) -> None:
        editor.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        action.setIcon(icons.icon("eye-off" if shown else "eye"))
        action.setText(tr("Hide the password") if shown else tr("Show the password"))

    action.toggled.connect(toggle)
    editor.addAction(action, QLineEdit.ActionPosition.TrailingPosition)
    return editor
