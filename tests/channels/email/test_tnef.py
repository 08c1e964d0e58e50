"""Outlook's envelope and its rich text."""

import struct

from hypothesis import given, strategies as st

from inbox.channels import registry
from inbox.channels.email import rtf, tnef
from inbox.channels.email.parse import parse

NEW_FILE, TITLE, DATA, FILE_PROPERTIES, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005, 0x00069003


def attribute(name: int, value: bytes) -> bytes:
    return struct.pack("<BII", 1, name, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def prop(kind: int, name: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, name, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*each: bytes) -> bytes:
    return struct.pack("<I", len(each)) + b"".join(each)


def envelope(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


NAMED = struct.pack("<HH", 3, 0x8001) + b"\0" * 16 + struct.pack("<II", 0, 5) + struct.pack("<I", 1)
FILE = (
    attribute(NEW_FILE, b"\0" * 14)
    + attribute(TITLE, b"FACTUR~1.PDF\0")
    + attribute(DATA, b"%PDF-1")
    + attribute(
        FILE_PROPERTIES,
        properties(
            NAMED, prop(0x1F, 0x3707, "factura año.pdf\0".encode("utf-16-le")), prop(0x1E, 0x370E, b"application/pdf\0")
        ),
    )
)
PAGE = attribute(PROPERTIES, properties(prop(0x102, 0x1013, "<p>Buenos días</p>".encode("cp1252"))))
# The example of Microsoft's own description of the packed rich text.
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def mail(content: bytes, content_type: str = "application/ms-tnef") -> bytes:
    import base64

    return (
        f"From: a@b.cc\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n\r\n\r\n--q\r\nContent-Type: "
        f"{content_type}; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(content).decode()}\r\n--q--\r\n"
    ).encode()


def test_files_and_text_of_an_envelope_are_the_mails() -> None:
    raw = mail(envelope(PAGE, FILE))
    found = parse(raw)
    assert found.text == "Buenos días"
    assert [(each.filename, each.content_type, each.size, each.inline) for each in found.files] == [
        ("factura año.pdf", "application/pdf", 6, False),
        ("winmail.dat", "application/ms-tnef", len(envelope(PAGE, FILE)), True),
    ]
    assert registry.plugin("email").read_part(raw, found.files[0].part) == b"%PDF-1"


def test_an_envelope_by_its_name_only() -> None:
    assert parse(mail(envelope(FILE), "application/octet-stream")).files[0].filename == "factura año.pdf"


def test_an_envelope_in_an_envelope() -> None:
    inner = b"\0" * 16 + envelope(FILE)
    outer = envelope(attribute(NEW_FILE, b""), attribute(FILE_PROPERTIES, properties(prop(0x0D, 0x3701, inner))))
    assert [each.filename for each in tnef.unpack(outer).files] == ["factura año.pdf"]


def test_what_is_no_envelope_stays_a_file() -> None:
    (file,) = parse(mail(b"nothing")).files
    assert (file.filename, file.inline) == ("winmail.dat", False)


def test_packed_rich_text() -> None:
    assert rtf.decompress(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf.to_text(rtf.decompress(PACKED)) == "hello world"
    whole = envelope(attribute(PROPERTIES, properties(prop(0x102, 0x1009, PACKED))))
    assert parse(mail(whole)).text.strip() == "hello world"


def test_rich_text_as_plain_text() -> None:
    text = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}{\*\generator x;}A\'f1o\par \u8364?\tab {\b dos}\~\{tres\}}"
    assert rtf.to_text(text) == "Año\n€\tdos {tres}"
    page = rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}Hola{\*\htmltag72 </p>}\htmlrtf \par \htmlrtf0 "
    page += rb"{\*\htmltag64 <p>}Adi\'f3s}"
    assert rtf.to_text(page) == "Hola\n\nAdiós"


@given(st.binary(max_size=400))
def test_nothing_raises(data: bytes) -> None:
    tnef.unpack(b"\x78\x9f\x3e\x22\x01\x00" + data)
    tnef.unpack(envelope(attribute(PROPERTIES, data), attribute(NEW_FILE, b""), attribute(FILE_PROPERTIES, data)))
    rtf.decompress(PACKED[:16] + data)
    rtf.to_text(data)


def test_every_cut_is_survived() -> None:
    whole = envelope(PAGE, FILE)
    for end in range(len(whole)):
        tnef.unpack(whole[:end])
    for end in range(len(PACKED)):
        rtf.decompress(PACKED[:end])
