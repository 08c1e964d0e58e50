"""The menu of looks: bold, italic, lists, quotation, link. Shown only where the channel carries them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from inbox.i18n import tr
from inbox.ui import menus
from inbox.ui.dialog import Dialog
from inbox.ui.form import Field, button, line

if TYPE_CHECKING:
    from inbox.ui.composer.editor import Editor

_WEB = re.compile(r"(?:https?://|mailto:|tel:)\S+\Z", re.I)


def show(editor: Editor, place: QPoint) -> None:
    """Offer the looks above a place on the screen."""
    menu = QMenu(editor)
    menus.add(menu, f"{tr('Bold')}\t{tr('Ctrl+B')}", editor.toggle_bold)
    menus.add(menu, f"{tr('Italic')}\t{tr('Ctrl+I')}", editor.toggle_italic)
    menu.addSeparator()
    menus.add(menu, f"{tr('List')}\t{tr('Ctrl+Shift+8')}", editor.toggle_list)
    menus.add(menu, f"{tr('Numbered list')}\t{tr('Ctrl+Shift+7')}", lambda: editor.toggle_list(numbered=True))
    menus.add(menu, f"{tr('Quotation')}\t{tr('Ctrl+Shift+9')}", editor.toggle_quote)
    menu.addSeparator()
    menus.add(menu, tr("Link …"), lambda: LinkDialog(editor).open())
    menu.exec(place - QPoint(0, menu.sizeHint().height()))
    editor.setFocus()


class LinkDialog(Dialog):
    """Asks where the chosen words lead."""

    def __init__(self, editor: Editor) -> None:
        super().__init__(editor.window(), tr("Where does the link lead?"), width=420)
        self._editor = editor
        self.field = Field(tr("Address of the link"), line())
        self.content.addWidget(self.field)
        stay, sure = button(tr("Cancel")), button(tr("Insert the link"), "primary")
        stay.clicked.connect(self.reject)
        sure.clicked.connect(self._on_sure)
        sure.setDefault(True)
        self.foot.addStretch(1)
        self.foot.addWidget(stay)
        self.foot.addWidget(sure)

    def _on_sure(self) -> None:
        typed = self.field.value.strip()
        href = typed if _WEB.match(typed) else f"https://{typed}"
        if not typed or " " in typed or "." not in href:
            self.field.complain(tr("A link looks like www.example.com."))
            return
        self.accept()
        self._editor.link_to(href)
