"""A raw mail as the ``Incoming`` that the services store."""

import hashlib
import logging
from collections.abc import Collection
from datetime import UTC, datetime

from inbox.channels.base import Attachment, Author, Bounce, Incoming
from inbox.channels.email import parse, quotes
from inbox.channels.email.addresses import Address
from inbox.channels.email.headers import split_head
from inbox.channels.email.ids import is_own_message_id
from inbox.channels.email.parse import ParsedMail
from inbox.states import MessageKind

log = logging.getLogger(__name__)

LONGEST_TEXT = 2_000_000  # characters stored beside the raw bytes
_HASHED = 20
_WRITTEN_ON_THE_WAY = frozenset(
    (
        b"return-path", b"delivered-to", b"envelope-to", b"authentication-results", b"dkim-signature", b"message-id",
        b"domainkey-signature", b"delivery-date", b"status", b"content-length", b"lines", b"list-unsubscribe-post",
    )
)  # fmt: skip


def to_incoming(
    raw: bytes,
    own_addresses: Collection[str],
    *,
    internal_date: datetime | None = None,
    seen: bool = False,
    outgoing: bool | None = None,
    now: datetime | None = None,
) -> Incoming:
    """Read a raw mail. Never raises: what can't be read comes back as UNREADABLE, with its bytes.

    ``own_addresses``: of the account, in lower case. ``outgoing``: whether we wrote it; None to tell by the sender.
    """
    now = now or datetime.now(UTC)
    try:
        mail = parse.parse(raw)
        if mail.is_mail:
            return _readable(raw, mail, own_addresses, internal_date, seen, outgoing, now)
        problem = "It has no head: this is no mail."
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        # A mistake of the parser's own. One strange mail must neither get lost nor stop the ones behind it.
        log.exception("A mail of %d bytes could not be parsed", len(raw))
        problem = f"{type(error).__name__}: {error}"
    return unreadable(raw, problem, internal_date=internal_date, seen=seen, now=now)


def unreadable(
    raw: bytes,
    problem: str,
    *,
    remote_id: str = "",
    internal_date: datetime | None = None,
    seen: bool = False,
    now: datetime | None = None,
) -> Incoming:
    """A mail that can't be read, kept with its bytes."""
    time = now or datetime.now(UTC)
    return Incoming(
        remote_id=remote_id or f"raw:{_digest(raw)}",
        author=Author(""),
        sent_at=min(internal_date.astimezone(UTC), time) if internal_date else time,
        raw=raw,
        text=raw[:20_000].decode("utf-8", "replace").replace("\0", ""),
        kind=MessageKind.UNREADABLE,
        seen=seen,
        problem=problem,
    )


def _readable(
    raw: bytes,
    mail: ParsedMail,
    own_addresses: Collection[str],
    internal_date: datetime | None,
    seen: bool,
    outgoing: bool | None,
    now: datetime,
) -> Incoming:
    from_us = mail.author.address in own_addresses
    if outgoing is None:
        outgoing = from_us and any(each.address not in own_addresses for each in (*mail.to, *mail.cc))
    author = mail.author
    if from_us and not outgoing and mail.reply_to and mail.reply_to[0].address not in own_addresses:
        author = mail.reply_to[0]  # a form on our own website: who filled it in is the one to answer
    text = mail.text[:LONGEST_TEXT]
    return Incoming(
        remote_id=remote_id(raw, mail, from_us),
        author=_author(author),
        sent_at=parse.sent_at(mail, internal_date, now, by_date=outgoing),
        raw=raw,
        text=text,
        new_text=quotes.visible_reply(text),
        subject=mail.subject[:998],
        thread_keys=thread_keys(mail),
        own_key=mail.message_id,
        recipients=tuple(dict.fromkeys(each.address for each in (*mail.to, *mail.cc))),
        attachments=_attachments(mail),
        kind=_kind(mail),
        mailing_list=mail.nature.mailing_list,
        has_html=bool(mail.html),
        outgoing=outgoing,
        seen=seen,
        counterpart=_counterpart(mail, own_addresses) if outgoing else None,
        bounces=_bounces(mail),
    )


def _attachments(mail: ParsedMail) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            each.filename, each.content_type, each.size, part=each.part, content_id=each.content_id, inline=each.inline
        )
        for each in mail.files
    )


def _kind(mail: ParsedMail) -> MessageKind:
    if mail.nature.bounce:
        return MessageKind.BOUNCE
    return MessageKind.AUTOMATIC if mail.nature.auto_reply else MessageKind.TEXT


def _author(address: Address) -> Author:
    return Author(address.address[:320], address.name[:200])


def _counterpart(mail: ParsedMail, own_addresses: Collection[str]) -> Author | None:
    for each in (*mail.to, *mail.cc):
        if each.address not in own_addresses:
            return _author(each)
    return None


def _bounces(mail: ParsedMail) -> tuple[Bounce, ...]:
    if not mail.nature.bounce:
        return ()
    nature = mail.nature
    failed = [each for each in nature.reports if each.action == "failed"]
    # Whoever gave up did so for good: a code such as 4.4.7 only says why.
    return tuple(
        Bounce(
            nature.original_id,
            each.addressed or each.recipient,
            each.status,
            each.diagnostic,
            permanent=True,
            subject=nature.original_subject,
        )
        for each in failed
    ) or (Bounce(nature.original_id, "", "", "", permanent=True, subject=nature.original_subject),)


def thread_keys(mail: ParsedMail) -> tuple[str, ...]:
    """The ids that this mail shares with its thread, the surest first. A mail is never its own parent."""
    keys = dict.fromkeys((*mail.in_reply_to, *reversed(mail.references)))
    keys.pop(mail.message_id, None)
    if mail.nature.original_id:
        keys = dict.fromkeys((mail.nature.original_id, *keys))
    return tuple(keys)[:100]


def remote_id(raw: bytes, mail: ParsedMail, from_us: bool) -> str:
    """The same for every copy of a mail, in whatever folder; another for a mail that reuses an id.

    A Message-ID of our own form in a mail of ours stands alone, so that the copy in Sent is known again whatever
    the server did to it on the way.
    """
    for own_id in (mail.message_id, mail.submitted_id):
        if from_us and is_own_message_id(own_id):
            return own_id
    digest = _digest(lasting_bytes(raw))
    return f"{mail.message_id[:400]}:{digest}" if mail.message_id else f"raw:{digest}"


def lasting_bytes(raw: bytes) -> bytes:
    """A mail without white space and without what the way and the mailboxes write into its head."""
    head, body = split_head(raw, 0, len(raw))
    fields = [
        name + b":" + value
        for name in sorted(head)
        if name not in _WRITTEN_ON_THE_WAY and not name.startswith((b"x-", b"arc-", b"received"))
        for value in head[name]
    ]
    return b"\n".join([*(each.translate(None, b" \t\r\n") for each in fields), raw[body:].translate(None, b" \t\r\n")])


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_HASHED]
