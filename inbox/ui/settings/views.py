"""The saved views: a name, a search, an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inbox.errors import SearchError
from inbox.i18n import tr
from inbox.ui.dialog import ask
from inbox.ui.form import Field, button, choice, label, line, row
from inbox.ui.rows_view import Chip, Row
from inbox.ui.settings.page import Fields, ListPage, pair, section
from inbox.ui.toggle import Toggle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import ViewRow
    from inbox.ui.settings.actions import SettingsActions


def sorts() -> list[tuple[str, str]]:
    """The orders of a list."""
    return [
        ("newest", tr("Newest first")),
        ("waiting", tr("Longest waiting first")),
        ("due", tr("Deadline first")),
        ("rank", tr("By waiting and value")),
    ]


class ViewsPage(ListPage):
    """Those that come with the program can be moved, not changed."""

    def __init__(self, actions: SettingsActions) -> None:
        sentence = tr("Searches that stand in the rail of the window.")
        super().__init__(actions, tr("Views"), sentence, add=tr("Add a view"), ordered=True, list_width=280)
        self._views: dict[int, ViewRow] = {}
        self.fields: Fields | None = None

    def load(self) -> None:
        self.act.load_views(self._show_views)

    def _show_views(self, views: Sequence[ViewRow]) -> None:
        self._views = {view.id: view for view in views}
        rows = [
            Row(
                view.id,
                tr(view.name) if view.key else view.name,
                note=view.query,
                chips=(Chip(tr("built in")),) if view.key else (),
            )
            for view in views
        ]
        self.list.show_rows(rows, keep=self.key, first=self.fields is None)

    def show_key(self, key: object) -> None:
        view = self._views[key]  # type: ignore[index]  # rows are keyed by id
        self.empty_editor()
        if view.key:
            order = dict(sorts()).get(view.sort, view.sort)
            words = [label(tr("Search: {query}", query=view.query)), label(tr("Order: {order}", order=order))]
            note = label(tr("This view comes with the program. Make one of your own beside it."), "hint")
            self.editor.addWidget(section(tr(view.name), *words, note))
            self.fields = Fields({}, lambda _values: None, ())
            return
        self._show_fields(view)
        remove = button(tr("Remove this view …"), "quiet-danger")
        remove.clicked.connect(lambda: self._ask_remove(view))
        self.editor.addLayout(row(-1, remove))

    def begin_new(self) -> None:
        """Kept once it has a name and a search that can be understood."""
        self.key = None
        self.list.clearSelection()
        self.empty_editor()
        self._show_fields(None)
        assert self.fields is not None
        self.fields["name"].editor.setFocus()

    def _show_fields(self, view: ViewRow | None) -> None:
        query = Field(
            tr("Search"),
            line(view.query if view else "is:open "),
            hint=tr("from: to: channel: is: tag: case: customer: before: after: has: “whole phrase” word* and -not"),
        )
        fields = {
            "name": Field(tr("Name"), line(view.name if view else "")),
            "query": query,
            "sort": Field(tr("Order"), choice(sorts(), view.sort if view else "newest")),
        }
        if view is None:
            fields["mine"] = Field("", Toggle(tr("Only I see it"), on=True))
            fields["mine"].label.hide()
        self.fields = Fields(fields, self._keep, ())
        mine = [fields["mine"]] if view is None else []
        made = section(view.name if view else tr("New view"), pair(fields["name"], fields["sort"]), query, *mine)
        self.editor.addWidget(made)

    def _keep(self, values: dict[str, str]) -> None:
        assert self.fields is not None
        if not values["name"]:
            if self.key is not None:
                self.fields["name"].complain(tr("A view needs a name."))
            self.fields.forget()
            return
        before = self.key if isinstance(self.key, int) else None

        def then(view_id: int) -> None:
            self.say_saved()
            if before is None and self.key is None:
                self.key = view_id
            self.load()

        mine = values.get("mine", "no") == "yes"
        self.act.save_view(
            then,
            self._refused,
            view_id=before,
            name=values["name"],
            query=values["query"],
            sort=values["sort"],
            agent_id=self.act.agent_id if mine else None,
        )

    def _refused(self, error: InboxError) -> None:
        """A search that can't be understood is explained where it was written."""
        assert self.fields is not None
        self.fields.forget()
        if isinstance(error, SearchError):
            self.fields["query"].complain(f"{error.title}. {error.hint}")
        else:
            self.say_error(error)

    def _ask_remove(self, view: ViewRow) -> None:
        def then() -> None:
            self.key, self.fields = None, None
            self.load()

        ask(
            self.window(),
            tr("Remove {name}?", name=view.name),
            tr("Only the view goes; the conversations in it stay."),
            yes=tr("Remove it"),
            no=tr("Keep it"),
            danger=True,
            then=lambda: self.act.delete_view(view.id, then, self.say_error),
        )

    def reorder(self, keys: Sequence[object]) -> None:
        self.act.order_views([key for key in keys if isinstance(key, int)], self.load, self.say_error)
