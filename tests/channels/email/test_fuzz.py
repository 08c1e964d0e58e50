"""Mails that nobody should send: whatever their structure, reading ends soon, in little memory, and never raises."""

import time
import tracemalloc

import pytest
from hypothesis import given, settings, strategies as st

from inbox.channels import registry
from inbox.channels.email.incoming import to_incoming
from inbox.channels.email.invitations import find_invitation
from inbox.channels.email.parse import parse_fields

SLOWEST = 2.0  # seconds of work that any mail may take
MOST_MEMORY = 10  # times the size of the mail
SMALLEST = 4 << 20  # what reading any mail may take: tables, patterns

_TYPES = st.sampled_from((
    "text/plain", "text/html", "text/plain; charset=utf-7", "text/plain; format=flowed; delsp=yes", "text/calendar",
    "message/rfc822", "message/delivery-status", "message/disposition-notification", "application/ms-tnef",
    "application/octet-stream; name*0*=utf-8''%C3; name*1*=%B1", "image/png; name=\"=?utf-8?q?a", "text/html; charset=",
    "multipart/mixed", "text", "", "text/plain charset=x; boundary=q", "application/pkcs7-mime", "text/rfc822-headers",
))  # fmt: skip
_ENCODINGS = st.sampled_from(("7bit", "base64", "quoted-printable", "x-uuencode", "8bit", "binary", "", "?", "(base64"))
_TEXTS = st.one_of(
    st.text(max_size=80),
    st.sampled_from((
        "SGVsbG8=", "=C3=", "begin 644 a\n#0V%T\n`\nend", "<p>&#0;<!-- <a href=", "\x1b$B", "+2AA-", "> a\n>> b\n-- \n",
        "Final-Recipient: rfc822; a@b.cc\nAction: failed\nStatus: 5.1.1", "550 5.1.1 <a@b.cc>... User unknown\n",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261102T1\n", "--q\n", "--q--\n", "From a@b.cc\n", "\r", "\0",
        "------ This is a copy of the message ------\nSubject: x\n", "Message-ID: <x@y>\n", "\x78\x9f\x3e\x22\x01\x00",
    )),
)  # fmt: skip
_FIELDS = st.tuples(
    st.sampled_from((
        "From", "To", "Cc", "Subject", "Date", "Received", "Message-ID", "In-Reply-To", "References", "Reply-To",
        "Sender", "Return-Path", "Auto-Submitted", "X-Failed-Recipients", "Content-Disposition",
        "Content-ID", "List-Id",
    )),
    st.one_of(
        st.text(max_size=60),
        st.sampled_from((
            "MAILER-DAEMON@x.y", "<>", "a@b.cc, =?utf-8?b?w6k?= <c@d", "\"x\\\" <a@b", "Undelivered Mail",
            "=?x?q?=?= =?", "Mon, 2 Nov 2026 10:00:00 +9999", "<a@b> <c", "attachment; filename*=''%",
            "Delivery delayed", "((((a@b",
        )),
    ),
)  # fmt: skip


@st.composite
def mails(draw: st.DrawFn, depth: int = 3) -> str:
    """A head and a body, which may be parts of the same kind, with line ends and boundaries that may be wrong."""
    head = "".join(f"{name}: {value}\n" for name, value in draw(st.lists(_FIELDS, max_size=5)))
    end = draw(st.sampled_from(("\n", "\n", "\n", "", " \n")))
    if depth and draw(st.booleans()):
        kind = draw(
            st.sampled_from(("mixed", "alternative", "related", "report; report-type=delivery-status", "digest"))
        )
        mark = draw(st.sampled_from(("q", "q", "qq", "z ", "")))
        parts = draw(st.lists(mails(depth=depth - 1), max_size=3))
        body = "".join(f"--{mark}\n{part}\n" for part in parts) + draw(st.sampled_from(("--q--\n", "--qq--\n", "")))
        return f'{head}Content-Type: multipart/{kind}; boundary="{mark}"\n{end}{draw(_TEXTS)}\n{body}'
    fields = f"Content-Type: {draw(_TYPES)}\nContent-Transfer-Encoding: {draw(_ENCODINGS)}\n"
    return head + fields + end + "".join(draw(st.lists(_TEXTS, max_size=4)))


@settings(max_examples=400, deadline=None)
@given(mails(), st.sampled_from(("utf-8", "latin-1", "utf-16", "iso2022_jp")), st.sampled_from(("\n", "\r\n", "\r")))
def test_no_structure_raises(mail: str, charset: str, line_end: str) -> None:
    raw = mail.replace("\n", line_end).encode(charset, "replace")
    message = to_incoming(raw, ("a@b.cc",))
    assert message.raw == raw
    plugin = registry.plugin("email")
    plugin.read_body(raw)
    for file in message.attachments:
        assert len(plugin.read_part(raw, file.part)) == file.size
    told = parse_fields(raw)
    assert all(isinstance(told[name], str) for name in ("subject", "from_address", "text", "html", "reply_text"))
    find_invitation(raw)


