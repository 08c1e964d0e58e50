"""An open conversation: the case bar, the thread and the composer, and what their signals ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QPushButton, QSplitter, QVBoxLayout, QWidget

from inbox.i18n import tr
from inbox.ui import case_actions, files, menus, time_text
from inbox.ui.case_bar import CaseBar
from inbox.ui.composer import Composer, document, later
from inbox.ui.reads import shown_as_html
from inbox.ui.thread import ThreadView
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inbox.channels.base import Manifest
    from inbox.errors import InboxError
    from inbox.services.rows import (
        AskedQuestion,
        AttachmentRow,
        CaseRow,
        ConversationDetail,
        DraftRow,
        MessageBody,
        RenderedTemplate,
        ReplyWarning,
        SuggestedQuestion,
        ThreadPage,
    )
    from inbox.ui.actions import Actions, Reply
    from inbox.ui.dialog_actions import DialogActions
    from inbox.ui.reads import OpenConversation

_NO_LIMIT = 16_777_215  # Qt's own
_LOW = 560  # below this height, at 100 %, case bar and composer give way to the thread


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
        case_actions.connect(self)
        self._connect_stream()
        self._connect_composer()

    def _arrange(self) -> None:
        lower = self._below = QWidget()
        lower.setObjectName("thread_page")
        inside = self._lower = QVBoxLayout(lower)
        inside.setContentsMargins(px(22), px(4), px(22), px(16))
        inside.addWidget(self.composer)
        self.unfold_button = QPushButton()  # stands for the composer where there is little height
        self.unfold_button.setProperty("kind", "accent")
        self.unfold_button.hide()
        menus.on_press(self.unfold_button, self.reply)
        inside.addWidget(self.unfold_button)
        split = self._split = QSplitter(Qt.Orientation.Vertical)
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

    def _connect_stream(self) -> None:
        stream, acts = self.stream, self.acts
        stream.older_wanted.connect(self._load_older)
        stream.body_wanted.connect(self._load_body)
        stream.source_wanted.connect(lambda found: acts.source(found, self._show_source))
        stream.file_wanted.connect(lambda file, save: files.open_or_save(self, acts, file, save=save))
        stream.undo_wanted.connect(self.undo_reply)
        stream.send_now.connect(lambda found: acts.reschedule(found, None))
        stream.time_wanted.connect(lambda found, place: later.show(self, place, lambda at: acts.reschedule(found, at)))
        stream.try_again.connect(acts.try_again)
        stream.read_again.connect(acts.read_again)
        stream.decided.connect(lambda found, sent: acts.decide_unknown(found, was_sent=sent))
        stream.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))

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
        composer.picture_wanted.connect(self._load_picture)
        composer.left.connect(self.left)
        composer.go_to.connect(self.go_to)
        composer.left.connect(self.fold)
        composer.editor.textChanged.connect(lambda: self._unfold() if composer.editor.toPlainText() else None)
        composer.editor.undo_wanted.connect(self.undo_wanted)

    # --- little height ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        tight = self.height() < px(_LOW)
        self.bar.set_tight(tight)
        side = px(10 if tight else 22)
        self._lower.setContentsMargins(side, px(4), side, px(6 if tight else 16))
        self.fold()

    def fold(self) -> None:
        """Where there is little height the composer gives way to a button, unless somebody writes in it."""
        composer = self.composer
        focus = QApplication.focusWidget()
        is_used = bool(composer.editor.toPlainText()) or (focus is not None and composer.isAncestorOf(focus))
        folded = self.height() < px(_LOW) and self.detail is not None and not is_used
        if folded == self.unfold_button.isHidden():
            composer.setHidden(folded)
            self.unfold_button.setVisible(folded)
            self._fit_lower()
        self.unfold_button.setText(tr("Reply") + " (R)")

    def _unfold(self) -> None:
        if not self.unfold_button.isHidden():
            self.unfold_button.hide()
            self.composer.show()
            self._fit_lower()

    @property
    def lower_edge(self) -> QWidget:
        """What stands under the thread: the composer, or the button that stands for it."""
        return self.composer if self.unfold_button.isHidden() else self.unfold_button

    def _fit_lower(self) -> None:
        """The thread gets what the button does not take."""
        lower = self._below
        folded = not self.unfold_button.isHidden()
        lower.setMaximumHeight(lower.minimumSizeHint().height() if folded else _NO_LIMIT)
        self._split.setSizes([_NO_LIMIT // 2, lower.minimumSizeHint().height()])

    @property
    def case(self) -> CaseRow | None:
        """The case of the open conversation."""
        return self.detail.case if self.detail else None

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
            self.fold()
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
        self._check_senders()

    def _check_senders(self) -> None:
        unseen = self.stream.unchecked()
        if unseen:
            self.acts.sender_checks(unseen, lambda found: self.stream.take_checks(unseen, found))

    def _load_older(self) -> None:
        if self.conversation_id is not None and self.stream.before is not None:
            self.acts.older(self.conversation_id, self.stream.before, self._show_older)

    def _show_older(self, found: tuple[ThreadPage, dict[int, MessageBody]]) -> None:
        self.stream.add_older(*found)
        self._check_senders()

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

    def _load_picture(self, file: AttachmentRow) -> None:
        drawn = self.composer.editor.document()
        self.acts.attachment(file.id, lambda found: document.fill_picture(drawn, file.content_id, found[1]))

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
        said = tr("Goes out to {name}", name=name)
        if reply.not_before is not None:
            said = tr("Goes out to {name}: {time}", name=name, time=time_text.moment(reply.not_before))
        self.acts.said.emit(said, tr("Undo"), lambda: self.undo_reply(message_id))
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
        self._unfold()
        self.composer.set_note(not self.composer.can_reply)
        self.composer.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def note(self) -> None:
        """Go and write a note."""
        self._unfold()
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
        self._unfold()
        self.composer.insert_question(AskedQuestion(chosen.text, chosen.bank_question_id, chosen.fact_kind))

    def show_templates(self, place: QPoint | None = None) -> None:
        """The template menu at the cursor."""
        from inbox.ui.template_menu import TemplateMenu

        dialogs = self.dialogs()
        if dialogs is None or self.detail is None or not self.composer.can_reply:
            return
        self._unfold()
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
