"""Reading what a server answers to FETCH: the usual shape at once, anything else by the library's parser.

The library looks at every byte of an answer in Python, which took as long as parsing the mails themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from imapclient.response_parser import parse_fetch_response

SUMMARY = "(RFC822.SIZE INTERNALDATE FLAGS)"
CONTENT = "(BODY.PEEK[])"

_SUMMARY = re.compile(rb'\d+ \(UID (\d+) RFC822\.SIZE (\d+) INTERNALDATE "([^"]{26})" FLAGS \(([^()]*)\)\)')
_BEFORE = re.compile(rb"\d+ \((?:UID (\d+) )?BODY\[\] \{\d+\}")
_AFTER = re.compile(rb"(?: UID (\d+))?\)")
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}

Answer = Sequence[Any]
"""Lines, and pairs of a line's beginning and the literal that follows it: as imaplib gives them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A mail before it is fetched."""

    uid: int
    size: int
    date: datetime | None
    seen: bool


def read_summaries(answer: Answer) -> list[Summary]:
    """What was asked for with ``SUMMARY``. Raises ProtocolError where the server talks nonsense."""
    found = _usual_summaries(answer)
    if found is None:
        found = [_summary(uid, each) for uid, each in parse_fetch_response(list(answer), False, True).items()]
    return found


def read_contents(answer: Answer) -> dict[int, bytes | None]:
    """What was asked for with ``CONTENT``, by UID; None where the server has none. Raises ProtocolError as above."""
    found = _usual_contents(answer)
    if found is None:
        parsed = parse_fetch_response(list(answer), False, True)
        found = {uid: each[b"BODY[]"] for uid, each in parsed.items() if b"BODY[]" in each}
    return found


def _usual_summaries(answer: Answer) -> list[Summary] | None:
    summaries = []
    for line in answer:
        found = _SUMMARY.fullmatch(line) if isinstance(line, bytes) else None
        date = _date(found[3]) if found else None
        if found is None or date is None:
            return None
        summaries.append(Summary(int(found[1]), int(found[2]), date, b"\\seen" in found[4].lower().split()))
    return summaries


def _usual_contents(answer: Answer) -> dict[int, bytes | None] | None:
    contents: dict[int, bytes | None] = {}
    rest = iter(answer)
    for part in rest:
        after = next(rest, None)
        if not (isinstance(part, tuple) and isinstance(after, bytes)):
            return None
        begin, end = _BEFORE.fullmatch(part[0]), _AFTER.fullmatch(after)
        uid = (begin[1] or end[1]) if begin and end else None
        if uid is None:
            return None
        contents[int(uid)] = part[1]
    return contents


def _date(text: bytes) -> datetime | None:
    """``" 2-Nov-2026 10:00:00 +0100"`` as a time in UTC."""
    try:
        hours, minutes = int(text[21:24]), int(text[21:22] + text[24:26])
        local = datetime(
            int(text[7:11]), _MONTHS[text[3:6]], int(text[:2]), int(text[12:14]), int(text[15:17]), int(text[18:20]),
            tzinfo=timezone(timedelta(hours=hours, minutes=minutes)),
        )  # fmt: skip
        return local.astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _summary(uid: int, answer: Any) -> Summary:
    date = answer.get(b"INTERNALDATE")
    aware = date.astimezone(UTC) if isinstance(date, datetime) and date.tzinfo is not None else None
    flags = [flag.lower() for flag in answer.get(b"FLAGS", ()) if isinstance(flag, bytes)]
    return Summary(uid, int(answer.get(b"RFC822.SIZE") or 0), aware, b"\\seen" in flags)
