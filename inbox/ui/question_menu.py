"""The composer's question menu (?): what is still unknown, or a question of one's own; Enter puts it in."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from inbox.i18n import tr
from inbox.services.rows import AskedQuestion, Gate, SuggestedQuestion
from inbox.ui.form import label, row
from inbox.ui.fuzzy import best
from inbox.ui.popup import Popup
from inbox.ui.rows_view import Chip, Row


def dots(asked: int, required: int) -> str:
    """●●○: asked and still to be asked."""
    return "●" * asked + "○" * max(0, required - asked)


class QuestionMenu(Popup):
    """Opens under the composer's cursor. ``picked`` carries the question that was chosen."""

    picked = Signal(object)  # AskedQuestion

    def __init__(
        self,
        suggested: Sequence[SuggestedQuestion],
        gate: Gate | None,
        parent: QWidget | None = None,
        *,
        in_reply: int = 0,
    ) -> None:
        """``in_reply`` questions stand in the reply already, unsent."""
        super().__init__(
            parent,
            tr("Questions"),
            tr("Choose a question, or write your own"),
            icon="circle-question-mark",
            wrap_notes=True,
        )
        self._suggested = list(suggested)
        asked, required = (gate.asked if gate else 0) + in_reply, gate.required if gate else 2
        self._state = label(self._sentence(asked, required), "hint")
        marks = label(dots(asked, required), "dots", wrap=False)
        marks.setAccessibleName(self._state.text())
        state = row(marks, self._state, space=8)
        state.setStretch(1, 1)
        self.inside.addLayout(state)
        self._too_many = label(tr("Three have been asked. A fourth makes the customer tired."), "warn")
        self._too_many.setVisible(asked >= 3)
        self.inside.addWidget(self._too_many)
        self.inside.addWidget(self.rows, 1)
        self.inside.addWidget(label(tr("Enter puts it in · ↑ ↓ chooses · Esc closes"), "hint"))
        self.typed.connect(lambda _text: self._refresh())
        self.rows.chosen.connect(self._on_chosen)
        self._refresh()

    @staticmethod
    def _sentence(asked: int, required: int) -> str:
        if asked >= required:
            return tr("{asked} of {required} asked: that is enough", asked=asked, required=required)
        return tr("{asked} of {required} asked", asked=asked, required=required)

    def show_at(self, place: QPoint) -> None:
        """At a place on the screen."""
        self.open_at(place, 560, 380)

    def _refresh(self) -> None:
        text = self.seek.text().strip()
        found = best(text, self._suggested, lambda question: question.text, 50)
        rows = [_question_row(question) for question in found]
        if text:
            rows.append(Row(("free", text), text, note=tr("Ask it in your own words"), badge="+"))
        if not rows:
            note = tr("Everything this kind of case asks is known. Write a question of your own.")
            rows.append(Row(None, note, heading=True))
        self.rows.show_rows(rows, keep=self.rows.key, first=True)

    def _on_chosen(self, key: object) -> None:
        if not isinstance(key, tuple):
            return
        kind, value = key
        if kind == "free":
            asked = AskedQuestion(as_question(value))
        else:
            found = next(question for question in self._suggested if question.bank_question_id == value)
            asked = AskedQuestion(found.text, found.bank_question_id, found.fact_kind)
        self.accept()
        self.picked.emit(asked)


def _question_row(found: SuggestedQuestion) -> Row:
    chips = (Chip(tr("confirm"), "accent"),) if found.known else ()
    note = tr("We know: {value}. Ask whether it still holds.", value=found.known) if found.known else ""
    return Row(("bank", found.bank_question_id), found.text, note=note, badge="?", chips=chips)


def as_question(text: str) -> str:
    """A question with its sign at the end, and in Spanish at the beginning where it is missing."""
    text = text.strip()
    if not text.endswith("?"):
        text = text.rstrip(".…! ") + "?"
    return text
