"""The rail: who works here, search, views with their counts, accounts with their lights, and one's own day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from inbox.i18n import tr, tr_n
from inbox.ui import menus, time_text, tokens, words
from inbox.ui.rail_parts import MenuButton, RailHead, RailItem, SearchField
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORK = ("mine", "unassigned", "today", "waiting", "open")
_COMMUNITY = ("mentions",)
_PICTURES = {
    "mine": "user",
    "unassigned": "inbox",
    "today": "clock",
    "waiting": "undo-2",
    "open": "mail",
    "mentions": "at-sign",
    "failed": "circle-alert",
}  # what a view is known by where there is no room for its name


class Rail(QWidget):
    """The left edge of the window.

    Signals:
        view_chosen: A view or an account: its title, query and order.
        account_chosen: An account whose light is on: see to it.
    """

    view_chosen = Signal(str, str, str, str)  # key, title, query, sort
    account_pressed = Signal(object)
    account_menu_wanted = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(px(tokens.RAIL_WIDTH))
        self.views: Sequence[Any] = ()
        self.accounts: Sequence[Any] = ()
        self.day: Any = None
        self.chosen = "mine"
        self.head, self.menu_button, self.search = RailHead(), MenuButton(), SearchField()
        self._items: dict[str, RailItem] = {}
        self._body = QWidget()
        self._body.setObjectName("rail")
        self._list = QVBoxLayout(self._body)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._foot = QLabel()
        self._headings: list[QWidget] = []
        self._may_fold = self.is_folded = False
        self._arrange()
        self.search.lost.connect(lambda: self._set_folded(self._may_fold))

    def _arrange(self) -> None:
        outer = self._outer = QVBoxLayout(self)
        outer.setContentsMargins(px(10), px(14), px(10), px(14))
        outer.setSpacing(px(12))
        top = self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        top.setSpacing(0)
        top.addWidget(self.head, 1)
        top.addWidget(self.menu_button)
        outer.addLayout(top)
        field = QHBoxLayout()
        field.setContentsMargins(px(4), 0, px(4), 0)
        field.addWidget(self.search)
        outer.addLayout(field)
        self.search_item = RailItem(tr("Search everything"), picture="search")
        self.search_item.is_folded = True
        self.search_item.setCheckable(False)
        self.search_item.setToolTip(tr("Search everything") + " (/)")
        menus.on_press(self.search_item, self._on_search_pressed)
        self.search_item.hide()
        outer.addWidget(self.search_item)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self._body)
        outer.addWidget(scroll, 1)
        card = QFrame()
        card.setProperty("kind", "today")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(px(10), px(10), px(10), px(10))
        self._foot.setTextFormat(Qt.TextFormat.RichText)
        self._foot.setWordWrap(True)
        inside.addWidget(self._foot)
        self._card = card
        card.hide()
        outer.addWidget(card)

    # --- little room --------------------------------------------------------------------------------------------

    def fold(self, folded: bool) -> None:
        """Show only badges and counts, but not while somebody searches."""
        self._may_fold = folded
        self._set_folded(folded and not self.search.hasFocus())

    def open_search(self) -> None:
        """Make room for the search field; the rail folds again when it is left."""
        self._set_folded(False)

    def _on_search_pressed(self) -> None:
        self.open_search()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _set_folded(self, folded: bool) -> None:
        if folded == self.is_folded:
            return
        self.is_folded = folded
        side = px(8 if folded else 10)
        self._outer.setContentsMargins(side, px(14), side, px(14))
        self._top.setDirection(QBoxLayout.Direction.TopToBottom if folded else QBoxLayout.Direction.LeftToRight)
        self.setFixedWidth(px(60 if folded else tokens.RAIL_WIDTH))
        self.search.setVisible(not folded)
        self.search_item.setVisible(folded)
        self._card.setVisible(not folded and self.day is not None)
        self._show_folded()

    def _show_folded(self) -> None:
        for item in self._items.values():
            item.is_folded = self.is_folded
            item.updateGeometry()
            item.update()
        for heading in self._headings:
            heading.setVisible(not self.is_folded)

    # --- what it shows ------------------------------------------------------------------------------------------

    def show_who(self, company: str, agent: str) -> None:
        """The company's name and the agent's initials."""
        self.head.company, self.head.agent = company, agent
        self.menu_button.setText(agent)
        self.menu_button.setToolTip(tr("{name} · menu (F10)", name=agent) if agent else tr("Menu (F10)"))
        self.menu_button.setAccessibleName(tr("Menu"))
        self.head.update()
        self.menu_button.update()

    def show_views(self, views: Sequence[Any], accounts: Sequence[Any]) -> None:
        """Fill the rail; what is chosen stays chosen. Nothing is done where nothing changed."""
        if self._items and (list(views), list(accounts)) == (list(self.views), list(self.accounts)):
            return
        had_focus = next((key for key, item in self._items.items() if item.hasFocus()), "")
        self.views, self.accounts = views, accounts
        while (item := self._list.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._items, self._headings = {}, []
        by_key = {view.key: view for view in views if view.key}
        for key in _WORK:
            self._add_view(by_key.get(key))
        failed = by_key.get("failed")
        if failed is not None and failed.count:
            self._add_view(failed, light="danger")
        self._section(tr("Community"), [by_key.get(key) for key in _COMMUNITY if by_key.get(key)])
        own = [view for view in views if view.key not in (*_WORK, *_COMMUNITY, "failed")]
        self._section(tr("Views"), own)
        if accounts:
            self._heading(tr("Accounts"))
        for account in accounts:
            self._add_account(account)
        self._list.addStretch(1)
        self._show_folded()
        self.mark(self.chosen)
        if had_focus in self._items:
            self._items[had_focus].setFocus()

    def show_day(self, day: Any) -> None:
        """One's own day against the target."""
        self.day = day
        self._card.setVisible(day is not None and not self.is_folded)
        if day is None:
            return
        look = tokens.colors()
        counted = " · ".join(
            (
                tr_n("{n} answered", "{n} answered", day.replied),
                tr_n("{n} closed", "{n} closed", day.closed),
            )
        )
        wait = ""
        if day.mean_wait is not None:
            late = day.target_wait and day.mean_wait > day.target_wait
            mean = f'<b style="color:{look.danger if late else look.text}">{time_text.minutes(day.mean_wait)}</b>'
            target = tr(" of {time}", time=time_text.minutes(day.target_wait)) if day.target_wait else ""
            wait = f"<br>{tr('Mean wait {time}', time=mean)}{target}"
        self._foot.setText(
            f'<div style="line-height:135%"><b style="font-size:{px(12)}px">{tr("Today")}</b><br>'
            f'<span style="font-size:{px(12)}px;color:{look.soft}">{counted}{wait}</span></div>'
        )

    def mark(self, key: str) -> None:
        """Show which view is chosen; an empty key leaves none (a search)."""
        self.chosen = key
        for name, item in self._items.items():
            item.setChecked(name == key)

    def choose(self, key: str) -> None:
        """Choose a view by its key or number, as if it were pressed."""
        if key in self._items:
            self._items[key].click()

    def step(self, steps: int) -> None:
        """Choose the view so many places on."""
        keys = list(self._items)
        if keys:
            place = keys.index(self.chosen) + steps if self.chosen in keys else 0
            self.choose(keys[place % len(keys)])

    def _section(self, title: str, views: Sequence[Any]) -> None:
        if views:
            self._heading(title)
        for view in views:
            self._add_view(view)

    def _heading(self, title: str) -> None:
        label = QLabel(title)
        label.setProperty("tone", "label")
        label.setContentsMargins(px(10), px(18), 0, px(6))
        self._headings.append(label)
        self._list.addWidget(label)

    def _add_view(self, view: Any, *, light: str = "") -> None:
        if view is None:
            return
        key = view.key or f"view {view.id}"
        name = words.view(view.name)
        item = RailItem(name, view.count, light=light, picture=_PICTURES.get(view.key, ""))
        item.setToolTip(name)
        menus.on_press(item, lambda: self._on_chosen(key, words.view(view.name), view.query, view.sort))
        self._items[key] = item
        self._list.addWidget(item)

    def _add_account(self, account: Any) -> None:
        light = {"sign_in": "danger", "retrying": "warn"}.get(account.state, "")
        name = account.address or account.name
        item = RailItem(name, account.unread, channel=shown_kind(account), light=light)
        item.setToolTip(account_tip(account))
        item.setAccessibleDescription(account_tip(account))
        key = f"account {account.id}"
        query = f"account:{account.id}"
        menus.on_press(item, lambda: self._on_account(key, name, query, account))
        item.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        item.customContextMenuRequested.connect(
            lambda place: self.account_menu_wanted.emit(account, item.mapToGlobal(place))
        )
        self._items[key] = item
        self._list.addWidget(item)

    def _on_account(self, key: str, name: str, query: str, account: Any) -> None:
        if account.state == "sign_in":
            self.account_pressed.emit(account)
        self._on_chosen(key, name, query, "newest")

    def _on_chosen(self, key: str, title: str, query: str, sort: str) -> None:
        self.search.clear()
        self.mark(key)
        self.view_chosen.emit(key, title, query, sort)


def shown_kind(account: Any) -> str:
    """The channel an account is shown as: a simulated one as what it stands for."""
    return str(account.settings.get("as") or account.kind)


def account_tip(account: Any) -> str:
    """An account's light in words: what is the matter, and what to do."""
    if account.state_title:
        return f"{account.name}\n{account.state_title}\n{account.state_hint}".strip()
    state = {
        "off": tr("Switched off"),
        "connecting": tr("Connecting …"),
        "syncing": tr("Fetching older messages …"),
        "online": tr("Everything works"),
        "retrying": tr("Tries again by itself"),
        "sign_in": tr("You need to sign in again"),
    }.get(account.state, "")
    if account.state == "syncing" and account.remaining:
        state = tr_n("Fetching older messages: {n} left", "Fetching older messages: {n} left", account.remaining)
    return f"{account.name}\n{state}"
