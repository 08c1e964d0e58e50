"""Pictures that were pasted into a reply: in its text where the channel carries looks, a file elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from inbox.ui.composer import document

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from inbox.ui.composer.card import Composer


def paste(composer: Composer, image: QImage) -> None:
    """Put a picture in at the cursor."""
    if not composer.editor.is_rich:
        composer.image_given.emit(image)
        return
    from inbox.ui import files

    file = files.from_image(image)
    found = document.new_picture(file.content)
    composer.written.files.append(replace(file, content_id=found.content_id))  # before the text tells of it
    document.insert_picture(composer.editor.textCursor(), found)


def draw(composer: Composer) -> None:
    """Draw those that stand in the text; stored ones are asked for."""
    written, drawn = composer.written, composer.editor.document()
    shown = document.shown_pictures(composer.editor.written_page())
    for file in written.files:
        if file.content_id in shown:
            document.fill_picture(drawn, file.content_id, file.content)
    for stored in written.attachments:
        if stored.content_id in shown:
            composer.picture_wanted.emit(stored)
