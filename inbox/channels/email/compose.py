"""Write a reply as RFC 5322. Nothing that a person typed can begin a new header field."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from inbox.channels.base import Outgoing, OutgoingFile
from inbox.channels.email.filenames import safe_name
from inbox.errors import RejectedMessageError

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ID = re.compile(r"[^\s<>]{3,400}\Z")
_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]{1,64}\Z")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*\Z")
_METHOD = re.compile(rb"^METHOD:([A-Z]{2,20})\r?$", re.MULTILINE)
_MOST_REFERENCES = 20
_POLICY = policy.SMTP.clone(max_line_length=78)


def compose(message: Outgoing, address: str, from_name: str, now: datetime | None = None) -> bytes:
    """The bytes that go out, with CRLF, the same for everybody: ``bcc`` stands nowhere in them.

    Raises RejectedMessageError for an address that is none.
    """
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = mailbox(address, message.from_name or from_name)
    mail["To"] = [mailbox(each) for each in message.to]
    if message.cc:
        mail["Cc"] = [mailbox(each) for each in message.cc]
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime((now or datetime.now(UTC)).astimezone())
    mail["Message-ID"] = f"<{message.remote_id}>"
    if _ID.match(message.in_reply_to):
        mail["In-Reply-To"] = f"<{message.in_reply_to}>"
    references = _references(message)
    if references:
        mail["References"] = " ".join(f"<{each}>" for each in references)
    mail.set_content(_lines(message.text), subtype="plain", charset="utf-8", cte="quoted-printable")
    pictures: list[OutgoingFile] = []
    if message.html:
        mail.add_alternative(_lines(message.html), subtype="html", charset="utf-8", cte="quoted-printable")
        pictures = [file for file in message.files if _stands_in(file, message.html)]
        _show(mail, pictures)
    for number, file in enumerate((file for file in message.files if file not in pictures), start=1):
        method = _METHOD.search(file.content) if file.content_type == "text/calendar" else None
        if method:  # calendars look for it beside the text, not among the files (RFC 6047)
            text = file.content.decode("utf-8", "replace")
            mail.add_alternative(text, subtype="calendar", charset="utf-8", params={"method": method[1].decode()})
        else:
            _attach(mail, file, number)
    return mail.as_bytes()


def mailbox(address: str, name: str = "") -> Address:
    """A mailbox for a header field. Raises RejectedMessageError for an address that is none."""
    local, _, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
        found = Address(one_line(name), local, ascii_domain)
        str(found)
        bad = not local.isascii() or not domain or not _LOCAL.match(local)
    except (ValueError, IndexError, UnicodeError):
        bad = True
    if bad:
        raise RejectedMessageError(
            "“{address}” is no email address", "Correct the address and send it again.", address=one_line(address)
        )
    return found


def one_line(text: str) -> str:
    """A text without line breaks and control signs."""
    return _CONTROLS.sub(" ", text).strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _references(message: Outgoing) -> Sequence[str]:
    ids = [each for each in (*message.references, message.in_reply_to) if _ID.match(each)]
    kept = list(dict.fromkeys(reversed(ids)))[::-1]  # each once, where it stood last
    return kept if len(kept) <= _MOST_REFERENCES else [kept[0], *kept[1 - _MOST_REFERENCES :]]


def _stands_in(file: OutgoingFile, html: str) -> bool:
    return bool(_ID.match(file.content_id)) and f"cid:{file.content_id}" in html


def _show(mail: EmailMessage, pictures: Sequence[OutgoingFile]) -> None:
    """Put pictures beside the HTML that shows them."""
    page = mail.get_body(("html",))
    assert isinstance(page, EmailMessage), "the HTML stands in the mail already"
    for number, file in enumerate(pictures, start=1):
        content_type, main, sub = _type(file)
        page.add_related(
            file.content,
            maintype=main,
            subtype=sub,
            cid=f"<{file.content_id}>",
            filename=safe_name(file.filename, content_type, number),
            disposition="inline",
        )


def _attach(mail: EmailMessage, file: OutgoingFile, number: int) -> None:
    content_type, main, sub = _type(file)
    mail.add_attachment(
        file.content, maintype=main, subtype=sub, filename=safe_name(file.filename, content_type, number)
    )


def _type(file: OutgoingFile) -> tuple[str, str, str]:
    """A file's type, whole and in its two parts; what can't be one is nothing special."""
    content_type = file.content_type.lower().strip()
    if not _TYPE.match(content_type) or content_type.startswith(("message/", "multipart/")):
        content_type = "application/octet-stream"
    main, _, sub = content_type.partition("/")
    return content_type, main, sub
