"""Times in words, short and in the person's language and time zone."""

from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDate, QLocale

from inbox import i18n
from inbox.i18n import tr, tr_n

HOUR, DAY = 3600, 86400


def locale() -> QLocale:
    """Dates and numbers in the language of the window."""
    return QLocale(i18n.language())


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long something has been waiting: "12 min", "3 h", "yesterday", "4 days", then the date."""
    now = now or datetime.now(UTC)
    seconds = max(0.0, (now - at).total_seconds())
    if seconds < 60:
        return tr("now")
    if seconds < HOUR:
        return tr("{n} min", n=int(seconds // 60))
    days = (now.astimezone().date() - at.astimezone().date()).days
    if days == 0 or seconds < 12 * HOUR:
        return tr("{n} h", n=int(seconds // HOUR))
    if days <= 1:
        return tr("yesterday")
    return tr_n("{n} day", "{n} days", days) if days < 7 else date(at, now)


def date(at: datetime, now: datetime | None = None) -> str:
    """A day: "16 nov", with the year where it is another one."""
    now, local = now or datetime.now(UTC), at.astimezone()
    day = QDate(local.year, local.month, local.day)
    shape = "d MMM" if local.year == now.astimezone().year else "MMM yyyy"
    return locale().toString(day, shape).replace(".", "")


def age(at: datetime, now: datetime | None = None) -> str:
    """How old a fact is: "today", "3 days", "2 months", "2 years"."""
    now = now or datetime.now(UTC)
    days = (now.astimezone().date() - at.astimezone().date()).days
    if days <= 0:
        return tr("today")
    if days < 60:
        return tr_n("{n} day", "{n} days", days)
    if days < 730:
        return tr_n("{n} month", "{n} months", days // 30)
    return tr_n("{n} year", "{n} years", days // 365)


def weekday(at: datetime) -> str:
    """A time within the next days: "Mon 9:00"."""
    local = at.astimezone()
    return f"{locale().toString(QDate(local.year, local.month, local.day), 'ddd').replace('.', '')} {clock(at)}"


def until(at: datetime, now: datetime | None = None) -> str:
    """When something comes back: "14:00", "tomorrow", then the date."""
    now = now or datetime.now(UTC)
    days = (at.astimezone().date() - now.astimezone().date()).days
    if days == 0:
        return clock(at)
    return tr("tomorrow") if days == 1 else date(at, now)


def clock(at: datetime) -> str:
    """The time of the day: "9:42"."""
    local = at.astimezone()
    return f"{local.hour}:{local.minute:02d}"


def day(at: datetime) -> str:
    """A whole day: "Monday, 16 November"."""
    local = at.astimezone()
    shape = tr("dddd, d MMMM") if local.year == datetime.now(UTC).astimezone().year else tr("dddd, d MMMM yyyy")
    return locale().toString(QDate(local.year, local.month, local.day), shape)


def moment(at: datetime) -> str:
    """Day and time, for a tooltip."""
    return f"{day(at)}, {clock(at)}"


def due(at: datetime, now: datetime | None = None) -> tuple[str, str]:
    """A deadline as a chip: its words, and "danger" when late or near, "warn" when later today, else empty."""
    now = now or datetime.now(UTC)
    left = (at - now).total_seconds()
    days = (at.astimezone().date() - now.astimezone().date()).days
    if left < 0:
        return tr("late by {time}", time=span(-left)), "danger"
    if left < HOUR:
        return tr("in {n} min", n=max(1, int(left // 60))), "danger"
    if days == 0:
        return tr("due {time}", time=clock(at)), "warn"
    if days == 1:
        return tr("tomorrow"), ""
    return tr_n("{n} day", "{n} days", days), ""


def due_long(at: datetime, now: datetime | None = None) -> tuple[str, str]:
    """A deadline on the case bar: "Due today 14:30"."""
    now = now or datetime.now(UTC)
    _short, level = due(at, now)
    days = (at.astimezone().date() - now.astimezone().date()).days
    if at < now:
        return tr("Late by {time}", time=span((now - at).total_seconds())), level
    if days == 0:
        return tr("Due today {time}", time=clock(at)), level
    if days == 1:
        return tr("Due tomorrow {time}", time=clock(at)), level
    return tr("Due {date}", date=f"{date(at, now)} {clock(at)}"), level


def span(seconds: float) -> str:
    """A length of time, roughly: "12 min", "3 h", "2 days"."""
    if seconds < HOUR:
        return tr("{n} min", n=max(1, int(seconds // 60)))
    if seconds < 2 * DAY:
        return tr("{n} h", n=int(seconds // HOUR))
    return tr_n("{n} day", "{n} days", int(seconds // DAY))


def minutes(seconds: float) -> str:
    """A waiting time to the second: "0:52" is 52 seconds; from an hour on, roughly."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}" if whole < HOUR else span(seconds)


def tomorrow_morning(now: datetime | None = None) -> datetime:
    """Nine o'clock of the next day, here."""
    local = (now or datetime.now(UTC)).astimezone() + timedelta(days=1)
    return local.replace(hour=9, minute=0, second=0, microsecond=0).astimezone(UTC)
