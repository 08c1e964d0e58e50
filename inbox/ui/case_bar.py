"""The case over the thread: title, status, owner, deadline, the questions that are missing, and Close."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from inbox.i18n import tr, tr_n
from inbox.ui import menus, paint, row_paint, time_text, tokens, words
from inbox.ui.banners import Banners
from inbox.ui.flow import Flow
from inbox.ui.style import font, restyle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from collections.abc import Callable

    from inbox.services.rows import CaseRow, ConversationDetail, Gate

_STATUSES = ("open", "waiting", "solved")


class DotsButton(QPushButton):
    """●●○ and what is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "accent")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.asked, self.required, self.words = 0, 2, ""
        self.is_tight = False  # only the dots

    def show_gate(self, gate: Gate) -> None:
        """Show how far the questions are."""
        self.asked, self.required = gate.asked, gate.required
        short = max(0, gate.required - gate.asked)
        unanswered = gate.asked - gate.answered
        if gate.waived:
            self.words = tr("Waived")
        elif short:
            self.words = tr_n("{n} missing", "{n} missing", short)
        elif unanswered > 0:
            self.words = tr_n("{n} unanswered", "{n} unanswered", unanswered)
        else:
            self.words = tr("Complete")
        said = tr("{asked} of {required} questions asked", asked=gate.asked, required=gate.required)
        self.setAccessibleName(f"{said}. {self.words}")
        self.setToolTip("\n".join(gate.missing) or tr("Everything was asked and answered"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = 0 if self.is_tight else QFontMetrics(font(13, paint.SEMIBOLD)).horizontalAdvance(self.words)
        return QSize(width + max(self.asked, self.required) * px(11) + px(20 if self.is_tight else 30), px(29))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, middle = px(11), self.height() / 2
        x += int(paint.dots(painter, x, middle, self.asked, self.required)) + px(5)
        if self.is_tight:
            return
        box = QRectF(x, 0, self.width() - x, self.height())
        paint.text(painter, box, self.words, font(13, paint.SEMIBOLD), tokens.colors().accent)


class CaseBar(QWidget):
    """Asks by signals; the conversation's pane does what they ask.

    Signals:
        owner_menu_wanted, type_menu_wanted, questions_wanted, close_wanted: Under a button.
    """

    status_chosen = Signal(str)
    priority_chosen = Signal(str)
    owner_menu_wanted = Signal(object)
    type_menu_wanted = Signal(object)
    questions_wanted = Signal(object)
    close_wanted = Signal(object)
    reopen_wanted = Signal()
    due_menu_wanted = Signal(object)
    case_wanted = Signal()
    dismiss_wanted = Signal(object)
    restore_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("case_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.detail: ConversationDetail | None = None
        self.title = QLabel()
        self.title.setProperty("tone", "title")
        self.title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.title.setMinimumWidth(px(80))
        self._subject = ""
        self._is_tight = False
        self.about = self._button("quiet", self.type_menu_wanted.emit)
        self.status = self._button("strong", self._show_statuses)
        self.owner = self._button("", self.owner_menu_wanted.emit)
        self.due = self._button("", self.due_menu_wanted.emit)
        self.questions = DotsButton()
        self.questions.clicked.connect(lambda: self.questions_wanted.emit(self.questions))
        self.close_button = self._button("closed", self._on_close)
        self.open_button = self._button("accent", lambda _button: self.case_wanted.emit())
        self.open_button.setText(tr("Open a case"))
        self.dismiss_button = self._button("", self.dismiss_wanted.emit)
        self.restore_button = self._button("", lambda _button: self.restore_wanted.emit())
        self.restore_button.setText(tr("Take it back"))
        self.banners = Banners()
        self._arrange()

    def _button(self, kind: str, press: Callable[[QWidget], object]) -> QPushButton:
        button = QPushButton()
        button.setProperty("kind", kind)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, lambda: press(button))
        return button

    def _arrange(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(px(20), px(12), px(20), 0)
        head.setSpacing(px(6))
        head.addWidget(self.title)
        head.addWidget(self.about)
        head.addStretch(1)
        outer.addWidget(self._head)
        line = QHBoxLayout()
        line.setContentsMargins(px(20), px(8), px(20), px(12))
        self._left = Flow(8)
        for button in (self.status, self.owner, self.due, self.questions, self.open_button, self.dismiss_button,
                       self.restore_button):  # fmt: skip
            self._left.add(button)
        line.addWidget(self._left, 1)
        line.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(line)
        rule = QFrame()
        rule.setProperty("kind", "line")
        rule.setFixedHeight(1)
        outer.addWidget(rule)
        outer.addWidget(self.banners)

    def set_tight(self, tight: bool) -> None:
        """One line where there is little height: the title stands in the list, the owner in the menus."""
        if tight != self._is_tight:
            self._is_tight = self.questions.is_tight = tight
            self._head.setHidden(tight)
            self.owner.setVisible(not tight and self.detail is not None and self.detail.case is not None)
            self.questions.updateGeometry()
            self._left.arrange()

    # --- what it shows ------------------------------------------------------------------------------------------

    def show_detail(self, detail: ConversationDetail) -> None:
        """The case of a conversation, or that it has none."""
        self.detail = detail
        case, gate = detail.case, detail.gate
        self._subject = (case.subject if case else "") or row_paint.subject(detail.row)
        self._show_title()
        has_case, closed = case is not None, case is not None and case.status == "closed"
        self.status.setVisible(has_case)
        self.owner.setVisible(has_case and not self._is_tight)
        self.questions.setVisible(has_case and gate is not None and not closed)
        self.close_button.setVisible(has_case)
        self.about.setVisible(has_case)
        self.open_button.setVisible(not has_case and not detail.row.dismissed)
        self.dismiss_button.setVisible(not has_case and not detail.row.dismissed)
        self.dismiss_button.setText(tr("Needs no case") + " ⌄")
        self.restore_button.setVisible(bool(detail.row.dismissed))
        if case is not None:
            self._show_case(case)
        self._show_due(case)
        if case is not None and gate is not None:
            self.questions.show_gate(gate)
            self._show_close(gate, closed=closed)
        self.banners.show_detail(detail)
        self._left.arrange()

    def _show_case(self, case: CaseRow) -> None:
        self.about.setText(f"{tr('Case {number}', number=case.id)} · {case.case_type.name}")
        self.about.setToolTip(tr("Change the kind of case"))
        if case.status == "closed" and case.close_reason is not None:
            self.status.setText(f"{words.status(case.status)}: {words.close_reason(case.close_reason).lower()}")
        else:
            self.status.setText(words.status(case.status) + " ⌄")
        self.owner.setText((case.owner_name or tr("Nobody")) + " ⌄")
        self.owner.setAccessibleName(tr("Owner: {name}", name=case.owner_name or tr("Nobody")))

    def _show_due(self, case: CaseRow | None) -> None:
        self.due.setVisible(case is not None and case.due_at is not None and case.status in ("new", "open"))
        if case is None or case.due_at is None:
            return
        label, level = time_text.due_long(case.due_at, datetime.now(UTC))
        self.due.setText(label)
        self.due.setToolTip(time_text.moment(case.due_at))
        if self.due.property("kind") != level:
            self.due.setProperty("kind", level)
            restyle(self.due)

    def _show_close(self, gate: Gate, *, closed: bool) -> None:
        kind = "" if closed else "accent" if gate.is_open else "closed"
        self.close_button.setText(tr("Reopen") if closed else tr("Close"))
        missing = "\n".join(gate.missing)
        self.close_button.setToolTip("" if closed or gate.is_open else missing)
        self.close_button.setAccessibleDescription("" if closed else missing)
        if self.close_button.property("kind") != kind:
            self.close_button.setProperty("kind", kind)
            restyle(self.close_button)

    def _show_title(self) -> None:
        room = max(px(80), self.width() - px(60) - self.about.sizeHint().width())
        metrics = QFontMetrics(font(tokens.TITLE, paint.SEMIBOLD))
        self.title.setText(metrics.elidedText(self._subject, Qt.TextElideMode.ElideRight, room))
        self.title.setToolTip(self._subject)

    def resizeEvent(self, event: object) -> None:
        self._show_title()

    # --- menus --------------------------------------------------------------------------------------------------

    def _show_statuses(self, button: QWidget) -> None:
        case = self.detail.case if self.detail else None
        if case is None or case.status == "closed":
            return
        menu = QMenu(self)
        for status in _STATUSES:
            action = menus.add(menu, words.status(status), partial(self.status_chosen.emit, status))
            action.setCheckable(True)
            action.setChecked(case.status == status)
        menu.addSeparator()
        priorities = menu.addMenu(tr("Priority"))
        for value in ("high", "normal", "low"):
            action = menus.add(priorities, words.priority(value), partial(self.priority_chosen.emit, value))
            action.setCheckable(True)
            action.setChecked(case.priority == value)
        menu.exec(below(button))

    def _on_close(self, button: QWidget) -> None:
        case = self.detail.case if self.detail else None
        if case is not None and case.status == "closed":
            self.reopen_wanted.emit()
        else:
            self.close_wanted.emit(button)


def below(widget: QWidget) -> QPoint:
    """Where a button's menu opens, on the screen."""
    return widget.mapToGlobal(widget.rect().bottomLeft())
