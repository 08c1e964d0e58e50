"""The rail: who works here, search, views with their counts, accounts with their lights, and one's own day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inbox.i18n import tr, tr_n
from inbox.ui import menus, paint, time_text, tokens, words
from inbox.ui.style import font
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
_CAP = 1000


class RailItem(QAbstractButton):
    """One line of the rail: a badge or none, a name, a light where something is wrong, a quiet count."""

    def __init__(
        self, name: str, count: int | None = None, *, channel: str = "", light: str = "", picture: str = ""
    ) -> None:
        super().__init__()
        self.setText(name)
        self.count, self.channel, self.light, self.picture = count, channel, light, picture
        self.is_folded = False
        self.setCheckable(True)
        self.setAutoExclusive(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        spoken = f"{name}, {count}" if count else name
        self.setAccessibleName(spoken)

    def sizeHint(self) -> QSize:
        return QSize(px(44 if self.is_folded else 150), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = tokens.colors(), QRectF(self.rect()).adjusted(0, 0.5, 0, -0.5)
        if self.isChecked():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.surface)
        elif self.underMouse():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.line)
        if self.hasFocus():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, "", look.accent)
        if self.is_folded:
            self._paint_folded(painter, box)
            return
        middle, left, right = box.center().y(), float(px(10)), box.right() - px(10)
        if self.channel:
            paint.badge(painter, left, middle - px(8), self.channel, 17)
            left += px(25)
        if self.count:
            shown = f"{_CAP - 1}+" if self.count >= _CAP else str(self.count)
            counted = QRectF(left, box.top(), right - left, box.height())
            right -= paint.text(painter, counted, shown, font(12), look.faint, paint.RIGHT) + px(6)
        if self.light:
            color = look.danger if self.light == "danger" else look.warn
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
            painter.drawEllipse(QRectF(right - px(9), middle - px(4), px(8), px(8)))
            right -= px(14)
        face = font(13, paint.SEMIBOLD if self.isChecked() else QFont.Weight.Normal)
        ink = look.text if self.isChecked() else look.soft
        paint.text(painter, QRectF(left, box.top(), right - left, box.height()), self.text(), face, ink)

    def _paint_folded(self, painter: QPainter, box: QRectF) -> None:
        """Only the sign, and a count that fits beside it."""
        from inbox.ui import icons

        look, middle = tokens.colors(), box.center().y()
        if self.channel:
            paint.badge(painter, px(4), middle - px(8), self.channel, 17)
        else:
            color = look.text if self.isChecked() else look.soft
            painter.drawPixmap(int(px(4)), int(middle - px(8)), icons.pixmap(self.picture or "list-filter", color, 16))
        if self.light:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.danger if self.light == "danger" else look.warn))
            painter.drawEllipse(QRectF(box.right() - px(12), middle - px(4), px(8), px(8)))
        elif self.count and self.count < 100:
            counted = box.adjusted(px(22), 0, -px(4), 0)
            paint.text(painter, counted, str(self.count), font(11), look.faint, paint.RIGHT)


class SearchField(QLineEdit):
    """Search in everything; Escape empties it, Down goes to the list."""

    left = Signal()
    lost = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("Search everything"))
        self.setAccessibleName(tr("Search everything"))
        self.setClearButtonEnabled(False)
        self.setMaxLength(500)
        self.setMinimumHeight(px(34))
        self.setTextMargins(px(18), 0, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, middle = tokens.colors(), self.height() / 2
        painter.setPen(QPen(QColor(look.faint), 1.4))
        painter.drawEllipse(QRectF(px(11), middle - px(5.5), px(8), px(8)))
        painter.drawLine(int(px(18)), int(middle + px(2)), int(px(21)), int(middle + px(5)))
        if not self.text() and not self.hasFocus():
            box = QRectF(self.width() - px(26), middle - px(8), px(16), px(17))
            paint.rounded(painter, box, 4, look.sunken, look.line)
            paint.text(painter, box, "/", font(11), look.faint, paint.CENTER)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.lost.emit()


class _Head(QWidget):
    """The company, and the agent's initials."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.company, self.agent = "", ""
        self.setFixedHeight(px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = tokens.colors()
        mark = QRectF(px(4), px(4), px(26), px(26))
        paint.rounded(painter, mark, 7, look.accent)
        letter = (self.company or "Inbox")[:1].upper()
        paint.text(painter, mark, letter, font(13, paint.BOLD), look.on_accent, paint.CENTER)
        box = QRectF(px(39), 0, self.width() - px(39) - px(4), self.height())
        paint.text(painter, box, self.company or "Inbox", font(13, paint.SEMIBOLD), look.text)


class MenuButton(QAbstractButton):
    """The agent's initials: opens the menu that holds every command."""

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedSize(px(44), px(30))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = tokens.colors(), QRectF(self.rect())
        if self.underMouse() or self.hasFocus():
            paint.rounded(painter, box, tokens.RADIUS_BUTTON, look.line, look.accent if self.hasFocus() else "")
        paint.avatar(painter, QRectF(px(4), px(4), px(22), px(22)), self.text() or "?")
        painter.setPen(QPen(QColor(look.faint), 1.4))
        x, y = px(32), self.height() / 2 - 1
        painter.drawPolyline(QPolygonF([QPointF(x, y), QPointF(x + px(3), y + px(3)), QPointF(x + px(6), y)]))


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
        self.head, self.menu_button, self.search = _Head(), MenuButton(), SearchField()
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
