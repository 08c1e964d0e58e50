"""Mails whose parts, encodings and charsets are damaged, missing or not what they say."""

import base64

import pytest

from inbox.channels import registry
from inbox.channels.email import charsets, headers
from inbox.channels.email.parse import parse

PDF = "Content-Type: application/pdf; name=a.pdf\n\nPDF"


def parts(kind: str, *each: str, boundary: str = "q", end: bool = True, head: str = "") -> bytes:
    """A multipart mail."""
    text = f'{head}Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'
    text += "".join(f"--{boundary}\n{part}\n" for part in each) + (f"--{boundary}--\n" if end else "")
    return text.encode()


def read(raw: bytes) -> tuple[str, str, list[str]]:
    """(text, HTML, names of the files that are no pictures within)."""
    mail = parse(raw)
    return mail.text.strip(), mail.html.strip(), [each.filename for each in mail.files if not each.inline]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (parts("mixed", "\nHello", PDF, end=False), ("Hello", "", ["a.pdf"])),
        (parts("mixed", "Hello\nthere"), ("Hello\nthere", "", [])),
        (parts("mixed", "Content-Type: text/plain\nHello"), ("Hello", "", [])),
        (parts("mixed", "\nHello", boundary="a;b"), ("Hello", "", [])),
        (parts("mixed", "\nHello", boundary="a b"), ("Hello", "", [])),
        (b"Content-Type: multipart/mixed; boundary=-=_(1)/x?y\n\n---=_(1)/x?y\n\nHello\n---=_(1)/x?y--\n",
         ("Hello", "", [])),
        (parts("mixed", "Content-Type: text/plain\n\nHello", PDF).replace(b'; boundary="q"', b""),
         ("Hello", "", ["a.pdf"])),
        (parts("mixed", "Content-Type: text/plain\n\nHello", PDF).replace(b'"q"', b'"z"'), ("Hello", "", ["a.pdf"])),
        (parts("mixed", "Content-Type: multipart/alternative; boundary=qq\n\n--qq\n\np\n--qq\nContent-Type: text/html"
               "\n\n<b>h</b>\n--qq--", PDF), ("p", "<b>h</b>", ["a.pdf"])),
        (parts("mixed", "Content-Type: multipart/alternative; boundary=q\n\n--q\n\np\n--q\nContent-Type: text/html"
               "\n\n<b>h</b>\n--q--", PDF, boundary="qq"), ("p", "<b>h</b>", ["a.pdf"])),
        (parts("mixed", "Content-Type: multipart/alternative; boundary=i\n\n--i\n\np\n--i\nContent-Type: text/html"
               "\n\n<b>h</b>", PDF), ("p", "<b>h</b>", ["a.pdf"])),
        (parts("mixed", "\nHello", head="Content-Transfer-Encoding: base64\n"), ("Hello", "", [])),
        (parts("alternative", "Content-Type: text/html\n\n<p>h</p>", "\np"), ("p", "<p>h</p>", [])),
        (parts("alternative", "\n\n", "Content-Type: text/html\n\n<p>h</p>"), ("h", "<p>h</p>", [])),
        (parts("signed", "\nHello", "Content-Type: application/pgp-signature\n\nx"), ("Hello", "", ["file-1.sig"])),
        (parts("digest", "\nSubject: One\n\nx", "\nSubject: Two\n\ny"), ("x\n\ny", "", ["One.eml", "Two.eml"])),
        (parts("mixed", "\nHello", "Content-Type: message/rfc822\n\nSubject: In\n\nx"), ("Hello", "", ["In.eml"])),
        (b"Content-Type: text\n\nHello", ("Hello", "", [])),
        (b"Content-Type: text/html charset=utf-8\n\n<p>h</p>", ("h", "<p>h</p>", [])),
        (b"Content-Type: (a) text/html (b); charset=us-ascii (c)\n\n<p>h</p>", ("h", "<p>h</p>", [])),
        (b"Content-Transfer-Encoding: (a) Base64\n\nSGVsbG8=", ("Hello", "", [])),
        (b'Content-Transfer-Encoding: "quoted-printable"\n\na=c3=A9 =ZZ =\nb', ("a\u00e9 =ZZ b", "", [])),
        (b"Content-Transfer-Encoding: base64\n\nSGVsbG8=\n-- \nA list's footer", ("Hello", "", [])),
        (b"Content-Transfer-Encoding: base64\n\nSGVs!bG8\n", ("Hello", "", [])),
        (b"Content-Transfer-Encoding: base64\n\nSGVs\nbG8=\nIHRo\nZXJl", ("Hello there", "", [])),
        (b"\r\n\r\nFrom: a@b.cc\r\n\r\nHello", ("Hello", "", [])),
        (b"\xef\xbb\xbfFrom: a@b.cc\r\n\r\nHello", ("Hello", "", [])),
        (b"From: a@b.cc\r\rHello", ("Hello", "", [])),
        (b"From a@b.cc Mon Nov  2 10:00:00 2026\nSubject : x\n\nHello", ("Hello", "", [])),
        (b"From: a@b.cc\nThis is no field\nTo: c@d.ee\n\nHello", ("Hello", "", [])),
        (b"Subject: only a head", ("", "", [])),
        (b"Subject: x\n\nHi\nbegin 644 a.txt\n#0V%T\n`\nend\nBye", ("Hi\nBye", "", ["a.txt"])),
        (b"Content-Type: text/plain; name=a.txt\n\nHello", ("Hello", "", [])),
    ],
)  # fmt: skip
def test_damaged_parts(raw: bytes, expected: tuple[str, str, list[str]]) -> None:
    assert read(raw) == expected
    assert read(raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[1:] == expected[1:]


def test_a_text_with_a_name_is_shown_and_can_be_saved() -> None:
    raw = b"Content-Type: text/plain; name=a.txt\n\nHello"
    (file,) = parse(raw).files
    assert (file.filename, file.inline, file.size) == ("a.txt", True, 5)
    assert registry.plugin("email").read_part(raw, file.part) == b"Hello"


@pytest.mark.parametrize(
    ("text", "charset", "label"),
    [
        ("日本語のテスト", "iso2022_jp", "ISO-2022-JP"),
        ("日本語のテスト", "iso2022_jp", ""),
        ("日本語の文章です。よろしくお願いします。", "cp932", ""),
        ("日本語の文章です。よろしくお願いします。", "euc_jp", ""),
        ("① 日本語", "cp932", "Shift_JIS"),
        ("朱镕基", "gb18030", "gb2312"),
        ("您好，请问我的订单什么时候发货？", "gb18030", ""),
        ("您好，請問我的訂單什麼時候發貨？", "big5", ""),
        ("안녕하세요. 제 주문은 언제 도착하나요?", "euc_kr", ""),
        ("안녕하세요", "cp949", "ks_c_5601-1987"),
        ("Здравствуйте, когда придёт мой заказ?", "koi8_r", ""),
        ("Здравствуйте, когда придёт мой заказ?", "cp1251", ""),
        ("Καλημέρα, πότε θα έρθει η παραγγελία μου;", "cp1253", ""),
        ("שלום, מתי תגיע ההזמנה שלי", "cp1255", ""),
        ("El año pasado compré jamón", "latin1", "utf-8"),
        ("El año pasado compré jamón", "latin1", "x-unknown"),
        ("El año pasado compré jamón", "utf-8", "iso-8859-1"),
        ("El año pasado", "utf-16", ""),
        ("El año pasado", "utf-16", "utf-16"),
        ("El año pasado", "utf-8-sig", "utf-8"),
        ("El año pasado", "utf-7", "utf-7"),
        ("Hello", "ascii", "utf-16"),
        ("Zażółć gęślą jaźń", "iso8859_2", "iso-8859-2"),
        ("10 €", "cp1252", "windows1252"),
        ("ééééééé", "latin1", ""),
    ],
)
def test_charsets(text: str, charset: str, label: str) -> None:
    assert charsets.decode(text.encode(charset), label) == text


def test_a_letter_cut_in_two_costs_itself_only() -> None:
    assert charsets.decode("año".encode() + b"\xc3", "utf-8") == "año\ufffd"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("=?utf-8?Q?=C3=A9", "é"),
        ("=?utf-8?B?w6k=", "é"),
        ("=??Q?abc?=", "abc"),
        ("=?utf-8*es?Q?=C3=A9?=", "é"),
        ("=?utf-8?Q?a=0Ab?=", "a b"),
        ("=?utf-8?Q?a b?=", "a b"),
        ("x=?utf-8?Q?=C3=A9?=y", "xéy"),
        ("=?utf-8?q?=F0=9F=98?= =?utf-8?q?=80?=", "😀"),
        ("=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1wbKEI=?=", "日本"),
        ("=?gb2312?B?suLK1A==?=", "测试"),
        ("=?utf-8?B?w6k=w6k=?=", "é"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
    ],
)
def test_words(field: str, expected: str) -> None:
    assert headers.decoded(field.encode())[: len(expected)] == expected


