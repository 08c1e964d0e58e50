"""Dates and times in words, in the zone of this machine, Spanish or English, without locales of the system."""

from collections.abc import Mapping
from datetime import datetime

_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}
_LONG_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}


def moment(at: datetime, language: str) -> str:
    """A short date with its time, as in "24 Nov 10:00"."""
    local = at.astimezone()
    return f"{local.day} {_of(_MONTHS, language)[local.month - 1]} {local:%H:%M}"


def long_date(at: datetime, language: str) -> str:
    """A date as it stands in a letter: "24 de noviembre de 2026", "24 November 2026"."""
    local = at.astimezone()
    month = _of(_LONG_MONTHS, language)[local.month - 1]
    return f"{local.day} de {month} de {local.year}" if language == "es" else f"{local.day} {month} {local.year}"


def long_moment(at: datetime, language: str) -> str:
    """A date as in a letter, with its time."""
    between = " a las " if language == "es" else " at "
    return f"{long_date(at, language)}{between}{at.astimezone():%H:%M}"


def _of(months: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    return months.get(language, months["en"])
