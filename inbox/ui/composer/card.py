"""The composer: one card, two unmistakable colours, the person's name on the button."""

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

from inbox.i18n import tr
from inbox.ui import icons, menus, paint, tokens, words
from inbox.ui.composer import later, looks, pictures
from inbox.ui.composer.chips import Chips
from inbox.ui.composer.editor import Editor
from inbox.ui.composer.listening import Listening
from inbox.ui.composer.marks import HOLE
from inbox.ui.composer.notice import Notice
from inbox.ui.composer.people import People
from inbox.ui.composer.written import Written
from inbox.ui.flow import Flow
from inbox.ui.style import metrics, restyle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

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
    from inbox.ui.actions import Reply

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
        image_given: A pasted picture that goes as a file, where the channel carries no looks.
        picture_wanted: A stored picture that stands in the text.
        left: Back to the list.
        go_to: Another conversation.
    """

    send_wanted = Signal(object, object)
    note_wanted = Signal(str)
    draft_changed = Signal(object, bool)
    template_wanted = Signal(QPoint)
    question_wanted = Signal(QPoint)
    files_wanted = Signal()
    paths_given = Signal(list)
    image_given = Signal(object)
    picture_wanted = Signal(object)
    left = Signal()
    go_to = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("composer")
        self.detail: ConversationDetail | None = None
        self.manifest: Manifest | None = None
        self.is_note = False
        self.written = Written()
        self._is_unsaved = False
        self._send_at: datetime | None = None
        self.editor = Editor()
        self._set_busy(False)
        self.reply_tab, self.note_tab = self._tab(tr("Reply"), False), self._tab(tr("Note"), True)
        self.people = People()
        self.notice, self.chips, self._tools = Notice(), Chips(), Flow(4)
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.template_button = self._quiet(
            tr("/ Template"), lambda: self.template_wanted.emit(self._above(self.template_button))
        )
        self.question_button = self._quiet(
            tr("? Question"), lambda: self.question_wanted.emit(self._above(self.question_button))
        )
        self.attach_button = self._quiet(tr("+ Attach"), self.files_wanted.emit)
        self.look_button = self._quiet(tr("Aa"), lambda: looks.show(self.editor, self._above(self.look_button)))
        self.look_button.setAccessibleName(tr("Bold, lists, links"))
        self.look_button.setToolTip(tr("Bold, lists, links"))
        self.count, self.listening = QLabel(), Listening()
        self.count.setProperty("tone", "faint")
        self.send_button = QPushButton()
        self.send_button.setProperty("kind", "primary")
        self.send_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.later_button = self._quiet("", self.choose_time)
        self.later_button.setIcon(icons.icon("clock"))
        self.later_button.setIconSize(QSize(px(16), px(16)))
        self.later_button.setAccessibleName(tr("Send later"))
        self.later_button.setToolTip(tr("Send later"))
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
        head.addLayout(self.people.head, 1)
        outer.addLayout(head)
        outer.addWidget(self.people)
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
        for button in (self.template_button, self.question_button, self.attach_button, self.look_button):
            self._tools.add(button)
        foot.addWidget(self._tools, 1)
        send = QHBoxLayout()
        send.addStretch(1)
        send.addWidget(self.listening)
        send.addSpacing(px(8))
        send.addWidget(self.count)
        send.addSpacing(px(8))
        send.addWidget(self.later_button)
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
        editor.sent.connect(lambda: self.send())
        editor.left.connect(self.left)
        editor.template_wanted.connect(self.template_wanted)
        editor.question_wanted.connect(self.question_wanted)
        editor.files_dropped.connect(self.paths_given)
        editor.image_pasted.connect(partial(pictures.paste, self))
        self.listening.over.connect(self._show_typed)
        self.people.changed.connect(self._on_people)
        self.chips.counted.connect(self.count_question)
        self.chips.none_counted.connect(self._count_none)
        self.chips.file_dropped.connect(self._drop_file)
        menus.on_press(self.send_button, lambda: self.send())
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

    @staticmethod
    def _above(button: QWidget) -> QPoint:
        return button.mapToGlobal(QPoint(0, 0))

    # --- a conversation -----------------------------------------------------------------------------------------

    def show_conversation(self, detail: ConversationDetail, manifest: Manifest | None) -> None:
        """Another conversation: with what was being typed in it."""
        self.save_draft()
        self.detail, self.manifest = detail, manifest
        self.written = Written(detail)
        self._set_busy(False)
        self.notice.take_away()
        has_note = bool(self.written.texts[True]) and detail.draft is None
        self.set_note(has_note or not self.may_write)

    def update_conversation(self, detail: ConversationDetail) -> None:
        """The same conversation, read again: what is typed stays."""
        self.detail = detail
        self._show_head()

    def take_draft(self, draft: DraftRow) -> None:
        """An undone reply comes back: as it was, unless something else has been typed meanwhile."""
        self.written.take_back(draft)
        self.set_note(False)
        self.editor.setFocus()

    @property
    def can_reply(self) -> bool:
        """Whether this channel sends, and there is somebody to send to."""
        return self.may_write and self.detail is not None and bool(self.written.to or self.detail.reply_to)

    @property
    def may_write(self) -> bool:
        """Whether a reply can be written at all: perhaps to somebody else than who wrote."""
        sends = self.manifest is None or self.manifest.sends
        return self.detail is not None and sends and bool(self.detail.reply_to or self.detail.writing.trouble)

    def set_note(self, is_note: bool) -> None:
        """Write a note rather than a reply, or the other way round; each keeps its own text."""
        self.is_note = is_note
        (self.note_tab if is_note else self.reply_tab).setChecked(True)
        self.editor.blockSignals(True)
        self.editor.is_rich = not is_note and self.manifest is not None and self.manifest.html
        self.editor.show_written(self.written.texts[is_note], "" if is_note else self.written.page)
        self.editor.blockSignals(False)
        pictures.draw(self)
        self.editor.has_menus = not is_note
        self.notice.take_away()
        self._show_head()
        self._show_typed()
        self.update()

    def _show_head(self) -> None:
        detail = self.detail
        if detail is None:
            return
        by = words.channel(detail.row.channel)
        name = detail.reply_name or detail.row.customer_name
        self.reply_tab.setEnabled(self.may_write)
        if self.is_note:
            self.send_button.setText(tr("Save the note"))
            self.people.show_note()
            self.editor.setPlaceholderText(tr("A note for the team …"))
            self.editor.setAccessibleName(tr("Note, only the team sees it"))
        else:
            name = self._addressed(detail) or name
            self.send_button.setText(tr("Send to {name} by {channel}", name=name, channel=by))
            copies = self.manifest is not None and self.manifest.copies
            self.people.show_people(self.written, detail.writing, copies=copies)
            self._show_trouble(detail)
            self.editor.setPlaceholderText(tr("Write to {name} …", name=name))
            self.editor.setAccessibleName(tr("Reply to {name} by {channel}", name=name, channel=by))
        self.people.line.setToolTip(tr("From {address}", address=detail.account_address))
        kind = "note" if self.is_note else "primary"
        if self.send_button.property("kind") != kind:
            self.send_button.setProperty("kind", kind)
            restyle(self.send_button)
        self.send_button.setToolTip(tr("Ctrl+Enter"))
        for button in (self.template_button, self.question_button, self.attach_button):
            button.setVisible(not self.is_note)
        self.look_button.setVisible(self.editor.is_rich)
        self.later_button.setVisible(not self.is_note)
        self.listening.listen(None if self.is_note else detail.writing)
        self._tools.arrange()
        files = self.manifest is None or self.manifest.attachments
        self.attach_button.setEnabled(files)
        self.attach_button.setToolTip("" if files else tr("This channel takes no files"))

    def _addressed(self, detail: ConversationDetail) -> str:
        """Whom the button names where it is not the customer alone: "Ana and 2 more"."""
        to = self.written.to or detail.reply_to
        first = to[0] if self.written.to and to != detail.reply_to else detail.reply_name
        more = len(to) - 1 + len(self.written.cc) + len(self.written.bcc)
        return tr("{name} and {n} more", name=first, n=more) if first and more > 0 else first

    def _show_trouble(self, detail: ConversationDetail) -> None:
        """Why nobody is to be answered there, and where the customer can be reached instead."""
        known = detail.writing
        if not known.trouble or self.written.to:
            return
        offers: list[tuple[str, Callable[[], object]]] = []
        here = detail.row.channel
        for way in known.instead:
            if way.channel == here and self.manifest is not None and self.manifest.copies:
                offers.append((tr("Write to {address}", address=way.handle), partial(self._write_to, way.handle)))
            elif way.conversation_id is not None:
                label = tr("Go to {handle} by {channel}", handle=way.handle, channel=words.channel(way.channel))
                offers.append((label, partial(self.go_to.emit, way.conversation_id)))
        self.notice.say(known.trouble, *offers)

    def _write_to(self, address: str) -> None:
        self.written.to = (address,)
        self._on_people()
        self.editor.setFocus()

    def _on_people(self) -> None:
        self.written.confirmed.clear()
        self.notice.take_away()
        self._show_head()
        self._changed()

    # --- typing -------------------------------------------------------------------------------------------------

    def _on_typed(self) -> None:
        self.written.texts[self.is_note] = self.editor.written_text()
        if not self.is_note:
            self.written.page = self.editor.written_page()
        self.written.confirmed.clear()
        self.notice.take_away()
        self._changed()

    def _changed(self) -> None:
        """Something about the reply is another now: show it, and keep it soon."""
        self._show_typed()
        self._is_unsaved = True
        if not self._saver.isActive():  # also while somebody types without a pause
            self._saver.start()

    def _show_typed(self) -> None:
        written = self.written
        if not self.is_note:
            written.find_free_questions()
        self.editor.mark_questions([] if self.is_note else [found.text for found in written.asked_now()])
        self._show_count(written.texts[self.is_note])
        self.chips.show_written(written, self.is_note)
        may_send = self.is_note or self.can_reply
        is_held = not self.is_note and self.listening.holds
        self.send_button.setEnabled(written.has_content(self.is_note) and not self.is_busy and may_send and not is_held)
        self.later_button.setEnabled(self.send_button.isEnabled())

    def asked_now(self) -> list[AskedQuestion]:
        """The clarifying questions that stand in the text."""
        return self.written.asked_now()

    def count_question(self, text: str = "") -> None:
        """Count a sentence of one's own as a clarifying question: the first that is offered, unless named."""
        if self.written.count_question(text):
            self._changed()

    def _count_none(self) -> None:
        self.written.count_none()
        self._changed()

    def _drop_file(self, file: NewFile | AttachmentRow) -> None:
        self.written.drop_file(file)
        self._changed()

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

    def add_files(self, files: Sequence[NewFile]) -> None:
        """Files to go with the reply."""
        self.set_note(False)
        self.written.files.extend(files)
        self._changed()

    def draft_saved(self, draft: DraftRow | None, files: Sequence[NewFile]) -> None:
        """The files of a draft that was kept are stored now: they need not be stored again."""
        if draft is not None and files and self.detail is not None and self.detail.row.id == draft.conversation_id:
            self.written.files_kept(draft, files)
            self._show_typed()

    def insert_template(self, rendered: RenderedTemplate) -> None:
        """Put a filled template in at the cursor; the first missing value is gone to."""
        self.set_note(False)
        if self.written.is_only_greeting:
            self.editor.selectAll()
        self.editor.insert(rendered.text)
        self.written.template_id = rendered.template_id
        self.written.add_stored(rendered.attachments)
        self.editor.setFocus()
        if rendered.missing:
            self.editor.next_hole()
        self._show_typed()

    def insert_question(self, question: AskedQuestion) -> None:
        """Put a clarifying question in; it counts once the reply has gone out."""
        self.set_note(False)
        self.written.ask_also(question)
        self.editor.insert(question.text)
        self.editor.setFocus()

    # --- drafts and sending -------------------------------------------------------------------------------------

    def reply(self) -> Reply:
        """What is written now."""
        assert self.detail is not None
        return self.written.reply(self.detail.row.id, self.is_note)

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

    def _set_busy(self, value: bool) -> None:
        """What was typed is on its way to the store: until it is taken nothing more can be typed, nor lost."""
        self.is_busy, self._busy_with_note = value, self.is_note
        self.editor.setReadOnly(value)

    def reply_to_all(self) -> None:
        """Go and write to everybody who got the newest message."""
        if self.may_write:
            self.set_note(False)
            self.people.reply_to_all()
            self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose_time(self) -> None:
        """Send it at another time than now."""
        if self.later_button.isEnabled() and not self.is_note:
            later.show(self, self._above(self.later_button), self.send)

    def send(self, at: datetime | None = None) -> None:
        """Send the reply, at a time where one is given, or keep the note. A hole stops it here, with a sentence."""
        text = self.written.texts[self.is_note]
        if self.detail is None or self.is_busy or not self.written.has_content(self.is_note):
            return
        if self.is_note:
            self._set_busy(True)
            self.note_wanted.emit(text)
            return
        if not self.can_reply or self.listening.holds:
            return
        if at is None and self.listening.left and "listening" not in self.written.confirmed:
            said = tr("The customer has just written and may still be writing.")
            self.notice.say(said, (tr("Send anyway"), lambda: self._send_anyway({"listening"})))
            return
        hole = HOLE.search(text)
        if hole is not None:
            self.editor.next_hole()
            self.notice.say(tr("{name} is still missing. Fill it in before you send.", name=hole[0]))
            return
        self._set_busy(True)
        self._show_typed()
        self._send_at = at
        reply = self.reply()
        reply.not_before = at
        self.send_wanted.emit(reply, frozenset(self.written.confirmed))

    def sent(self) -> None:
        """It was taken: the field is free again."""
        self._is_unsaved, was_note = False, self._busy_with_note
        self._set_busy(False)
        self.written.clear(was_note)
        self.set_note(self.is_note and not self.may_write)

    def not_sent(self, title: str, hint: str) -> None:
        """It was refused: everything stays, with the reason."""
        self._set_busy(False)
        self._show_typed()
        self.notice.say(f"{title}. {hint}".strip())

    def show_warnings(self, warnings: Sequence[ReplyWarning]) -> None:
        """What there is to look at first; pressing "Send anyway" accepts it."""
        self._set_busy(False)
        self._show_typed()
        kinds = {found.kind for found in warnings}
        blocking = any(found.blocking for found in warnings)
        if "stale" in kinds and self.detail is not None:
            self.written.seen_message_id = self.detail.newest_message_id
        text = "\n".join(found.text for found in warnings)
        if blocking:
            self.notice.say(text)
        else:
            self.notice.say(text, (tr("Send anyway"), lambda: self._send_anyway(kinds)))

    def _send_anyway(self, kinds: set[str]) -> None:
        self.written.confirmed |= kinds
        self.notice.take_away()
        self.send(self._send_at)

    @property
    def notice_text(self) -> str:
        """What the sentence above the buttons says; empty without one."""
        return self.notice.text

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
