"""A conversation saved from the window: as a PDF to read and print, or as an mbox for another mail program."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from inbox.errors import StorageError
from inbox.i18n import tr
from inbox.ui import time_text
from inbox.ui.files import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inbox.services.rows import MessageRow
    from inbox.ui.window import Window

_FORMS = "PDF (*.pdf);;mbox (*.mbox)"


def export_conversation(window: Window) -> None:
    """Ask where to, and write the open conversation. What the team noted stays here."""
    detail = window.pane.detail
    if detail is None:
        return
    conversation_id, title = detail.row.id, detail.row.subject or detail.row.customer_name
    proposed = Path.home() / f"{safe_name(title)}.pdf"
    chosen, form = QFileDialog.getSaveFileName(window, tr("Export the conversation"), str(proposed), _FORMS)
    if not chosen:
        return
    path = Path(chosen)
    if not path.suffix:
        path = path.with_suffix(".mbox" if "mbox" in form else ".pdf")

    def work(s: Any) -> None:
        from inbox.services import conversation_files

        if path.suffix.lower() == ".mbox":
            path.unlink(missing_ok=True)  # the dialog has asked
            conversation_files.write_mbox(s, conversation_id, path)
        else:
            write_pdf(path, title, conversation_files.messages_of(s, conversation_id))

    window.acts.read(work, lambda _none: window.acts.said.emit(tr("Saved as {name}", name=path.name), "", None))


def write_pdf(path: Path, title: str, rows: Iterable[MessageRow]) -> None:
    """Write messages as a PDF. Runs in the worker. Raises StorageError."""
    from PySide6.QtCore import QMarginsF
    from PySide6.QtGui import QFont, QPageLayout, QPageSize, QPdfWriter, QTextDocument

    try:
        path.open("wb").close()
    except OSError as error:
        reason = error.strerror or str(error)
        raise StorageError("{name} can't be written", "{reason}", name=path.name, reason=reason) from error
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(18, 18, 18, 18), QPageLayout.Unit.Millimeter)
    page = QTextDocument()
    page.setDefaultFont(QFont("Inter", 10))
    page.setHtml(f"<h2>{html.escape(title)}</h2>" + "".join(_message(row) for row in rows))
    page.print_(writer)


def _message(row: MessageRow) -> str:
    who = " ".join(filter(None, (row.author, f"<{row.author_handle}>" if row.author_handle else "")))
    files = ", ".join(file.filename for file in row.attachments)
    named = f"<p><i>{html.escape(files)}</i></p>" if files else ""
    text = html.escape(row.text or row.subject).replace("\n", "<br>")
    return f"<hr><p><b>{html.escape(who)}</b> · {html.escape(time_text.moment(row.sent_at))}</p><p>{text}</p>{named}"
