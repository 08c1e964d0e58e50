"""The search language: what a person types, taken apart. No SQL here, and no database.

``from: to: channel: is: tag: case: customer: before: after: has: "phrase" word* -not``, with Spanish names for the
same. Several words mean all of them. Accents and capitals don't matter.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from inbox.errors import SearchError
from inbox.lazy_dataclass import dataclass
from inbox.store.words import fold, words

Part = Literal["", "author", "recipients"]

_KEYS: dict[str, tuple[str, ...]] = {
    "from": ("from", "de"),
    "to": ("to", "para"),
    "channel": ("channel", "canal"),
    "account": ("account", "cuenta"),
    "is": ("is", "es"),
    "tag": ("tag", "etiqueta"),
    "case": ("case", "caso"),
    "type": ("type", "tipo"),
    "customer": ("customer", "cliente"),
    "owner": ("owner", "responsable"),
    "before": ("before", "antes"),
    "after": ("after", "despues"),
    "has": ("has", "con"),
}
_IS: dict[str, tuple[str, ...]] = {
    "open": ("open", "abierta", "abierto"),
    "waiting": ("waiting", "esperando", "espera"),
    "done": ("done", "hecha", "hecho"),
    "new": ("new", "nueva", "nuevo"),
    "solved": ("solved", "resuelta", "resuelto"),
    "closed": ("closed", "cerrada", "cerrado"),
    "unread": ("unread", "sinleer", "no leida"),
    "unassigned": ("unassigned", "sinasignar", "sin asignar"),
    "mine": ("mine", "mia", "mio"),
    "late": ("late", "tarde", "vencida", "vencido"),
    "today": ("today", "hoy"),
    "dismissed": ("dismissed", "descartada", "descartado"),
    "failed": ("failed", "fallida", "fallido"),
    "snoozed": ("snoozed", "aplazada", "aplazado"),
    "mention": ("mention", "mencion"),
    "direct": ("direct", "directa", "directo"),
}
_HAS: dict[str, tuple[str, ...]] = {
    "attachment": ("attachment", "adjunto", "file", "archivo"),
    "html": ("html",),
    "question": ("question", "pregunta"),
}
_CHANNELS = {"correo": "email", "mail": "email", "telefono": "phone", "carta": "letter", "web": "livechat"}


def _by_name(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {name: meant for meant, names in table.items() for name in names}


_KEY_NAMES, _IS_NAMES, _HAS_NAMES = _by_name(_KEYS), _by_name(_IS), _by_name(_HAS)
_TOKEN = re.compile(
    r'\s*(?P<minus>-?)(?:(?P<key>[^\W\d_]+):(?!//))?(?:"(?P<quoted>[^"]*)(?P<close>"?)|(?P<plain>[^\s"]*))'
)
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these
_MOST_WORDS = 64  # FTS5 takes no expression that is nested much deeper
_DAYS_AGO = re.compile(r"(\d{1,4})d")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must (or must not) stand in a message one after the other, anywhere or in one part of it.

    Attributes:
        text: As it was typed.
        words: Folded.
        prefix: The last word may go on.
        typed: ... because it is still being typed.
        instead: The words that stand for one that is being typed, where they are known.
    """

    text: str
    words: tuple[str, ...]
    part: Part = ""
    prefix: bool = False
    negated: bool = False
    typed: bool = False
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition that is no text: its key, and its value as text, number or time."""

    key: str
    value: str | int | datetime
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A search taken apart.

    Attributes:
        now: The moment that "late" and "snoozed" are measured at.
        day_end: The end of that day where the person is.
        agent_id: Whom ``is:mine`` means.
    """

    terms: tuple[Term, ...]
    filters: tuple[Filter, ...]
    now: datetime
    day_end: datetime
    agent_id: int | None

    @property
    def has_text(self) -> bool:
        """Whether words are searched: then messages are found, else conversations are listed."""
        return any(not term.negated for term in self.terms)


def parse(
    query: str, *, now: datetime, agent_id: int | None, typing: bool = False, zone: tzinfo | None = None
) -> Query:
    """Take a search apart. Raises SearchError, which says where the mistake is and what to write instead.

    Args:
        query: What the person typed.
        now: An aware time.
        agent_id: Whom ``is:mine`` means.
        typing: The person is still typing: the last word may go on, and what is begun but not finished is left out.
        zone: Where the person is; the system's zone by default.
    """
    query = _UNUSABLE.sub(" ", query)
    local = now.astimezone(zone)
    terms: list[Term] = []
    filters: list[Filter] = []
    place = 0
    while query[place:].strip():
        token = _TOKEN.match(query, place)
        assert token is not None  # the pattern matches anything
        ends = typing and token.end() == len(query)
        _read(token, query, local, terms, filters, unfinished=ends)
        place = token.end()
    if sum(len(term.words) for term in terms) + len(filters) > _MOST_WORDS:
        raise SearchError(
            "The search is too long", "Write at most {count} words: a few rare ones find the most.", count=_MOST_WORDS
        )
    tomorrow = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Query(tuple(terms), tuple(filters), now.astimezone(UTC), tomorrow.astimezone(UTC), agent_id)


