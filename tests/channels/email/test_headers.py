"""Addresses and dates of every bad shape that senders give them."""

import pytest
from hypothesis import given, strategies as st

from inbox.channels.email.addresses import parse_addresses, parse_people
from inbox.channels.email.dates import parse_date
from inbox.channels.email.headers import message_ids
from inbox.channels.email.parse import parse


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("=?utf-8?Q?P=C3=A9rez=2C_Ana?= <a@b.cc>", [("Pérez, Ana", "a@b.cc")]),
        ('"=?utf-8?B?SsO2cmc=?=" <a@b.cc>', [("Jörg", "a@b.cc")]),
        ("=?utf-8?Q?Name_=3Ca=40b=2Ecc=3E?=", [("Name", "a@b.cc")]),
        ("=?UTF-8?B?w6nDqQ==?=<a@b.cc>", [("éé", "a@b.cc")]),
        ("a@b.cc (Name)", [("Name", "a@b.cc")]),
        ("Name a@b.cc", [("Name", "a@b.cc")]),
        ("<a@b.cc> Name", [("Name", "a@b.cc")]),
        ("Name <a@b.cc", [("Name", "a@b.cc")]),
        ("a@b.cc>", [("", "a@b.cc")]),
        ("Name <<a@b.cc>>", [("Name", "a@b.cc")]),
        ("'Name' <a@b.cc>", [("Name", "a@b.cc")]),
        ('Name" <a@b.cc>', [("Name", "a@b.cc")]),
        ('\\"Name\\" <a@b.cc>', [("Name", "a@b.cc")]),
        ('"unclosed <a@b.cc>', [("unclosed", "a@b.cc")]),
        ('"A \\"B\\" C" <a@b.cc>', [('A "B" C', "a@b.cc")]),
        ("Foo Bar [a@b.cc]", [("Foo Bar", "a@b.cc")]),
        ("Name [mailto:a@b.cc]", [("Name", "a@b.cc")]),
        ("<mailto:a@b.cc>", [("", "a@b.cc")]),
        ("a@b.cc <Name>", [("Name", "a@b.cc")]),
        ("Pérez, Ana <a@b.cc>, Eva <e@b.cc>", [("Pérez, Ana", "a@b.cc"), ("Eva", "e@b.cc")]),
        ("Ana <a@b.cc>\r\n Eva <e@b.cc>", [("Ana", "a@b.cc"), ("Eva", "e@b.cc")]),
        ("Ana <a@b.cc;e@b.cc>", [("Ana", "a@b.cc"), ("Ana", "e@b.cc")]),
        ("a@b.cc e@b.cc", [("", "a@b.cc"), ("", "e@b.cc")]),
        ("a@b.cc,,e@b.cc,", [("", "a@b.cc"), ("", "e@b.cc")]),
        ("a@b.cc; e@b.cc", [("", "a@b.cc"), ("", "e@b.cc")]),
        ("<@one,@two:a@b.cc>", [("", "a@b.cc")]),
        ("A group:Ed <e@b.cc>,a@b.cc,Jo <j@b.cc>;, x@y.zz",
         [("Ed", "e@b.cc"), ("", "a@b.cc"), ("Jo", "j@b.cc"), ("", "x@y.zz")]),
        ("Pete(A nice \\) chap) <pete(his account)@b.cc(his host)>", [("Pete", "pete@b.cc")]),
        ("Joe (a (nested) comment) <a@b.cc> (x)", [("Joe", "a@b.cc")]),
        ("a @ b . cc", [("", "a@b.cc")]),
        ("<a b@c.dd>", [("", "ab@c.dd")]),
        ('"foo bar"@x.com', [("", '"foo bar"@x.com')]),
        ('Name <"foo bar"@x.com>', [("Name", '"foo bar"@x.com')]),
        ('<"MAILER-DAEMON"@x.com>', [("", "mailer-daemon@x.com")]),
        ("a@[192.0.2.1]", [("", "a@[192.0.2.1]")]),
        ("a..b.@docomo.example", [("", "a..b.@docomo.example")]),
        ("Foo <a@xn--mnchen-3ya.de>", [("Foo", "a@münchen.de")]),
        ("root (Cron)", [("Cron", "root")]),
        ("undisclosed-recipients:;", []),
        ("undisclosed-recipients", []),
        ("Undisclosed recipients", []),
        ("", []),
        ("()<>;:,\"", []),
    ],
)  # fmt: skip
def test_addresses(field: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.name, each.address) for each in parse_addresses(field.encode())] == expected


def test_a_name_without_an_address_is_a_name() -> None:
    assert [(each.name, each.address) for each in parse_people(b'"Ana" <>')] == [("Ana", "")]
    assert parse_addresses(b'"Ana" <>') == ()


