"""The other places of the program, and how the window gets to them: menu, palette, keys, settings, accounts, import."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from inbox.i18n import tr
from inbox.ui import menus, style, tokens

if TYPE_CHECKING:
    from inbox.channels.base import Manifest
    from inbox.services.rows import AccountRow, BulkResult, CustomerCard, MergeSuggestion
    from inbox.ui.window import Window

_SIZES = (100, 125, 150, 175, 200)


def show_menu(window: Window) -> None:
    """Every command, by group."""
    menu = QMenu(window)
    for title, commands in window.commands.groups().items():
        inner = menu.addMenu(title)
        for command in commands:
            action = menus.add(inner, f"{command.label}\t{command.key_text}", partial(window.commands.run, command.id))
            action.setEnabled(command.enabled())
    button = window.rail.menu_button
    menu.exec(button.mapToGlobal(button.rect().bottomLeft()))


def show_palette(window: Window) -> None:
    """Ctrl+K."""
    from inbox.ui.palette import Palette

    dialogs = window.pane.dialogs()
    if dialogs is None:
        return
    palette = Palette(dialogs, window.commands, window)
    palette.command_chosen.connect(window.commands.run)
    palette.view_chosen.connect(window.choose_view_by_id)
    palette.customer_chosen.connect(partial(show_customer, window))
    palette.template_chosen.connect(partial(insert_template, window))
    palette.show_palette()


def show_keys(window: Window) -> None:
    """The sheet of keys."""
    from inbox.ui.keys_sheet import KeysSheet

    KeysSheet(window.commands, window).open()


def show_search_help(window: Window) -> None:
    """What can be typed into the search."""
    from inbox.ui.search_help import SearchHelp

    SearchHelp(window).open()


def add_account(window: Window, kind: str = "") -> None:
    """The dialog for a new account of a kind of channel, or of one that is chosen first."""
    manifests = [found for found in window.pane.manifests.values() if found.kind != "demo"]
    named = next((found for found in manifests if found.kind == kind), None)
    if named is not None:
        _account_dialog(window, named, None)
        return
    from inbox.ui.account_dialog import KindDialog

    dialog = KindDialog(manifests, window)
    dialog.chosen.connect(lambda manifest: _account_dialog(window, manifest, None))
    dialog.open()


def edit_account(window: Window, account: AccountRow) -> None:
    """An account that needs somebody: its form."""
    manifest = window.pane.manifests.get(account.kind)
    if manifest is not None:
        _account_dialog(window, manifest, account)


def _account_dialog(window: Window, manifest: Manifest, account: AccountRow | None) -> None:
    from inbox.ui.account_dialog import AccountDialog

    dialogs = window.pane.dialogs()
    if dialogs is not None:
        AccountDialog(dialogs, manifest, account, window).open()


def import_mail(window: Window) -> None:
    """Take in mail files."""
    from inbox.ui.import_dialog import ImportDialog

    dialogs = window.pane.dialogs()
    if dialogs is not None:
        ImportDialog(dialogs, window).open()


def show_settings(window: Window) -> None:
    """Everything that can be set."""
    from inbox.ui.settings.actions import SettingsActions
    from inbox.ui.settings.window import SettingsWindow

    if window.acts.app is None:
        return
    actions = SettingsActions(window.acts.app, window.tasks, window.acts.agent_id)
    shown = SettingsWindow(actions, window.commands, window)
    shown.look_changed.connect(window.reload_settings)
    shown.language_changed.connect(lambda _language: window.reload_settings())
    shown.show()


def fetch(window: Window) -> None:
    """Ask every account for news now."""
    app = window.acts.app
    if app is not None:
        app.engine.wake()
        window.acts.said.emit(tr("Asking every account for news"), "", None)


def switch_theme(window: Window) -> None:
    """From light to dark or back."""
    window.change_settings(theme="light" if tokens.colors().dark else "dark")


def resize_text(window: Window, steps: int) -> None:
    """Larger or smaller text."""
    place = _SIZES.index(window.settings.text_size) if window.settings.text_size in _SIZES else 0
    window.change_settings(text_size=_SIZES[min(max(place + steps, 0), len(_SIZES) - 1)])


def leave(window: Window) -> None:
    """Close the window, and with it the program."""
    window.close()


def merge(window: Window, card: CustomerCard, other: MergeSuggestion) -> None:
    """Compare two customers, and make them one."""
    from inbox.ui.merge_dialog import MergeDialog

    dialogs = window.pane.dialogs()
    if dialogs is None:
        return
    dialog = MergeDialog(dialogs, card.id, other.customer_id, window)
    dialog.merged.connect(
        lambda _survivor, merge_id: window.acts.said.emit(
            tr("The two customers are one now"), tr("Undo"), lambda: window.acts.unmerge(merge_id)
        )
    )
    dialog.open()


def show_refused(window: Window, result: BulkResult) -> None:
    """What a bulk action could not do, and why."""
    from inbox.i18n import tr_n
    from inbox.ui.bulk_dialog import BulkDialog

    done = tr_n("{n} was done", "{n} were done", len(result.done))
    dialog = BulkDialog(result, done, window)
    dialog.chosen.connect(partial(_show_case_or_conversation, window))
    dialog.open()


def _show_case_or_conversation(window: Window, found: int) -> None:
    """What a bulk action refused: a case's row in the list, or a conversation."""
    row = next((one for one in window.model.rows if found in (one.case_id, one.id)), None)
    if row is not None:
        window.open_conversation(row.id)


def show_customer(window: Window, customer_id: int) -> None:
    """A customer's newest conversation; all of theirs are in the list."""

    def show(conversation_id: int | None) -> None:
        if conversation_id is not None:
            window.open_conversation(conversation_id)

    window.rail.search.setText(f"customer:{customer_id}")
    window.acts.newest_of_customer(customer_id, show)


def insert_template(window: Window, template_id: int) -> None:
    """A template that was found in the palette, into the reply."""
    pane, dialogs = window.pane, window.pane.dialogs()
    if pane.detail is not None and dialogs is not None:
        dialogs.render_template(template_id, pane.detail.row.id, pane.composer.insert_template, window.show_error)


def choose_tier(window: Window) -> None:
    """How valuable the customer is, by keys."""
    card = window.panel.card
    if card is not None:
        chosen, sure = QInputDialog.getItem(
            window, tr("Customer"), tr("How valuable"), ["A", "B", "C"], "ABC".index(card.tier), False
        )
        if sure:
            window.panel.tier_chosen.emit(chosen)


def log_contact(window: Window) -> None:
    """Log a call or a visit; a question in it counts as asked."""
    case = window.pane.case
    if case is None:
        return
    from inbox.ui.log_dialog import LogDialog

    dialog = LogDialog(window.pane.detail, window)
    dialog.logged.connect(lambda kind, text, ask: window.acts.log_contact(case.id, kind, text, ask))
    dialog.open()


def export_conversation(window: Window) -> None:
    """Save the open conversation as a PDF or an mbox."""
    from inbox.ui import export

    export.export_conversation(window)


def apply_look(window: Window) -> None:
    """Theme and text size as they are set."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    style.apply(app, window.settings.theme, window.settings.text_size)
