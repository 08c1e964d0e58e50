"""Reading mails: scored on real ones, and never defeated by broken ones."""

import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from inbox.channels import registry
from inbox.channels.email import charsets, dates, headers
from inbox.channels.email.addresses import parse_addresses
from inbox.channels.email.filenames import safe_name
from inbox.channels.email.ids import conversation_of, is_own_message_id, make_message_id
from inbox.channels.email.incoming import to_incoming
from inbox.channels.email.parse import parse, parse_fields, sent_at
from inbox.states import MessageKind
from tests import score
from tests.channels.email.place import mail

SLOWEST = 2.0  # seconds of work that any mail may take; the machine may be busy with other things


def right_fields(shared: Path, folder: str) -> tuple[int, int, int, int]:
    """(fields right, fields, cases right, cases) of a folder of the shared data."""
    return score.score(shared / folder).totals()


def test_real_mails_are_read_rightly(shared_data: Path) -> None:
    right, fields, passed, cases = right_fields(shared_data, "mail")
    assert right / fields >= 0.985, f"{right} of {fields} fields"
    assert passed / cases >= 0.95, f"{passed} of {cases} mails"


@pytest.mark.parametrize("seed", range(3))
def test_damaged_mails_never_raise(shared_data: Path, seed: int) -> None:
    chance = random.Random(seed)
    for path in sorted((shared_data / "mail").glob("*.eml")):
        raw = bytearray(path.read_bytes()[:60_000])
        for _ in range(chance.randrange(1, 30)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randrange(4)] = bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
        cut = bytes(raw[: chance.randrange(len(raw)) + 1])
        begin = time.thread_time()
        message = to_incoming(cut, ())
        registry.plugin("email").read_body(cut)
        assert time.thread_time() - begin < SLOWEST, path.name
        message.text.encode()
        message.subject.encode()
        assert "\0" not in message.text + message.subject + message.author.name + message.author.handle


@settings(max_examples=300)
@given(st.binary(max_size=3000))
def test_random_bytes_never_raise(raw: bytes) -> None:
    assert to_incoming(raw, ()).raw == raw
    parse_fields(b"Subject: x\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" + raw)
    registry.plugin("email").read_body(b"Content-Type: text/html\r\n\r\n" + raw)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_header_values_never_raise(value: bytes) -> None:
    for name in (b"From", b"To", b"Subject", b"Date", b"Received", b"Content-Type", b"Content-Disposition",
                 b"Content-Transfer-Encoding", b"References", b"Message-ID", b"Auto-Submitted"):  # fmt: skip
        parse(name + b": " + value.replace(b"\n", b" ") + b"\r\n\r\nText")


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: text/html\r\n\r\n" + b"<a " * 300_000,
        b"Content-Type: text/html\r\n\r\n" + b"<!--" * 300_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<blockquote>" * 50_000 + b"x<br>" * 50_000,
        b"Content-Type: text/html\r\n\r\n" + b'<a href="x' * 100_000,
        b"Content-Type: text/html\r\n\r\n" + b"<script>" * 100_000,
        b"From: " + b'"' * 100_000 + b"\r\n\r\n",
        b"From: " + b"(" * 100_000 + b"\r\n\r\n",
        b"From: " + b"a@b, " * 100_000 + b"\r\n\r\n",
        b"From: " + b"<" * 100_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\r\n\r\n",
        b"Subject: " + b"=?utf-8?b?YQ==?= " * 50_000 + b"\r\n\r\n",
        b"Content-Type: text/plain" + b"; a*0*=x" * 50_000 + b"\r\n\r\nText",
        b"Content-Type: text/plain; x=" + b'"\\' * 50_000 + b"\r\n\r\nText",
        b"References: " + b"<a@b> " * 100_000 + b"\r\n\r\nText",
        b"Date: " + b"1 " * 100_000 + b"\r\n\r\nText",
        b"X: y\r\n" * 150_000 + b"\r\nText",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 60_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)),
        b"Content-Type: text/plain\r\n\r\n" + b"> " * 300_000,
        b"Content-Type: text/plain\r\n\r\n" + b"On 1.1.2020 a@b.cc \r\n" * 30_000,
        b"Content-Type: text/plain\r\n\r\n" + b"From: x\r\n" * 60_000,
        b"Content-Type: text/plain\r\n\r\n" + b"begin 644 a\r\n" * 60_000,
        b"Content-Type: text/plain\r\n\r\n" + b"On " + b"1:11 a@b.cc " * 60_000 + b"wrote:",
        b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"word \r\n" * 100_000,
        b"From: mailer-daemon@x\r\nContent-Type: text/plain\r\n\r\n" + b"a" * 500_000,
        b"From: mailer-daemon@x\r\nContent-Type: text/plain\r\n\r\n" + b"-" * 500_000,
        b"From: mailer-daemon@x\r\nContent-Type: text/plain\r\n\r\n" + b"\r\n" * 300_000,
    ],
    ids=lambda raw: raw[:60].decode("ascii", "replace").replace("\r\n", " "),
)
def test_no_mail_takes_long(raw: bytes) -> None:
    begin = time.thread_time()
    to_incoming(raw, ())
    registry.plugin("email").read_body(raw)
    assert time.thread_time() - begin < SLOWEST