def test_the_author_is_who_gets_the_answer_where_the_sender_left_the_address_out() -> None:
    author = parse(b'From: "Ana" <>\r\nReply-To: <ana@b.cc>\r\n\r\nHello').author
    assert (author.name, author.address) == ("Ana", "ana@b.cc")
    assert parse(b"Sender: Eva <eva@b.cc>\r\n\r\nHello").author.address == "eva@b.cc"
    assert parse(b"From: Nobody\r\nReturn-Path: <>\r\n\r\nHello").author.address == "nobody"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 2 Nov 2026 10:00:00 GMT+01:00", "2026-11-02T09:00:00"),
        ('Mon, 2 Nov 2026 10:00:00 "GMT"', "2026-11-02T10:00:00"),
        ("Mon, 2 Nov 2026 10:00:00 +01", "2026-11-02T09:00:00"),
        ("Mon, 2 Nov 2026 10:00:00 -5", "2026-11-02T15:00:00"),
        ("Mon, 2 Nov 2026 10:00:00-0500", "2026-11-02T15:00:00"),
        ("Mon, 2 Nov 2026 10:00:00 -0000 (UTC)", "2026-11-02T10:00:00"),
        ("Mon, 2-Nov-26 10:00:00 PST", "2026-11-02T18:00:00"),
        ("Mon, 02 Nov 102 10:00:00", "2002-11-02T10:00:00"),
        ("Thu, 13 Feb 69 23:32 -0330", "1969-02-14T03:02:00"),
        ("21 Nov 97 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06"),
        (
            "Thu,\r\n      13\r\n        Feb\r\n  1969\r\n      23:32\r\n  -0330 (Newfoundland Time)",
            "1969-02-14T03:02:00",
        ),
        ("Mon Nov 2 10:00:00 CET 2026", "2026-11-02T09:00:00"),
        ("Mon Nov 2 10:00:00 2026 +0100", "2026-11-02T09:00:00"),
        ("Nov 2, 2026 10:00:00 PM", "2026-11-02T22:00:00"),
        ("November 2, 2026 at 10:00 AM", "2026-11-02T10:00:00"),
        ("11/2/2026 10:00:00 PM", "2026-11-02T22:00:00"),
        ("13/11/2026 10:00", "2026-11-13T10:00:00"),
        ("02-11-2026 10:00:00", "2026-11-02T10:00:00"),
        ("2026-11-02T10:00:00.123Z", "2026-11-02T10:00:00"),
        ("20261102T100000Z", "2026-11-02T10:00:00"),
        ("Montag, 2. November 2026 10:00", "2026-11-02T10:00:00"),
        ("Mon, 2026 Nov 02 10:00:00 +0100", "2026-11-02T09:00:00"),
        ("2026-11-02", "2026-11-02T00:00:00"),
        ("Mon, 2 Nov 2026", "2026-11-02T00:00:00"),
        ("1793613600", "2026-11-02T10:00:00"),
        ("lunes, 2 de noviembre de 2026 10:00:00 +0100", "2026-11-02T09:00:00"),
        ("lundi 2 novembre 2026 à 10:00", "2026-11-02T10:00:00"),
        ("Mo, 2 Mär 2026 10:00:00 +0100", "2026-03-02T09:00:00"),
        ("2 ноября 2026 г. 10:00:00 +0300", "2026-11-02T07:00:00"),
        ("Mon, 2 Nov 2026 10.00.00 +0100", "2026-11-02T09:00:00"),
        ("Mon, 2 Nov 2026 10:00:60 +0000", "2026-11-02T10:00:59"),
        ("Mon, 2 Nov 2026 10:00:00 +2500", "2026-11-02T10:00:00"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    found = parse(f"Date: {text}\r\n\r\nText".encode()).date
    assert found is not None
    assert found.isoformat() == expected + "+00:00"


@pytest.mark.parametrize(
    ("field", "ids"),
    [
        ("<a@b> <c@d>", ("a@b", "c@d")),
        ("<a@b>,<c@d>", ("a@b", "c@d")),
        ("<a@b <c@d>", ("a@b", "c@d")),
        ("a@b>", ("a@b",)),
        ("a@b c@d", ("a@b", "c@d")),
        ("Your mail of Monday <a@b>", ("a@b",)),
        ("<a@\r\n b>", ("a@b",)),
        ("=?utf-8?q?=3Ca=40b=3E?=", ("a@b",)),
        ("Your mail of Monday", ()),
    ],
)
def test_ids_of_messages(field: str, ids: tuple[str, ...]) -> None:
    assert message_ids(field.encode()) == ids


@given(st.text(alphabet="0123456789:-+ ,./()TZNovmonAPMGEST\"'dejanfb年", max_size=60))
def test_no_date_raises(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.utcoffset() is not None


@given(st.text(alphabet="ab@.<>\"'(),;:\\[]= ?_\t", max_size=60))
def test_no_address_field_raises_or_gives_empty_addresses(text: str) -> None:
    assert all(each.address for each in parse_addresses(text.encode()))
