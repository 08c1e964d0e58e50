"""Invitations to appointments (iCalendar, RFC 5545, by mail, RFC 6047): read, and answered (RFC 5546)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from inbox.channels.base import OutgoingFile
from inbox.channels.email import body, mime
from inbox.channels.email.mime import Part

Response = Literal["accepted", "tentative", "declined"]

_LARGEST, _MOST_LINES, _LONGEST_LINE = 1_000_000, 20_000, 20_000
_LINE = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)', re.DOTALL
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";]*)')
_ESCAPE = re.compile(r"\\([\\;,nN])")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?\Z")
_LENGTH = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?\Z")
# The names that Microsoft's calendars give to time zones, of the places where customers of ours may be.
_WINDOWS_ZONES = {
    "romance standard time": "Europe/Madrid", "w. europe standard time": "Europe/Berlin",
    "gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik",
    "central europe standard time": "Europe/Budapest", "central european standard time": "Europe/Warsaw",
    "e. europe standard time": "Europe/Chisinau", "fle standard time": "Europe/Kiev",
    "gtb standard time": "Europe/Bucharest", "russian standard time": "Europe/Moscow",
    "eastern standard time": "America/New_York", "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver", "pacific standard time": "America/Los_Angeles",
    "sa pacific standard time": "America/Bogota", "central standard time (mexico)": "America/Mexico_City",
    "argentina standard time": "America/Buenos_Aires", "pacific sa standard time": "America/Santiago",
    "venezuela standard time": "America/Caracas", "e. south america standard time": "America/Sao_Paulo",
    "india standard time": "Asia/Kolkata", "china standard time": "Asia/Shanghai", "tokyo standard time": "Asia/Tokyo",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Invitation:
    """An appointment that a mail speaks of.

    Attributes:
        method: "REQUEST" asks for an answer, "CANCEL" calls it off, "REPLY" is somebody's answer; also others.
        starts_at, ends_at: Aware; None where it can't be read. Of a whole day: midnight UTC, the end not included.
        zone: The zone that its author named; empty for none.
        attendees: (address, name, "ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION"…), in lower and upper case.
        repeats: The rule of a series as it came, such as "FREQ=WEEKLY"; empty for a single one.
        lines: What an answer has to say again, as it came.
    """

    method: str
    uid: str
    summary: str
    location: str
    description: str
    starts_at: datetime | None
    ends_at: datetime | None
    whole_day: bool
    zone: str
    organizer: str
    organizer_name: str
    attendees: tuple[tuple[str, str, str], ...]
    repeats: str
    sequence: int
    lines: tuple[str, ...]

    @property
    def may_be_answered(self) -> bool:
        """Whether its organizer waits for an answer."""
        return self.method == "REQUEST" and bool(self.organizer and self.uid)


@dataclass(frozen=True, slots=True)
class Answer:
    """The mail that answers an invitation: it goes to the organizer, with the calendar as its file."""

    to: str
    file: OutgoingFile


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    parameters: dict[str, str]
    value: str
    line: str


def find_invitation(raw: bytes) -> Invitation | None:
    """The invitation in a mail; None where there is none. Never raises."""
    for part in mime.read(raw).leaves():
        if part.content_type in ("text/calendar", "application/ics") or part.filename.lower().endswith(".ics"):
            found = read_calendar(_text(part), part.parameters.get("method", ""))
            if found is not None:
                return found
    return None


def _text(part: Part) -> str:
    return body.part_string(part)[:_LARGEST]


def read_calendar(text: str, method: str = "") -> Invitation | None:
    """The first appointment of a calendar; None where it holds none. Never raises."""
    outside: list[_Field] = []
    event: list[_Field] = []
    depth: list[str] = []
    for line in _unfolded(text):
        field = _field(line)
        if field is None:
            continue
        if field.name == "BEGIN":
            depth.append(field.value.strip().upper())
        elif field.name == "END":
            if depth and depth.pop() == "VEVENT" and event:
                break
        elif depth[-1:] == ["VEVENT"]:
            event.append(field)
        elif depth[-1:] == ["VCALENDAR"]:
            outside.append(field)
    if not event:
        return None
    named = next((each.value.strip() for each in outside if each.name == "METHOD"), method)
    return _invitation(named.upper(), event)


def _unfolded(text: str) -> list[str]:
    return re.sub(r"\r?\n[ \t]", "", text).splitlines()[:_MOST_LINES]


def _field(line: str) -> _Field | None:
    found = _LINE.match(line[:_LONGEST_LINE])
    if found is None:
        return None
    parameters = {each[1].upper(): each[2].strip('"') for each in _PARAMETER.finditer(found[2])}
    return _Field(found[1].upper(), parameters, found[3], line)


def _invitation(method: str, event: list[_Field]) -> Invitation:
    fields: dict[str, _Field] = {}
    for each in event:
        fields.setdefault(each.name, each)
    start, end = fields.get("DTSTART"), fields.get("DTEND")
    starts_at = _time(start) if start else None
    ends_at = _time(end) if end else _after(starts_at, fields.get("DURATION"))
    whole_day = start is not None and "T" not in start.value
    if ends_at is None and starts_at is not None and whole_day:
        ends_at = starts_at + timedelta(days=1)
    organizer = fields.get("ORGANIZER")
    sequence = _value(fields, "SEQUENCE").strip()
    kept = ("UID", "RECURRENCE-ID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "SUMMARY", "ORGANIZER")
    return Invitation(
        method=method,
        uid=_value(fields, "UID"),
        summary=_value(fields, "SUMMARY"),
        location=_value(fields, "LOCATION"),
        description=_value(fields, "DESCRIPTION"),
        starts_at=starts_at,
        ends_at=ends_at,
        whole_day=whole_day,
        zone=start.parameters.get("TZID", "") if start else "",
        organizer=_address(organizer) if organizer else "",
        organizer_name=organizer.parameters.get("CN", "") if organizer else "",
        attendees=tuple(
            (_address(each), each.parameters.get("CN", ""), each.parameters.get("PARTSTAT", "NEEDS-ACTION").upper())
            for each in event
            if each.name == "ATTENDEE"
        ),
        repeats=_value(fields, "RRULE"),
        sequence=int(sequence) if sequence.isdigit() and len(sequence) < 10 else 0,
        lines=tuple(fields[name].line for name in kept if name in fields),
    )


def _value(fields: dict[str, _Field], name: str) -> str:
    field = fields.get(name)
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], field.value).strip() if field else ""


def _address(field: _Field) -> str:
    value = field.value.strip()
    address = value[7:] if value[:7].lower() == "mailto:" else value
    return address.lower() if "@" in address else field.parameters.get("EMAIL", "").lower()


def _time(field: _Field) -> datetime | None:
    found = _TIME.match(field.value.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(each or 0) for each in found.groups()[:6])
    try:
        zone = UTC if found[7] or not found[4] else _zone(field.parameters.get("TZID", ""))
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    except (ValueError, OverflowError):
        return None


def _zone(name: str) -> tzinfo:
    """The zone of that name; UTC for an unknown one. Some write the path of a file before the name."""
    name = _WINDOWS_ZONES.get(name.strip().lower(), name.strip())
    for known in (name, "/".join(name.split("/")[-2:])):
        try:
            return ZoneInfo(known)
        except (ValueError, OSError, KeyError):
            pass
    return UTC


def _after(start: datetime | None, length: _Field | None) -> datetime | None:
    if start is None or length is None:
        return None
    found = _LENGTH.match(length.value.strip().lstrip("+"))
    if found is None:
        return None
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups())
    try:
        return start + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None


def answer(invitation: Invitation, address: str, response: Response, now: datetime, name: str = "") -> Answer:
    """The answer of the attendee with that address. Only for an invitation that ``may_be_answered``."""
    fields = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Inbox//EN",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        *(_one_line(line) for line in _in_utc(invitation)),
        f"ATTENDEE;PARTSTAT={response.upper()}{_called(name)}:mailto:{_one_line(address)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    content = "".join(_folded(line) for line in fields).encode()
    return Answer(invitation.organizer, OutgoingFile("answer.ics", "text/calendar", content))


def _in_utc(invitation: Invitation) -> list[str]:
    """The lines to say again. A time with a zone is told in UTC, for the zone's description is not sent along."""
    lines = []
    for line in invitation.lines:
        field = _field(line)
        if field is not None and "TZID" in field.parameters and (time := _time(field)) is not None:
            line = f"{field.name}:{time.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        lines.append(line)
    return lines


def _called(name: str) -> str:
    name = _one_line(name).replace('"', "'")
    return f';CN="{name}"' if name else ""


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u2028\u2029]+", " ", text).strip()


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes (RFC 5545, section 3.1), with its end."""
    pieces: list[str] = []
    room, piece = 75, ""
    for sign in line:
        size = len(sign.encode("utf-8", "replace"))
        if size > room:
            pieces.append(piece)
            room, piece = 74, ""
        room, piece = room - size, piece + sign
    return "\r\n ".join([*pieces, piece]) + "\r\n"
