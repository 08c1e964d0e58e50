"""The main window: rail, list, conversation, customer. It arranges them and tells each what the others did."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from inbox.i18n import tr
from inbox.ui import menus, tokens, words
from inbox.ui.actions import Actions
from inbox.ui.bridge import Bridge
from inbox.ui.commands import Commands
from inbox.ui.list_side import ListSide, Nothing
from inbox.ui.rail import Rail
from inbox.ui.toast import Toast
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from inbox.app import App
    from inbox.channels.base import Manifest
    from inbox.errors import InboxError
    from inbox.services.rows import AccountRow, BulkResult, ConversationDetail, CustomerCard
    from inbox.settings import Settings
    from inbox.ui.bridge import Changes
    from inbox.ui.conversation import ConversationPane
    from inbox.ui.customer_panel import CustomerPanel
    from inbox.ui.reads import RailRows
    from inbox.ui.snapshot import Snapshot
    from inbox.ui.start_page import StartPage
    from inbox.ui.tasks import Tasks

log = logging.getLogger(__name__)

_TIGHT = 1000  # below this the rail folds to its badges, and the list is narrow
_NARROW = 1180  # below this width at 100 % the customer's panel gives way
_QUIET_MS = 100  # after the first page, until what the first click needs is made ready beforehand


class Window(QWidget):
    """Made and painted before the store is up; ``open_app`` is what it is given then."""

    ready = Signal()
    settings_changed = Signal(object)
    demo_wanted = Signal()

    def __init__(self, settings: Settings, snapshot: Snapshot, tasks: Tasks) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Inbox")
        self.settings, self.snapshot = settings, snapshot
        self.tasks = tasks
        self.acts = Actions(self.tasks, self)
        self.bridge = Bridge(self)
        self.commands = Commands(self)
        self._pane: ConversationPane | None = None
        self._panel: CustomerPanel | None = None
        self._start: StartPage | None = None
        self._panel_hidden = bool(settings.window.get("panel_hidden"))
        self._build()
        self._preset()

    # --- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.rail = Rail()
        self.side = ListSide(self.acts)
        self.model, self.list, self.head = self.side.model, self.side.list, self.side.head
        self._middle = QStackedWidget()
        self._middle.setObjectName("thread_side")
        self._nothing = Nothing()
        self._middle.addWidget(self._nothing)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(1)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.side)
        self._split.addWidget(self._middle)
        self._panel_place = QStackedWidget()
        self._panel_place.setObjectName("panel")
        self._panel_place.setMinimumWidth(px(220))
        self._split.addWidget(self._panel_place)
        for place, factor in enumerate((0, 1, 0)):
            self._split.setStretchFactor(place, factor)
        sizes = self.settings.window.get("split") or [px(tokens.LIST_WIDTH), px(620), px(tokens.PANEL_WIDTH)]
        self._split.setSizes([int(size) for size in sizes])
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.rail)
        outer.addWidget(self._split, 1)
        self.toast = Toast(self, self._written_height)
        self._connect()
        self._place_window()

    def _connect(self) -> None:
        self.rail.view_chosen.connect(self.side.show_view)
        self.rail.account_pressed.connect(self._on_account_pressed)
        menus.on_press(self.rail.menu_button, lambda: self.commands.run("program.menu"))
        self.rail.search.searched.connect(self._on_search)
        self.rail.search.left.connect(self.list.setFocus)
        self.list.opened.connect(self.open_conversation)
        self.list.entered.connect(lambda: self.commands.run("reply.write"))
        self.list.menu_wanted.connect(self._on_list_menu)
        self.acts.failed.connect(self.show_error)
        self.acts.said.connect(self.toast.say)
        self.acts.bulk_refused.connect(self._on_refused)
        self.bridge.changed.connect(self._on_changes)

    def _written_height(self) -> int:
        """How much of the lower edge the composer takes: no notice covers its buttons."""
        if self._pane is None or not self._pane.lower_edge.isVisible():
            return 0
        return self.height() - self._pane.lower_edge.mapTo(self, QPoint(0, 0)).y() - px(8)

    def _place_window(self) -> None:
        width, height = self.settings.window.get("size") or (1440, 900)
        self.resize(int(width), int(height))
        self.setMinimumSize(760, 480)
        geometry = self.settings.window.get("geometry")
        if geometry:
            self.restoreGeometry(QByteArray.fromHex(str(geometry).encode()))

    def _preset(self) -> None:
        """What the last close left: seen at once, made true soon."""
        kept = self.snapshot
        view = dict(kept.view) or {"key": "mine", "title": tr("Mine"), "query": "is:open is:mine", "sort": "rank"}
        self.rail.chosen = view["key"]
        self.rail.show_who(kept.company, kept.agent_name)
        self.rail.show_views(kept.views, kept.accounts)
        self.rail.show_day(kept.day)
        self.side.preset(view, kept.rows)

    # --- the store is up ----------------------------------------------------------------------------------------

    def take_app(self, app: App) -> None:
        """Everything is open: show what is true, and start the accounts."""
        from inbox.ui import window_commands

        self.acts.app = app
        self.bridge.attach(app.bus)
        window_commands.register(self)
        self.commands.install(self)
        self.model.show(self.view["query"], self.view["sort"])
        self.acts.rail(self._on_first_rail)
        self.list.setFocus()
        self.ready.emit()

    def _on_first_rail(self, rows: RailRows) -> None:
        """Everything is shown. While the person looks at it, what the first click needs is loaded and made."""
        self._show_rail(rows)
        QTimer.singleShot(_QUIET_MS, self, self._prepare_pane)

    def _prepare_pane(self) -> None:
        if self.is_ready():  # else another window has taken this one's place
            self.tasks.run(_load_pane, self._take_manifests)

    def _take_manifests(self, manifests: dict[str, Manifest]) -> None:
        self.pane.manifests = manifests

    def _show_rail(self, rows: RailRows) -> None:
        assert self.acts.app is not None
        kept = self.snapshot
        kept.views, kept.accounts, kept.day = list(rows.views), list(rows.accounts), rows.day
        kept.company, kept.agent_name = rows.company, self.acts.app.agent.name
        self.rail.show_who(kept.company, kept.agent_name)
        self.rail.show_views(rows.views, rows.accounts)
        self.rail.show_day(rows.day)
        self.side.views = rows.views
        self.side.show_count()
        self._offer_start(has_accounts=bool(rows.accounts))

    def _offer_start(self, *, has_accounts: bool) -> None:
        """An empty profile is asked how it is to begin; once it has begun, what came in is shown."""
        if has_accounts and self._start is not None and self._middle.currentWidget() is self._start:
            self._middle.setCurrentWidget(self._nothing)
            self._middle.removeWidget(self._start)
            self._start.deleteLater()
            self._start = None
            self.rail.choose("unassigned")  # nothing is one's own yet
        is_empty = not has_accounts and not self.model.rows and self.view["key"] == "mine" and self._pane_is_idle()
        if is_empty and self._middle.currentWidget() is self._nothing:
            from inbox.ui.start_page import StartPage

            self._start = StartPage(self)
            self._middle.addWidget(self._start)
            self._middle.setCurrentWidget(self._start)

    def _pane_is_idle(self) -> bool:
        return self._pane is None or self._pane.conversation_id is None

    @property
    def view(self) -> dict[str, str]:
        """What the list shows: its key, title, query and sort."""
        return self.side.view

    def is_ready(self) -> bool:
        """Whether the store is up."""
        return self.acts.app is not None

    # --- parts that are made when they are needed ---------------------------------------------------------------

    @property
    def pane(self) -> ConversationPane:
        """The open conversation's place."""
        if self._pane is None:
            from inbox.ui.conversation import ConversationPane

            pane = self._pane = ConversationPane(self.acts)
            pane.manifests = _manifests()
            pane.shown.connect(self._on_shown)
            pane.left.connect(self.go_to_list)
            pane.undo_wanted.connect(self.undo)
            pane.go_to.connect(self.open_conversation)
            self._middle.addWidget(pane)
        return self._pane

    @property
    def panel(self) -> CustomerPanel:
        """The customer's place."""
        if self._panel is None:
            from inbox.ui.customer_actions import connect
            from inbox.ui.customer_panel import CustomerPanel

            self._panel = CustomerPanel()
            connect(self)
            self._panel_place.addWidget(self._panel)
        return self._panel

    # --- views and search ---------------------------------------------------------------------------------------

    def choose_view(self, place: int) -> None:
        """The view at a place of the rail."""
        views = [view for view in self.rail.views if view.key != "failed"]
        if place < len(views):
            self.rail.choose(views[place].key or f"view {views[place].id}")

    def choose_view_by_id(self, view_id: int) -> None:
        """The view with this number."""
        for view in self.rail.views:
            if view.id == view_id:
                self.side.show_view(view.key or f"view {view.id}", words.view(view.name), view.query, view.sort)
                self.rail.mark(self.view["key"])

    def _on_search(self, text: str, typing: bool) -> None:
        if text:
            self.rail.mark("")
            self.side.show_view("search", tr("Search"), text, "newest", typing=typing)
        elif self.view["key"] == "search":
            self.rail.choose("mine")

    def go_to_search(self) -> None:
        """Into the search field."""
        self.rail.open_search()
        self.rail.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.rail.search.selectAll()

    def go_to_list(self) -> None:
        """Back to the list; out of the search field it also ends the search."""
        if self.rail.search.hasFocus():
            self.rail.search.clear()
        if len(self.list.selected) > 1:
            self.list.select(self.list.current)
            self.side.show_count()
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._pane is not None:
            self._pane.fold()

    # --- conversations and customers ----------------------------------------------------------------------------

    def open_conversation(self, conversation_id: int) -> None:
        """Show a conversation, and mark it as read."""
        if not self.is_ready():
            return
        self.pane.open(conversation_id)
        if self.list.current != conversation_id:
            self.list.select(conversation_id)
        row = self.model.row(conversation_id)
        if row is not None and row.unread:
            self.acts.mark_read([conversation_id])

    def _on_shown(self, detail: ConversationDetail) -> None:
        self._middle.setCurrentWidget(self.pane)
        case_id = detail.case.id if detail.case else None
        self.acts.customer(detail.row.customer_id, case_id, self._show_customer)

    def _show_customer(self, card: CustomerCard) -> None:
        self.panel.show_card(card)
        self._panel_place.setCurrentWidget(self.panel)

    def has_conversation(self) -> bool:
        """Whether a conversation is open."""
        return self._pane is not None and self._pane.detail is not None

    def has_selection(self) -> bool:
        """Whether something is chosen in the list."""
        return self.list.current is not None or bool(self.list.selected)

    def has_case(self) -> bool:
        """Whether what is open or chosen has a case."""
        return self.has_conversation() and (self.pane.case is not None or len(self.list.selected) > 1)

    def may_open_case(self) -> bool:
        """Whether the open conversation has no case yet."""
        return self.has_conversation() and self.pane.case is None

    def toggle_panel(self) -> None:
        """Show or hide the customer."""
        self._panel_hidden = not self._panel_hidden
        self._panel_place.setVisible(not self._panel_hidden)

    def can_undo(self) -> bool:
        """Whether a notice offers to undo something."""
        return self.toast.can_act

    def undo(self) -> None:
        """Undo what the notice offers."""
        if self.toast.can_act:
            self.toast.act()

    # --- news ---------------------------------------------------------------------------------------------------

    def _on_changes(self, changes: Changes) -> None:
        """Something happened, here or in another program on the same database."""
        self.model.refresh(changes.conversations)
        self.acts.rail(self._show_rail)
        pane = self._pane
        if pane is None or pane.detail is None:
            return
        detail = pane.detail
        case_id = detail.case.id if detail.case else None
        members = detail.case.conversation_ids if detail.case else (detail.row.id,)
        ours = changes.conversations & {detail.row.id, *members} or changes.customers & {detail.row.customer_id}
        if (
            ours
            or case_id in changes.cases
            or "CustomersMerged" in changes.kinds
            or "CustomersUnmerged" in changes.kinds
        ):
            pane.reload()

    def show_error(self, error: InboxError) -> None:
        """What failed and what to do, without interrupting."""
        self.toast.say(f"{error.title}. {error.hint}".strip(), stays_ms=9000)

    def _on_refused(self, result: BulkResult) -> None:
        from inbox.ui import places

        places.show_refused(self, result)

    def _on_account_pressed(self, account: AccountRow) -> None:
        from inbox.ui import places

        if self.is_ready():
            places.edit_account(self, account)

    def _on_list_menu(self, place: Any) -> None:
        from inbox.ui import selection

        if self.is_ready():
            selection.show_menu(self, place)

    # --- settings, size, close ----------------------------------------------------------------------------------

    def change_settings(self, **values: Any) -> None:
        """Change something that one person sets, and show it."""
        self.settings = self.settings.change(**values)
        self.settings_changed.emit(self.settings)

    def reload_settings(self) -> None:
        """The settings were changed in their own window."""
        self.settings = type(self.settings).load(_profile(self.settings))
        self.settings_changed.emit(self.settings)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self.toast.isHidden():
            self.toast.place()
        narrow = self.width() < px(_NARROW)
        tight = self.width() < px(_TIGHT)
        self.rail.fold(tight)
        if tight:
            self._split.setSizes([px(260), self.width() - self.rail.width() - px(260), 0])
        self._panel_place.setVisible(not self._panel_hidden and not narrow)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self.list.redraw()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is typed and what is seen."""
        if self._pane is not None:
            self._pane.composer.save_draft()
        kept = self.snapshot
        kept.view, kept.rows = self.view, list(self.model.rows[:20])
        event.accept()

    def layout_now(self) -> dict[str, Any]:
        """What to open with the next time."""
        return {
            "size": [self.width(), self.height()],
            "geometry": bytes(self.saveGeometry().toHex().data()).decode(),
            "split": self._split.sizes(),
            "panel_hidden": self._panel_hidden,
        }


def _load_pane() -> dict[str, Manifest]:
    """Load in the worker what the conversation's place is made of."""
    import inbox.ui.conversation  # noqa: F401

    return _manifests()


def _manifests() -> dict[str, Manifest]:
    """What each kind of channel can do. One that can't be loaded keeps no conversation of another from opening."""
    from inbox.channels import registry
    from inbox.errors import SettingsError

    found = {}
    for kind in registry.kinds():
        try:
            found[kind] = registry.manifest(kind)
        except SettingsError as error:
            log.warning("%s", error)
    return found


def _profile(settings: Settings) -> Any:
    from inbox.settings import Profile

    return Profile(settings.file.parent)