def test_what_is_no_mail_is_kept_as_unreadable() -> None:
    message = to_incoming(b"\x00\x01 nothing of a mail", ())
    assert message.kind is MessageKind.UNREADABLE
    assert message.problem
    assert message.remote_id == to_incoming(b"\x00\x01 nothing of a mail", ()).remote_id


def test_names_and_addresses() -> None:
    pairs = [(each.name, each.address) for each in parse_addresses(
        b'"P\xc3\xa9rez, Ana" <Ana@Example.org>, =?iso-8859-1?Q?Luis_Mu=F1oz?= <luis@example.net>,\r\n'
        b" Amigos: bob@example.com, <eva@example.com>;, carl@example.com (Carl)"
    )]  # fmt: skip
    assert pairs == [
        ("Pérez, Ana", "ana@example.org"),
        ("Luis Muñoz", "luis@example.net"),
        ("", "bob@example.com"),
        ("", "eva@example.com"),
        ("Carl", "carl@example.com"),
    ]
    assert parse_addresses(b"undisclosed-recipients:;") == ()


def test_words_cut_in_the_middle_of_a_letter_are_joined() -> None:
    assert headers.decode_words("=?utf-8?B?w4M=?= =?utf-8?B?wqk=?=") == "Ã©"
    assert headers.decode_words("=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?= y =?utf-8?Q?t=C3=A9?=") == "café y té"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 02 Nov 2026 10:00:00 +0100", "2026-11-02T09:00:00+00:00"),
        ("2 Nov 26 10:00 EST", "2026-11-02T15:00:00+00:00"),
        ("Mon Nov  2 10:00:00 2026", "2026-11-02T10:00:00+00:00"),
        ("2026-11-02T10:00:00+02:00", "2026-11-02T08:00:00+00:00"),
        ("lun, 2 nov 2026 10:00:00 -0330 (NST)", "2026-11-02T13:30:00+00:00"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    found = dates.parse_date(text)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "32 Nov 2026 10:00:00", "1 Foo 2026 10:00", "31 Dec 9999 23:59:59 -0900"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.parse_date(text) is None


def test_charsets_that_lie() -> None:
    assert charsets.decode("Años".encode("cp1252"), "us-ascii") == "Años"
    assert charsets.decode("Años".encode(), "iso-2022-jp") == "Años"
    assert charsets.decode("10 €".encode("cp1252"), "iso-8859-1") == "10 €"
    assert charsets.decode("Años".encode("cp1252"), "utf-8") == "Años"
    assert charsets.decode(b"x\0y", "punycode") == "xy"
    assert "\ud800" not in charsets.decode(b"+2AA-", "utf-7")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Windows\\x.exe", "C__Windows_x.exe"),
        ("factura\u202efdp.exe", "facturafdp.exe"),
        ("CON.txt", "_CON.txt"),
        ("  .. ", "file-1.pdf"),
        ("a\r\nb.txt", "a b.txt"),
        ("", "file-1.pdf"),
        ("año 2026.pdf", "año 2026.pdf"),
    ],
)
def test_file_names_are_harmless(name: str, safe: str) -> None:
    assert safe_name(name, "application/pdf") == safe


