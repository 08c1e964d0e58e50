"""One template: name, scope, its texts by language and channel with a live preview, its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QPlainTextEdit, QTextBrowser, QWidget

from inbox.errors import TemplateError
from inbox.i18n import language, tr
from inbox.services.rows import TemplateRow, TemplateVariantRow
from inbox.ui import icons
from inbox.ui.form import Field, Segments, box, button, choice, clear, column, label, line, lines, row
from inbox.ui.settings.page import Fields, pair, section
from inbox.ui.template_menu import marked_html
from inbox.ui.toggle import Toggle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import CaseTypeRow, TeamRow
    from inbox.ui.settings.actions import SettingsActions


def placeholders() -> list[tuple[str, str]]:
    """What a text can put in, with its name for a person."""
    return [
        ("customer.first_name", tr("Customer's first name")),
        ("customer.name", tr("Customer's name")),
        ("customer.company", tr("Customer's company")),
        ("case.number", tr("Case number")),
        ("case.subject", tr("Subject of the case")),
        ("case.due", tr("Deadline of the case")),
        ("agent.first_name", tr("Your first name")),
        ("agent.name", tr("Your name")),
        ("agent.signature", tr("Your signature")),
        ("company.name", tr("Our company's name")),
        ("company.phone", tr("Our telephone")),
        ("company.email", tr("Our email address")),
        ("company.web", tr("Our website")),
        ("date.today", tr("Today's date")),
        ("fact.order_number", tr("A fact: order number")),
    ]


class TemplateEditor(QWidget):
    """Keeps itself whenever a field is left. ``kept`` carries the template's id."""

    kept = Signal(int)
    failed = Signal(object)  # InboxError that belongs to no field

    def __init__(
        self,
        actions: SettingsActions,
        template: TemplateRow | None,
        case_types: Sequence[CaseTypeRow],
        teams: Sequence[TeamRow],
        channels: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__()
        self._actions, self.template_id = actions, template.id if template else None
        self._texts = {(v.language, v.channel): (v.subject, v.text) for v in (template.variants if template else ())}
        self._files = list(template.attachments) if template else []
        self._new_files: list[Path] = []
        spoken = language() if language() in ("es", "en") else "es"
        self._shown = (spoken, "")
        self._make_fields(template, case_types, teams)
        self._make_text(channels)
        self._files_box = column(space=4)
        self.setLayout(column(self._card_of_names(template), self._card_of_text(), space=16))
        self._show_variant()
        self._show_files()
        self.fields = Fields(
            {**self._named, "subject": self.subject, "text": self.text}, lambda _values: self._keep(), ()
        )
        self._pause = QTimer(self)  # the preview follows the typing, a moment later
        self._pause.setSingleShot(True)
        self._pause.setInterval(200)
        self._pause.timeout.connect(self._preview)
        self.subject.changed.connect(self._pause.start)
        self.text.changed.connect(self._pause.start)
        self._preview()

    def _make_fields(
        self, template: TemplateRow | None, case_types: Sequence[CaseTypeRow], teams: Sequence[TeamRow]
    ) -> None:
        kinds = [("", tr("Any")), *((str(kind.id), kind.name) for kind in case_types)]
        scopes = [("", tr("Everybody")), *((f"team {team.id}", team.name) for team in teams), ("me", tr("Only me"))]
        scope = ""
        if template is not None:
            scope = "me" if template.agent_id else f"team {template.team_id}" if template.team_id else ""
        self._named = {
            "name_es": Field(tr("Name in Spanish"), line(template.name_es if template else "")),
            "name_en": Field(tr("Name in English"), line(template.name_en if template else "")),
            "case_type_id": Field(
                tr("Kind of case"), choice(kinds, str(template.case_type_id or "") if template else "")
            ),
            "scope": Field(tr("Who has it"), choice(scopes, scope)),
            "solution": Field(
                "",
                Toggle(tr("It is a solution"), on=bool(template and template.solution)),
                hint=tr("Sending it before two questions were asked warns first."),
            ),
            "active": Field("", Toggle(tr("Offer it"), on=template is None or template.active)),
        }
        self._named["solution"].label.hide()
        self._named["active"].label.hide()

    def _make_text(self, channels: Sequence[tuple[str, str]]) -> None:
        self._language = Segments([("es", "Español"), ("en", "English")], self._shown[0])
        self._channel = choice([("", tr("All channels")), *channels])
        self._language.setAccessibleName(tr("Language of the text"))
        self._channel.setAccessibleName(tr("Channel of the text"))
        self._language.chosen.connect(lambda _key: self._on_variant_chosen())
        self._channel.activated.connect(lambda _index: self._on_variant_chosen())
        self.subject = Field(tr("Subject"), line(placeholder=tr("Empty: answers under the customer's subject")))
        self.text = Field(tr("Text"), lines(rows=8))
        self._insert = button(tr("Insert …"), "quiet")
        self._insert.setIcon(icons.icon("plus", "", 14))
        menu = QMenu(self._insert)
        for name, words in placeholders():
            menu.addAction(words).triggered.connect(lambda _checked=False, name=name: self.insert_placeholder(name))
        self._insert.setMenu(menu)
        self._preview_subject = label("", "strong")
        self._preview_text = QTextBrowser()
        self._preview_text.setProperty("role", "reading")
        self._preview_text.setOpenLinks(False)
        self._preview_text.setAccessibleName(tr("Preview"))
        self._preview_text.setMinimumHeight(px(160))

    def _card_of_names(self, template: TemplateRow | None) -> QWidget:
        named = self._named
        return section(
            template.name if template else tr("New template"),
            pair(named["name_es"], named["name_en"]),
            pair(named["case_type_id"], named["scope"]),
            pair(named["solution"], named["active"]),
        )

    def _card_of_text(self) -> QWidget:
        preview = column(label(tr("As Ana Torres of Hotel Miramar gets it"), "label"), space=8, margins=16)
        preview.addWidget(self._preview_subject)
        preview.addWidget(self._preview_text)
        self._attach = button(tr("Add files …"), "quiet")
        self._attach.setIcon(icons.icon("paperclip", "", 14))
        self._attach.clicked.connect(self._choose_files)
        return section(
            tr("Text"),
            row(self._language, self._channel, -1, space=8),
            self.subject,
            self.text,
            row(self._insert, -1),
            box(preview, "preview"),
            self._files_box,
            row(self._attach, -1),
        )

    # --- variants ---

    def _on_variant_chosen(self) -> None:
        """Remember what is typed, then show the other text."""
        self.fields.commit()
        self._remember()
        self._shown = (self._language.value, str(self._channel.currentData()))
        self._show_variant()
        self.fields = Fields(
            {**self._named, "subject": self.subject, "text": self.text}, lambda _values: self._keep(), ()
        )
        self._preview()

    def _remember(self) -> None:
        self._texts[self._shown] = (self.subject.value, self.text.value)

    def _show_variant(self) -> None:
        subject, text = self._texts.get(self._shown, ("", ""))
        self.subject.value, self.text.value = subject, text
        self.subject.complain("")
        self.text.complain("")
        own = self._shown[1] and not text
        self.text.set_hint(tr("Empty: the text for all channels is used.") if own else "")

    def insert_placeholder(self, name: str) -> None:
        """Put a placeholder where the cursor of the text is."""
        editor = self.text.editor
        assert isinstance(editor, QPlainTextEdit)
        editor.insertPlainText("{{ " + name + " }}")
        editor.setFocus()

    def _variant(self) -> TemplateVariantRow:
        spoken, channel = self._shown
        return TemplateVariantRow(spoken, channel, self.subject.value, self.text.value)

    def _preview(self) -> None:
        self._actions.preview_template(self._variant(), self._show_preview, self._show_mistake)

    def _show_preview(self, subject: str, text: str) -> None:
        self._preview_subject.setText(subject)
        self._preview_subject.setVisible(bool(subject))
        self._preview_text.setHtml(marked_html(text))
        self.text.complain("")

    def _show_mistake(self, error: InboxError) -> None:
        self.text.complain(f"{error.title}. {error.hint}")

    # --- files ---

    def _choose_files(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(self, tr("Add files …"))
        self.add_files([Path(name) for name in names])

    def add_files(self, paths: Sequence[Path]) -> None:
        """Files that go with the reply from now on."""
        if paths:
            self._new_files = list(paths)
            self._keep()

    def _show_files(self) -> None:
        clear(self._files_box)
        for file in self._files:
            remove = button("", "quiet", name=tr("Remove {file}", file=file.filename))
            remove.setIcon(icons.icon("x", "", 14))
            remove.clicked.connect(lambda _checked=False, gone=file.id: self._remove_file(gone))
            size = label(_size(file.size), "hint", wrap=False)
            shown = row(label(file.filename, wrap=False), size, -1, remove, space=8)
            self._files_box.addLayout(shown)

    def _remove_file(self, attachment_id: int) -> None:
        self._files = [file for file in self._files if file.id != attachment_id]
        self._show_files()
        self._keep()

    # --- keeping ---

    def _keep(self) -> None:
        """Once there are a name and a text; what is refused stays as it was typed."""
        self._remember()
        values = {name: field.value for name, field in self._named.items()}
        texts = {key: found for key, found in self._texts.items() if found[1].strip()}
        if not (values["name_es"] or values["name_en"]) or not texts:
            if self.template_id is not None:
                lacking = self.text if not texts else self._named["name_es"]
                lacking.complain(tr("This is needed."))
            self.fields.forget()
            return
        scope = values["scope"]
        paths, self._new_files = self._new_files, []
        self._actions.save_template(
            self._on_kept,
            lambda error: self._on_refused(error, paths),
            paths=paths,
            template_id=self.template_id,
            name_es=values["name_es"],
            name_en=values["name_en"],
            case_type_id=int(values["case_type_id"]) if values["case_type_id"] else None,
            solution=values["solution"] == "yes",
            active=values["active"] == "yes",
            agent_id=self._actions.agent_id if scope == "me" else None,
            team_id=int(scope.removeprefix("team ")) if scope.startswith("team ") else None,
            variants=[TemplateVariantRow(*key, *found) for key, found in texts.items()],
            keep_attachment_ids=[file.id for file in self._files],
        )

    def _on_kept(self, saved: TemplateRow) -> None:
        self.template_id = saved.id
        self._files = list(saved.attachments)
        self._show_files()
        self.kept.emit(saved.id)

    def _on_refused(self, error: InboxError, paths: list[Path]) -> None:
        self.fields.forget()
        if isinstance(error, TemplateError):
            self._show_mistake(error)
        else:
            self._new_files = paths if self.template_id is None else []
            self.failed.emit(error)


def _size(count: int) -> str:
    return f"{count} B" if count < 1024 else f"{count // 1024} kB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MB"


def channel_names(manifests: Sequence[Any]) -> list[tuple[str, str]]:
    """The channels that replies go out by, for the choice of a text's channel."""
    return [(manifest.kind, tr(manifest.label)) for manifest in manifests if manifest.sends]
