"""Making two customers one: both side by side, what stays, what moves. And the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from inbox.i18n import tr, tr_n
from inbox.services.rows import IdentityRow, MergeRow
from inbox.ui.dialog import Dialog, ask
from inbox.ui.form import box, button, clear, column, hairline, label, row
from inbox.ui.paint import initials
from inbox.ui.time_text import date
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inbox.services.rows import CustomerCard
    from inbox.ui.dialog_actions import DialogActions


def field_names() -> dict[str, str]:
    """The customer's fields in the person's language."""
    return {
        "name": tr("Name"),
        "company": tr("Company"),
        "tier": tr("Value"),
        "language": tr("Language"),
        "preferred_channel": tr("Preferred channel"),
        "tags": tr("Tags"),
        "notes": tr("Notes"),
        "consents": tr("Consents"),
    }


class MergeDialog(Dialog):
    """Nothing happens before "Make them one"; afterwards it can be undone from the customer's panel."""

    merged = Signal(int, int)  # the survivor, and the merge that can be undone

    def __init__(
        self, actions: DialogActions, survivor_id: int, absorbed_id: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(
            parent,
            tr("The same customer?"),
            tr("Everything of both stays. You can split them again at any time."),
            width=720,
        )
        self._actions, self._survivor_id, self._absorbed_id = actions, survivor_id, absorbed_id
        self._swap = button(tr("Keep the other one"))
        self._swap.clicked.connect(self._on_swapped)
        stay = button(tr("Cancel"))
        stay.clicked.connect(self.reject)
        self._sure = button(tr("Make them one"), "primary")
        self._sure.setEnabled(False)
        self._sure.clicked.connect(self._on_sure)
        self.foot.addWidget(self._swap)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(self._sure)
        self._load()

    def _load(self) -> None:
        self._actions.load_merge(self._survivor_id, self._absorbed_id, self._show_both, self.notice.show_error)

    def _on_swapped(self) -> None:
        self._survivor_id, self._absorbed_id = self._absorbed_id, self._survivor_id
        self._load()

    def _show_both(self, survivor: CustomerCard, absorbed: CustomerCard, fields: Mapping[str, tuple[str, str]]) -> None:
        clear(self.content)
        people = row(_person(survivor, True), _person(absorbed, False), space=16)
        people.setStretch(0, 1)
        people.setStretch(1, 1)
        self.content.addLayout(people)
        if rows := [(name, *fields[name]) for name in field_names() if name in fields]:
            self.content.addWidget(box(_table(rows), "card"))
        self.content.addWidget(label(_moves(absorbed, survivor), "soft"))
        self.content.addStretch(1)
        self._sure.setEnabled(True)
        if self.isVisible():
            self.fit()

    def _on_sure(self) -> None:
        self._sure.setEnabled(False)
        self._actions.merge_customers(self._survivor_id, self._absorbed_id, self._on_merged, self._on_refused)

    def _on_merged(self, merge_id: int) -> None:
        self.accept()
        self.merged.emit(self._survivor_id, merge_id)

    def _on_refused(self, error: Any) -> None:
        self._sure.setEnabled(True)
        self.notice.show_error(error)
        self.fit()


def _person(card: CustomerCard, stays: bool) -> QFrame:
    badge = label(initials(_name(card)) or "?", "avatar", wrap=False)
    badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
    badge.setFixedSize(px(40), px(40))
    state = label(tr("stays") if stays else tr("is taken in"), "accent" if stays else "hint", wrap=False)
    head = row(badge, column(label(_name(card), "section"), state, space=0), space=12)
    head.setStretch(1, 1)
    handles = [_handle(identity) for identity in card.identities]
    counts = " · ".join(
        (
            tr_n("{n} conversation", "{n} conversations", card.conversation_count),
            tr_n("{n} case", "{n} cases", card.case_count),
        )
    )
    since = label(tr("Customer since {date}", date=date(card.created_at)), "hint")
    made = box(
        column(head, *handles, label(counts, "hint"), since, -1, space=6, margins=16), "chosen" if stays else "card"
    )
    made.setAccessibleName(f"{_name(card)}, {state.text()}")
    return made


def _handle(identity: IdentityRow) -> QWidget:
    return label(f"{identity.handle}", "text" if identity.valid else "hint")


def _name(card: CustomerCard) -> str:
    return card.name or (card.identities[0].handle if card.identities else tr("No name"))


def _table(rows: list[tuple[str, str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(px(16), px(12), px(16), px(12))
    grid.setHorizontalSpacing(px(16))
    grid.setVerticalSpacing(px(8))
    for number, (name, kept, taken) in enumerate(rows):
        if number:
            grid.addWidget(hairline(), number * 2 - 1, 0, 1, 3)
        grid.addWidget(label(field_names()[name], "label"), number * 2, 0)
        left, right = _stays(name, kept, taken)
        grid.addWidget(label(kept or "–", "strong" if left else "hint"), number * 2, 1)
        grid.addWidget(label(taken or "–", "strong" if right else "hint"), number * 2, 2)
    grid.setColumnStretch(1, 1)
    grid.setColumnStretch(2, 1)
    return grid


def _stays(name: str, kept: str, taken: str) -> tuple[bool, bool]:
    """Which of two values is there afterwards: tags and consents add up, of two tiers the better one stays."""
    if name in ("tags", "consents"):
        return bool(kept), bool(taken)
    if name == "tier":
        return kept <= taken, taken < kept
    return bool(kept), bool(taken) and not kept


def _moves(absorbed: CustomerCard, survivor: CustomerCard) -> str:
    return tr(
        "{what} of {absorbed} move to {survivor}. What only one of them has is kept; where both differ, "
        "what stands in bold stays.",
        what=", ".join(
            (
                tr_n("{n} handle", "{n} handles", len(absorbed.identities)),
                tr_n("{n} conversation", "{n} conversations", absorbed.conversation_count),
                tr_n("{n} case", "{n} cases", absorbed.case_count),
                tr_n("{n} fact", "{n} facts", len(absorbed.facts)),
            )
        ),
        absorbed=_name(absorbed),
        survivor=_name(survivor),
    )


def ask_unmerge(actions: DialogActions, merge: MergeRow, parent: QWidget, then: Any) -> Dialog:
    """Ask before splitting two customers again; ``then()`` runs when it is done."""

    def sure() -> None:
        actions.unmerge_customers(merge.id, then, lambda error: actions.tasks.on_error(error))

    return ask(
        parent,
        tr("Split {name} off again?", name=merge.absorbed_name),
        tr("What they had before goes back to each; what came in since then stays where it was said."),
        yes=tr("Split them"),
        no=tr("Leave it"),
        danger=False,
        then=sure,
    )
