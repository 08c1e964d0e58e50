"""What servers answer to FETCH: the quick reading says what the library's says, and leaves to it what is unusual."""

from datetime import UTC, datetime
from typing import Any

import pytest
from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_fetch_response

from inbox.channels.email.fetched import Summary, read_contents, read_summaries

AT = datetime(2026, 11, 2, 9, 0, 0, tzinfo=UTC)
USUAL = b'1 (UID 5 RFC822.SIZE 123 INTERNALDATE "02-Nov-2026 10:00:00 +0100" FLAGS (\\Seen $Label))'


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        ([USUAL], True),
        ([USUAL.replace(b"\\Seen ", b"")], False),
        ([USUAL.replace(b"02-Nov-2026 10:00:00 +0100", b" 2-Nov-2026 05:30:00 -0330")], True),
        ([b'1 (FLAGS (\\seen) INTERNALDATE "02-Nov-2026 09:00:00 +0000" RFC822.SIZE 123 UID 5)'], True),
    ],
    ids=["usual", "unread", "another time zone", "another order"],
)
def test_a_summary_is_read_in_every_order_of_its_parts(answer: list[Any], seen: bool) -> None:
    assert read_summaries(answer) == [Summary(5, 123, AT, seen)]


def test_a_date_that_is_none_leaves_the_mail() -> None:
    (summary,) = read_summaries([b"3 (UID 9 RFC822.SIZE 1 FLAGS ())"])
    assert summary == Summary(9, 1, None, seen=False)


@pytest.mark.parametrize(
    "answer",
    [
        [(b"1 (UID 5 BODY[] {3}", b"a(b"), b")", (b"2 (UID 6 BODY[] {0}", b""), b")"],
        [(b"1 (BODY[] {3}", b"a(b"), b" UID 5)", (b"2 (UID 6 BODY[] {0}", b""), b")"],
        [b'1 (UID 5 BODY[] "a(b")', (b"2 (UID 6 BODY[] {0}", b""), b")"],
        [(b"1 (UID 5 FLAGS (\\Seen) BODY[] {3}", b"a(b"), b")", b"7 (FLAGS (\\Seen) UID 9)", b'2 (UID 6 BODY[] "")'],
    ],
    ids=["usual", "uid behind", "quoted", "news of another mail between"],
)
def test_contents_are_read_in_every_shape(answer: list[Any]) -> None:
    assert read_contents(answer) == {5: b"a(b", 6: b""}
    library = parse_fetch_response(list(answer), False, True)
    assert {uid: each[b"BODY[]"] for uid, each in library.items() if b"BODY[]" in each} == {5: b"a(b", 6: b""}


def test_a_mail_without_content_is_told() -> None:
    assert read_contents([b"1 (UID 5 BODY[] NIL)"]) == {5: None}


def test_nonsense_is_no_answer() -> None:
    with pytest.raises(ProtocolError):
        read_contents([b"1 (UID 5 BODY[] "])
