"""The conversation list on the screen: a view of our own, because Qt's takes seconds at a million rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from inbox.errors import SearchError
from inbox.i18n import tr, tr_n
from inbox.ui import paint, row_paint, tokens
from inbox.ui.style import font
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from inbox.services.rows import ConversationRow
    from inbox.ui.list_model import ListModel

_SKELETONS = 3  # shown below the last loaded row while more are fetched
_CACHED = 120


class ListView(QAbstractScrollArea):
    """Draws the rows that are on screen, and nothing else. Rows are all of one height.

    Signals:
        opened: The current conversation changed: show it.
        entered: Enter or a double click: go on to the composer.
        selection_changed: The set of selected ids.
        menu_wanted: A context menu, at a place on the screen.
    """

    opened = Signal(object)  # an id: larger than a C int
    entered = Signal()
    selection_changed = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, model: ListModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.current: int | None = None
        self.selected: set[int] = set()
        self.empty_title, self.empty_hint = "", ""
        self._anchor: int | None = None
        self._hover = -1
        self._new_above = 0
        self._top: tuple[int, int] | None = None  # the first row on screen, and how much of it is above the edge
        self._drawn: dict[int, tuple[ConversationRow, tuple[object, ...], QPixmap]] = {}
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("Conversations"))
        self.setViewport(QWidget())  # for Qt's own PySide makes every kind of widget: 10 ms of the first paint
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        model.reset.connect(self._on_reset)
        model.changed.connect(self._on_changed)
        self._minute = QTimer(self, interval=30_000)  # waiting times grow by themselves
        self._minute.timeout.connect(self.redraw)
        self._minute.start()

    # --- rows ---------------------------------------------------------------------------------------------------

    @property
    def row_height(self) -> int:
        """In pixels, at the text size in use."""
        return px(tokens.ROW_HEIGHT)

    def current_row(self) -> ConversationRow | None:
        """The row of the conversation that is open, if it is in this list."""
        return self.model.row(self.current) if self.current is not None else None

    def redraw(self) -> None:
        """Draw everything anew: another theme, language or minute."""
        self._drawn.clear()
        self.viewport().update()

    def move_by(self, steps: int) -> None:
        """Make the row so many steps away the current one."""
        index = self.model.index_of(self.current)
        self.go_to(index + steps if index >= 0 else (0 if steps > 0 else len(self.model) - 1))

    def go_to(self, index: int, *, extend: bool = False) -> None:
        """Make a row the current one and show it."""
        if not len(self.model):
            return
        index = min(max(index, 0), len(self.model) - 1)
        self._set_current(self.model.ids[index], extend=extend)
        self.show_row(index)

    def select(self, conversation_id: int | None) -> None:
        """Mark a conversation as the open one, without telling anybody."""
        self.current = self._anchor = conversation_id
        self.selected = set() if conversation_id is None else {conversation_id}
        self.viewport().update()

    def select_all(self) -> None:
        """Select every row that is loaded."""
        self.selected = set(self.model.ids)
        self.viewport().update()
        self.selection_changed.emit()

    def show_row(self, index: int) -> None:
        """Scroll just as far as it takes to see a row whole."""
        bar, height = self.verticalScrollBar(), self.row_height
        if index * height < bar.value():
            bar.setValue(index * height)
        elif (index + 1) * height > bar.value() + self.viewport().height():
            bar.setValue((index + 1) * height - self.viewport().height())

    def row_rect(self, index: int) -> QRect:
        """Where a row stands in the viewport."""
        height = self.row_height
        return QRect(0, index * height - self.verticalScrollBar().value(), self.viewport().width(), height)

    def index_at(self, y: int) -> int:
        """The row at a height of the viewport; -1 where there is none."""
        index = (y + self.verticalScrollBar().value()) // self.row_height
        return index if 0 <= index < len(self.model) else -1

    def _set_current(self, conversation_id: int, *, extend: bool = False, toggle: bool = False) -> None:
        if extend and self._anchor is not None and self.model.index_of(self._anchor) >= 0:
            ends = sorted((self.model.index_of(self._anchor), self.model.index_of(conversation_id)))
            self.selected = set(self.model.ids[ends[0] : ends[1] + 1])
        elif toggle:
            self.selected ^= {conversation_id}
            self._anchor = conversation_id
        else:
            self.selected, self._anchor = {conversation_id}, conversation_id
        is_new = conversation_id != self.current and not toggle
        if not toggle:
            self.current = conversation_id
        self.viewport().update()
        self.selection_changed.emit()
        self._speak()
        if is_new and not extend:
            self.opened.emit(conversation_id)

    def _speak(self) -> None:
        from PySide6.QtGui import QAccessible, QAccessibleEvent  # costs milliseconds of the first paint

        row = self.current_row()
        if row is not None and QAccessible.isActive():
            self.setAccessibleDescription(row_paint.spoken(row, datetime.now(UTC)))
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # --- keeping the place --------------------------------------------------------------------------------------

    def _on_reset(self) -> None:
        self._new_above, self._hover = 0, -1
        self._drawn.clear()
        self._fit()
        self.verticalScrollBar().setValue(0)
        self._remember_top()
        self.selected &= set(self.model.ids[:10_000])
        if self.current is not None:
            self.selected |= {self.current} & set(self.model.ids[:10_000])
        self.viewport().update()

    def _on_changed(self) -> None:
        """Rows came or went: what the person looks at stays where it is."""
        bar, top = self.verticalScrollBar(), self._top
        keeps = bar.value() > 0 or self.viewport().underMouse()
        self._fit()
        if keeps and top is not None:
            index = self.model.index_of(top[0], bar.value() // self.row_height)
            if index >= 0:
                above = index - (bar.value() + self.row_height - 1) // self.row_height
                bar.setValue(index * self.row_height + top[1])
                self._new_above = max(0, self._new_above + above) if bar.value() > 0 else 0
        self._remember_top()
        self._ask_ahead()
        self.viewport().update()

    def _fit(self) -> None:
        """Give the scroll bar the height of all rows there are, and some room where there are more."""
        model = self.model
        below = 1 if model.more_error is not None else _SKELETONS if model.after is not None else 0
        rows = len(model) + below
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, rows * self.row_height - page))
        bar.setPageStep(page)
        bar.setSingleStep(self.row_height // 3)

    def _remember_top(self) -> None:
        value, height = self.verticalScrollBar().value(), self.row_height
        index = value // height
        self._top = (self.model.ids[index], value - index * height) if index < len(self.model) else None

    def _on_scrolled(self) -> None:
        self._remember_top()
        if self.verticalScrollBar().value() == 0:
            self._new_above = 0
        self._ask_ahead()
        self.viewport().update()

    def _ask_ahead(self) -> None:
        """Fetch the next page when three screens are left."""
        page, value, height = self.viewport().height(), self.verticalScrollBar().value(), self.row_height
        if value + 4 * page > len(self.model) * height:
            self.model.load_more()
        self.model.look_at(value // height, (value + page) // height)

    # --- drawing ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(tokens.colors().surface))
        if not self.model.rows and not self.model.is_loading:
            self._draw_empty(painter)
            return
        height, now = self.row_height, datetime.now(UTC)
        value, count = self.verticalScrollBar().value(), len(self.model)
        for index in range(value // height, (value + self.viewport().height()) // height + 1):
            box = QRect(0, index * height - value, self.viewport().width(), height)
            if index < count:
                painter.drawPixmap(box.topLeft(), self._row_picture(index, box.size(), now))
            elif index == count and self.model.more_error is not None:
                self._draw_more_error(painter, QRectF(box))
            elif self.model.is_loading and (index < count + _SKELETONS or count == 0):
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.translate(box.topLeft())
                row_paint.draw_skeleton(painter, box.width(), max(0.25, 1 - 0.12 * (index - count)))
                painter.restore()
        if self._new_above:
            self._draw_pill(painter)

    def _row_picture(self, index: int, size: QSize, now: datetime) -> QPixmap:
        row = self.model.rows[index]
        ratio = self.devicePixelRatioF()
        is_current = row.id == self.current
        state = (is_current, row.id in self.selected, index == self._hover, size, ratio, self.hasFocus() and is_current)
        known = self._drawn.get(row.id)
        if known is not None and known[0] is row and known[1] == state:
            return known[2]
        if len(self._drawn) > _CACHED:
            self._drawn.clear()
        picture = QPixmap(size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(tokens.colors().surface))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter, size, state)
        row_paint.draw(painter, size.width(), row, now)
        painter.end()
        self._drawn[row.id] = (row, state, picture)
        return picture

    def _draw_ground(self, painter: QPainter, size: QSize, state: tuple[object, ...]) -> None:
        look = tokens.colors()
        is_current, is_selected, is_hovered, *_rest, has_focus = state
        ground = look.selected if is_selected or is_current else look.hover if is_hovered else look.surface
        box = QRectF(0, 0, size.width(), size.height())
        painter.fillRect(box, QColor(ground))
        paint.line(painter, 0, size.height() - 1, size.width())
        if is_current:
            painter.fillRect(QRectF(0, 0, 3, size.height() - 1), QColor(look.accent))
        if has_focus:
            paint.rounded(painter, box.adjusted(5, 2, -2, -3), 5, "", look.accent)

    def _draw_empty(self, painter: QPainter) -> None:
        look, width = tokens.colors(), self.viewport().width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(px(24), self.viewport().height() * 0.3, width - px(48), px(22))
        error = self.model.error
        title, hint = self.empty_title, self.empty_hint
        if isinstance(error, SearchError):
            title, hint = tr("The search can't be understood"), str(error)
        elif error is not None:
            title, hint = error.title, error.hint
        paint.text(painter, box, title, font(15, paint.SEMIBOLD), look.text, paint.CENTER)
        painter.setFont(font(13))
        painter.setPen(QColor(look.soft))
        below = QRectF(px(24), box.bottom() + px(6), width - px(48), px(120))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(below, int(flags), hint)
        if error is not None and not isinstance(error, SearchError):
            again = QRectF(self._again_place())
            paint.text(painter, again, tr("Try again"), font(13, paint.SEMIBOLD), look.accent, paint.CENTER)

    def _draw_more_error(self, painter: QPainter, box: QRectF) -> None:
        """Under the last row: the next ones could not be read."""
        look, error = tokens.colors(), self.model.more_error
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        said = error.title if error is not None else ""
        line = QRectF(px(16), box.top() + px(16), box.width() - px(32), px(20))
        paint.text(painter, line, tr("No further conversations: {reason}", reason=said), font(13), look.soft)
        again = QRectF(self._again_place())
        paint.text(painter, again, tr("Try again"), font(13, paint.SEMIBOLD), look.accent)

    def _again_place(self) -> QRect:
        """Where "Try again" stands: in the middle of an empty list, else under the last row; empty without need."""
        width, model = self.viewport().width(), self.model
        if model.error is not None and not model.rows:
            return QRect(px(24), int(self.viewport().height() * 0.3) + px(28 + 90), width - px(48), px(24))
        if model.more_error is not None:
            return QRect(px(16), self.row_rect(len(model)).top() + px(38), width - px(32), px(24))
        return QRect()

    def _draw_pill(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, look = QRectF(self._pill()), tokens.colors()
        paint.rounded(painter, box, box.height() / 2, look.accent)
        label = tr_n("↑ {n} new", "↑ {n} new", self._new_above)
        paint.text(painter, box, label, font(12, paint.SEMIBOLD), look.on_accent, paint.CENTER)

    def _pill(self) -> QRect:
        return QRect(self.viewport().width() // 2 - px(50), px(8), px(100), px(26))

    # --- mouse and keys -----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._drawn.clear()
        self._fit()
        self._ask_ahead()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._new_above and self._pill().contains(place):
            self.verticalScrollBar().setValue(0)
            return
        if self._again_place().contains(place):
            self.model.try_again()
            return
        index = self.index_at(place.y())
        if index < 0:
            return
        found = self.model.ids[index]
        if event.button() == Qt.MouseButton.RightButton and found in self.selected:
            return
        keys = event.modifiers()
        self._set_current(
            found,
            extend=bool(keys & Qt.KeyboardModifier.ShiftModifier),
            toggle=bool(keys & Qt.KeyboardModifier.ControlModifier),
        )

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.index_at(event.position().toPoint().y()) >= 0:
            self.entered.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_hover(self.index_at(event.position().toPoint().y()))

    def leaveEvent(self, event: object) -> None:
        self._set_hover(-1)

    def _set_hover(self, index: int) -> None:
        if index != self._hover:
            self._hover = index
            self.viewport().update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.row_rect(max(0, self.model.index_of(self.current))).center())
        self.menu_wanted.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, rows = self.model.index_of(self.current), max(1, self.viewport().height() // self.row_height)
        targets = {
            Qt.Key.Key_Down: index + 1,
            Qt.Key.Key_Up: max(0, index - 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self.model) - 1,
            Qt.Key.Key_PageDown: index + rows,
            Qt.Key.Key_PageUp: max(0, index - rows),
        }
        key = Qt.Key(event.key())
        if self.model.more_error is not None and targets.get(key, 0) >= len(self.model):
            self.model.try_again()
        elif key in targets:
            self.go_to(targets[key], extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index >= 0:
            self.entered.emit()
        elif key == Qt.Key.Key_Space and self.current is not None:
            self._set_current(self.current, toggle=True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        self.viewport().update()
        self._speak()

    def focusOutEvent(self, event: object) -> None:
        self.viewport().update()
