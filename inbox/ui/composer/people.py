"""Whom the reply goes to: one quiet line, which opens into To, Cc and Bcc where the channel takes copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton

from inbox.i18n import tr, tr_n
from inbox.ui import icons, menus
from inbox.ui.flow import ElidedLabel
from inbox.ui.style import restyle
from inbox.ui.tokens import px

if TYPE_CHECKING:
    from inbox.services.writing import Writing
    from inbox.ui.composer.written import Written

_NAMES = ("to", "cc", "bcc")


class People(QFrame):
    """The three fields, hidden until they are wanted. ``head`` holds what stands beside the tabs.

    Signals:
        changed: Somebody was added or taken away.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._written: Written | None = None
        self._known: Writing | None = None
        self.line = ElidedLabel()
        self.line.setProperty("tone", "soft")
        self.line.installEventFilter(self)
        self.all_button = self._button("", self._reply_to_all)
        self.fold_button = self._button("", self.toggle)
        self.fold_button.setIconSize(QSize(px(16), px(16)))
        self.fold_button.setAccessibleName(tr("Recipients: To, Cc and Bcc"))
        self.fold_button.setToolTip(tr("Recipients: To, Cc and Bcc"))
        self.head = QHBoxLayout()
        self.head.setSpacing(px(4))
        self.head.addWidget(self.line, 1)
        self.head.addWidget(self.all_button)
        self.head.addWidget(self.fold_button)
        self.fields = {name: QLineEdit() for name in _NAMES}
        inside = QGridLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setHorizontalSpacing(px(8))
        inside.setVerticalSpacing(px(4))
        labels = (tr("To"), tr("Cc"), tr("Bcc"))
        for place, (name, words) in enumerate(zip(_NAMES, labels, strict=True)):
            field, label = self.fields[name], QLabel(words)
            label.setProperty("tone", "soft")
            label.setBuddy(field)
            field.setAccessibleName(words)
            field.setProperty("kind", "place")
            field.textEdited.connect(self._on_edited)
            field.installEventFilter(self)
            inside.addWidget(label, place, 0)
            inside.addWidget(field, place, 1)
        self.fields["bcc"].setToolTip(tr("Nobody else learns of them"))
        self.setVisible(False)

    def _button(self, label: str, press: object) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("kind", "quiet")
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        menus.on_press(button, press)  # type: ignore[arg-type]  # a bound method
        return button

    # --- showing ------------------------------------------------------------------------------------------------

    def show_people(self, written: Written, known: Writing, *, copies: bool) -> None:
        """Those of a reply. Without ``copies`` there is nothing to open."""
        self._written, self._known = written, known
        self.fold_button.setVisible(copies)
        self.line.setCursor(Qt.CursorShape.PointingHandCursor if copies else Qt.CursorShape.ArrowCursor)
        self.all_button.setVisible(copies and bool(known.others))
        if not copies or not (written.cc or written.bcc or self.isVisible()):
            self.setVisible(False)
        self._fill()
        self.show_line()

    def show_note(self) -> None:
        """A note has no recipients."""
        self.setVisible(False)
        for button in (self.all_button, self.fold_button):
            button.hide()
        self.line.setCursor(Qt.CursorShape.ArrowCursor)
        self.line.setText(tr("only the team sees it"))

    def _fill(self) -> None:
        written, known = self._written, self._known
        if written is None or known is None:
            return
        shown = {"to": written.to or known.to, "cc": written.cc, "bcc": written.bcc}
        for name, field in self.fields.items():
            if not field.hasFocus():
                field.setText(", ".join(shown[name]))

    def show_line(self) -> None:
        """The one line, and what the buttons offer next."""
        written, known = self._written, self._known
        if written is None or known is None:
            return
        to = written.to or known.to
        words = ", ".join(to[:2]) or tr("nobody to send to")
        more = len(to) - 2 if len(to) > 2 else 0
        copies = len(written.cc) + len(written.bcc) + more
        if copies:
            words += " " + tr_n("and {n} more", "and {n} more", copies)
        self.line.setText(words)
        is_open = self.isVisible()
        self.fold_button.setIcon(icons.icon("chevron-up" if is_open else "chevron-down"))
        self.all_button.setText(tr("Reply") if self._is_to_all() else tr("Reply all"))
        self.all_button.setToolTip(
            tr("Only to {name}", name=", ".join(known.to)) if self._is_to_all() else ", ".join(known.others)
        )

    def _is_to_all(self) -> bool:
        assert self._written is not None
        assert self._known is not None
        got = {one.casefold() for one in (*self._written.to, *self._written.cc, *self._written.bcc)}
        return bool(self._known.others) and all(one.casefold() in got for one in self._known.others)

    # --- changing -----------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Open the fields, or fold them."""
        if self.fold_button.isHidden():
            return
        self.setVisible(not self.isVisible())
        self._fill()
        self.show_line()
        if self.isVisible():
            self.fields["cc" if self.fields["to"].text() else "to"].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _reply_to_all(self) -> None:
        written, known = self._written, self._known
        if written is None or known is None or not known.others:
            return
        others = {one.casefold() for one in known.others}
        if self._is_to_all():
            written.to = ()
            written.cc = tuple(one for one in written.cc if one.casefold() not in others)
        else:
            have = {one.casefold() for one in written.cc}
            written.cc = (*written.cc, *(one for one in known.others if one.casefold() not in have))
        self._fill()
        self.show_line()
        self.changed.emit()

    def reply_to_all(self) -> None:
        """Give everybody who got the newest message a copy, if they don't get one yet."""
        if not self.all_button.isHidden() and not self._is_to_all():
            self._reply_to_all()

    def _on_edited(self) -> None:
        from inbox.services.writing import parse_addresses

        written, known = self._written, self._known
        if written is None or known is None:
            return
        for name, field in self.fields.items():
            good, bad = parse_addresses(field.text())
            every = (*good, *bad)  # what is no address yet is kept: the check before sending names it
            if name == "to" and every == known.to:
                every = ()
            setattr(written, name, every)
            self._mark(field, bool(bad))
        self.show_line()
        self.changed.emit()

    @staticmethod
    def _mark(field: QLineEdit, is_wrong: bool) -> None:
        tone = "wrong" if is_wrong and not field.hasFocus() else ""
        if field.property("tone") != tone:
            field.setProperty("tone", tone)
            restyle(field)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The line opens on a click; a field that is left says whether it is right; Escape folds."""
        if watched is self.line and event.type() == QEvent.Type.MouseButtonRelease:
            self.toggle()
        elif isinstance(watched, QLineEdit) and event.type() == QEvent.Type.FocusOut:
            from inbox.services.writing import parse_addresses

            self._mark(watched, bool(parse_addresses(watched.text())[1]))
        elif isinstance(watched, QLineEdit) and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # else Escape leaves the conversation
            if event.type() == QEvent.Type.KeyPress:
                self.toggle()
            return True
        return False
