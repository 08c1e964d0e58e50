"""What a person does to the case of the open conversation: the menus of the case bar, and what they ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from inbox.i18n import tr, tr_n
from inbox.ui import menus, words
from inbox.ui.case_bar import below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QPoint

    from inbox.services.rows import AgentRow, CaseRow, CaseTypeRow, QuestionRow
    from inbox.ui.conversation import ConversationPane


def connect(pane: ConversationPane) -> None:
    """Connect the case bar's signals, and the thread's that are about the case."""
    bar = pane.bar
    bar.status_chosen.connect(lambda value: _change(pane, status=value))
    bar.priority_chosen.connect(lambda value: _change(pane, priority=value))
    bar.owner_menu_wanted.connect(lambda button: choose_owner(pane, below(button)))
    bar.type_menu_wanted.connect(lambda button: choose_type(pane, below(button)))
    bar.due_menu_wanted.connect(lambda button: choose_due(pane, below(button)))
    bar.questions_wanted.connect(lambda button: show_questions(pane, below(button)))
    bar.close_wanted.connect(lambda button: close_case(pane, below(button)))
    bar.reopen_wanted.connect(lambda: reopen(pane))
    bar.case_wanted.connect(lambda: open_case(pane))
    bar.dismiss_wanted.connect(lambda button: choose_dismissal(pane, below(button)))
    bar.restore_wanted.connect(lambda: restore(pane))
    banners = bar.banners
    banners.answer_filed.connect(
        lambda found: pane.acts.answer_question(found.question_id, found.message_id, found.text)
    )
    banners.join_wanted.connect(lambda other: _join(pane, other))
    banners.joined_shown.connect(lambda case: pane.go_to.emit(case.conversation_ids[0]))
    pane.stream.answer_wanted.connect(lambda message_id: _choose_question_for(pane, message_id))


def _change(pane: ConversationPane, **fields: object) -> None:
    if pane.case is not None:
        pane.acts.change_case(pane.case, **fields)


def open_case(pane: ConversationPane) -> None:
    """Turn this conversation into a case."""
    if pane.detail is not None and pane.case is None:
        pane.acts.open_case(pane.detail.row.id)


def reopen(pane: ConversationPane) -> None:
    """Work on it again."""
    if pane.case is not None and pane.case.status == "closed":
        pane.acts.reopen(pane.case.id)


def solve(pane: ConversationPane) -> None:
    """Solved, not yet closed."""
    _change(pane, status="solved")


def wait(pane: ConversationPane) -> None:
    """It is the customer's turn."""
    _change(pane, status="waiting")


def take(pane: ConversationPane) -> None:
    """Make it one's own."""
    if pane.case is not None:
        pane.acts.assign({pane.case.id: pane.case.owner_id}, pane.acts.agent_id)


def close_case(pane: ConversationPane, place: QPoint | None = None) -> None:
    """Close: asks for the reason where the gate is open, else says what is missing and offers the questions."""
    case, gate = pane.case, pane.detail.gate if pane.detail else None
    if case is None or case.status == "closed":
        return
    if gate is not None and gate.is_open:
        menu = QMenu(pane)
        for reason in ("resolved", "not_resolved", "lost_customer", "no_answer"):
            menus.add(menu, words.close_reason(reason), partial(_close, pane, case.id, reason))
        menu.exec(place or below(pane.bar.close_button))
    else:
        pane.acts.refuse_close(case.id, lambda _answer: _show_close_dialog(pane))


def _close(pane: ConversationPane, case_id: int, reason: str) -> None:
    pane.acts.close_case(
        case_id,
        reason,
        lambda _none: pane.acts.said.emit(tr("Case {number} closed", number=case_id), "", None),
        lambda _error: _show_close_dialog(pane),
    )


def _show_close_dialog(pane: ConversationPane) -> None:
    from inbox.ui.close_dialog import CloseDialog

    dialogs = pane.dialogs()
    if dialogs is not None and pane.case is not None:
        dialog = CloseDialog(dialogs, pane.case.id, pane.window())
        dialog.ask_requested.connect(pane.ask)
        dialog.closed.connect(lambda number: pane.acts.said.emit(tr("Case {number} closed", number=number), "", None))
        dialog.open()


def show_questions(pane: ConversationPane, place: QPoint | None = None) -> None:
    """What was asked, what is missing, and what could be asked."""
    detail = pane.detail
    if detail is None or detail.gate is None:
        return
    menu = QMenu(pane)
    menu.setToolTipsVisible(True)
    for sentence in detail.gate.missing:
        menu.addAction(sentence).setEnabled(False)
    if detail.gate.questions:
        menu.addSeparator()
    for question in detail.gate.questions:
        _add_question(pane, menu, question)
    if detail.suggested and detail.case is not None and detail.case.status != "closed":
        menu.addSeparator()
        for found in detail.suggested[:5]:
            menus.add(menu, tr("Ask: {question}", question=found.text), partial(pane.ask, found))
    menu.exec(place or below(pane.bar.questions))