@given(st.text(max_size=600))
def test_every_file_name_becomes_harmless(name: str) -> None:
    safe = safe_name(name, "text/plain")
    assert safe
    assert len(safe.encode()) <= 160
    assert not set(safe) & set('/\\:\0\r\n<>|?*"\u202e')
    assert not safe.startswith(".")


def test_ids_of_ours_carry_the_conversation() -> None:
    one = make_message_id(123456, "tienda.example")
    assert is_own_message_id(one)
    assert conversation_of(one) == 123456
    assert not is_own_message_id("inbox.2n9c.short@tienda.example")
    assert make_message_id(1, "bad domain\r\n").endswith("@inbox.invalid")


def test_time_is_when_it_was_received() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    received = mail(1, Received="from a by b; Mon, 02 Nov 2026 12:00:00 +0000", Date="Sun, 01 Nov 2026 12:00:00 +0000")
    assert sent_at(parse(received), None, now).isoformat() == "2026-11-02T12:00:00+00:00"
    assert sent_at(parse(received), None, now, by_date=True).isoformat() == "2026-11-01T12:00:00+00:00"
    assert sent_at(parse(mail(1, Date="")), now - timedelta(days=1), now) == now - timedelta(days=1)
    assert sent_at(parse(mail(1, Date="Mon, 02 Nov 2099 12:00:00 +0000")), None, now) == now


def test_threads_hang_on_in_reply_to_first_and_then_the_newest_reference() -> None:
    message = to_incoming(mail(3, In_Reply_To="<b@x>", References="<a@x> <b@x> <c@x> <a@x>"), ())
    assert message.thread_keys == ("b@x", "c@x", "a@x")
    assert message.own_key == "m3@example.org"


def test_attachments_are_read_again_by_their_part() -> None:
    raw = (
        b"From: a@b.cc\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n"
        b"Content-Type: text/plain\r\n\r\nHi\r\n--q\r\nContent-Type: application/pdf; name*=utf-8''a%C3%B1o.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n"
        b"JVBERi0x\r\n--q--\r\n"
    )
    (file,) = to_incoming(raw, ()).attachments
    assert (file.filename, file.size, file.content_type) == ("año.pdf", 6, "application/pdf")
    plugin = registry.plugin("email")
    assert plugin.read_part(raw, file.part) == b"%PDF-1"
    assert plugin.read_part(raw, "9.9.x") == b""
    whole = b"From: a@b.cc\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n"
    (file,) = to_incoming(whole, ()).attachments
    assert plugin.read_part(whole, file.part) == b"\x89PN"


def test_a_bounce_names_the_message_and_the_recipient() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=q\r\n\r\n--q\r\n\r\nSorry.\r\n--q\r\n"
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        b"Final-Recipient: rfc822; Ana@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        b"Diagnostic-Code: smtp; 550 5.1.1 No such user\r\n\r\n--q\r\nContent-Type: message/rfc822\r\n\r\n"
        b"Message-ID: <inbox.1.x@example.com>\r\nSubject: Re: Order\r\n\r\nHello\r\n--q--\r\n"
    )
    message = to_incoming(raw, ())
    (bounce,) = message.bounces
    assert message.kind is MessageKind.BOUNCE
    assert bounce.message_id == "inbox.1.x@example.com"
    assert (bounce.recipient, bounce.status, bounce.permanent) == ("ana@example.org", "5.1.1", True)
    assert bounce.diagnostic == "550 5.1.1 No such user"
    delayed = to_incoming(raw.replace(b"Action: failed", b"Action: delayed").replace(b"5.1.1", b"4.4.1"), ())
    assert delayed.kind is MessageKind.AUTOMATIC
    assert delayed.bounces == ()


def test_reading_again_keeps_the_id() -> None:
    plugin = registry.plugin("email")
    time_ = datetime(2026, 11, 3, tzinfo=UTC)
    message = plugin.read_message(mail(1), {"address": "shop@example.com"}, "known", time_)
    assert message.remote_id == "known"
    assert message.text.strip() == "Message 1"