def _read(
    token: re.Match[str], query: str, now: datetime, terms: list[Term], filters: list[Filter], *, unfinished: bool
) -> None:
    negated = bool(token["minus"])
    quoted = token["quoted"] is not None
    if quoted and not token["close"] and not unfinished:
        raise SearchError(
            "The quotation mark at position {place} is not closed",
            'Write a second " at the end of the phrase.',
            place=token.start("quoted"),
        )
    value = token["quoted"] if quoted else token["plain"]
    if token["key"] is None:
        _add_term(terms, value, "", negated, quoted=quoted, unfinished=unfinished)
        return
    key = _KEY_NAMES.get(fold(token["key"]))
    if key is None:
        raise SearchError(
            "“{key}:” at position {place} is not something to search by",
            'Use {keys}, or put the words in quotes: "{text}".',
            key=token["key"],
            place=token.start("key") + 1,
            keys=", ".join(f"{name}:" for name in _KEYS),
            text=f"{token['key']}: {value}".strip().replace('"', ""),
        )
    if not value.strip():
        if unfinished:
            return
        raise SearchError(
            "There is nothing after “{key}:” at position {place}",
            "Write what to look for right after the colon, without a space: {example}",
            key=token["key"],
            place=token.start("key") + 1,
            example=_EXAMPLES[key],
        )
    if key in ("from", "to"):
        part: Part = "author" if key == "from" else "recipients"
        _add_term(terms, value, part, negated, quoted=quoted, unfinished=unfinished)
        return
    found = _value(key, value.strip(), now, token.start("key") + 1, unfinished=unfinished)
    if found is not None:
        filters.append(Filter(key, found, negated))


_EXAMPLES = {
    "from": "from:ana@example.com",
    "to": "to:ventas",
    "channel": "channel:email",
    "account": "account:1",
    "is": "is:open",
    "tag": "tag:urgent",
    "case": "case:123",
    "type": "type:complaint",
    "customer": 'customer:"Ana Torres"',
    "owner": "owner:Luis",
    "before": "before:2026-11-22",
    "after": "after:2026-11-22",
    "has": "has:attachment",
}


def _add_term(terms: list[Term], value: str, part: Part, negated: bool, *, quoted: bool, unfinished: bool) -> None:
    found = tuple(words(value))
    if not found:
        return  # signs only: nothing to look for
    typed = unfinished and not quoted and value[-1].isalnum() and len(found[-1]) > 1
    terms.append(Term(value, found, part, typed or value.endswith("*"), negated, typed))


def _value(key: str, value: str, now: datetime, place: int, *, unfinished: bool) -> str | int | datetime | None:
    """What a filter's value means; ``None`` for one that is still being typed."""
    if key in ("is", "has"):
        return _one_of(key, _IS_NAMES if key == "is" else _HAS_NAMES, value, place, unfinished=unfinished)
    if key in ("before", "after"):
        return None if unfinished and not _is_date(value, now) else _date(value, now, place)
    if key == "channel":
        return _CHANNELS.get(fold(value), fold(value))
    number = value.removeprefix("#")
    if key in ("case", "account", "customer", "owner") and number.isascii() and number.isdigit() and len(number) < 19:
        return int(number)
    if key == "case":
        raise SearchError(
            "“{value}” at position {place} is not the number of a case",
            "Write its number: {example}",
            value=value,
            place=place,
            example=_EXAMPLES[key],
        )
    return fold(value)


def _one_of(key: str, names: dict[str, str], value: str, place: int, *, unfinished: bool) -> str | None:
    wanted = fold(value)
    if wanted in names:
        return names[wanted]
    if unfinished and any(name.startswith(wanted) for name in names):
        return None
    raise SearchError(
        "“{key}:{value}” at position {place} means nothing",
        "After “{key}:” write one of: {names}.",
        key=key,
        value=value,
        place=place,
        names=", ".join(dict.fromkeys(names.values())),
    )


def _is_date(value: str, now: datetime) -> bool:
    return _day(value, now) is not None


def _date(value: str, now: datetime, place: int) -> datetime:
    day = _day(value, now)
    if day is None:
        raise SearchError(
            "“{value}” at position {place} is not a date",
            "Write it like 2026-11-22, 22/11/2026, today, yesterday or 7d (days ago).",
            value=value,
            place=place,
        )
    return day


def _day(value: str, now: datetime) -> datetime | None:
    """The start of a day where the person is, as UTC."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word = fold(value)
    ago = _DAYS_AGO.fullmatch(word)
    if word in ("today", "hoy", "yesterday", "ayer") or ago:
        days = int(ago[1]) if ago else int(word in ("yesterday", "ayer"))
        return (midnight - timedelta(days=days)).astimezone(UTC)
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            day = datetime.strptime(value, form)  # noqa: DTZ007 - only the day is taken from it
        except ValueError:
            continue
        if 1900 <= day.year <= 9000:
            return midnight.replace(year=day.year, month=day.month, day=day.day).astimezone(UTC)
    return None
