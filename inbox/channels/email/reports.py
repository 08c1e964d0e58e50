"""What kind of mail it is: a delivery report (RFC 3464, or what servers write instead), an automatic one, a list's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inbox.channels.email import automatic, charsets, failures, headers
from inbox.channels.email.failures import ADDRESS, STATUS
from inbox.channels.email.headers import Head
from inbox.channels.email.mime import Part

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status", "message/xdelivery-status")
_ORIGINAL_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/rfc822-headers",
                   "message/global-headers", "message/partial")  # fmt: skip
_OTHER_REPORTS = ("message/disposition-notification", "message/feedback-report", "message/external-body")
_FAILED_ACTION = ("fail", "bounce", "expire", "undeliver", "return", "reject", "permanent")
_ACTIONS = {"delay": "delayed", "defer": "delayed", "temp": "delayed", "deliver": "delivered", "relay": "relayed",
            "expand": "expanded"}  # fmt: skip
_TEXT_ID = re.compile(r"^[ \t>]*message-id:\s*<([^<>\s]{3,998})>", re.IGNORECASE | re.MULTILINE)
_TEXT_SUBJECT = re.compile(r"^[ \t>]*subject:[ \t]*([^\r\n]{1,998})", re.IGNORECASE | re.MULTILINE)
_LONGEST_FIELD = 20_000  # characters of a field in which addresses are sought
_MOST = 500  # groups of a report that are read


@dataclass(frozen=True, slots=True)
class Report:
    """One recipient of a delivery report.

    Attributes:
        recipient: Whom the last server tried; in lower case, empty where none is named.
        action: "failed", "delayed", "delivered", "relayed", "expanded", or empty.
        status: The enhanced status code that says most; may be empty.
        diagnostic: The server's own words.
        addressed: Whom the mail was addressed to, where a forwarding server says so (Original-Recipient).
        statuses: Every code that is named: of the report and of the server's words.
    """

    recipient: str
    action: str
    status: str
    diagnostic: str
    addressed: str = ""
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Nature:
    """What kind of mail it is."""

    auto_generated: bool = False
    auto_reply: bool = False  # a machine's answer to us, not somebody's order or form
    mailing_list: bool = False
    bounce: bool = False
    delayed: bool = False
    reports: tuple[Report, ...] = ()
    original_id: str = ""  # Message-ID of what came back
    original_subject: str = ""


def judge(root: Part, subject: str, sender: str, text: str) -> Nature:
    """What kind of mail it is. ``sender`` is its name and address, ``text`` its plain text."""
    head = root.head
    from_list = automatic.is_list(head)
    status_part, other = _report_parts(root)
    if status_part is not None:
        reports = _completed(tuple(_reports(_status_text(status_part))), text)
        if reports:
            return _judged(root, reports, text, from_list)
    elif other:
        return Nature(auto_generated=True, auto_reply=True, mailing_list=from_list)
    is_report = status_part is not None or root.parameters.get("report-type", "").lower() == "delivery-status"
    daemon = is_report or _is_daemon(head, sender)
    address = sender.rpartition(" ")[2]
    auto_reply = automatic.is_auto_reply(head, subject)
    told = failures.tells_failure(subject)
    if daemon or (not auto_reply and told):
        named = failures.is_daemon(sender) or is_report or b"x-failed-recipients" in head
        if named or not auto_reply or (told and not automatic.is_auto_subject(subject)):
            found = _judge_text(root, subject, text, from_list, from_daemon=daemon)
            if found is not None:
                return found
        if named:
            return Nature(auto_generated=True, auto_reply=True, mailing_list=from_list)
    return Nature(automatic.is_automatic(head, subject, address), auto_reply, from_list)


def _is_daemon(head: Head, sender: str) -> bool:
    if failures.is_daemon(sender) or b"x-failed-recipients" in head:
        return True
    path = headers.first(head, b"return-path").strip().lower()
    return path == "<>" or "mailer-daemon" in path


def _judged(root: Part, reports: Sequence[Report], text: str, from_list: bool) -> Nature:
    failed = any(each.action == "failed" for each in reports)
    delayed = any(each.action == "delayed" for each in reports) and not failed
    return Nature(True, not failed, from_list, failed, delayed, tuple(reports), *_original(root, text))


def _judge_text(root: Part, subject: str, text: str, from_list: bool, *, from_daemon: bool) -> Nature | None:
    """A report in words; None where it says of no mail that it did not arrive."""
    head = root.head
    if from_daemon and "final-recipient:" in text.lower():
        reports = tuple(_reports(text))  # a report whose parts were flattened on the way
        if reports:
            return _judged(root, reports, text, from_list)
    if failures.is_delay(subject, text):
        delayed = from_daemon or automatic.is_automatic(head, subject)
        return Nature(True, True, from_list, delayed=True, reports=_told(head, text, "delayed")) if delayed else None
    if b"x-failed-recipients" not in head and not failures.is_failure(subject, text, from_daemon=from_daemon):
        return None
    return Nature(True, False, from_list, True, False, _told(head, text, "failed", root), *_original(root, text))


def _told(head: Head, text: str, action: str, root: Part | None = None) -> tuple[Report, ...]:
    """The recipients that a text, a field of its head, or else the head of the mail that came back tells."""
    own = {each.lower() for name in (b"to", b"from", b"delivered-to", b"return-path", b"cc")
           for each in ADDRESS.findall(headers.first(head, name)[:_LONGEST_FIELD])}  # fmt: skip
    told = failures.failures(text, own)
    named = [each.lower() for value in head.get(b"x-failed-recipients", ())
             for each in ADDRESS.findall(headers.unfold(value)[:_LONGEST_FIELD])]  # fmt: skip
    if named:
        by_recipient = {each.recipient: each for each in told}
        told = [replace(by_recipient.get(each, told[0]), recipient=each) for each in dict.fromkeys(named)]
    elif root is not None and not told[0].recipient:
        addressed = [
            each.lower() for each in ADDRESS.findall(headers.first(_original_head(root), b"to")[:_LONGEST_FIELD])
        ]
        told = [replace(told[0], recipient=addressed[0])] if len(set(addressed)) == 1 else told
    return tuple(
        Report(each.recipient, action, _best(each.statuses), each.words, statuses=each.statuses) for each in told
    )


def _report_parts(root: Part) -> tuple[Part | None, bool]:
    """The part that tells the delivery status, and whether it is a report of another kind (read, complaint)."""
    if not root.children:
        return (root if root.content_type in _STATUS_TYPES else None), root.content_type in _OTHER_REPORTS
    other = False
    for part in root.leaves():
        if part.content_type in _STATUS_TYPES:
            return part, False
        other = other or part.content_type in _OTHER_REPORTS[:2]
    return None, other and root.content_type == "multipart/report"


_STATUS_FIELD = re.compile(r"^[ \t]?([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", re.MULTILINE)


def _status_text(part: Part) -> str:
    return charsets.decode(part.content()[:200_000]).replace("\r\n", "\n").replace("\r", "\n")


def _reports(text: str) -> Iterator[Report]:
    """The recipients of a delivery-status part: groups of fields between blank lines."""
    for group in _groups(text)[:_MOST]:
        fields: dict[str, str] = {}
        for found in _STATUS_FIELD.finditer(group):
            fields.setdefault(found[1].lower(), " ".join(found[2].split()))
        final, original = fields.get("final-recipient", ""), fields.get("original-recipient", "")
        if not final and not original:
            continue
        diagnostic = fields.get("diagnostic-code", "")
        diagnostic = diagnostic.partition(";")[2].strip() or diagnostic.rstrip(";")
        statuses = tuple(dict.fromkeys([*STATUS.findall(fields.get("status", "")), *STATUS.findall(diagnostic)]))
        addressed, recipient = _address(original), _address(final) or _address(fields.get("x-actual-recipient", ""))
        status = _best(statuses)
        yield Report(
            recipient or addressed, _action(fields.get("action", ""), status), status, diagnostic, addressed, statuses
        )


def _groups(text: str) -> list[str]:
    """What lies between blank lines; in a flattened report a recipient begins where the name of its first field is."""
    groups: list[str] = []
    for group in re.split(r"\n[ \t]*\n", text):
        names = re.findall(r"^((?:final|original)-recipient):", group, re.IGNORECASE | re.MULTILINE)
        several = len([name for name in names if name.lower().startswith("final")]) > 1
        groups += re.split(rf"\n(?={names[0]}:)", group, flags=re.IGNORECASE) if several else [group]
    return groups


def _address(value: str) -> str:
    found = ADDRESS.search((value.partition(";")[2] or value)[:_LONGEST_FIELD])
    return found[0].lower() if found else ""


def _action(named: str, status: str) -> str:
    named = named.lower()
    if named.startswith(_FAILED_ACTION):
        return "failed"
    for start, action in _ACTIONS.items():
        if named.startswith(start):
            return action
    return {"5": "failed", "4": "delayed", "2": "delivered"}.get(status[:1], "failed" if named else "")


def _best(statuses: Sequence[str]) -> str:
    """The code that says most: "something failed" (5.0.0) says nothing."""
    told = [each for each in statuses if not each.endswith(".0.0")]
    return (told or [*statuses, ""])[0]


def _completed(reports: tuple[Report, ...], text: str) -> tuple[Report, ...]:
    """Where the report has neither code nor words, the text for people beside it may have them."""
    return tuple(
        each if each.diagnostic and not each.status.endswith(".0.0") else _from_text(each, text) for each in reports
    )


def _from_text(report: Report, text: str) -> Report:
    shown = failures.before_original(text)
    statuses, words = failures.about(shown, report.recipient)
    every = tuple(dict.fromkeys((*report.statuses, *statuses)))
    same_class = [each for each in every if each[:1] == report.status[:1] or not report.status]
    best = _best(same_class) or report.status
    return replace(report, status=best, statuses=every, diagnostic=report.diagnostic or words)


def _original_head(root: Part) -> Head:
    """The head of the mail that came back, where it stands in a part of its own."""
    for part in root.leaves():
        if part.content_type in _ORIGINAL_TYPES:
            content = part.content().lstrip(b"\r\n")[:65536]
            head = headers.split_head(content, 0, len(content))[0]
            if head:
                return head
    return {}


def _original(root: Part, text: str) -> tuple[str, str]:
    """(Message-ID, subject) of the mail that came back; each may be empty."""
    head = _original_head(root)
    own_id = headers.message_id(head[b"message-id"][0]) if b"message-id" in head else ""
    subject = headers.decoded(head[b"subject"][0]) if b"subject" in head else ""
    if not own_id:
        found = _TEXT_ID.search(text)
        own_id = found[1] if found else ""
    if not subject:
        found = _TEXT_SUBJECT.search(text)
        subject = headers.decode_words(found[1].strip()) if found else ""
    return own_id, subject