def test_fields_without_a_charset_are_in_that_of_the_text() -> None:
    raw = "Subject: Привет\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\nДа".encode("koi8_r")
    assert parse(raw).subject == "Привет"


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("attachment; filename*=utf-8''a%C3%B1o.pdf", "año.pdf"),
        ("attachment; filename*=UTF-8%27%27a%C3%B1o.pdf", "año.pdf"),
        ("attachment; filename*=\"utf-8''a%C3%B1o.pdf\"", "año.pdf"),
        ("attachment; filename*0*=utf-8''a%C3; filename*1*=%B1o; filename*2=.pdf", "año.pdf"),
        ("attachment; filename*1=o.pdf; filename*0=an", "ano.pdf"),
        ("attachment; filename=x.pdf; filename*=utf-8''a%C3%B1o.pdf", "año.pdf"),
        ('attachment; filename="=?utf-8?Q?a=C3=B1o.pdf?="', "año.pdf"),
        ("attachment; filename==?utf-8?Q?a=C3=B1o.pdf?=", "año.pdf"),
        ('attachment; filename="a%C3%B1o.pdf"', "año.pdf"),
        ("attachment; filename=El a\u00f1o 1.pdf", "El año 1.pdf"),
        ('attachment; filename="100%.pdf"', "100%.pdf"),
        ("attachment filename=ano.pdf", "ano.pdf"),
        ('attachment;; filename = "a;b.pdf" ; size=3', "a;b.pdf"),
    ],
)
def test_names_of_files(field: str, name: str) -> None:
    content = base64.b64encode(b"PDF").decode()
    raw = f"Content-Type: application/pdf\nContent-Disposition: {field}\nContent-Transfer-Encoding: base64\n\n{content}"
    assert [each.filename for each in parse(raw.encode()).files] == [name]