def _add_question(pane: ConversationPane, menu: QMenu, question: QuestionRow) -> None:
    if question.answered_at is not None:
        menu.addAction(f"✓  {question.text}\t{question.answer[:40]}").setEnabled(False)
        return
    if question.no_answer_at is not None:
        menu.addAction(f"–  {question.text}\t{tr('no answer')}").setEnabled(False)
        return
    inner = menu.addMenu(f"○  {question.text}")
    if question.asked_at is None:
        inner.addAction(tr("Its message has not gone out yet")).setEnabled(False)
        return
    menus.add(inner, tr("File the customer's last message as the answer"), lambda: _file_last(pane, question))
    mark = menus.add(inner, tr("The customer did not answer"), lambda: pane.acts.no_answer(question.id))
    at = question.may_mark_no_answer_at
    if at is not None and at > datetime.now(UTC):
        from inbox.ui import time_text

        mark.setEnabled(False)
        mark.setText(tr("The customer did not answer (from {time})", time=time_text.moment(at)))


def _file_last(pane: ConversationPane, question: QuestionRow) -> None:
    incoming = [row for row in pane.stream.messages if row.direction == "in"]
    if incoming:
        last = incoming[-1]
        pane.acts.answer_question(question.id, last.id, last.new_text or last.text)


def _choose_question_for(pane: ConversationPane, message_id: int) -> None:
    gate = pane.detail.gate if pane.detail else None
    row = next((found for found in pane.stream.messages if found.id == message_id), None)
    if gate is None or row is None:
        return
    menu = QMenu(pane)
    for question in gate.questions:
        if question.asked_at is not None and question.answered_at is None:
            menus.add(
                menu,
                question.text,
                partial(pane.acts.answer_question, question.id, row.id, row.new_text or row.text),
            )
    if menu.isEmpty():
        menu.addAction(tr("No question waits for an answer")).setEnabled(False)
    card = pane.stream.card(message_id)
    menu.exec(below(card if card is not None else pane.bar.questions))


def choose_owner(pane: ConversationPane, place: QPoint | None = None) -> None:
    """Who handles it."""
    case = pane.case
    if case is None:
        return

    def show(agents: Sequence[AgentRow]) -> None:
        menu, had = QMenu(pane), {case.id: case.owner_id}
        for agent in agents:
            label = tr("{name} (me)", name=agent.name) if agent.id == pane.acts.agent_id else agent.name
            menus.add_choice(menu, label, agent.id == case.owner_id, partial(pane.acts.assign, had, agent.id))
        menu.addSeparator()
        menus.add(menu, tr("Nobody"), lambda: pane.acts.assign(had, None))
        menu.exec(place or below(pane.bar.owner))

    pane.acts.agents(show)


def choose_type(pane: ConversationPane, place: QPoint | None = None) -> None:
    """What kind of case it is."""
    case = pane.case
    if case is None or case.status == "closed":
        return

    def show(types: Sequence[CaseTypeRow]) -> None:
        menu = QMenu(pane)
        for kind in types:
            count = tr_n("{n} question", "{n} questions", kind.required_questions)
            act = partial(_change, pane, type_key=kind.key)
            menus.add_choice(menu, f"{kind.name}\t{count}", kind.id == case.case_type.id, act)
        menu.exec(place or below(pane.bar.about))

    pane.acts.case_types(show)


def choose_due(pane: ConversationPane, place: QPoint | None = None) -> None:
    """By when."""
    if pane.case is None:
        return
    now, menu = datetime.now(UTC), QMenu(pane)
    for label, hours in ((tr("In an hour"), 1), (tr("In four hours"), 4), (tr("In a day"), 24),
                         (tr("In three days"), 72), (tr("In a week"), 168)):  # fmt: skip
        menus.add(menu, label, partial(_change, pane, due_at=now + timedelta(hours=hours)))
    menu.exec(place or below(pane.bar.due))


def choose_dismissal(pane: ConversationPane, place: QPoint | None = None) -> None:
    """Why it needs no case."""
    detail = pane.detail
    if detail is None:
        return
    menu = QMenu(pane)
    for reason in ("spam", "praise", "newsletter", "automatic", "other"):
        menus.add(menu, words.dismiss_reason(reason), partial(pane.acts.dismiss, [detail.row.id], reason))
    menu.exec(place or below(pane.bar.dismiss_button))


def restore(pane: ConversationPane) -> None:
    """Take the dismissal back."""
    if pane.detail is not None:
        pane.acts.restore([pane.detail.row.id])


def _join(pane: ConversationPane, other: CaseRow) -> None:
    if pane.case is not None:
        pane.acts.join_case(pane.case, other.id)


def split(pane: ConversationPane) -> None:
    """Give this conversation a case of its own."""
    if pane.detail is not None and pane.case is not None and len(pane.case.conversation_ids) > 1:
        pane.acts.split_case(pane.detail.row.id, pane.case.id)
