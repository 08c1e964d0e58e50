"""Mails that are wrapped in their signature: the mail within is read; what is encrypted stays a file."""

import base64

import pytest
from hypothesis import given, strategies as st

from inbox.channels import registry
from inbox.channels.email import cms
from inbox.channels.email.parse import parse

INNER = (
    "Content-Type: multipart/mixed; boundary=z\r\n\r\n"
    "--z\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBuenos días\r\n"
    "--z\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\nPDF\r\n--z--\r\n"
).encode()


def item(tag: int, content: bytes) -> bytes:
    size = len(content).to_bytes(4, "big")
    return bytes([tag, 0x84]) + size + content


def endless(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


DATA, SIGNED = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
ENVELOPED = bytes.fromhex("06092a864886f70d010703")


def signed(octets: bytes, kind: bytes = SIGNED) -> bytes:
    wrapped = item(0x30, DATA + item(0xA0, octets))
    return item(0x30, kind + item(0xA0, item(0x30, b"\x02\x01\x01" + item(0x31, b"") + wrapped + item(0x31, b""))))


def signed_in_pieces() -> bytes:
    octets = endless(0x24, item(4, INNER[:40]) + item(4, INNER[40:]))
    wrapped = endless(0x30, DATA + endless(0xA0, octets))
    return endless(0x30, SIGNED + endless(0xA0, endless(0x30, b"\x02\x01\x01" + item(0x31, b"") + wrapped)))


def mail(content: bytes) -> bytes:
    head = b"From: a@b.cc\r\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\r\n"
    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(content)


@pytest.mark.parametrize("content", [signed(item(4, INNER)), signed_in_pieces()], ids=["whole", "in pieces"])
def test_the_mail_within_is_read(content: bytes) -> None:
    assert cms.unwrap(content) == INNER
    raw = mail(content)
    found = parse(raw)
    assert found.text.strip() == "Buenos días"
    assert [(each.filename, each.inline) for each in found.files] == [("a.pdf", False), ("smime.p7m", True)]
    assert registry.plugin("email").read_part(raw, found.files[0].part) == b"PDF"


@pytest.mark.parametrize("content", [signed(item(4, INNER), ENVELOPED), b"nothing", b""])
def test_what_is_encrypted_or_broken_stays_a_file(content: bytes) -> None:
    found = parse(mail(content))
    assert found.text == ""
    assert [(each.filename, each.inline) for each in found.files] == [("smime.p7m", False)]


@given(st.binary(max_size=300), st.integers(0, 200))
def test_nothing_raises(data: bytes, end: int) -> None:
    cms.unwrap(data)
    cms.unwrap(signed_in_pieces()[:end] + data)
    cms.unwrap(signed(item(4, INNER))[:end] + data)


def test_endless_nesting_ends() -> None:
    assert cms.unwrap(b"\x30\x80" * 50_000) == b""
    assert cms.unwrap(signed(b"\x24\x80" * 50_000)) == b""