BIG = [
    b"From: " + b"(" * 100_000 + b"a@b.cc\r\n\r\n",
    b"From: " + b'<"' * 100_000 + b"\r\n\r\n",
    b"From: " + b'<"<' * 60_000 + b"\r\n\r\n",
    b"From: " + b"a, " * 100_000 + b"<a@b.cc>\r\n\r\n",
    b"From: " + b'\\"' * 100_000 + b"<a@b.cc>\r\n\r\n",
    b"From: " + b"<a@b.cc> " * 50_000 + b"\r\n\r\n",
    b"From: " + b"a@" * 100_000 + b"\r\n\r\n",
    b"Subject: " + b"failure delivery " * 60_000 + b"\r\n\r\n550 5.1.1 <a@b.cc>",
    b"From: mailer-daemon@x\r\nTo: " + b"a" * 900_000 + b"\r\nSubject: failure notice\r\n\r\n550 5.1.1 <a@b.cc>",
    b"From: mailer-daemon " * 50_000 + b"<a@b.cc>\r\n\r\nText",
    b"From: mailer-daemon@x\r\n\r\n" + b"user:\r\n" * 100_000,
    b"From: mailer-daemon@x\r\n\r\n" + b"\r\n" * 100_000 + b"to: x",
    b"From: mailer-daemon@x\r\n\r\n" + b"<a@b.cc>: 550 5.1.1 no\r\n" * 50_000,
    b"From: mailer-daemon@x\r\n\r\n" + b"message message " * 60_000,
    b"From: mailer-daemon@x\r\n\r\n" + b"Message-ID: <" * 60_000,
    b"Content-Type: multipart/report; boundary=q\r\n\r\n--q\r\nContent-Type: message/delivery-status\r\n\r\n"
    + b"Final-Recipient: rfc822; a@b.cc\r\nAction: failed\r\n\r\n" * 20_000,
    b"Content-Type: multipart/mixed\r\n\r\n" + (b"--" + b" " * 190 + b"\r\n") * 5_000,
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--b\r\ncontent-type: x\r\n" * 50_000,
    b"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
    + b"--a\r\nContent-Type: text/plain; name=x\r\n\r\ny\r\n" * 20_000,
    b"Content-Transfer-Encoding: base64\r\n\r\n" + b"=A" * 500_000 + b"!",
    b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QUJD\r\n" * 300_000,
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"==" * 500_000,
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=C3=A9" * 300_000,
    b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * 1_000_000,
    b"Content-Type: text/plain\r\n\r\n" + bytes(range(128, 256)) * 8_000,
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "año ".encode("latin-1") * 300_000,
    b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+2AA-" * 200_000,
    b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nX" + b";A=b" * 250_000,
    b"Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + b"ATTENDEE:mailto:a@b.cc\r\n" * 40_000,
    b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00" + b"\0" * 1_000_000,
    b"Content-Type: application/ms-tnef\r\n\r\n\x78\x9f\x3e\x22\x01\x00"
    + b"\x01\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\x01\x10\x80\x01\x00\x01\x00\x00\x00x\x00\x00" * 40_000,
    b"Content-Type: application/pkcs7-mime\r\n\r\n" + b"\x30\x80" * 200_000,
    b"Content-Type: application/pkcs7-mime\r\n\r\n0\x80\x06\x09*\x86H\x86\xf7\r\x01\x07\x02\xa0\x80"
    + b"\x04\x00" * 300_000,
    b"Date: " + b"2 de " * 100_000 + b"\r\n\r\n",
    b"Subject: " + b"=?utf-8?q?" + b"x" * 900_000 + b"\r\n\r\n",
    b"Subject: " + b"=?" * 300_000 + b"\r\n\r\n",
    b"Content-Disposition: attachment; filename=" + b"%C3" * 200_000 + b"\r\n\r\nx",
    b"".join(b"Content-Type: message/rfc822\r\n\r\n" for _ in range(20_000)),
    b" " * 1_000_000 + b"x",
    b"\r" * 1_000_000,
    b"x\0" * 500_000,
    b"A: b\r\n " * 100_000 + b"\r\nText",
]


@pytest.mark.parametrize("raw", BIG, ids=lambda raw: raw[:70].decode("ascii", "replace").replace("\r\n", " "))
def test_no_mail_takes_long(raw: bytes) -> None:
    begin = time.thread_time()
    to_incoming(raw, ())
    registry.plugin("email").read_body(raw)
    find_invitation(raw)
    assert time.thread_time() - begin < SLOWEST


@pytest.mark.parametrize("raw", BIG, ids=lambda raw: raw[:70].decode("ascii", "replace").replace("\r\n", " "))
def test_no_mail_takes_much_memory(raw: bytes) -> None:
    tracemalloc.start()
    try:
        registry.plugin("email").read_body(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < max(SMALLEST, MOST_MEMORY * len(raw))
