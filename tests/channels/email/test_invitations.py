"""Invitations to appointments: read, and answered so that the organizer's calendar understands it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from inbox.channels import registry
from inbox.channels.base import Outgoing
from inbox.channels.email.compose import compose
from inbox.channels.email.invitations import Invitation, Response, answer, find_invitation, read_calendar
from inbox.channels.email.parse import parse, parse_fields

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
CALENDAR = """BEGIN:VCALENDAR
PRODID:-//Example//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:abc-123@example.org
ORGANIZER;CN="Pérez, Ana":MAILTO:Ana@Example.org
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN=Tienda:mailto:
 shop@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:eva@example.org
SUMMARY:Visita\\, técnico\\; caldera
LOCATION:C/ Mayor 1
DESCRIPTION:Hola\\nadiós
DTSTART;TZID=Romance Standard Time:20261102T100000
DURATION:PT1H30M
RRULE:FREQ=WEEKLY
SEQUENCE:2
BEGIN:VALARM
SUMMARY:Alarm
TRIGGER:-PT15M
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def mail(calendar: str = CALENDAR, head: str = "text/calendar; method=REQUEST; charset=utf-8") -> bytes:
    return (
        "From: ana@example.org\r\nContent-Type: multipart/alternative; boundary=q\r\n\r\n--q\r\n\r\nCome\r\n--q\r\n"
        f"Content-Type: {head}\r\n\r\n{calendar}\r\n--q--\r\n"
    ).encode()


def invitation() -> Invitation:
    found = find_invitation(mail())
    assert found is not None
    return found


def test_an_invitation_is_read() -> None:
    found = invitation()
    assert (found.method, found.uid, found.sequence, found.may_be_answered) == (
        "REQUEST",
        "abc-123@example.org",
        2,
        True,
    )
    assert (found.summary, found.location) == ("Visita, técnico; caldera", "C/ Mayor 1")
    assert found.description == "Hola\nadiós"
    assert (found.organizer, found.organizer_name) == ("ana@example.org", "Pérez, Ana")
    assert found.starts_at == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert found.ends_at == datetime(2026, 11, 2, 10, 30, tzinfo=UTC)
    assert found.zone == "Romance Standard Time"
    assert found.repeats == "FREQ=WEEKLY"
    assert found.attendees == (("shop@example.com", "Tienda", "NEEDS-ACTION"), ("eva@example.org", "", "ACCEPTED"))


@pytest.mark.parametrize(
    ("line", "start", "whole_day"),
    [
        ("DTSTART;VALUE=DATE:20261102", datetime(2026, 11, 2, tzinfo=UTC), True),
        ("DTSTART:20261102T100000Z", datetime(2026, 11, 2, 10, tzinfo=UTC), False),
        ("DTSTART;TZID=Europe/Madrid:20261102T100000", datetime(2026, 11, 2, 9, tzinfo=UTC), False),
        ("DTSTART;TZID=/mozilla.org/2050/Europe/Madrid:20261102T100000", datetime(2026, 11, 2, 9, tzinfo=UTC), False),
        ("DTSTART;TZID=Nowhere:20261102T100000", datetime(2026, 11, 2, 10, tzinfo=UTC), False),
        ("DTSTART:20261302T100000Z", None, False),
        ("DTSTART:soon", None, True),
    ],
)
def test_when_it_begins(line: str, start: datetime | None, *, whole_day: bool) -> None:
    found = read_calendar(f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{line}\nEND:VEVENT\nEND:VCALENDAR")
    assert found is not None
    assert (found.starts_at, found.whole_day) == (start, whole_day)


def test_the_command_that_parses_tells_of_it() -> None:
    told = parse_fields(mail())["invitation"]
    assert isinstance(told, dict)
    assert (told["method"], told["starts_at"], told["organizer"]) == (
        "REQUEST", "2026-11-02T10:00:00+01:00", "ana@example.org"
    )  # fmt: skip
    assert parse_fields(b"Subject: x\r\n\r\nText")["invitation"] is None


def test_mails_without_one_hold_none() -> None:
    assert find_invitation(b"Subject: x\r\n\r\nText") is None
    assert find_invitation(mail("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR")) is None
    assert find_invitation(mail(CALENDAR, "application/octet-stream; name=cita.ics")) is not None


def test_only_who_asks_gets_an_answer() -> None:
    for method in ("CANCEL", "PUBLISH", "REPLY"):
        found = find_invitation(mail(CALENDAR.replace("METHOD:REQUEST", f"METHOD:{method}")))
        assert found is not None
        assert not found.may_be_answered


@pytest.mark.parametrize("response", ["accepted", "declined", "tentative"])
def test_the_answer_is_one_that_calendars_understand(response: Response) -> None:
    given_answer = answer(invitation(), "shop@example.com", response, NOW, name="La tienda")
    assert given_answer.to == "ana@example.org"
    text = given_answer.file.content.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    lines = text.replace("\r\n ", "").split("\r\n")
    assert lines[:4] == ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Inbox//EN", "METHOD:REPLY"]
    for line in ("UID:abc-123@example.org", "SEQUENCE:2", "DTSTART:20261102T090000Z", "DTSTAMP:20261101T120000Z",
                 f'ATTENDEE;PARTSTAT={response.upper()};CN="La tienda":mailto:shop@example.com',
                 'ORGANIZER;CN="Pérez, Ana":MAILTO:Ana@Example.org'):  # fmt: skip
        assert line in lines
    assert sum(line.startswith("ATTENDEE") for line in lines) == 1
    understood = read_calendar(text)
    assert understood is not None
    assert understood.attendees == (("shop@example.com", "La tienda", response.upper()),)


def test_the_answer_stands_beside_the_text_of_its_mail() -> None:
    given_answer = answer(invitation(), "shop@example.com", "accepted", NOW)
    message = Outgoing(1, "one@example.com", (given_answer.to,), "Allí estaremos.", files=(given_answer.file,))
    sent = compose(message, "shop@example.com", "Tienda")
    assert b"multipart/alternative" in sent
    assert parse(sent).text.strip() == "Allí estaremos."
    found = find_invitation(sent)
    assert found is not None
    assert (found.method, found.summary) == ("REPLY", "Visita, técnico; caldera")
    assert b'method="REPLY"' in sent


def test_no_line_of_theirs_begins_a_field_of_ours() -> None:
    evil = "x\r\nATTENDEE;PARTSTAT=DECLINED:mailto:eva@example.org"
    text = answer(invitation(), evil, "accepted", NOW, name=evil).file.content.decode()
    assert text.replace("\r\n ", "").count("\r\nATTENDEE") == 1


@given(st.text(max_size=300))
def test_nothing_raises(text: str) -> None:
    find_invitation(mail(text))
    read_calendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261102T100000\nDURATION:" + text)
    read_calendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=" + text + ":20261102T100000")
    registry.plugin("email").read_body(mail(text))
