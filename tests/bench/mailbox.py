"""An mbox of realistic mails: threads, Spanish, plain and HTML texts, attachments. Seeded, so it repeats."""

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path

from tests.bench.corpus import Corpus, Mail

_OURS = "atencion@casaverde.example"
_BEGAN = datetime(2025, 1, 7, 8, tzinfo=UTC)
_FILE_BYTES = 30_000


def write_mbox(file: Path, count: int, *, words: int = 150, one_thread: bool = False) -> None:
    """Write ``count`` mails, the oldest first; with ``one_thread`` all are HTML and belong to one conversation."""
    with file.open("wb") as out:
        for mail in mails(count, words, one_thread=one_thread):
            out.write(b"From MAILER-DAEMON Tue Jan  7 08:00:00 2025\n" + mail + b"\n")


def mails(count: int, words: int = 150, *, one_thread: bool = False) -> Iterator[bytes]:
    """The same mails one by one."""
    chance = random.Random(11)
    firsts: dict[int, str] = {}
    for mail in Corpus().mails(count, words):
        thread = 0 if one_thread else mail.thread
        key = f"{mail.number}.{thread}@correo.example"
        first = firsts.setdefault(thread, key)
        head = _head(mail, key, first, one_thread)
        html = one_thread or chance.random() < 0.6
        file = not one_thread and chance.random() < 0.12
        yield head + _content(mail, html=html, file=file)


def _head(mail: Mail, key: str, first: str, one_thread: bool) -> bytes:
    name, address = ("Ana García", "cliente1@correo.example") if one_thread else (mail.name, mail.address)
    lines = [
        f"Received: from mx.correo.example by mail.casaverde.example; {_date(mail)}",
        f"From: {name.encode('ascii', 'ignore').decode()} <{address}>",
        f"To: {_OURS}",
        f"Subject: =?utf-8?b?{base64.b64encode(mail.subject.encode()).decode()}?=",
        f"Date: {_date(mail)}",
        f"Message-ID: <{key}>",
        "MIME-Version: 1.0",
    ]
    if first != key:
        lines += [f"In-Reply-To: <{first}>", f"References: <{first}>"]
    return ("\n".join(lines) + "\n").encode()


def _date(mail: Mail) -> str:
    return format_datetime(_BEGAN + timedelta(minutes=mail.number))


def _content(mail: Mail, *, html: bool, file: bool) -> bytes:
    text = f'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{mail.text}\n'
    if not html and not file:
        return text.encode()
    parts = [text]
    if html:
        parts.append(
            f'Content-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n{_html(mail.text)}\n'
        )
    if file:
        content = base64.encodebytes(random.Random(mail.number).randbytes(_FILE_BYTES)).decode()
        parts.append(
            "Content-Type: image/jpeg; name=foto.jpg\nContent-Transfer-Encoding: base64\n"
            f"Content-Disposition: attachment; filename=foto-{mail.number}.jpg\n\n{content}"
        )
    kind = "mixed" if file else "alternative"
    mark = f"=_{mail.number}"
    body = "".join(f"--{mark}\n{part}" for part in parts) + f"--{mark}--\n"
    return f'Content-Type: multipart/{kind}; boundary="{mark}"\n\n{body}'.encode()


def _html(text: str) -> str:
    words = text.split()
    paragraphs = [" ".join(words[place : place + 40]) for place in range(0, len(words), 40)]
    shown = "".join(
        f'<p style="margin:0 0 12px 0;font-family:Arial,sans-serif"><b>{number}.</b> {escape(paragraph)}</p>'
        for number, paragraph in enumerate(paragraphs, 1)
    )
    table = '<table border="0" cellpadding="4"><tr><td>Pedido</td><td><b>ES-365534</b></td></tr></table>'
    return f'<html><body><div style="color:#222">{shown}{table}</div></body></html>'
