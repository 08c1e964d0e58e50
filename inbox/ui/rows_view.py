"""One calm list for all dialogs: rows with a badge or light, a title, a note, chips and a detail at the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inbox.ui.tokens import colors, px

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class Chip:
    """A small word at the end of a row. ``tone``: plain, accent, danger, warn, ok."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Row:
    """What a row shows. ``key`` is what choosing it means; a heading can't be chosen."""

    key: object
    title: str
    note: str = ""
    detail: str = ""
    badge: str = ""  # a letter or sign in a small square
    light: str = ""  # a tone, as a dot; its meaning stands in the note
    chips: tuple[Chip, ...] = ()
    heading: bool = False
    faded: bool = False  # switched off
    spoken: str = ""  # for a screen reader, where title and note don't say it all


class RowModel(QAbstractListModel):
    """The rows."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()

    def show(self, rows: Sequence[Row]) -> None:
        """Other rows."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Title for what reads rows as text, everything for a screen reader."""
        found = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return found.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = [found.title, found.note, *(chip.text for chip in found.chips), found.detail]
            return found.spoken or ", ".join(part for part in parts if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return found.note or None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.rows[index.row()].heading:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def tones(tone: str) -> tuple[QColor, QColor]:
    """The colour of a tone's text and of the surface under it."""
    c = colors()
    pairs = {
        "plain": (c.soft, c.sunken),
        "accent": (c.accent, c.accent_soft),
        "danger": (c.danger, c.danger_soft),
        "warn": (c.warn, c.warn_soft),
        "ok": (c.ok, c.ok_soft),
        "note": (c.warn, c.note),
    }
    front, back = pairs.get(tone, pairs["plain"])
    return QColor(front), QColor(back)


class RowDelegate(QStyledItemDelegate):
    """Paints a row."""

    wrap_notes = False  # a note over as many lines as it needs

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        found = _row(index)
        if found.heading:
            return QSize(px(40), px(34) if index.row() else px(26))
        title, note = _fonts(option.font)
        height = QFontMetrics(title).height() + px(16)
        if found.note:
            height += self._note_height(option, found, note) + px(2)
        return QSize(px(40), height)

    def _note_height(self, option: QStyleOptionViewItem, found: Row, font: QFont) -> int:
        metrics = QFontMetrics(font)
        if not self.wrap_notes:
            return metrics.height()
        view = option.widget
        width = view.viewport().width() if isinstance(view, QListView) else px(300)
        space = width - px(24) - self._left(found)
        return metrics.boundingRect(QRect(0, 0, max(space, px(80)), 10000), _WRAP, found.note).height()

    @staticmethod
    def _left(found: Row) -> int:
        return px(32) if found.badge else px(18) if found.light else 0

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Surface, then from both sides inwards: badge, chips and detail, and the texts in what is left."""
        found, c = _row(index), colors()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title, note = _fonts(option.font)
        if found.heading:
            note.setWeight(QFont.Weight.DemiBold)
            painter.setFont(note)
            painter.setPen(QColor(c.soft))
            area = option.rect.adjusted(px(12), 0, -px(12), -px(5))
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, found.title)
            painter.restore()
            return
        self._paint_surface(painter, option)
        painter.setOpacity(0.62 if found.faded else 1.0)
        area = option.rect.adjusted(px(12), px(8), -px(12), -px(8))
        self._paint_mark(painter, area, found, title)
        area.setLeft(area.left() + self._left(found))
        first = QRect(area.left(), area.top(), area.width(), QFontMetrics(title).height())
        first.setRight(self._paint_right(painter, first if found.note else area, found, note))
        painter.setFont(title)
        painter.setPen(QColor(c.text))
        text = QFontMetrics(title).elidedText(found.title, Qt.TextElideMode.ElideRight, first.width())
        painter.drawText(first, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        if found.note:
            self._paint_note(painter, area, first.bottom() + px(2), found, note)
        painter.restore()

    @staticmethod
    def _paint_surface(painter: QPainter, option: QStyleOptionViewItem) -> None:
        c = colors()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        hover = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not chosen and not hover:
            return
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(c.selected if chosen else c.sunken))
        if chosen and option.widget.hasFocus():
            painter.setPen(QPen(QColor(c.accent), px(1)))
        painter.drawRoundedRect(area, px(8), px(8))

    @staticmethod
    def _paint_mark(painter: QPainter, area: QRect, found: Row, title: QFont) -> None:
        middle = area.top() + QFontMetrics(title).height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        if found.light:
            painter.setBrush(tones(found.light)[0])
            painter.drawEllipse(QRectF(area.left(), middle - px(4), px(8), px(8)))
        elif found.badge:
            front, back = tones("accent")
            painter.setBrush(back)
            square = QRectF(area.left(), middle - px(10), px(20), px(20))
            painter.drawRoundedRect(square, px(5), px(5))
            bold = QFont(title)
            bold.setWeight(QFont.Weight.Bold)
            bold.setPixelSize(px(11))
            painter.setFont(bold)
            painter.setPen(front)
            painter.drawText(square, Qt.AlignmentFlag.AlignCenter, found.badge)

    @staticmethod
    def _paint_right(painter: QPainter, area: QRect, found: Row, font: QFont) -> int:
        """Detail and chips, from the right; returns where the title must end."""
        metrics, right = QFontMetrics(font), area.right()
        painter.setFont(font)
        if found.detail:
            text = metrics.elidedText(found.detail, Qt.TextElideMode.ElideRight, area.width() // 2)
            width = metrics.horizontalAdvance(text) + px(2)
            painter.setPen(QColor(colors().soft))
            painter.drawText(QRect(right - width, area.top(), width, area.height()), _RIGHT, text)
            right -= width + px(8)
        for chip in reversed(found.chips):
            front, back = tones(chip.tone)
            width = metrics.horizontalAdvance(chip.text) + px(14)
            height = metrics.height() + px(3)
            place = QRectF(right - width, area.center().y() - height / 2 + 0.5, width, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(back)
            painter.drawRoundedRect(place, px(5), px(5))
            painter.setPen(front)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, chip.text)
            right -= width + px(6)
        return right - px(4)

    def _paint_note(self, painter: QPainter, area: QRect, top: int, found: Row, font: QFont) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colors().soft))
        place = QRect(area.left(), top, area.width(), area.bottom() - top + 1)
        if self.wrap_notes:
            painter.drawText(place, _WRAP, found.note)
            return
        text = QFontMetrics(font).elidedText(found.note, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, text)


_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def _row(index: Index) -> Row:
    model = index.model()
    assert isinstance(model, RowModel)
    return model.rows[index.row()]


def _fonts(base: QFont) -> tuple[QFont, QFont]:
    title, note = QFont(base), QFont(base)
    title.setPixelSize(px(13))
    title.setWeight(QFont.Weight.Medium)
    note.setPixelSize(px(12))
    return title, note


class RowsView(QListView):
    """A list of rows. Enter or a click chooses; ``moved`` follows the arrow keys."""

    chosen = Signal(object)  # the row's key: Enter or a click
    moved = Signal(object)  # the row's key, or None

    def __init__(self, name: str, *, wrap_notes: bool = False) -> None:
        super().__init__()
        self._model = RowModel(self)
        self._delegate = RowDelegate(self)
        self._delegate.wrap_notes = wrap_notes
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(name)
        self.setProperty("role", "rows")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.clicked.connect(lambda index: self.chosen.emit(_row(index).key))
        self.selectionModel().currentChanged.connect(lambda _new, _old: self.moved.emit(self.key))

    def show_rows(self, rows: Sequence[Row], *, keep: object = None, first: bool = False) -> None:
        """Show rows, the one with the key ``keep`` current; ``first`` makes the first one current if that is gone."""
        self._model.show(rows)
        if keep is not None and self.select(keep):
            return
        if first:
            self.step(1)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._model.rows

    @property
    def key(self) -> object:
        """The current row's key, or None."""
        index = self.currentIndex()
        return _row(index).key if index.isValid() else None

    def select(self, key: object) -> bool:
        """Make the row with this key current; false if there is none."""
        for number, found in enumerate(self._model.rows):
            if found.key == key and not found.heading:
                self.setCurrentIndex(self._model.index(number))
                return True
        return False

    def step(self, by: int) -> None:
        """Go up or down, over headings, stopping at the ends."""
        number = self.currentIndex().row() + by if self.currentIndex().isValid() else (0 if by > 0 else -1)
        while 0 <= number < len(self._model.rows):
            if not self._model.rows[number].heading:
                self.setCurrentIndex(self._model.index(number))
                return
            number += by

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.key is not None:
            self.chosen.emit(self.key)
            return
        super().keyPressEvent(event)

    def full_height(self) -> int:
        """How high it is with all its rows in sight."""
        return sum(self.sizeHintForRow(number) for number in range(self._model.rowCount())) + px(2)

    def show_all(self) -> None:
        """Be as high as all rows: the page scrolls, not the list."""
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(self.full_height())
