"""An open conversation: the case bar, the thread and the composer, and what their signals ask for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from inbox.i18n import tr, tr_n
from inbox.ui import files, menus, words
from inbox.ui.case_bar import CaseBar, below
from inbox.ui.composer import Composer
from inbox.ui.reads import shown_as_html
from inbox.ui.thread import ThreadView
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inbox.channels.base import Manifest
    from inbox.errors import InboxError
    from inbox.services.rows import (
        AgentRow,
        AskedQuestion,
        CaseRow,
        CaseTypeRow,
        ConversationDetail,
        DraftRow,
        MessageBody,
        QuestionRow,
        RenderedTemplate,
        ReplyWarning,
        SuggestedQuestion,
    )
    from inbox.ui.actions import Actions, Reply
    from inbox.ui.dialog_actions import DialogActions
    from inbox.ui.reads import OpenConversation


class ConversationPane(QWidget):
    """The middle of the window.

    Signals:
        shown: A conversation's detail came.
        left: Back to the list.
        undo_wanted: Undo the last thing that can be undone.
        go_to: Show another conversation.
    """

    shown = Signal(object)
    left = Signal()
    undo_wanted = Signal()
    go_to = Signal(object)

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("thread_side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.acts = actions
        self.manifests: Mapping[str, Manifest] = {}
        self.detail: ConversationDetail | None = None
        self.conversation_id: int | None = None
        self.bar, self.stream, self.composer = CaseBar(), ThreadView(), Composer()
        self._pending_ask: SuggestedQuestion | None = None
        self._arrange()
        self._connect_bar()
        self._connect_stream()
        self._connect_composer()

    def _arrange(self) -> None:
        lower = QWidget()
        lower.setObjectName("thread_page")
        inside = QVBoxLayout(lower)
        inside.setContentsMargins(px(22), px(4), px(22), px(16))
        inside.addWidget(self.composer)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(px(4))
        split.setStyleSheet("QSplitter::handle { background: transparent; }")
        split.addWidget(self.stream)
        split.addWidget(lower)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        split.setSizes([px(600), px(196)])
        split.setCollapsible(0, False)
        split.setCollapsible(1, False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.bar)
        outer.addWidget(split, 1)

    def _connect_bar(self) -> None:
        bar = self.bar
        bar.status_chosen.connect(lambda value: self._change(status=value))
        bar.priority_chosen.connect(lambda value: self._change(priority=value))
        bar.owner_menu_wanted.connect(lambda button: self.choose_owner(below(button)))
        bar.type_menu_wanted.connect(lambda button: self.choose_type(below(button)))
        bar.due_menu_wanted.connect(lambda button: self.choose_due(below(button)))
        bar.questions_wanted.connect(lambda button: self.show_questions(below(button)))
        bar.close_wanted.connect(lambda button: self.close_case(below(button)))
        bar.reopen_wanted.connect(self.reopen_case)
        bar.case_wanted.connect(self.open_case)
        bar.dismiss_wanted.connect(lambda button: self.choose_dismissal(below(button)))
        bar.restore_wanted.connect(self.restore)
        bar.banners.answer_filed.connect(
            lambda found: self.acts.answer_question(found.question_id, found.message_id, found.text)
        )
        bar.banners.join_wanted.connect(self._join)
        bar.banners.joined_shown.connect(lambda case: self.go_to.emit(case.conversation_ids[0]))

    def _connect_stream(self) -> None:
        stream, acts = self.stream, self.acts
        stream.older_wanted.connect(self._load_older)
        stream.body_wanted.connect(self._load_body)
        stream.source_wanted.connect(lambda found: acts.source(found, self._show_source))
        stream.file_wanted.connect(lambda file, save: files.open_or_save(self, acts, file, save=save))
        stream.undo_wanted.connect(self.undo_reply)
        stream.try_again.connect(acts.try_again)
        stream.read_again.connect(acts.read_again)
        stream.decided.connect(lambda found, sent: acts.decide_unknown(found, was_sent=sent))
        stream.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))
        stream.answer_wanted.connect(self._choose_question_for)

    def _connect_composer(self) -> None:
        composer = self.composer
        composer.draft_changed.connect(self._save_draft)
        composer.send_wanted.connect(self._send)
        composer.note_wanted.connect(self._add_note)
        composer.template_wanted.connect(self.show_templates)
        composer.question_wanted.connect(self.show_question_menu)
        composer.files_wanted.connect(lambda: files.choose(self, self.acts, composer.add_files))
        composer.paths_given.connect(lambda paths: files.read(self.acts, paths, composer.add_files))
        composer.image_given.connect(lambda image: composer.add_files([files.from_image(image)]))
        composer.left.connect(self.left)
        composer.editor.undo_wanted.connect(self.undo_wanted)

    # --- showing ------------------------------------------------------------------------------------------------

    def open(self, conversation_id: int) -> None:
        """Show a conversation as soon as it is read."""
        self.composer.save_draft()
        self.conversation_id = conversation_id
        self.acts.conversation(conversation_id, self._show)

    def reload(self) -> None:
        """Read the open conversation again: something in it changed."""
        if self.conversation_id is not None:
            limit = min(200, len(self.stream.messages) + 5)
            self.acts.conversation(self.conversation_id, self._show, limit=limit)

    def _show(self, found: OpenConversation) -> None:
        if found.detail.row.id != self.conversation_id:
            return
        is_new = self.detail is None or self.detail.row.id != found.detail.row.id
        self.detail = found.detail
        self.bar.show_detail(found.detail)
        if is_new:
            self.composer.show_conversation(found.detail, self.manifests.get(found.detail.row.channel))
            self.stream.show_thread(found.detail.case, found.page, found.bodies)
        else:
            self.composer.update_conversation(found.detail)
            self.stream.update_thread(found.detail.case, found.page, found.bodies)
        self._load_bodies(found)
        self.shown.emit(found.detail)
        if self._pending_ask is not None:
            asked, self._pending_ask = self._pending_ask, None
            self.ask(asked)

    def _load_bodies(self, found: OpenConversation) -> None:
        missing = [one for one in shown_as_html(found.page) if one not in self.stream.bodies]
        if missing:
            self.acts.bodies(missing, self.stream.take_bodies)

    def _load_older(self) -> None:
        if self.conversation_id is not None and self.stream.before is not None:
            self.acts.older(
                self.conversation_id, self.stream.before, lambda found: self.stream.add_older(found[0], found[1])
            )

    def _load_body(self, message_id: int, remote_images: bool) -> None:
        card = self.stream.card(message_id)
        if card is None:
            return
        if not remote_images:
            self.acts.body(message_id, card.take_body)
            return

        def fetch(body: MessageBody) -> None:
            files.fetch_images(self.acts, body.html, lambda pictures: card.take_pictures(pictures, body))

        self.acts.body(message_id, fetch, remote_images=True)

    def _show_source(self, raw: bytes) -> None:
        from inbox.ui.source_view import SourceView

        SourceView(raw, self.window()).show()

    # --- replies ------------------------------------------------------------------------------------------------

    def _save_draft(self, reply: Reply, is_note: bool) -> None:
        self.acts.save_draft(reply, lambda draft: self.composer.draft_saved(draft, reply.files), is_note=is_note)

    def _send(self, reply: Reply, confirmed: frozenset[str]) -> None:
        def look(warnings: list[ReplyWarning]) -> None:
            open_ones = [found for found in warnings if found.blocking or found.kind not in confirmed]
            if not self._still(reply):
                return
            if open_ones:
                self.composer.show_warnings(open_ones)
                self.reload()
            else:
                self.acts.send_reply(reply, confirmed, lambda found: self._on_queued(reply, found), self._on_refused)

        self.acts.check_reply(reply, look, self._on_refused)

    def _still(self, reply: Reply) -> bool:
        return self.composer.detail is not None and self.composer.detail.row.id == reply.conversation_id

    def _on_queued(self, reply: Reply, message_id: int) -> None:
        name = self.detail.reply_name if self.detail else ""
        if self._still(reply):
            self.composer.sent()
        self.acts.said.emit(tr("Goes out to {name}", name=name), tr("Undo"), lambda: self.undo_reply(message_id))
        self.reload()

    def _on_refused(self, error: InboxError) -> None:
        self.composer.not_sent(error.title, error.hint)
        self.reload()

    def undo_reply(self, message_id: int) -> None:
        """Take a reply back that has not gone out yet."""

        def back(draft: DraftRow) -> None:
            if self.conversation_id == draft.conversation_id:
                self.composer.take_draft(draft)
                self.reload()
            self.acts.said.emit(tr("Taken back: it is a draft again"), "", None)

        self.acts.undo_reply(message_id, back)

    def _add_note(self, text: str) -> None:
        here = self.conversation_id

        def added(_id: int) -> None:
            if self.conversation_id == here:
                self.composer.sent()

        if here is not None:
            self.acts.add_note(here, text, added, self._on_refused)

    def reply(self) -> None:
        """Go and write the reply."""
        self.composer.set_note(not self.composer.can_reply)
        self.composer.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def note(self) -> None:
        """Go and write a note."""
        self.composer.set_note(True)
        self.composer.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def ask(self, question: SuggestedQuestion | None = None) -> None:
        """Put a clarifying question into the reply: the one named, else the first that is worth asking."""
        from inbox.services.rows import AskedQuestion

        if self.detail is None:
            return
        standing = {found.text for found in self.composer.asked_now()}
        fresh = [found for found in self.detail.suggested if found.text not in standing]
        chosen = question or (fresh[0] if fresh else None)
        if chosen is None:
            self.show_question_menu(self.composer.editor.menu_place())
            return
        self.composer.insert_question(AskedQuestion(chosen.text, chosen.bank_question_id, chosen.fact_kind))

    def show_templates(self, place: QPoint | None = None) -> None:
        """The template menu at the cursor."""
        from inbox.ui.template_menu import TemplateMenu

        dialogs = self.dialogs()
        if dialogs is None or self.detail is None or not self.composer.can_reply:
            return
        gate = self.detail.gate
        asked = (gate.asked if gate else 0) + len(self.composer.asked_now())
        menu = TemplateMenu(dialogs, self.detail.row.id, self, asked=asked, required=gate.required if gate else 2)
        menu.picked.connect(self._take_template)
        menu.show_at(place or self.composer.editor.menu_place())

    def _take_template(self, rendered: RenderedTemplate) -> None:
        self.composer.insert_template(rendered)

    def show_question_menu(self, place: QPoint | None = None) -> None:
        """The question menu at the cursor."""
        from inbox.ui.question_menu import QuestionMenu

        if self.detail is None or not self.composer.can_reply:
            return
        menu = QuestionMenu(self.detail.suggested, self.detail.gate, self, in_reply=len(self.composer.asked_now()))
        menu.picked.connect(self._take_question)
        menu.show_at(place or self.composer.editor.menu_place())

    def _take_question(self, question: AskedQuestion) -> None:
        self.composer.insert_question(question)

    def dialogs(self) -> DialogActions | None:
        """What dialogs and menus do their work with; ``None`` before the store is up."""
        from inbox.ui.dialog_actions import DialogActions

        app = self.acts.app
        return DialogActions(app, self.acts.tasks, self.acts.agent_id) if app is not None else None

    # --- the case -----------------------------------------------------------------------------------------------

    @property
    def case(self) -> CaseRow | None:
        """The case of the open conversation."""
        return self.detail.case if self.detail else None

    def _change(self, **fields: object) -> None:
        if self.case is not None:
            self.acts.change_case(self.case.id, self.case.version, **fields)

    def open_case(self) -> None:
        """Turn this conversation into a case."""
        if self.detail is not None and self.case is None:
            self.acts.open_case(self.detail.row.id)

    def reopen_case(self) -> None:
        """Work on it again."""
        if self.case is not None and self.case.status == "closed":
            self.acts.reopen(self.case.id)

    def solve(self) -> None:
        """Solved, not yet closed."""
        self._change(status="solved")

    def wait(self) -> None:
        """It is the customer's turn."""
        self._change(status="waiting")

    def take(self) -> None:
        """Make it one's own."""
        if self.case is not None:
            self.acts.assign([self.case.id], self.acts.agent_id)

    def close_case(self, place: QPoint | None = None) -> None:
        """Close: asks for the reason where the gate is open, else says what is missing and offers the questions."""
        case, gate = self.case, self.detail.gate if self.detail else None
        if case is None or case.status == "closed":
            return
        if gate is not None and gate.is_open:
            menu = QMenu(self)
            for reason in ("resolved", "not_resolved", "lost_customer", "no_answer"):
                menus.add(menu, words.close_reason(reason), partial(self._close, case.id, reason))
            menu.exec(place or below(self.bar.close_button))
        else:
            self._show_close_dialog()

    def _close(self, case_id: int, reason: str) -> None:
        self.acts.close_case(
            case_id,
            reason,
            lambda _none: self.acts.said.emit(tr("Case {number} closed", number=case_id), "", None),
            lambda _error: self._show_close_dialog(),
        )

    def _show_close_dialog(self) -> None:
        from inbox.ui.close_dialog import CloseDialog

        dialogs = self.dialogs()
        if dialogs is not None and self.case is not None:
            dialog = CloseDialog(dialogs, self.case.id, self.window())
            dialog.ask_requested.connect(self.ask)
            dialog.closed.connect(
                lambda number: self.acts.said.emit(tr("Case {number} closed", number=number), "", None)
            )
            dialog.open()

    def show_questions(self, place: QPoint | None = None) -> None:
        """What was asked, what is missing, and what could be asked."""
        detail = self.detail
        if detail is None or detail.gate is None:
            return
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for sentence in detail.gate.missing:
            menu.addAction(sentence).setEnabled(False)
        if detail.gate.questions:
            menu.addSeparator()
        for question in detail.gate.questions:
            self._add_question(menu, question)
        if detail.suggested and detail.case is not None and detail.case.status != "closed":
            menu.addSeparator()
            for found in detail.suggested[:5]:
                menus.add(menu, tr("Ask: {question}", question=found.text), partial(self.ask, found))
        menu.exec(place or below(self.bar.questions))

    def _add_question(self, menu: QMenu, question: QuestionRow) -> None:
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
        menus.add(inner, tr("File the customer's last message as the answer"), lambda: self._file_last(question))
        mark = menus.add(inner, tr("The customer did not answer"), lambda: self.acts.no_answer(question.id))
        at = question.may_mark_no_answer_at
        if at is not None and at > datetime.now(UTC):
            from inbox.ui import time_text

            mark.setEnabled(False)
            mark.setText(tr("The customer did not answer (from {time})", time=time_text.moment(at)))

    def _file_last(self, question: QuestionRow) -> None:
        incoming = [row for row in self.stream.messages if row.direction == "in"]
        if incoming:
            last = incoming[-1]
            self.acts.answer_question(question.id, last.id, last.new_text or last.text)

    def _choose_question_for(self, message_id: int) -> None:
        gate = self.detail.gate if self.detail else None
        row = next((found for found in self.stream.messages if found.id == message_id), None)
        if gate is None or row is None:
            return
        menu = QMenu(self)
        for question in gate.questions:
            if question.asked_at is not None and question.answered_at is None:
                menus.add(
                    menu,
                    question.text,
                    partial(self.acts.answer_question, question.id, row.id, row.new_text or row.text),
                )
        if menu.isEmpty():
            menu.addAction(tr("No question waits for an answer")).setEnabled(False)
        card = self.stream.card(message_id)
        menu.exec(below(card if card is not None else self.bar.questions))

    def accept_answer(self) -> None:
        """Yes to what the banner asks."""
        self.bar.banners.accept()

    # --- menus --------------------------------------------------------------------------------------------------

    def choose_owner(self, place: QPoint | None = None) -> None:
        """Who handles it."""
        case = self.case
        if case is None:
            return

        def show(agents: Sequence[AgentRow]) -> None:
            menu = QMenu(self)
            for agent in agents:
                label = tr("{name} (me)", name=agent.name) if agent.id == self.acts.agent_id else agent.name
                action = menus.add(menu, label, partial(self.acts.assign, [case.id], agent.id))
                action.setCheckable(True)
                action.setChecked(agent.id == case.owner_id)
            menu.addSeparator()
            menus.add(menu, tr("Nobody"), lambda: self.acts.assign([case.id], None))
            menu.exec(place or below(self.bar.owner))

        self.acts.agents(show)

    def choose_type(self, place: QPoint | None = None) -> None:
        """What kind of case it is."""
        case = self.case
        if case is None or case.status == "closed":
            return

        def show(types: Sequence[CaseTypeRow]) -> None:
            menu = QMenu(self)
            for kind in types:
                count = tr_n("{n} question", "{n} questions", kind.required_questions)
                action = menus.add(menu, f"{kind.name}\t{count}", partial(self._change, type_key=kind.key))
                action.setCheckable(True)
                action.setChecked(kind.id == case.case_type.id)
            menu.exec(place or below(self.bar.about))

        self.acts.case_types(show)

    def choose_due(self, place: QPoint | None = None) -> None:
        """By when."""
        if self.case is None:
            return
        now, menu = datetime.now(UTC), QMenu(self)
        for label, hours in ((tr("In an hour"), 1), (tr("In four hours"), 4), (tr("In a day"), 24),
                             (tr("In three days"), 72), (tr("In a week"), 168)):  # fmt: skip
            menus.add(menu, label, partial(self._change, due_at=now + timedelta(hours=hours)))
        menu.exec(place or below(self.bar.due))

    def choose_dismissal(self, place: QPoint | None = None) -> None:
        """Why it needs no case."""
        detail = self.detail
        if detail is None:
            return
        menu = QMenu(self)
        for reason in ("spam", "praise", "newsletter", "automatic", "other"):
            menus.add(menu, words.dismiss_reason(reason), partial(self.acts.dismiss, [detail.row.id], reason))
        menu.exec(place or below(self.bar.dismiss_button))

    def restore(self) -> None:
        """Take the dismissal back."""
        if self.detail is not None:
            self.acts.restore([self.detail.row.id])

    def _join(self, other: CaseRow) -> None:
        if self.case is not None:
            self.acts.join_case(self.case.id, other.id)

    def split(self) -> None:
        """Give this conversation a case of its own."""
        if self.detail is not None and self.case is not None and len(self.case.conversation_ids) > 1:
            self.acts.split_case(self.detail.row.id)
