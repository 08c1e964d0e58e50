"""The settings' window: sections at the left, the chosen one at the right. Ctrl+1 … Ctrl+8 go to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QButtonGroup, QDialog, QFrame, QPushButton, QStackedWidget, QWidget

from inbox.i18n import language, set_language, tr
from inbox.ui import icons, style
from inbox.ui.form import button, column, label, retire, row, scrolled
from inbox.ui.keys_sheet import KeysList
from inbox.ui.settings.about import AboutPage
from inbox.ui.settings.accounts import AccountsPage
from inbox.ui.settings.agents import AgentsPage
from inbox.ui.settings.case_types import CaseTypesPage
from inbox.ui.settings.general import GeneralPage
from inbox.ui.settings.page import ListPage, Page
from inbox.ui.settings.templates import TemplatesPage
from inbox.ui.settings.views import ViewsPage
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QResizeEvent

    from inbox.ui.commands import Command
    from inbox.ui.settings.actions import SettingsActions

_NAMES = ("general", "accounts", "case_types", "templates", "views", "agents", "keys", "about")


class SettingsWindow(QDialog):
    """Not modal: what changes shows in the main window at once. Escape closes it.

    Signals:
        look_changed: Theme or text size; applied to the whole program already.
        language_changed: The code; this window speaks it already, the main one must be made anew.
    """

    look_changed = Signal()
    language_changed = Signal(str)

    def __init__(self, actions: SettingsActions, commands: Iterable[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "window")
        self._actions, self._commands = actions, list(commands)
        self._pages: dict[str, QWidget] = {}
        self._current = "general"
        self.setLayout(row(space=0))
        for number, name in enumerate(_NAMES, start=1):
            QShortcut(QKeySequence(f"Ctrl+{number}"), self, lambda name=name: self.show_section(name))
        self._build()
        room = self.screen().availableGeometry()
        self.resize(min(px(1080), room.width() - px(40)), min(px(760), room.height() - px(60)))

    def _build(self) -> None:
        """The rail and an empty stack; sections are made when they are first looked at."""
        self.setWindowTitle(tr("Settings"))
        titles = {
            "general": (tr("General"), "sliders-horizontal"),
            "accounts": (tr("Accounts"), "at-sign"),
            "case_types": (tr("Case types"), "tags"),
            "templates": (tr("Templates"), "file-text"),
            "views": (tr("Views"), "list-filter"),
            "agents": (tr("People and teams"), "users"),
            "keys": (tr("Keys"), "keyboard"),
            "about": (tr("About"), "info"),
        }
        self._group = QButtonGroup(self)
        self._heading = label(tr("Settings"), "title")
        rail = column(self._heading, 8, space=2, margins=16)
        self.places: dict[str, QPushButton] = {}
        for name, (title, icon) in titles.items():
            made = button(title, "place", name=title)
            made.setIcon(icons.icon(icon))
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, name=name: self.show_section(name))
            self._group.addButton(made)
            self.places[name] = made
            rail.addWidget(made)
        rail.addStretch(1)
        side = self._side = QWidget()
        side.setLayout(rail)
        self._titles = {name: title for name, (title, _icon) in titles.items()}
        self._fold()
        upright = QFrame()
        upright.setProperty("role", "upright")
        self._stack = QStackedWidget()
        layout = self.layout()
        assert layout is not None
        for made_widget in (side, upright, self._stack):
            layout.addWidget(made_widget)
        layout.setStretch(2, 1)  # type: ignore[attr-defined]  # it is a box layout
        self.show_section(self._current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        """Where there is little room the rail keeps its pictures only."""
        is_wide = self.width() >= px(640)
        self._heading.setVisible(is_wide)
        self._side.setMinimumWidth(px(190) if is_wide else 0)
        for name, made in self.places.items():
            made.setText(self._titles[name] if is_wide else "")
            made.setToolTip("" if is_wide else self._titles[name])

    def _make(self, name: str) -> QWidget:
        makers: dict[str, Callable[[], Page]] = {
            "general": self._general,
            "accounts": lambda: AccountsPage(self._actions),
            "case_types": lambda: CaseTypesPage(self._actions),
            "templates": lambda: TemplatesPage(self._actions),
            "views": lambda: ViewsPage(self._actions),
            "agents": lambda: AgentsPage(self._actions),
            "keys": self._keys,
            "about": lambda: AboutPage(self._actions),
        }
        return makers[name]()

    def _general(self) -> Page:
        page = GeneralPage(self._actions)
        page.look_changed.connect(self._on_look_changed)
        page.language_changed.connect(self._on_language_changed)
        return page

    def _keys(self) -> Page:
        page = Page(self._actions, tr("Keys"), tr("Everything can be done without the mouse."))
        page.body.addWidget(KeysList(self._commands))
        page.body.addStretch(1)
        return page

    def show_section(self, name: str) -> None:
        """Go to a section and read it anew."""
        if name not in self._pages:
            page = self._make(name)
            shown = page if isinstance(page, ListPage) else scrolled(page)
            self._stack.addWidget(shown)
            self._pages[name] = page
        self._current = name
        found = self._pages[name]
        index = next(i for i in range(self._stack.count()) if _holds(self._stack.widget(i), found))
        self._stack.setCurrentIndex(index)
        self.places[name].setChecked(True)
        self.reload()

    def page(self, name: str) -> QWidget:
        """A section, made if need be."""
        self.show_section(name)
        return self._pages[name]

    def reload(self) -> None:
        """Something changed elsewhere: read the shown section anew. What is being typed stays."""
        found = self._pages[self._current]
        if isinstance(found, Page):
            found.load()

    # --- look and language ---

    def _on_look_changed(self) -> None:
        own = self._actions.app.settings
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        style.apply(app, own.theme, own.text_size)
        self._rebuild()
        self.look_changed.emit()

    def _on_language_changed(self, code: str) -> None:
        if code != language():
            set_language(code)
            self._rebuild()
        self.language_changed.emit(code)

    def _rebuild(self) -> None:
        """All words and sizes anew, in the same section."""
        layout = self.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                retire(widget)
        self._pages.clear()
        self._build()
        self.places[self._current].setFocus(Qt.FocusReason.OtherFocusReason)


def _holds(shown: QWidget | None, page: QWidget) -> bool:
    return shown is not None and (shown is page or shown.isAncestorOf(page))
