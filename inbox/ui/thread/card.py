"""One message: who, by what, when and what became of it on one quiet line; its text; its files; what can be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QWidget

from inbox.i18n import tr, tr_n
from inbox.services.dangerous_files import why_dangerous
from inbox.ui import icons, menus, paint, time_text, tokens, words
from inbox.ui.style import font
from inbox.ui.thread.body import Body
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from inbox.services.rows import AttachmentRow, MessageBody, MessageRow
    from inbox.services.sender_checks import SenderCheck
    from inbox.ui.thread.view import ThreadView

_LONG_TEXT = 12_000  # characters; more is shown on request
_LONG_HTML = 200_000
_SOON = 120  # seconds
_CHECKED = ("sent", "delivered", "read")


def size_text(size: int) -> str:
    """A file's size: "120 kB"."""
    return time_text.locale().formattedDataSize(
        size, 0 if size < 1_000_000 else 1, QLocale.DataSizeFormat.DataSizeSIFormat
    )


class MessageCard(QWidget):
    """A message in the thread. The thread arranges it: ``arrange(width)`` answers its height."""

    resized = Signal()

    def __init__(self, row: MessageRow, about: str, thread: ThreadView) -> None:
        super().__init__(thread.page)
        self.row, self.about, self._thread = row, about, thread
        self._is_open = False
        self._whole: MessageBody | None = None
        self._pictures: dict[str, bytes] = {}
        self.is_note = row.direction == "note" and row.kind == "text"
        self.body = Body(self)
        self.body.setAccessibleName(tr("Message text"))
        self._fold: QPushButton | None = None
        self._files: list[QPushButton] = [
            self._file_button(file) for file in row.attachments if not file.inline or not row.has_html
        ]
        self._words: QLabel | None = None
        self._warnings: QLabel | None = None
        self._confirmed = False
        self._buttons: list[QPushButton] = []
        self._add_state()
        if row.former_texts and self._words is None:
            self._buttons.append(self._button(tr("Show what it said before"), "link", self._show_former_texts))
        self.show_checks(thread.checks.get(row.id, ()))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self._spoken())
        self.show_body(thread.bodies.get(row.id))

    # --- what it shows ------------------------------------------------------------------------------------------

    def show_body(self, body: MessageBody | None) -> None:
        """Show the new text, or the whole message as HTML where nothing folds."""
        row = self.row
        folds = row.new_text != row.text and bool(row.new_text.strip())
        if self._is_open or (body is not None and body.html and not folds):
            self._whole = body or self._whole
            self._show_whole()
        else:
            text = row.new_text if folds else row.text or row.subject
            cut = text if len(text) <= _LONG_TEXT else text[:_LONG_TEXT] + " …"
            self.body.show_text(cut, row.questions)
            folds = folds or len(text) > _LONG_TEXT
        if (folds or self._is_open) and self._fold is None:
            self._fold = self._button("···", "fold", self._on_fold)
            self._fold.setToolTip(tr("Show or hide the quoted text"))
            self._fold.setAccessibleName(tr("Show or hide the quoted text"))
        self._offer_images()

    def _show_whole(self) -> None:
        whole = self._whole
        if whole is None:
            self.body.show_text(self.row.text, self.row.questions)
        elif whole.html and len(whole.html) <= _LONG_HTML:
            self.body.show_html(whole.html, whole.inline, self._pictures)
        else:
            self.body.show_text(whole.text or self.row.text, self.row.questions)

    def _on_fold(self) -> None:
        self._is_open = not self._is_open
        if self._is_open and self.row.has_html and self._whole is None:
            self._thread.body_wanted.emit(self.row.id, False)
        self.show_body(self._whole)
        self.resized.emit()

    def take_body(self, body: MessageBody) -> None:
        """The whole body came."""
        self._whole = body
        if self._is_open or self.row.new_text == self.row.text:
            self._show_whole()
        self._offer_images()
        self.resized.emit()

    def take_pictures(self, pictures: dict[str, bytes], body: MessageBody) -> None:
        """The remote images came that the person asked for."""
        self._pictures, self._whole = pictures, body
        self._show_whole()
        self.resized.emit()

    def _offer_images(self) -> None:
        whole = self._whole
        if (
            whole is None
            or not whole.remote_images
            or self._pictures
            or any(b.objectName() == "images" for b in self._buttons)
        ):
            return
        label = tr_n("Show {n} image from the network", "Show {n} images from the network", whole.remote_images)
        button = self._button(label, "link", lambda: self._thread.body_wanted.emit(self.row.id, True))
        button.setObjectName("images")
        button.setToolTip(tr("The sender may learn that and when you read this."))
        self._buttons.append(button)

    # --- what became of it --------------------------------------------------------------------------------------

    def _add_state(self) -> None:
        row, thread = self.row, self._thread
        if row.kind == "unreadable":
            self._say(row.problem or tr("This message can't be read"), "warn")
            self._buttons.append(self._button(tr("Try again"), "link", lambda: thread.read_again.emit(row.id)))
            self._buttons.append(self._button(tr("Show the source"), "link", lambda: thread.source_wanted.emit(row.id)))
        elif row.delivery == "failed":
            self._say(row.delivery_note or tr("Not sent"), "danger")
            self._buttons.append(self._button(tr("Try again"), "link", lambda: thread.try_again.emit(row.id)))
        elif row.delivery == "unknown":
            self._say(
                row.delivery_note or tr("It is not certain that this went out. Look in the channel itself."), "warn"
            )
            self._buttons.append(self._button(tr("It was sent"), "link", lambda: thread.decided.emit(row.id, True)))
            self._buttons.append(self._button(tr("Send again"), "link", lambda: thread.decided.emit(row.id, False)))
        elif row.delivery == "queued":
            self._add_waiting()
        elif row.delivery in _CHECKED and row.delivery_note:
            self._say(tr("It did not reach everybody. {words}", words=row.delivery_note), "danger")
        elif not (row.text.strip() or row.subject.strip() or row.has_html or row.attachments):
            self._say(tr("This message has no text"), "faint")

    def _add_waiting(self) -> None:
        """What can be done while it has not gone out."""
        row, thread = self.row, self._thread
        if row.delivery_note:
            self._say(row.delivery_note, "warn")
        if self._waits_long():
            self._buttons.append(self._button(tr("Send now"), "link", lambda: thread.send_now.emit(row.id)))
            another = self._button(tr("Another time …"), "link", lambda: thread.time_wanted.emit(
                row.id, another.mapToGlobal(QPoint(0, 0))))  # fmt: skip
            self._buttons.append(another)
        elif row.not_before is None:
            self._buttons.append(self._button(tr("Send anyway"), "link", lambda: thread.send_now.emit(row.id)))
        label = tr("Take it back") if self._waits_long() else tr("Undo")
        label = tr("Don't send") if row.not_before is None else label
        self._buttons.append(self._button(label, "link", lambda: thread.undo_wanted.emit(row.id)))
        if row.not_before is not None and row.not_before > datetime.now(UTC):
            timer = QTimer(self, interval=500)
            timer.timeout.connect(self.update)
            timer.start()

    def show_checks(self, checks: Sequence[SenderCheck]) -> None:
        """What a person should know before reading: of the sender, and of the files."""
        said = [check.text for check in checks if check.is_warning]
        if self.row.direction == "in":
            said += [why for file in self.row.attachments if (why := why_dangerous(file.filename, self.row.text))]
        self._confirmed = any(not check.is_warning for check in checks)
        self.setToolTip(" ".join(check.text for check in checks if not check.is_warning))
        if said and self._warnings is None:
            self._warnings = self._label("warn")
        if self._warnings is not None:
            self._warnings.setText("\n".join(f"⚠ {text}" for text in said))
            self._warnings.setVisible(bool(said))
        self.update()

    def _show_former_texts(self) -> None:
        words, self._words = self._words, None
        if words is not None:
            words.deleteLater()
        else:
            self._say("\n\n".join(self.row.former_texts), "faint")
        self.resized.emit()

    def _waits_long(self) -> bool:
        """Whether it goes out at a time that somebody chose, and not within the moments to undo it."""
        at = self.row.not_before
        return at is not None and (at - datetime.now(UTC)).total_seconds() >= _SOON

    def _say(self, text: str, tone: str) -> None:
        self._words = self._label(tone)
        self._words.setText(text)

    def _label(self, tone: str) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setProperty("tone", tone)
        label.setVisible(True)  # also where the card is on the screen already; it takes its looks now
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, label: str, kind: str, press: Callable[[], object]) -> QPushButton:
        button = QPushButton(label, self)
        button.setProperty("kind", kind)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, press)
        return button

    def _file_button(self, file: AttachmentRow) -> QPushButton:
        button = QPushButton(f"{file.filename}  ·  {size_text(file.size)}", self)
        button.setProperty("kind", "file")
        kind = "image" if file.content_type.startswith("image/") else "file-text"
        button.setIcon(icons.icon(kind))
        button.setToolTip(tr("Press to open, right button to save"))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, lambda: self._thread.file_wanted.emit(file, False))
        button.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        button.customContextMenuRequested.connect(lambda _place: self._thread.file_wanted.emit(file, True))
        return button

    def state_text(self) -> str:
        """Time, and what became of it."""
        row, clock = self.row, time_text.clock(self.row.sent_at)
        if row.removed:
            clock += " · " + tr("deleted at the other side")
        elif row.former_texts:
            clock += " · " + tr("edited")
        if row.delivery == "none":
            return clock
        if row.delivery == "queued" and row.not_before is not None:
            left = (row.not_before - datetime.now(UTC)).total_seconds()
            if 0 < left < _SOON:
                return tr("goes out in {n} s", n=int(left) + 1)
            if left >= _SOON:
                return tr("goes out: {time}", time=time_text.moment(row.not_before))
        return f"{clock} · {words.delivery(row.delivery)}" + (" ✓" if row.delivery in _CHECKED else "")

    def _title(self) -> str:
        row = self.row
        if self.is_note:
            return tr("Note by {name}", name=row.author)
        return row.author or row.author_handle or tr("Unknown sender")

    def _spoken(self) -> str:
        return ", ".join(filter(None, (self._title(), self.about, self.state_text(), self.row.new_text[:200])))

    # --- where everything stands --------------------------------------------------------------------------------

    def arrange(self, width: int) -> int:
        """Put everything in its place at a width; answers the height."""
        left, room = px(16), width - px(32)
        y = self._stack(self._warnings, left, px(36), room) + px(6)
        height = self.body.height_for(room)
        self.body.setGeometry(left, y, room, height)
        y += height + px(4)
        if self._fold is not None:
            self._fold.setGeometry(left, y + px(3), px(34), px(19))
            y += px(26)
        y = self._flow(self._files, left, y + px(4) if self._files else y, room, px(36))
        y = self._stack(self._words, left, y, room)
        y = self._flow(self._buttons, left, y, room, px(22))
        return y + px(10)

    @staticmethod
    def _stack(label: QLabel | None, left: int, y: int, room: int) -> int:
        if label is None or not label.text():
            return y
        wanted = label.heightForWidth(room)
        label.setGeometry(left, y + px(4), room, wanted)
        return y + wanted + px(6)

    def _flow(self, buttons: list[QPushButton], left: int, y: int, room: int, height: int) -> int:
        if not buttons:
            return y
        x = left
        for button in buttons:
            width = min(room, button.sizeHint().width())
            if x > left and x + width > left + room:
                x, y = left, y + height + px(6)
            button.setGeometry(x, y, width, height)
            x += width + px(8)
        return y + height + px(6)

    def sizeHint(self) -> QSize:
        return QSize(px(400), px(80))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, box = tokens.colors(), QRectF(self.rect()).adjusted(1, 0, -1, -2)
        ground, edge = look.surface, look.line
        if self.is_note:
            ground, edge = look.note, look.note_line
        elif self.row.direction == "out":
            ground, edge = look.outgoing, look.outgoing_line
        paint.rounded(
            painter, box.translated(0, 1.2), tokens.RADIUS_CARD, QColor(look.shadow).name(QColor.NameFormat.HexArgb)
        )
        paint.rounded(painter, box, tokens.RADIUS_CARD, ground, look.accent if self.hasFocus() else edge)
        self._paint_head(painter, box)

    def _paint_head(self, painter: QPainter, box: QRectF) -> None:
        look, middle, left, right = tokens.colors(), px(22), px(16), box.right() - px(15)
        if not self.is_note:
            channel = "phone" if self.row.kind == "call" else self.row.channel
            paint.badge(painter, left, middle - px(8.5), channel, 17)
            left += px(24)
        late = self.row.delivery in ("failed", "unknown")
        state = QRectF(right - px(240), middle - px(10), px(240), px(20))
        ink = look.danger if late else look.faint
        right -= paint.text(painter, state, self.state_text(), font(12), ink, paint.RIGHT) + px(12)
        line = QRectF(left, middle - px(10), right - left, px(20))
        used = paint.text(painter, line, self._title(), font(13, paint.SEMIBOLD), look.text)
        if self._confirmed:
            mark = line.adjusted(used + px(8), 0, 0, 0)
            used += paint.text(painter, mark, tr("✓ confirmed"), font(12), look.ok) + px(8)
        rest = line.adjusted(used + px(8), 0, 0, 0)
        if rest.width() > px(30):
            paint.text(painter, rest, self.about, font(12), look.faint)

    def focusInEvent(self, event: object) -> None:
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu, row, thread = QMenu(self), self.row, self._thread
        menus.add(menu, tr("Copy the text"), lambda: thread.copied.emit(row.text))
        if row.has_source:
            menus.add(menu, tr("Show the source"), lambda: thread.source_wanted.emit(row.id))
        if row.has_html:
            menus.add(menu, tr("Show the whole message"), self._on_fold)
        if row.direction == "in":
            menus.add(menu, tr("File as the answer to …"), lambda: thread.answer_wanted.emit(row.id))
        menu.exec(event.globalPos())
