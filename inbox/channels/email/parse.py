"""A raw mail as plain values. Never raises, whatever the bytes are."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from inbox.channels.email import body, charsets, dates, headers, invitations, mime, quotes, reports
from inbox.channels.email.addresses import Address, parse_addresses, parse_people
from inbox.channels.email.body import File
from inbox.channels.email.headers import Head
from inbox.channels.email.reports import Nature


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """A mail as it is understood.

    Attributes:
        date: Of the Date field; None where it can't be read.
        received_at: Of the topmost Received field: when it reached the mailbox.
        text: The whole text shown to a person, made from the HTML where there is no text part.
        html: As it came, not sanitised; empty where no part is HTML.
        message_id, in_reply_to, references: Without angle brackets.
    """

    subject: str
    author: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    date: datetime | None
    received_at: datetime | None
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str
    html: str
    files: tuple[File, ...]
    nature: Nature
    submitted_id: str  # the Message-ID under which it was handed in, where Microsoft's servers gave it another
    is_mail: bool  # it has a head with at least one field of mail

    @property
    def reply_text(self) -> str:
        """What is new in it: without quotation and signature."""
        return quotes.visible_reply(self.text)


EARLIEST_YEAR = 1971  # what claims to be older was written by a machine without a clock
_MAIL_FIELDS = frozenset(
    (
        b"from",
        b"to",
        b"subject",
        b"date",
        b"message-id",
        b"received",
        b"return-path",
        b"cc",
        b"mime-version",
        b"content-type",
        b"sender",
        b"reply-to",
        b"delivered-to",
        b"x-mailer",
    )
)


def begins_like_mail(start: bytes) -> bool:
    """Whether the first bytes of a file hold a field that only mails have."""
    head, _ = headers.split_head(start, 0, len(start))
    return not _MAIL_FIELDS.isdisjoint(head)


def parse(raw: bytes) -> ParsedMail:
    """Read a mail."""
    root = mime.read(raw)
    head = root.head
    _label_fields(root)
    subject = _text(head, b"subject")
    author = _author(head)
    content = body.read_body(root)
    return ParsedMail(
        subject=subject,
        author=author,
        reply_to=_addresses(head, b"reply-to"),
        to=_addresses(head, b"to"),
        cc=_addresses(head, b"cc"),
        date=_date(head, b"date"),
        received_at=_received(head),
        message_id=_id(head, b"message-id"),
        in_reply_to=headers.message_ids(head[b"in-reply-to"][0]) if b"in-reply-to" in head else (),
        references=headers.message_ids(b" ".join(head[b"references"])) if b"references" in head else (),
        text=content.text,
        html=content.html,
        files=content.files,
        nature=reports.judge(root, subject, f"{author.name} {author.address}", content.text),
        submitted_id=_id(head, b"x-microsoft-original-message-id"),
        is_mail=not _MAIL_FIELDS.isdisjoint(head),
    )


def parse_fields(raw: bytes) -> dict[str, object]:
    """A mail as the plain dict that ``inbox parse`` prints."""
    mail = parse(raw)
    nature = mail.nature
    root = mime.read(raw)
    return {
        "subject": mail.subject,
        "from_address": mail.author.address,
        "from_name": mail.author.name,
        "to": [each.address for each in mail.to],
        "cc": [each.address for each in mail.cc],
        "date_utc": mail.date.isoformat().replace("+00:00", "Z") if mail.date else None,
        "message_id": mail.message_id,
        "in_reply_to": mail.in_reply_to[0] if mail.in_reply_to else "",
        "references": list(mail.references),
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {
                "filename": file.filename,
                "size": file.size,
                "content_type": file.content_type,
                "content_id": file.content_id,
                "sha256": hashlib.sha256(body.part_content(root, file.part)).hexdigest(),
                "inline": file.inline,
            }
            for file in mail.files
        ],
        "reply_text": mail.reply_text,
        "auto_generated": nature.auto_generated,
        "bounce": nature.bounce,
        "mailing_list": nature.mailing_list,
        "bounce_recipients": [each.recipient for each in nature.reports if each.recipient] if nature.bounce else [],
        "invitation": _invitation(raw),
        "dsn_status": list(dict.fromkeys(status for each in nature.reports for status in each.statuses)),
    }


def _invitation(raw: bytes) -> dict[str, object] | None:
    found = invitations.find_invitation(raw)
    if found is None:
        return None
    return {
        "method": found.method,
        "summary": found.summary,
        "location": found.location,
        "starts_at": found.starts_at.isoformat() if found.starts_at else None,
        "ends_at": found.ends_at.isoformat() if found.ends_at else None,
        "organizer": found.organizer,
        "attendees": {address: status for address, _, status in found.attendees},
    }


def _label_fields(root: mime.Part) -> None:
    """Letters that stand in a field as they are, without a charset, are most likely in that of the text."""
    for name in (b"subject", b"from", b"to", b"cc", b"reply-to"):
        for place, value in enumerate(root.head.get(name, ())):
            if not value.isascii() and not charsets.is_utf8(value):
                charset = next((each.charset for each in root.leaves() if each.charset), "")
                root.head[name][place] = charsets.decode(value, charsets.telling(charset)).encode()


def _text(head: Head, name: bytes) -> str:
    return headers.decoded(head[name][0]) if name in head else ""


def _id(head: Head, name: bytes) -> str:
    return headers.message_id(head[name][0]) if name in head else ""


def _addresses(head: Head, name: bytes) -> tuple[Address, ...]:
    values = head.get(name)
    if not values:
        return ()
    return (
        parse_addresses(values[0])
        if len(values) == 1
        else tuple(address for value in values for address in parse_addresses(value))
    )


def _author(head: Head) -> Address:
    """Who wrote it. Without an address in From somebody else must be named: who gets the answer, or who sent it."""
    named = [each for value in head.get(b"from", ()) for each in parse_people(value)]
    author = next((each for each in named if "@" in each.address), None)
    if author is not None:
        return author
    for name in (b"reply-to", b"sender", b"return-path"):
        found = next((each for each in _addresses(head, name) if "@" in each.address), None)
        if found is not None:
            return Address(found.address, (named[0].name or named[0].address) if named else found.name)
    return named[0] if named else Address("")


def _date(head: Head, name: bytes) -> datetime | None:
    values = head.get(name)
    return dates.parse_date(headers.unfold(values[0])) if values else None


def _received(head: Head) -> datetime | None:
    values = head.get(b"received")
    return dates.parse_date(headers.unfold(values[0]).rpartition(";")[2]) if values else None


def sent_at(mail: ParsedMail, internal: datetime | None, now: datetime, *, by_date: bool = False) -> datetime:
    """When a mail happened: the time it was received, else its Date, else the server's time; never in the future.

    ``by_date``: its own Date goes first (a mail of ours was not received).
    """
    times = (mail.date, mail.received_at, internal) if by_date else (mail.received_at, mail.date, internal)
    for time in times:
        if time is not None and time.year >= EARLIEST_YEAR:
            return min(time.astimezone(UTC), now)
    return now
