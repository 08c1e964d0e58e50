"""When a mail says that it was written: RFC 5322's form, and whatever machines write instead."""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_USUAL = re.compile(
    r"\s*(?:[A-Z][a-z]{2},? )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})(?: \([^()]*\))?\s*\Z"
)
_DATE = re.compile(
    r"(\d{1,2})\.?[\s-]+([^\W\d_]{3})[^\W\d_]*\.?,?[\s-]+(\d{2,4})[\s,]+(\d{1,2})[:.](\d{1,2})(?:[:.](\d{1,2}))?"
    r"(?:[.,]\d+)?\s*(AM|PM|am|pm)?\s*\(?\s*\"?(?:GMT|UTC)?\s*([+-]\s?\d{1,2}:?\d{2}|[+-]\d{1,2}(?!\d)|[A-Za-z]{1,6})?"
)
_US_DATE = re.compile(
    r"([^\W\d_]{3})[^\W\d_]*\.?\s+(\d{1,2}),?\s+(?:(\d{4}),?\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(AM|PM|am|pm)?\s*"
    r"([+-]\d{4}|[A-Z]{1,6})?\s*([+-]\d{4}|\d{4})?\s*([+-]\d{4})?"
)
_ISO_DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?"
    r"\s*([+-]\d{2}:?\d{2}|[A-Z]{1,5})?"
)
_YEAR_FIRST = re.compile(r"(\d{4})[\s-]+([^\W\d_]{3})[^\W\d_]*\.?[\s-]+(\d{1,2})[\s,]+(\d{1,2}:\d{2}.*)")
_PACKED_DATE = re.compile(r"\b((?:19|20)\d\d)(\d\d)(\d\d)T?(\d\d)(\d\d)(\d\d)\s*(Z|[+-]\d{4})?\b")
_NUMBER_DATE = re.compile(
    r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})[,\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(AM|PM|am|pm)?\s*([+-]\d{4}|[A-Z]{3,5})?"
)
_DAY = re.compile(r"(?:(\d{1,2})[\s-]+([^\W\d_]{3})[^\W\d_]*\.?,?[\s-]+(\d{4})|(\d{4})-(\d\d)-(\d\d))\b")
_SECONDS = re.compile(r"\s*(\d{9,10})\s*\Z")
_COMMENT = re.compile(r"\([^()]*\)")
_SMALL_WORDS = re.compile(
    r"(?<=[\s\d])(?:de|del|d['’]|at|um|a las|à|alle|of|den|г\.|klo|kl\.?)(?=[\s\d])", re.IGNORECASE
)
_LONGEST = 300
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen янв urt sty led",
            "feb fev fév fev фев ots lut úno",
            "mar mär mrz maa мар",
            "apr abr avr апр api kwi dub",
            "may mai maj maa mag mei май мая",
            "jun giu jui juin июн eka cze",
            "jul lug июл uzt lip",
            "aug ago agt aoû aou авг abu sie srp",
            "sep set сен ira wrz",
            "oct okt ott out окт urr paź",
            "nov ноя noi lis",
            "dec dic dez déc des дек abe gru",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTHS["maa"] = 3
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "CET": 1, "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "WET": 0, "WEST": 1, "BST": 1, "MSK": 3,
    "MSD": 4, "SAST": 2, "JST": 9, "KST": 9, "HKT": 8, "SGT": 8, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
    "CETDST": 2, "METDST": 2,
}  # fmt: skip


def parse_date(text: str) -> datetime | None:
    """The time that a Date or Received field tells, in UTC; None where no date can be seen in it."""
    found = _USUAL.match(text)
    if found:
        day, month, year, hour, minute, second, zone = found.groups()
        return _time(year, _MONTHS.get(month.lower()), day, hour, minute, second, zone)
    text = text[:_LONGEST]
    return _parse(text) or _parse(_plainer(text)) or _read_day(text)


def _plainer(text: str) -> str:
    """Without comments, and without the small words that some languages put between."""
    text = _COMMENT.sub(" ", text) if "(" in text else text
    return " ".join(_SMALL_WORDS.sub(" ", re.sub(r"\s*:\s*", ":", text)).split())


def _parse(text: str) -> datetime | None:
    for reader in (_read_year_first, _read_date, _read_iso, _read_us, _read_numbers, _read_packed):
        found = reader(text)
        if found is not None:
            return found
    return None


def _read_date(text: str) -> datetime | None:
    found = _DATE.search(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, half, zone = found.groups()
    return _time(year, _MONTHS.get(month.lower()), day, _hour(hour, half), minute, second, zone)


def _read_iso(text: str) -> datetime | None:
    found = _ISO_DATE.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    return _time(year, int(month), day, hour, minute, second, zone)


def _read_year_first(text: str) -> datetime | None:
    found = _YEAR_FIRST.search(text)
    return _read_date(f"{found[3]} {found[2]} {found[1]} {found[4]}") if found else None


def _read_us(text: str) -> datetime | None:
    found = _US_DATE.search(text)
    if found is None:
        return None
    month, day, year, hour, minute, second, half, zone, tail, last = found.groups()
    if year is None and tail and tail.isdigit():
        year, tail = tail, last
    return _time(year or "", _MONTHS.get(month.lower()), day, _hour(hour, half), minute, second, tail or last or zone)


def _read_numbers(text: str) -> datetime | None:
    found = _NUMBER_DATE.search(text)
    if found is None:
        return None
    day, month, year, hour, minute, second, half, zone = found.groups()
    if int(month) > 12 or half:
        day, month = month, day  # as it is written in America
    return _time(year, int(month), day, _hour(hour, half), minute, second, zone)


def _read_packed(text: str) -> datetime | None:
    found = _PACKED_DATE.search(text)
    if found:
        year, month, day, hour, minute, second, zone = found.groups()
        return _time(year, int(month), day, hour, minute, second, zone)
    found = _SECONDS.match(text)
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def _read_day(text: str) -> datetime | None:
    """A day without a time."""
    found = _DAY.search(text)
    if found is None:
        return None
    if found[4]:
        return _time(found[4], int(found[5]), found[6], "0", "0", None, None)
    return _time(found[3], _MONTHS.get(found[2].lower()), found[1], "0", "0", None, None)


def _hour(hour: str, half: str | None) -> str:
    if half is None or not 1 <= int(hour) <= 12:
        return hour
    return str(int(hour) % 12 + (12 if half.lower() == "pm" else 0))


def _time(
    year: str, month: int | None, day: str, hour: str, minute: str, second: str | None, zone: str | None
) -> datetime | None:
    if month is None or not year.isdigit():
        return None
    full_year = int(year)
    if full_year < 50:
        full_year += 2000
    elif full_year < 200:
        full_year += 1900  # two digits, or a counter of years since 1900, as the first Java mailers sent it
    try:
        seconds = min(int(second or 0), 59)
        local = datetime(full_year, month, int(day), int(hour), int(minute), seconds, tzinfo=_zone(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _zone(zone: str | None) -> timezone:
    if not zone:
        return UTC
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "").strip()
        digits = digits.zfill(2) + "00" if len(digits) < 3 else digits.zfill(4)
        offset = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:]) % 60)
        return timezone(-offset if zone[0] == "-" else offset) if offset < timedelta(hours=24) else UTC
    return timezone(timedelta(hours=_ZONES.get(zone.upper(), 0)))
