"""The command palette (Ctrl+K): every command, view, customer and template, by a few letters."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr
from inbox.services.rows import CustomerRow, TemplateRow, ViewRow
from inbox.ui.commands import Command
from inbox.ui.dialog_actions import DialogActions
from inbox.ui.form import label
from inbox.ui.fuzzy import best
from inbox.ui.popup import Popup
from inbox.ui.rows_view import Chip, Row

_SHOWN = 7  # of each kind, while something is typed


class Palette(Popup):
    """Type, arrow keys, Enter. Tells what was chosen; the window does it."""

    command_chosen = Signal(str)
    view_chosen = Signal(int)
    customer_chosen = Signal(int)
    template_chosen = Signal(int)

    def __init__(
        self,
        actions: DialogActions,
        commands: Iterable[Command],
        parent: QWidget | None = None,
        *,
        with_templates: bool = True,
    ) -> None:
        super().__init__(
            parent,
            tr("Find anything"),
            tr("A command, a view, a customer, a template …"),
            icon="search",
            wrap_notes=False,
        )
        self._actions = actions
        self._commands = [found for found in commands if found.enabled()]
        self._views: Sequence[ViewRow] = ()
        self._templates: Sequence[TemplateRow] = ()
        self._customers: Sequence[CustomerRow] = ()
        self._empty = label(tr("Nothing is called that. Try fewer letters."), "soft")
        self._empty.hide()
        self.inside.addWidget(self.rows, 1)
        self.inside.addWidget(self._empty)
        self._pause = QTimer(self)  # so that customers are not asked for at every key
        self._pause.setSingleShot(True)
        self._pause.setInterval(60)
        self._pause.timeout.connect(self._find_customers)
        self.typed.connect(self._on_typed)
        self.rows.chosen.connect(self._on_chosen)
        actions.list_views(self._show_views)
        if with_templates:
            actions.list_templates(self._show_templates)
        self._refresh()

    def _show_views(self, views: Sequence[ViewRow]) -> None:
        self._views = views
        self._refresh()

    def _show_templates(self, templates: Sequence[TemplateRow]) -> None:
        self._templates = templates
        self._refresh()

    def _on_typed(self, text: str) -> None:
        if not text.strip():
            self._customers = ()
        self._refresh()
        self._pause.start()

    def _find_customers(self) -> None:
        text = self.seek.text().strip()
        if text:
            self._actions.find_customers(text, lambda found: self._show_customers(text, found))

    def _show_customers(self, text: str, found: Sequence[CustomerRow]) -> None:
        if text == self.seek.text().strip():
            self._customers = found
            self._refresh(keep=self.rows.key)

    def _refresh(self, keep: object = None) -> None:
        query = self.seek.text()
        limit = _SHOWN if query.strip() else 100
        rows: list[Row] = []
        commands = best(query, self._commands, lambda found: found.label, limit)
        if query.strip():
            rows += _section(tr("Commands"), [_command_row(found, with_group=True) for found in commands])
        else:
            groups = dict.fromkeys(found.group for found in commands)
            for group in groups:
                rows += _section(group, [_command_row(found) for found in commands if found.group == group])
        views = best(query, self._views, lambda found: tr(found.name), limit)
        rows += _section(tr("Views"), [Row(("view", found.id), tr(found.name), badge="›") for found in views])
        if query.strip():
            rows += _section(tr("Customers"), [_customer_row(found) for found in self._customers[:_SHOWN]])
            templates = best(query, self._templates, lambda found: found.name, limit)
            rows += _section(tr("Templates"), [_template_row(found) for found in templates])
        self.rows.show_rows(rows, keep=keep, first=True)
        self.rows.setVisible(bool(rows))
        self._empty.setVisible(not rows)

    def _on_chosen(self, key: object) -> None:
        if not isinstance(key, tuple):
            return
        kind, value = key
        self.accept()
        signal = {
            "command": self.command_chosen,
            "view": self.view_chosen,
            "customer": self.customer_chosen,
            "template": self.template_chosen,
        }[kind]
        signal.emit(value)

    def show_palette(self) -> None:
        """Over the window, in its upper middle."""
        self.open_over(640, 480)


def _section(title: str, rows: list[Row]) -> list[Row]:
    return [Row(None, title, heading=True), *rows] if rows else []


def _command_row(found: Command, *, with_group: bool = False) -> Row:
    chips = (Chip(found.key_text),) if found.key_text else ()
    return Row(("command", found.id), found.label, chips=chips, detail=found.group if with_group else "")


def _customer_row(found: CustomerRow) -> Row:
    name = found.name or ", ".join(found.handles[:1])
    note = " · ".join(part for part in (found.company, *found.handles[:2]) if part and part != name)
    return Row(("customer", found.id), name, note=note, badge=(name[:1] or "?").upper(), detail=found.tier.value)


def _template_row(found: TemplateRow) -> Row:
    chips = (Chip(tr("solution"), "warn"),) if found.solution else ()
    return Row(("template", found.id), found.name, badge="/", chips=chips)
