"""The placeholders of templates: ``{{ customer.first_name }}`` and ``{{ customer.first_name | default("cliente") }}``.

A small language of our own, because the text of a template comes from people: nothing in it can compute, loop, grow or
reach anything but the plain values that it is given, and a value that holds braces is only text.
"""

import difflib
import re
from collections.abc import Callable, Mapping

from inbox.errors import TemplateError
from inbox.i18n import tr
from inbox.lazy_dataclass import dataclass

LONGEST = 50_000
"""Characters of a template, and of what is made of it."""

NAMES: tuple[str, ...] = (
    *("customer.name", "customer.first_name", "customer.company"),
    *("case.number", "case.type", "case.subject", "case.due"),
    *("agent.name", "agent.first_name", "agent.signature"),
    *("company.name", "company.phone", "company.email", "company.web"),
    *("date.today", "date.now"),
    *("message.subject", "message.date"),
)
"""What a placeholder may name, beside ``fact.<kind>`` for anything learned about the customer."""

_FILTERS: dict[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "capitalize": lambda value: value[:1].upper() + value[1:],
}
_NAME = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_0-9]+)*")
_FACT = re.compile(r"fact\.[a-z][a-z0-9_]{0,59}")
_FILTER = re.compile(r"""(?P<name>[a-z]+)(?:\(\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')\s*\))?""")
_OPEN = re.compile(r"\{\{|\{%|\{#")
_HOLE = re.compile(r"⟨([^⟨⟩\n]{1,80})⟩|\{\{\s*([a-z_]+\.[a-z0-9_.]+)[^{}\n]*\}\}")


@dataclass(frozen=True, slots=True)
class _Placeholder:
    name: str
    default: str
    filters: tuple[Callable[[str], str], ...]


def check(text: str) -> None:
    """Raise TemplateError, which says where the mistake is, for a text that can't be a template."""
    _parse(text)


def names(text: str) -> tuple[str, ...]:
    """The placeholders of a text, each once."""
    return tuple(dict.fromkeys(piece.name for piece in _parse(text) if isinstance(piece, _Placeholder)))


def fill(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with its values, and the names of those that have none: these stand in it as ⟨name⟩."""
    pieces, missing, length = [], [], 0
    for piece in _parse(text):
        if isinstance(piece, _Placeholder):
            filled = values.get(piece.name, "").strip() or piece.default
            if not filled:
                missing.append(piece.name)
                filled = f"⟨{piece.name}⟩"
            else:
                for apply in piece.filters:
                    filled = apply(filled)
        else:
            filled = piece
        length += len(filled)
        if length > LONGEST:
            raise TemplateError("The text becomes too long", "Shorten the template or the values in it.")
        pieces.append(filled)
    return "".join(pieces), tuple(dict.fromkeys(missing))


def holes(text: str) -> tuple[str, ...]:
    """The names of values that are still missing in a text about to be sent."""
    return tuple(dict.fromkeys(found[1] or found[2] for found in _HOLE.finditer(text)))


def _parse(text: str) -> list[str | _Placeholder]:
    if len(text) > LONGEST:
        raise TemplateError("The template is too long", "At most {most} characters are possible.", most=LONGEST)
    pieces: list[str | _Placeholder] = []
    position = 0
    while found := _OPEN.search(text, position):
        start = found.start()
        pieces.append(text[position:start])
        if found.group() != "{{":
            raise _mistake(
                text,
                start,
                "A template can't hold {mark} … commands",
                mark=found.group(),
                hint="Only placeholders such as {example} are possible ({place}).",
            )
        end = text.find("}}", start)
        if end < 0 or "{{" in text[start + 2 : end] or "\n" in text[start:end]:
            raise _mistake(text, start, "A placeholder is not closed", hint="Write it as {example} ({place}).")
        pieces.append(_read(text, start, text[start + 2 : end]))
        position = end + 2
    stray = text.find("}}", position)
    if stray >= 0:
        raise _mistake(text, stray, "Two braces close nothing", hint="Write placeholders as {example} ({place}).")
    pieces.append(text[position:])
    return pieces


def _read(text: str, start: int, inside: str) -> _Placeholder:
    name, *filters = (part.strip() for part in _pipes(inside))
    if not _NAME.fullmatch(name):
        hint = "Write it as {example} ({place})."
        raise _mistake(text, start, "«{inside}» is no placeholder", hint=hint, inside=inside)
    if name not in NAMES and not _FACT.fullmatch(name):
        close = difflib.get_close_matches(name, NAMES, 1, 0.5)
        if close:
            raise _mistake(
                text,
                start,
                "There is no placeholder {name}",
                hint="Did you mean {meant}? ({place})",
                name=name,
                meant=close[0],
            )
        raise _mistake(
            text,
            start,
            "There is no placeholder {name}",
            hint="Possible are: {names} ({place}).",
            name=name,
            names=", ".join((*NAMES, "fact.…")),
        )
    default, functions = "", []
    for each in filters:
        found = _FILTER.fullmatch(each)
        kind = found["name"] if found else ""
        given = (found["double"] or found["single"] or "") if found else ""
        if kind == "default" and given:
            default = given
        elif kind in _FILTERS and found and found["double"] is None and found["single"] is None:
            functions.append(_FILTERS[kind])
        else:
            raise _mistake(
                text,
                start,
                "«{filter}» is not possible in a placeholder",
                hint='Possible are: default("…"), upper, lower, capitalize ({place}).',
                filter=each,
            )
    return _Placeholder(name, default, tuple(functions))


def _pipes(inside: str) -> list[str]:
    """Split at bars that stand outside quotation marks."""
    parts, quote = [""], ""
    for sign in inside:
        if sign == "|" and not quote:
            parts.append("")
            continue
        if sign in "\"'" and (not quote or sign == quote):
            quote = "" if quote else sign
        parts[-1] += sign
    return parts


def _mistake(text: str, at: int, title: str, *, hint: str, **values: object) -> TemplateError:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    place = tr("line {line}, column {column}", line=line, column=column)
    error = TemplateError(title, hint, example="{{ customer.name }}", place=place, **values)
    error.values.update(line=line, column=column, position=at)
    return error
