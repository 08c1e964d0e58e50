"""Closing a case: what exactly is missing and how to get it, or the four ways in which it can end."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLayout, QWidget

from inbox.errors import GateError, InboxError
from inbox.i18n import tr
from inbox.states import CloseReason
from inbox.ui.choices import BigChoice
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, box, button, choice, clear, column, holder, label, lines, picture, row, with_lines
from inbox.ui.question_menu import dots
from inbox.ui.time_text import moment
from inbox.ui.tokens import colors, px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inbox.services.rows import CaseRow, Gate, QuestionRow, SuggestedQuestion
    from inbox.ui.dialog_actions import DialogActions


class CloseDialog(Dialog):
    """Asks the gate when it opens, and again after everything that is done in it."""

    ask_requested = Signal(object)  # SuggestedQuestion: put it into the reply
    closed = Signal(int)  # the case's id

    def __init__(self, actions: DialogActions, case_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, tr("Close the case"), width=600)
        self._actions, self._case_id = actions, case_id
        self._reasons: list[BigChoice] = []
        self._stay = button(tr("Not now"))
        self._stay.clicked.connect(self.reject)
        self.without_questions = button(tr("Close without the questions…"), "quiet")
        self.without_questions.clicked.connect(self._ask_why)
        self.without_questions.hide()
        self.waive_button = button(tr("Close without the questions"), "danger")
        self.waive_button.clicked.connect(self._waive)
        self.waive_button.hide()
        self.foot.addWidget(self.without_questions)
        self.foot.addStretch(1)
        self.foot.addWidget(self._stay)
        self.foot.addWidget(self.waive_button)
        self.load()

    def load(self) -> None:
        """Ask the gate."""
        self._actions.load_gate(self._case_id, self._show_gate, self.notice.show_error)

    def _show_gate(
        self, case: CaseRow, gate: Gate, suggested: Sequence[SuggestedQuestion], may_waive: bool = False
    ) -> None:
        self.notice.clear()
        clear(self.content)
        self._reasons = []
        self.waive_button.hide()
        self.without_questions.setVisible(may_waive and not gate.is_open)
        if gate.is_open:
            self._show_reasons(case, gate)
        else:
            self._show_missing(case, gate, suggested)
        self.content.addStretch(1)
        if self.isVisible():
            self.fit()

    # --- the gate is open ---

    def _show_reasons(self, case: CaseRow, gate: Gate) -> None:
        self.say(tr("How did it end?"), _case_line(case))
        texts = {
            CloseReason.RESOLVED: (tr("Resolved"), tr("The customer got what was needed."), "circle-check"),
            CloseReason.NOT_RESOLVED: (tr("Not resolved"), tr("We could not help, and said so."), "x"),
            CloseReason.LOST_CUSTOMER: (tr("Lost customer"), tr("The customer leaves us over this."), "user-minus"),
            CloseReason.NO_ANSWER: (tr("No answer"), tr("The customer did not come back to us."), "clock"),
        }
        for number, (reason, (title, sentence, icon)) in enumerate(texts.items(), start=1):
            made = BigChoice(str(number), title, sentence, icon=icon)
            made.clicked.connect(lambda _checked=False, reason=reason: self._close(reason))
            self._reasons.append(made)
        self.content.addLayout(column(*self._reasons, space=8))
        if gate.questions:
            self.content.addWidget(self._asked(gate))
        self._reasons[0].setFocus()

    def _close(self, reason: CloseReason) -> None:
        for made in self._reasons:
            made.setEnabled(False)
        self._actions.close_case(self._case_id, reason, self._on_closed, self._on_refused)

    def _on_closed(self) -> None:
        self.accept()
        self.closed.emit(self._case_id)

    def _on_refused(self, error: InboxError) -> None:
        """Something changed meanwhile: show what is missing now."""
        for made in self._reasons:
            made.setEnabled(True)
        if isinstance(error, GateError):
            self.load()
        else:
            self.notice.show_error(error)
            self.fit()

    # --- the gate is shut ---

    def _show_missing(self, case: CaseRow, gate: Gate, suggested: Sequence[SuggestedQuestion]) -> None:
        self.say(tr("This case can't be closed yet"), _case_line(case))
        warn = colors().warn
        points = [row(picture("triangle-alert", 16, warn), label(text), space=8) for text in gate.missing]
        for point in points:
            point.setStretch(1, 1)
        self.content.addWidget(box(column(*points, space=8, margins=12), "notice-warn"))
        if gate.questions:
            self.content.addWidget(self._asked(gate))
        if gate.asked < gate.required and suggested:
            self.content.addLayout(self._offers(suggested))

    # --- the exception ---

    def _ask_why(self) -> None:
        """A supervisor's exception needs a reason, which is kept."""
        clear(self.content)
        self.say(
            tr("Close without the questions?"),
            tr("An exception for this case only. It is kept in the history and counted in the reports."),
        )
        self.why = Field(tr("Why may this case close without its questions?"), lines(rows=3))
        ends = {
            CloseReason.RESOLVED: tr("Resolved"),
            CloseReason.NOT_RESOLVED: tr("Not resolved"),
            CloseReason.LOST_CUSTOMER: tr("Lost customer"),
            CloseReason.NO_ANSWER: tr("No answer"),
        }
        self.end = Field(
            tr("How did it end?"), choice([(reason.value, text) for reason, text in ends.items()], "resolved")
        )
        self.content.addWidget(self.why)
        self.content.addWidget(self.end)
        self.content.addStretch(1)
        self.without_questions.hide()
        self.waive_button.show()
        self.fit()
        self.why.editor.setFocus()

    def _waive(self) -> None:
        why = self.why.value.strip()
        if not why:
            self.why.complain(tr("Write a reason: it is kept with the case."))
            return
        self.waive_button.setEnabled(False)
        reason = CloseReason(self.end.value)
        self._actions.close_without_questions(self._case_id, reason, why, self._on_closed, self._on_not_waived)

    def _on_not_waived(self, error: InboxError) -> None:
        self.waive_button.setEnabled(True)
        missing = error.missing if isinstance(error, GateError) else ()
        self.notice.show_text(error.title, " ".join(missing) or error.hint, role="danger")
        self.fit()

    # --- what was asked, and what could be ---

    def _offers(self, suggested: Sequence[SuggestedQuestion]) -> QLayout:
        rows: list[QWidget] = []
        room = self.screen().availableGeometry().height()
        for question in suggested[: 3 if room > px(600) else 2]:  # what is offered is to be seen at once
            ask = button(tr("Ask this"), "quiet", name=tr("Ask: {question}", question=question.text))
            ask.clicked.connect(lambda _checked=False, question=question: self._ask(question))
            texts = [label(question.text)]
            if question.known:
                texts.append(label(tr("We know: {value}. Ask whether it still holds.", value=question.known), "hint"))
            line = row(column(*texts, space=2), ask, space=12)
            line.setStretch(0, 1)
            rows.append(holder(line))
        return column(label(tr("Worth asking"), "label"), *with_lines(rows), space=8)

    def _ask(self, question: SuggestedQuestion) -> None:
        self.accept()
        self.ask_requested.emit(question)

    def _asked(self, gate: Gate) -> QFrame:
        rows = [self._question(question) for question in gate.questions]
        marks = label(dots(gate.asked, gate.required), "dots", wrap=False)
        marks.setAccessibleName(tr("{asked} of {required} asked", asked=gate.asked, required=gate.required))
        head = row(label(tr("Asked in this case"), "label"), -1, marks, space=8)
        return box(column(head, *with_lines(rows), space=8, margins=12), "well")

    def _question(self, question: QuestionRow) -> QWidget:
        role, state = _state(question)
        texts = column(label(question.text), label(state, role), space=2)
        line = row(texts, space=12)
        line.setStretch(0, 1)
        if _may_mark(question):
            mark = button(tr("Mark “no answer”"), "quiet", name=tr("No answer: {question}", question=question.text))
            mark.clicked.connect(
                lambda _checked=False: self._actions.mark_no_answer(question.id, self.load, self.notice.show_error)
            )
            line.addWidget(mark)
        return holder(line)


def _case_line(case: CaseRow) -> str:
    parts = [tr("Case {number}", number=case.id), case.customer_name, case.case_type.name, case.subject]
    return " · ".join(part for part in parts if part)


def _may_mark(question: QuestionRow) -> bool:
    if question.answered_at or question.no_answer_at or question.may_mark_no_answer_at is None:
        return False
    return question.may_mark_no_answer_at <= datetime.now(UTC)


def _state(question: QuestionRow) -> tuple[str, str]:
    """How a question stands: the role of its line, and the line."""
    if question.answered_at:
        answer = question.answer.strip().replace("\n", " ")
        return "hint", tr("Answered: {answer}", answer=answer) if answer else tr("Answered")
    if question.no_answer_at:
        return "hint", tr("No answer")
    if question.asked_at is None:
        return "hint", tr("Its message has not gone out yet")
    if question.may_mark_no_answer_at is not None and not _may_mark(question):
        at = moment(question.may_mark_no_answer_at)
        return "hint", tr("Waiting for the answer. “No answer” can be marked {when}.", when=at)
    return "hint", tr("Waiting for the answer")
