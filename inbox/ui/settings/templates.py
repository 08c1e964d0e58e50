"""The templates: a list with a search, and the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.i18n import tr
from inbox.ui.dialog import ask
from inbox.ui.form import button, line, row
from inbox.ui.fuzzy import best
from inbox.ui.rows_view import Chip, Row
from inbox.ui.settings.page import ListPage
from inbox.ui.settings.template_editor import TemplateEditor, channel_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.services.rows import CaseTypeRow, TeamRow, TemplateRow
    from inbox.ui.settings.actions import SettingsActions


class TemplatesPage(ListPage):
    """Replies prepared beforehand."""

    def __init__(self, actions: SettingsActions) -> None:
        sentence = tr("Replies prepared beforehand; “/” puts one into a reply.")
        super().__init__(actions, tr("Templates"), sentence, add=tr("Add a template"), list_width=270)
        self.seek = line(placeholder=tr("Find a template"))
        self.seek.setAccessibleName(tr("Find a template"))
        self.seek.textChanged.connect(lambda _text: self._refresh())
        self.left.insertWidget(0, self.seek)
        self._templates: dict[int, TemplateRow] = {}
        self._types: Sequence[CaseTypeRow] = ()
        self._teams: Sequence[TeamRow] = ()
        self.form: TemplateEditor | None = None

    def load(self) -> None:
        self.act.load_templates(self._show_templates)

    def _show_templates(
        self, templates: Sequence[TemplateRow], types: Sequence[CaseTypeRow], teams: Sequence[TeamRow]
    ) -> None:
        self._templates = {one.id: one for one in templates}
        self._types, self._teams = types, teams
        self._refresh()

    def _refresh(self) -> None:
        names = {kind.id: kind.name for kind in self._types}
        found = best(self.seek.text(), self._templates.values(), lambda one: f"{one.name} {one.key}", 1000)
        rows: list[Row] = []
        groups: dict[str, list[Row]] = {}
        for one in found:
            group = names.get(one.case_type_id, tr("For every case")) if one.case_type_id else tr("For every case")
            chips = (Chip(tr("solution"), "warn"),) if one.solution else ()
            groups.setdefault(group, []).append(Row(one.id, one.name, chips=chips, faded=not one.active))
        for group, inside in groups.items():
            rows += [Row(None, group, heading=True), *inside]
        self.list.show_rows(rows, keep=self.key, first=self.form is None)

    def show_key(self, key: object) -> None:
        template = self._templates[key]  # type: ignore[index]  # rows are keyed by id
        self._open(template)
        remove = button(tr("Remove this template …"), "quiet-danger")
        remove.clicked.connect(lambda: self._ask_remove(template))
        self.editor.addLayout(row(-1, remove))

    def begin_new(self) -> None:
        """Kept once it has a name and a text."""
        self.key = None
        self.list.clearSelection()
        form = self._open(None)
        form.fields["name_es"].editor.setFocus()

    def _open(self, template: TemplateRow | None) -> TemplateEditor:
        self.empty_editor()
        channels = channel_names(self.act.manifests())
        form = TemplateEditor(self.act, template, self._types, self._teams, channels)
        form.kept.connect(self._on_kept)
        form.failed.connect(self.say_error)
        self.editor.addWidget(form)
        self.form = form
        return form

    def _on_kept(self, template_id: int) -> None:
        self.say_saved()
        if self.key is None:
            self.key = template_id
        self.load()

    def _ask_remove(self, template: TemplateRow) -> None:
        def then() -> None:
            self.key, self.form = None, None
            self.load()

        ask(
            self.window(),
            tr("Remove {name}?", name=template.name),
            tr("What was sent with it stays as it is."),
            yes=tr("Remove it"),
            no=tr("Keep it"),
            danger=True,
            then=lambda: self.act.delete_template(template.id, then, self.say_error),
        )
