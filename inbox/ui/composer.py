"""Where replies and notes are written: one card, two unmistakable colours, the person's name on the button."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inbox.i18n import tr, tr_n
from inbox.ui import icons, menus, paint, tokens, words
from inbox.ui.actions import Reply
from inbox.ui.editor import HOLE, Editor
from inbox.ui.flow import ElidedLabel, Flow
from inbox.ui.style import metrics, restyle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inbox.channels.base import Manifest
    from inbox.services.rows import (
        AskedQuestion,
        AttachmentRow,
        ConversationDetail,
        DraftRow,
        NewFile,
        RenderedTemplate,
        ReplyWarning,
    )

_SAVED_AFTER_MS = 700


class Composer(QWidget):
    """The card under the thread. It asks by signals; the conversation's pane does what they ask.

    Signals:
        send_wanted: A reply and the kinds of warnings that were accepted.
        note_wanted: A note's text.
        draft_changed: What is typed now, and whether it is a note.
        template_wanted, question_wanted: A menu, at a place on the screen.
        files_wanted: The dialog for choosing files.
        paths_given: Files that were dropped or pasted.
        left: Back to the list.
    """

    send_wanted = Signal(object, object)
    note_wanted = Signal(str)
    draft_changed = Signal(object, bool)
    template_wanted = Signal(QPoint)
    question_wanted = Signal(QPoint)
    files_wanted = Signal()
    paths_given = Signal(list)
    image_given = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("composer")
        self.detail: ConversationDetail | None = None
        self.manifest: Manifest | None = None
        self.is_note = False
        self.ask: list[AskedQuestion] = []
        self.template_id: int | None = None
        self.files: list[NewFile] = []
        self.attachments: list[AttachmentRow] = []
        self._texts = {False: "", True: ""}
        self._confirmed: set[str] = set()
        self._offered: list[str] = []
        self._refused: set[str] = set()
        self._is_unsaved = False
        self._seen_message_id = 0
        self.editor = Editor()
        self._set_busy(False)
        self.reply_tab, self.note_tab = self._tab(tr("Reply"), False), self._tab(tr("Note"), True)
        self.recipient = ElidedLabel()
        self.recipient.setProperty("tone", "soft")
        self.notice = QFrame()
        self.notice.setProperty("kind", "trouble")
        self.chips, self._tools = Flow(), Flow(4)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.template_button = self._quiet(
            tr("/ Template"), lambda: self.template_wanted.emit(self._above(self.template_button))
        )
        self.question_button = self._quiet(
            tr("? Question"), lambda: self.question_wanted.emit(self._above(self.question_button))
        )
        self.attach_button = self._quiet(tr("+ Attach"), self.files_wanted.emit)
        self.count = QLabel()
        self.count.setProperty("tone", "faint")
        self.send_button = QPushButton()
        self.send_button.setProperty("kind", "primary")
        self.send_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._saver = QTimer(self, interval=_SAVED_AFTER_MS, singleShot=True)
        self._arrange()
        self._connect()

    # --- building -----------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(px(15), px(10), px(13), px(9))
        outer.setSpacing(px(6))
        head = QHBoxLayout()
        head.setSpacing(px(16))
        head.addWidget(self.reply_tab)
        head.addWidget(self.note_tab)
        head.addWidget(self.recipient, 1)
        outer.addLayout(head)
        inside = QVBoxLayout(self.notice)
        inside.setContentsMargins(px(12), px(8), px(12), px(8))
        self.notice.hide()
        self.editor.setMinimumHeight(px(58))
        self.editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        outer.addWidget(self.editor, 1)
        outer.addWidget(self.chips)
        outer.addWidget(self.notice)
        rule = QFrame()
        rule.setProperty("kind", "line")
        rule.setFixedHeight(1)
        outer.addWidget(rule)
        foot = self._foot
        foot.setSpacing(px(4))
        for button in (self.template_button, self.question_button, self.attach_button):
            self._tools.add(button)
        foot.addWidget(self._tools, 1)
        send = QHBoxLayout()
        send.addStretch(1)
        send.addWidget(self.count)
        send.addSpacing(px(8))
        send.addWidget(self.send_button)
        foot.addLayout(send)
        outer.addLayout(foot)
        group = QButtonGroup(self)
        group.addButton(self.reply_tab)
        group.addButton(self.note_tab)
        self.reply_tab.setChecked(True)

    def _connect(self) -> None:
        editor = self.editor
        editor.textChanged.connect(self._on_typed)
        editor.sent.connect(self.send)
        editor.left.connect(self.left)
        editor.template_wanted.connect(self.template_wanted)
        editor.question_wanted.connect(self.question_wanted)
        editor.files_dropped.connect(self.paths_given)
        editor.image_pasted.connect(self.image_given)
        menus.on_press(self.send_button, self.send)
        self._saver.timeout.connect(self.save_draft)

    def _tab(self, label: str, is_note: bool) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("kind", "tab")
        button.setMinimumWidth(metrics(tokens.TEXT, paint.SEMIBOLD).horizontalAdvance(label) + px(4))
        button.setCheckable(True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, lambda: self.set_note(is_note))
        return button

    def _quiet(self, label: str, press: Callable[[], object]) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("kind", "quiet")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, press)
        return button

    def _on_template(self) -> None:
        self.template_wanted.emit(self._above(self.template_button))

    def _on_question(self) -> None:
        self.question_wanted.emit(self._above(self.question_button))

    @staticmethod
    def _above(button: QWidget) -> QPoint:
        return button.mapToGlobal(QPoint(0, 0))

    # --- a conversation -----------------------------------------------------------------------------------------

    def show_conversation(self, detail: ConversationDetail, manifest: Manifest | None) -> None:
        """Another conversation: with what was being typed in it."""
        self.save_draft()
        self.detail, self.manifest = detail, manifest
        self._seen_message_id = detail.newest_message_id
        self._texts = {False: _text(detail.draft), True: _text(detail.note_draft)}
        self._take_draft(detail.draft)
        self._confirmed, self._refused, self.files = set(), set(), []
        self._set_busy(False)
        self.hide_notice()
        self.set_note(bool(self._texts[True] and not self._texts[False]) or not self.can_reply)

    def update_conversation(self, detail: ConversationDetail) -> None:
        """The same conversation, read again: what is typed stays."""
        self.detail = detail
        self._show_head()

    def take_draft(self, draft: DraftRow) -> None:
        """An undone reply comes back: as it was, unless something else has been typed meanwhile."""
        if self._texts[False].strip():
            draft_text = f"{draft.text}\n\n{self._texts[False]}"
        else:
            draft_text = draft.text
            self._take_draft(draft)
        self._texts[False] = draft_text
        self.set_note(False)
        self.editor.setFocus()

    def _take_draft(self, draft: DraftRow | None) -> None:
        self.ask = list(draft.questions) if draft else []
        self.template_id = draft.template_id if draft else None
        self.attachments = list(draft.attachments) if draft else []

    @property
    def can_reply(self) -> bool:
        """Whether this channel sends, and there is somebody to send to."""
        sends = self.manifest is None or self.manifest.sends
        return self.detail is not None and sends and bool(self.detail.reply_to)

    def set_note(self, is_note: bool) -> None:
        """Write a note rather than a reply, or the other way round; each keeps its own text."""
        self.is_note = is_note
        (self.note_tab if is_note else self.reply_tab).setChecked(True)
        self.editor.blockSignals(True)
        self.editor.setPlainText(self._texts[is_note])
        self.editor.moveCursor(self.editor.textCursor().MoveOperation.End)
        self.editor.blockSignals(False)
        self.editor.has_menus = not is_note
        self.hide_notice()
        self._show_head()
        self._show_typed()
        self.update()

    def _show_head(self) -> None:
        detail = self.detail
        if detail is None:
            return
        by = words.channel(detail.row.channel)
        name = detail.reply_name or detail.row.customer_name
        self.reply_tab.setEnabled(self.can_reply)
        if self.is_note:
            self.send_button.setText(tr("Save the note"))
            self.recipient.setText(tr("only the team sees it"))
            self.editor.setPlaceholderText(tr("A note for the team …"))
            self.editor.setAccessibleName(tr("Note, only the team sees it"))
        else:
            self.send_button.setText(tr("Send to {name} by {channel}", name=name, channel=by))
            self.recipient.setText(", ".join(detail.reply_to[:2]) or tr("nobody to send to"))
            self.editor.setPlaceholderText(tr("Write to {name} …", name=name))
            self.editor.setAccessibleName(tr("Reply to {name} by {channel}", name=name, channel=by))
        self.recipient.setToolTip(tr("From {address}", address=detail.account_address))
        kind = "note" if self.is_note else "primary"
        if self.send_button.property("kind") != kind:
            self.send_button.setProperty("kind", kind)
            restyle(self.send_button)
        self.send_button.setToolTip(tr("Ctrl+Enter"))
        for button in (self.template_button, self.question_button, self.attach_button):
            button.setVisible(not self.is_note)
        self._tools.arrange()
        files = self.manifest is None or self.manifest.attachments
        self.attach_button.setEnabled(files)
        self.attach_button.setToolTip("" if files else tr("This channel takes no files"))

    # --- typing -------------------------------------------------------------------------------------------------

    def _on_typed(self) -> None:
        self._texts[self.is_note] = self.editor.toPlainText()
        self._confirmed.clear()
        self.hide_notice()
        self._show_typed()
        self._save_soon()

    def _show_typed(self) -> None:
        text = self.editor.toPlainText()
        if not self.is_note:
            self._find_free_questions(text)
        asked = self.asked_now()
        self.editor.mark_questions([] if self.is_note else [found.text for found in asked])
        self._show_count(text)
        self._show_chips()
        has_content = bool(text.strip() or self.files or self.attachments)
        self.send_button.setEnabled(has_content and not self.is_busy and (self.is_note or self.can_reply))

    def asked_now(self) -> list[AskedQuestion]:
        """The clarifying questions that stand in the text."""
        text = self._texts[False]
        return [found for found in self.ask if found.text in text]

    def _find_free_questions(self, text: str) -> None:
        from inbox.services import question_text  # pure text, and not needed before somebody types

        known = {found.text for found in self.ask} | self._refused
        found = [one for one in question_text.find_questions(text) if "?" in one and not question_text.is_courtesy(one)]
        self._offered = [one for one in found if not any(one in other or other in one for other in known)]

    def count_question(self, text: str = "") -> None:
        """Count a sentence of one's own as a clarifying question: the first that is offered, unless named."""
        from inbox.services.rows import AskedQuestion

        chosen = text or (self._offered[0] if self._offered else "")
        if chosen:
            self.ask.append(AskedQuestion(chosen))
            self._show_typed()
            self._save_soon()

    def _dont_count(self, text: str) -> None:
        self._refused.add(text)
        self._show_typed()

    def _show_count(self, text: str) -> None:
        from inbox.services import text_length

        limit = self.manifest.max_length if self.manifest else None
        length = text_length.measure(text, self.manifest.length_unit if self.manifest else "characters")
        self.count.setText("" if self.is_note else f"{length} · {limit}" if limit else "")
        over = limit is not None and length > limit
        tone = "danger" if over else "faint"
        if self.count.property("tone") != tone:
            self.count.setProperty("tone", tone)
            restyle(self.count)

    def _show_chips(self) -> None:
        self.chips.clear()
        if not self.is_note:
            for sentence in self._offered[:2]:
                self._chip(tr("Count «{question}» as a clarifying question", question=_short(sentence)), "accent",
                           partial(self.count_question, sentence), tr("Ctrl+Shift+Q"))  # fmt: skip
            asked = len(self.asked_now())
            if asked:
                said = tr_n("{n} clarifying question in this reply", "{n} clarifying questions in this reply", asked)
                self._chip(said, "quiet", self._stop_counting, tr("Press to count none of them"))
            files: list[NewFile | AttachmentRow] = [*self.attachments, *self.files]
            for file in files:
                self._chip(f"{file.filename}  ×", "file", partial(self._drop_file, file), tr("Take it away"))
        self.chips.setVisible(self.chips.count() > 0)

    def _chip(self, label: str, kind: str, press: Callable[[], object], tip: str) -> None:
        button = QPushButton(label)
        button.setProperty("kind", kind)
        button.setToolTip(tip)
        if kind == "file":
            button.setIcon(icons.icon("paperclip"))
        menus.on_press(button, press)
        self.chips.add(button)

    def _stop_counting(self) -> None:
        self._refused.update(found.text for found in self.ask)
        self.ask = []
        self._show_typed()

    def _drop_file(self, file: NewFile | AttachmentRow) -> None:
        self.files = [kept for kept in self.files if kept is not file]
        self.attachments = [kept for kept in self.attachments if kept is not file]
        self._show_typed()
        self._save_soon()

    def add_files(self, files: Sequence[NewFile]) -> None:
        """Files to go with the reply."""
        self.set_note(False)
        self.files.extend(files)
        self._show_typed()
        self._save_soon()

    def draft_saved(self, draft: DraftRow | None, files: Sequence[NewFile]) -> None:
        """The files of a draft that was kept are stored now: they need not be stored again."""
        if draft is not None and files and self.detail is not None and self.detail.row.id == draft.conversation_id:
            self.files = [file for file in self.files if file not in files]
            self.attachments = list(draft.attachments)
            self._show_typed()

    def insert_template(self, rendered: RenderedTemplate) -> None:
        """Put a filled template in at the cursor; the first missing value is gone to."""
        self.set_note(False)
        self.editor.insert(rendered.text)
        self.template_id = rendered.template_id
        known = {file.id for file in self.attachments}
        self.attachments += [file for file in rendered.attachments if file.id not in known]
        self.editor.setFocus()
        if rendered.missing:
            self.editor.next_hole()
        self._show_typed()

    def insert_question(self, question: AskedQuestion) -> None:
        """Put a clarifying question in; it counts once the reply has gone out."""
        self.set_note(False)
        if question.text not in {found.text for found in self.ask}:
            self.ask.append(question)
        self.editor.insert(question.text)
        self.editor.setFocus()

    # --- drafts and sending -------------------------------------------------------------------------------------

    def reply(self) -> Reply:
        """What is written now."""
        assert self.detail is not None
        made = Reply(self.detail.row.id, self._texts[self.is_note])
        if not self.is_note:
            made.ask, made.template_id = self.asked_now(), self.template_id
            made.files, made.attachment_ids = tuple(self.files), tuple(file.id for file in self.attachments)
            made.seen_message_id = self._seen_message_id
        return made

    def save_draft(self) -> None:
        """Keep what is typed, if it changed since."""
        self._saver.stop()
        if self._is_unsaved and self.detail is not None:
            self._is_unsaved = False
            self.draft_changed.emit(self.reply(), self.is_note)

    @property
    def has_unsaved(self) -> bool:
        """Whether something typed has not been handed over to be kept yet."""
        return self._is_unsaved

    def _save_soon(self) -> None:
        self._is_unsaved = True
        self._saver.start()

    def _set_busy(self, value: bool) -> None:
        """What was typed is on its way to the store: until it is taken nothing more can be typed, nor lost."""
        self.is_busy, self._busy_with_note = value, self.is_note
        self.editor.setReadOnly(value)

    def send(self) -> None:
        """Send the reply or keep the note. A hole stops it here, with a sentence."""
        text = self._texts[self.is_note]
        if self.detail is None or self.is_busy or not (text.strip() or self.files or self.attachments):
            return
        if self.is_note:
            self._set_busy(True)
            self.note_wanted.emit(text)
            return
        if not self.can_reply:
            return
        hole = HOLE.search(text)
        if hole is not None:
            self.editor.next_hole()
            self.show_notice(tr("{name} is still missing. Fill it in before you send.", name=hole[0]))
            return
        self._set_busy(True)
        self._show_typed()
        self.send_wanted.emit(self.reply(), frozenset(self._confirmed))

    def sent(self) -> None:
        """It was taken: the field is free again."""
        self._is_unsaved, was_note = False, self._busy_with_note
        self._set_busy(False)
        self._texts[was_note] = ""
        if not was_note:
            self.ask, self.template_id, self.files, self.attachments = [], None, [], []
            self._confirmed.clear()
            self._refused.clear()
        self.set_note(self.is_note and not self.can_reply)

    def not_sent(self, title: str, hint: str) -> None:
        """It was refused: everything stays, with the reason."""
        self._set_busy(False)
        self._show_typed()
        self.show_notice(f"{title}. {hint}".strip())

    def show_warnings(self, warnings: Sequence[ReplyWarning]) -> None:
        """What there is to look at first; pressing "Send anyway" accepts it."""
        self._set_busy(False)
        self._show_typed()
        kinds = {found.kind for found in warnings}
        blocking = any(found.blocking for found in warnings)
        if "stale" in kinds and self.detail is not None:
            self._seen_message_id = self.detail.newest_message_id
        text = "\n".join(found.text for found in warnings)
        if blocking:
            self.show_notice(text)
        else:
            self.show_notice(text, tr("Send anyway"), lambda: self._send_anyway(kinds))

    def _send_anyway(self, kinds: set[str]) -> None:
        self._confirmed |= kinds
        self.hide_notice()
        self.send()

    def show_notice(self, text: str, label: str = "", do: Callable[[], object] | None = None) -> None:
        """A sentence above the buttons, perhaps with one of its own."""
        self.hide_notice()
        layout = self.notice.layout()
        assert layout is not None
        words_shown = QLabel(text)
        words_shown.setWordWrap(True)
        layout.addWidget(words_shown)
        if do is not None:
            button = QPushButton(label)
            button.setProperty("kind", "link")
            menus.on_press(button, do)
            layout.addWidget(button)
        self.notice.setAccessibleName(text)
        self.notice.show()

    def hide_notice(self) -> None:
        """Take the sentence away."""
        layout = self.notice.layout()
        while layout is not None and (item := layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.notice.hide()

    @property
    def notice_text(self) -> str:
        """What the sentence above the buttons says; empty without one."""
        return "" if self.notice.isHidden() else self.notice.accessibleName()

    def minimumSizeHint(self) -> QSize:
        """With the lines that a long notice takes at this width: a splitter doesn't ask for them."""
        least, layout = super().minimumSizeHint(), self.layout()
        if layout is not None and layout.hasHeightForWidth():
            least.setHeight(max(least.height(), layout.totalMinimumHeightForWidth(self.width())))
        return least

    # --- drawing ------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() > px(440)
        direction = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if self._foot.direction() != direction:
            self._foot.setDirection(direction)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), tokens.colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 0, -1, -2)
        paint.rounded(painter, box.translated(0, 1.2), tokens.RADIUS_CARD, look.shadow)
        ground, edge = (look.note, look.note_line) if self.is_note else (look.surface, look.line)
        paint.rounded(painter, box, tokens.RADIUS_CARD, ground, edge)


def _text(draft: DraftRow | None) -> str:
    return draft.text if draft else ""


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= 48 else sentence[:46] + "…"
