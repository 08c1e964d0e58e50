"""The composer's template menu (/): type to filter, see the reply as it will be, Enter puts it in."""

import html
import re
from collections.abc import Sequence

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QTextBrowser, QWidget

from inbox.errors import InboxError
from inbox.i18n import tr, tr_n
from inbox.services.rows import RenderedTemplate, TemplateRow
from inbox.ui.dialog_actions import DialogActions
from inbox.ui.form import box, column, label, row
from inbox.ui.fuzzy import best
from inbox.ui.popup import Popup
from inbox.ui.rows_view import Chip, Row
from inbox.ui.tokens import colors, px

_HOLE = re.compile(r"⟨([^⟩]*)⟩")


class TemplateMenu(Popup):
    """Opens under the composer's cursor for one conversation. ``picked`` carries the filled template."""

    picked = Signal(object)  # RenderedTemplate

    def __init__(
        self,
        actions: DialogActions,
        conversation_id: int,
        parent: QWidget | None = None,
        *,
        asked: int = 0,
        required: int = 2,
    ) -> None:
        super().__init__(
            parent, tr("Templates"), tr("Template: type a few letters"), icon="file-text", wrap_notes=False
        )
        self._actions, self._conversation_id = actions, conversation_id
        self._asked, self._required = asked, required
        self._templates: Sequence[TemplateRow] = ()
        self._rendered: dict[int, RenderedTemplate] = {}
        self._wants_insert = False
        self._name = label("", "strong")
        self._preview = QTextBrowser()
        self._preview.setProperty("role", "reading")
        self._preview.setAccessibleName(tr("Preview"))
        self._preview.setOpenLinks(False)
        self._warning = label("", "warn")
        self._files = label("", "hint")
        preview = box(column(self._name, self._preview, self._files, self._warning, space=8, margins=12), "well")
        self.rows.setMinimumWidth(px(210))
        body = row(self.rows, preview, space=12)
        body.setStretch(0, 2)
        body.setStretch(1, 3)
        self.inside.addLayout(body, 1)
        keys = label(tr("Enter puts it in · ↑ ↓ chooses · Esc closes"), "hint")
        self.inside.addWidget(keys)
        self._pause = QTimer(self)  # a held arrow key does not fill every template on its way
        self._pause.setSingleShot(True)
        self._pause.setInterval(40)
        self._pause.timeout.connect(self._render)
        self.typed.connect(lambda _text: self._refresh())
        self.rows.moved.connect(lambda _key: self._on_moved())
        self.rows.chosen.connect(self._on_chosen)
        actions.list_templates(self._show_templates, conversation_id=conversation_id)

    def show_at(self, place: QPoint) -> None:
        """At a place on the screen."""
        self.open_at(place, 760, 460)

    def _show_templates(self, templates: Sequence[TemplateRow]) -> None:
        self._templates = [found for found in templates if found.active]
        self._refresh()

    def _refresh(self) -> None:
        found = best(self.seek.text(), self._templates, _words, 200)
        self.rows.show_rows([self._row(template) for template in found], keep=self.rows.key, first=True)
        if not found:
            self._name.setText(tr("No template is called that"))
            self._preview.setPlainText("")
            self._warning.setText("")
            self._files.setText("")

    @staticmethod
    def _row(found: TemplateRow) -> Row:
        chips = (Chip(tr("solution"), "warn"),) if found.solution else ()
        return Row(found.id, found.name, chips=chips)

    def _on_moved(self) -> None:
        key = self.rows.key
        if isinstance(key, int) and key in self._rendered:
            self._show_preview(self._rendered[key])
        elif key is not None and not self._rendered:
            self._render()  # the first one at once
        elif key is not None:
            self._pause.start()

    def _render(self) -> None:
        key = self.rows.key
        if isinstance(key, int):
            self._actions.render_template(key, self._conversation_id, self._on_rendered, self._on_failed)

    def _on_rendered(self, rendered: RenderedTemplate) -> None:
        self._rendered[rendered.template_id] = rendered
        if rendered.template_id != self.rows.key:
            return
        self._show_preview(rendered)
        if self._wants_insert:
            self._insert(rendered)

    def _on_failed(self, error: InboxError) -> None:
        self._wants_insert = False
        self._name.setText(error.title)
        self._preview.setPlainText(error.hint)
        self._warning.setText("")

    def _show_preview(self, rendered: RenderedTemplate) -> None:
        template = next((found for found in self._templates if found.id == rendered.template_id), None)
        self._name.setText(rendered.subject or (template.name if template else ""))
        self._preview.setHtml(marked_html(rendered.text))
        count = len(rendered.attachments)
        self._files.setText(tr_n("{n} file goes with it", "{n} files go with it", count) if count else "")
        self._warning.setText("\n".join(self._warnings(rendered)))

    def _warnings(self, rendered: RenderedTemplate) -> list[str]:
        found = []
        if rendered.missing:
            found.append(tr("Missing: {names}. Fill it in before you send.", names=", ".join(rendered.missing)))
        if rendered.solution and self._asked < self._required:
            found.append(
                tr_n(
                    "This is a solution, and {n} clarifying question is still to be asked.",
                    "This is a solution, and {n} clarifying questions are still to be asked.",
                    self._required - self._asked,
                )
            )
        return found

    def _on_chosen(self, key: object) -> None:
        if isinstance(key, int) and key in self._rendered:
            self._insert(self._rendered[key])
        else:
            self._wants_insert = True
            self._render()

    def _insert(self, rendered: RenderedTemplate) -> None:
        self._wants_insert = False
        self.accept()
        self.picked.emit(rendered)


def _words(found: TemplateRow) -> str:
    return f"{found.name} {found.name_es} {found.name_en} {found.key}"


def marked_html(text: str) -> str:
    """A filled template as HTML, with every missing value marked."""
    c = colors()
    marked = _HOLE.sub(
        lambda hole: f'<span style="background:{c.warn_soft};color:{c.warn};font-weight:600">⟨{hole[1]}⟩</span>',
        html.escape(text),
    )
    return f'<div style="white-space:pre-wrap">{marked}</div>'
