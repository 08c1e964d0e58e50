"""What the customer's panel asks for, done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QMenu

from inbox.i18n import tr
from inbox.ui import menus, places, words

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint

    from inbox.services.rows import CustomerCard, FactRow, IdentityRow
    from inbox.ui.window import Window

_CHANNELS = ("email", "phone", "telegram", "x", "mastodon", "bluesky", "whatsapp")


def connect(window: Window) -> None:
    """Connect the panel's signals."""
    panel, acts = window.panel, window.acts
    panel.question_wanted.connect(lambda found: window.pane.ask(found))
    panel.tier_chosen.connect(lambda tier: _change(window, tier=_tier(tier)))
    panel.notes_changed.connect(lambda text: _change(window, notes=text))
    panel.tags_changed.connect(lambda tags: _change(window, tags=list(tags)))
    panel.identity_wanted.connect(lambda: add_identity(window))
    panel.identity_menu_wanted.connect(lambda found, place: _identity_menu(window, found, place))
    panel.fact_menu_wanted.connect(lambda found, place: _fact_menu(window, found, place))
    panel.consent_menu_wanted.connect(lambda place: _consent_menu(window, place))
    panel.conversation_chosen.connect(window.open_conversation)
    panel.merge_wanted.connect(lambda found: _merge(window, found))
    panel.unmerge_wanted.connect(lambda found: acts.unmerge(found.id))


def _card(window: Window) -> CustomerCard | None:
    return window.panel.card


def _tier(value: str) -> object:
    from inbox.states import Tier

    return Tier(value)


def _change(window: Window, **fields: object) -> None:
    card = _card(window)
    if card is not None:
        window.acts.on_customer(lambda customers, s: customers.change(s, card.id, **fields))


def add_identity(window: Window) -> None:
    """Ask for a channel and a handle."""
    card = _card(window)
    if card is None:
        return
    names = [words.channel(kind) for kind in _CHANNELS]
    name, sure = QInputDialog.getItem(window, tr("Add an identity"), tr("Channel"), names, 0, False)
    if not sure:
        return
    handle, sure = QInputDialog.getText(window, tr("Add an identity"), tr("Address, number or name there"))
    if sure and handle.strip():
        kind = _CHANNELS[names.index(name)]
        window.acts.on_customer(
            lambda customers, s: customers.add_identity(s, card.id, kind, handle.strip()), tr("Identity added")
        )


def _identity_menu(window: Window, identity: IdentityRow, place: QPoint) -> None:
    menu, acts = QMenu(window), window.acts
    menus.add(menu, tr("Copy"), lambda: window.pane.stream.copied.emit(identity.handle))
    if not identity.is_primary:
        menus.add(
            menu,
            tr("Make it the first choice"),
            lambda: acts.on_customer(lambda customers, s: customers.make_primary(s, identity.id)),
        )
    if identity.valid:
        menus.add(
            menu,
            tr("It does not work any more"),
            lambda: acts.on_customer(lambda customers, s: customers.mark_invalid(s, identity.id, tr("Marked by hand"))),
        )
    else:
        menus.add(
            menu,
            tr("It works again"),
            lambda: acts.on_customer(lambda customers, s: customers.mark_valid(s, identity.id)),
        )
    menu.exec(place)


def _fact_menu(window: Window, fact: FactRow, place: QPoint) -> None:
    menu, acts = QMenu(window), window.acts
    menus.add(
        menu, tr("It still holds"), lambda: acts.on_customer(lambda customers, s: customers.confirm_fact(s, fact.id))
    )
    menus.add(menu, tr("Forget it"), lambda: acts.on_customer(lambda customers, s: customers.forget_fact(s, fact.id)))
    menu.exec(place)


def _consent_menu(window: Window, place: QPoint) -> None:
    card = _card(window)
    if card is None:
        return
    menu = QMenu(window)
    for kind in ("email", "phone", "telegram", "whatsapp"):
        action = menu.addAction(tr("May be contacted by {channel}", channel=words.channel(kind)))
        action.setCheckable(True)
        action.setChecked(bool(card.consents.get(kind)))
        action.toggled.connect(
            lambda given, chosen=kind: window.acts.on_customer(
                lambda customers, s: customers.set_consent(s, card.id, chosen, given)
            )
        )
    menu.exec(place)


def _merge(window: Window, found: object) -> None:
    card = _card(window)
    if card is not None:
        places.merge(window, card, found)  # type: ignore[arg-type]  # a MergeSuggestion through a signal
