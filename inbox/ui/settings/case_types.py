"""Case types with their bank of questions, which are what the gate asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inbox.i18n import language, tr, tr_n
from inbox.ui.dialog import ask
from inbox.ui.form import Field, Segments, button, line, lines, number, row
from inbox.ui.rows_view import Chip, Row, RowsView
from inbox.ui.settings.page import Fields, ListPage, arrow_buttons, pair, section
from inbox.ui.toggle import Toggle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.errors import InboxError
    from inbox.services.rows import BankQuestionRow, CaseTypeRow
    from inbox.ui.settings.actions import SettingsActions


class CaseTypesPage(ListPage):
    """The types at the left; name, rules and questions of the chosen one at the right."""

    def __init__(self, actions: SettingsActions) -> None:
        sentence = tr(
            "Each kind of case has its deadline and its clarifying questions, of which two or three are asked."
        )
        super().__init__(actions, tr("Case types"), sentence, add=tr("Add a case type"), ordered=True, list_width=300)
        self._types: dict[int, CaseTypeRow] = {}
        self.fields: Fields | None = None
        self.bank: BankEditor | None = None

    def load(self) -> None:
        self.act.load_case_types(self._show_types)

    def _show_types(self, types: Sequence[CaseTypeRow]) -> None:
        self._types = {one.id: one for one in types}
        self.list.show_rows([_row(one) for one in types], keep=self.key, first=self.fields is None)

    def show_key(self, key: object) -> None:
        kind = self._types[key]  # type: ignore[index]  # rows are keyed by id
        self.empty_editor()
        self._show_fields(kind)
        self.bank = BankEditor(self, kind.id)
        self.editor.addWidget(self.bank.card)
        if kind.key != "other":
            remove = button(tr("Remove this case type …"), "quiet-danger")
            remove.clicked.connect(lambda: self._ask_remove(kind))
            self.editor.addLayout(row(-1, remove))

    def begin_new(self) -> None:
        """Nothing is kept before it has a name."""
        self.key, self.bank = None, None
        self.list.clearSelection()
        self.empty_editor()
        self._show_fields(None)
        assert self.fields is not None
        self.fields["name_es"].editor.setFocus()

    def _show_fields(self, kind: CaseTypeRow | None) -> None:
        questions = [("2", tr("2 questions")), ("3", tr("3 questions"))]
        fields = {
            "name_es": Field(tr("Name in Spanish"), line(kind.name_es if kind else "")),
            "name_en": Field(tr("Name in English"), line(kind.name_en if kind else "")),
            "required_questions": Field(
                tr("Asked before it may close"), Segments(questions, str(kind.required_questions if kind else 2))
            ),
            "deadline_hours": Field(
                tr("First reply within"), number(kind.deadline_hours if kind else 24, 1, 8760, suffix=tr(" hours"))
            ),
            "waiting_hours": Field(
                tr("“No answer” after"), number(kind.waiting_hours if kind else 48, 1, 8760, suffix=tr(" hours"))
            ),
            "active": _switch(tr("New cases can have this type"), kind is None or kind.active),
        }
        self.fields = Fields(fields, self._keep, ())
        self.editor.addWidget(
            section(
                kind.name if kind else tr("New case type"),
                pair(fields["name_es"], fields["name_en"]),
                fields["required_questions"],
                pair(fields["deadline_hours"], fields["waiting_hours"]),
                fields["active"],
            )
        )

    def _keep(self, values: dict[str, str]) -> None:
        if not (values["name_es"] or values["name_en"]):
            if self.key is not None and self.fields is not None:
                self.fields["name_es"].complain(tr("A case type needs a name."))
                self.fields.forget()
            return
        before = self.key

        def then(type_id: int) -> None:
            self.say_saved()
            if before is None and self.key is None:
                self.key = type_id  # its questions can be written now; what is typed above stays
                self.bank = BankEditor(self, type_id)
                self.editor.addWidget(self.bank.card)
            self.load()

        self.act.save_case_type(
            then,
            self._refused,
            case_type_id=before if isinstance(before, int) else None,
            name_es=values["name_es"],
            name_en=values["name_en"],
            required_questions=int(values["required_questions"]),
            deadline_hours=int(values["deadline_hours"]),
            waiting_hours=int(values["waiting_hours"]),
            active=values["active"] == "yes",
        )

    def _refused(self, error: InboxError) -> None:
        if self.fields is not None:
            self.fields.forget()
        self.say_error(error)

    def _ask_remove(self, kind: CaseTypeRow) -> None:
        def then() -> None:
            self.key, self.fields = None, None
            self.load()

        ask(
            self.window(),
            tr("Remove {name}?", name=kind.name),
            tr("Its questions go with it. A type that cases have can only be switched off."),
            yes=tr("Remove it"),
            no=tr("Keep it"),
            danger=True,
            then=lambda: self.act.delete_case_type(kind.id, then, self.say_error),
        )

    def reorder(self, keys: Sequence[object]) -> None:
        self.act.order_case_types([key for key in keys if isinstance(key, int)], self.load, self.say_error)


class BankEditor:
    """The questions of one case type: a list, and the chosen one's fields under it."""

    def __init__(self, page: CaseTypesPage, case_type_id: int) -> None:
        self._page, self._type_id = page, case_type_id
        self._questions: dict[int, BankQuestionRow] = {}
        self._key: int | None = None
        self.list = RowsView(tr("Questions"))
        self.list.moved.connect(self._on_moved)
        self.add = button(tr("Add a question"), "quiet")
        self.add.clicked.connect(self.begin_new)
        self.remove = button(tr("Remove"), "quiet-danger")
        self.remove.clicked.connect(self._on_remove)
        self.up, self.down = arrow_buttons(self._move)
        self.fields = self._make_fields()
        sentence = tr("The first ones are proposed first. What is known and fresh is not asked again.")
        self.card = section(
            tr("Questions"),
            self.list,
            row(self.add, -1, self.up, self.down, self.remove, space=4),
            self._text_es,
            self._text_en,
            pair(self._fact, self._fresh),
            self._active,
            sentence=sentence,
        )
        self._show_fields(None)
        self.load()

    def _make_fields(self) -> Fields:
        self._text_es = Field(tr("Question in Spanish"), lines(rows=2))
        self._text_en = Field(tr("Question in English"), lines(rows=2))
        self._fact = Field(tr("The answer fills"), line(placeholder=tr("for example: order number")))
        self._fresh = Field(tr("Is known for"), number(365, 1, 3650, suffix=tr(" days")))
        self._active = _switch(tr("Propose this question"), True)
        return self._tracked()

    def _tracked(self) -> Fields:
        fields = {
            "text_es": self._text_es,
            "text_en": self._text_en,
            "fact_kind": self._fact,
            "fresh_days": self._fresh,
            "active": self._active,
        }
        for field in fields.values():  # one Fields at a time hears them
            if hasattr(self, "fields"):
                field.committed.disconnect()
        return Fields(fields, self._keep, ())

    def load(self) -> None:
        """Read the bank."""
        self._page.act.load_bank(self._type_id, self._show_bank)

    def _show_bank(self, questions: Sequence[BankQuestionRow]) -> None:
        self._questions = {one.id: one for one in questions}
        label_of = self._page.act.fact_label
        es = language() == "es"
        rows = [
            Row(
                one.id,
                one.text_es if es else one.text_en,
                note=label_of(one.fact_kind),
                faded=not one.active,
                chips=() if one.active else (Chip(tr("off")),),
            )
            for one in questions
        ]
        self.list.show_rows(rows, keep=self._key, first=self._key is None and not self._typing())
        self.list.setFixedHeight(min(self.list.full_height(), px(300)) if rows else 0)

    def _typing(self) -> bool:
        return bool(self._text_es.value or self._text_en.value)

    def _on_moved(self, key: object) -> None:
        if isinstance(key, int) and key != self._key:
            self._key = key
            self._show_fields(self._questions[key])

    def _show_fields(self, one: BankQuestionRow | None) -> None:
        self._text_es.value = one.text_es if one else ""
        self._text_en.value = one.text_en if one else ""
        self._fact.value = self._page.act.fact_label(one.fact_kind) if one else ""
        self._fresh.value = str(one.fresh_days if one else 365)
        self._active.value = "yes" if one is None or one.active else "no"
        for field in (self._text_es, self._text_en, self._fact):
            field.complain("")
        self.fields = self._tracked()
        self.remove.setEnabled(one is not None)

    def begin_new(self) -> None:
        """Empty fields; kept once there are a text and a fact."""
        self._key = None
        self.list.clearSelection()
        self._show_fields(None)
        self._text_es.editor.setFocus()

    def _keep(self, values: dict[str, str]) -> None:
        if not (values["text_es"].strip() or values["text_en"].strip()) or not values["fact_kind"].strip():
            if self._key is not None:
                needed = self._fact if not values["fact_kind"].strip() else self._text_es
                needed.complain(tr("This is needed."))
            self.fields.forget()
            return
        before = self._key
        kind = values["fact_kind"]
        if before is not None:
            old = self._questions[before].fact_kind
            kind = old if kind == self._page.act.fact_label(old) else kind

        def then(question_id: int) -> None:
            self._page.say_saved()
            if self._key is None and before is None:
                self._key = question_id
                self.remove.setEnabled(True)
            self.load()

        def refused(error: InboxError) -> None:
            self.fields.forget()
            self._text_es.complain(f"{error.title}. {error.hint}")

        self._page.act.save_question(
            self._type_id,
            then,
            refused,
            question_id=before,
            text_es=values["text_es"],
            text_en=values["text_en"],
            fact_kind=kind,
            fresh_days=int(values["fresh_days"]),
            active=values["active"] == "yes",
        )

    def _on_remove(self) -> None:
        if self._key is not None:
            key, self._key = self._key, None
            self._show_fields(None)
            self._page.act.delete_question(key, self.load, self._page.say_error)

    def _move(self, by: int) -> None:
        keys: list[Any] = [found.key for found in self.list.rows]
        if self._key in keys and 0 <= keys.index(self._key) + by < len(keys):
            place = keys.index(self._key)
            keys[place], keys[place + by] = keys[place + by], keys[place]
            self._page.act.order_questions(keys, self.load, self._page.say_error)


def _row(one: CaseTypeRow) -> Row:
    note = tr_n("{n} question", "{n} questions", one.required_questions)
    note += " · " + tr_n("reply within {n} hour", "reply within {n} hours", one.deadline_hours)
    return Row(one.id, one.name, note=note, faded=not one.active, chips=() if one.active else (Chip(tr("off")),))


def _switch(text: str, on: bool) -> Field:
    made = Field("", Toggle(text, on=on))
    made.label.hide()
    made.editor.setAccessibleName(text)
    return made
