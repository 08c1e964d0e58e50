"""What a customer's text says to which question: numbered, line by line, or under each quoted question."""

import re
from collections.abc import Sequence

from inbox.services.question_text import fold

_NUMBERED = re.compile(r"^\s*(?:(\d{1,2})|([a-h]))\s*[.):ºª-]+\s*(\S.*)$", re.I)
_BULLET = re.compile(r"^\s*[-*•·–—]\s+")
_QUOTE = re.compile(r"^[\s>|]*[>|]\s?")
_GREETING = re.compile(
    r"^(?:hola|buen[oa]s(?: d[ií]as| tardes| noches)?|estimad[oa]s?|hi|hello|hey|dear|good (?:morning|afternoon"
    r"|evening)|gracias|muchas gracias"
    r"|thanks?|thank you|(?:un |reciba un |cordial(?:es)? )?saludos?|un abrazo|atentamente|(?:kind |best"
    r" )?regards|cheers|enviado desde .*|sent from .*)"
    r"[\s,.:;!]*(?:\w+[\s,.:;!]*){0,2}$",
    re.I,
)
_YES = re.compile(
    r"^(?:si|yes|yeah|yep|correcto|exacto|asi es|eso es|efectivamente|correct|exactly|that's right|right|sigue"
    r" igual|claro|afirmativo|ok|vale|igual"
    r"|si,? (?:es )?correcto|it is|sigue siendo(?: correcto)?)\b(?!.*\b(?:pero|but|ahora|now|nuevo|new|cambi|chang))"
)


def is_yes(text: str) -> bool:
    """Whether an answer to a confirmation says that all is as it was."""
    return bool(_YES.match(fold(text))) and len(text) <= 60


def split_answers(text: str, new_text: str, questions: Sequence[str]) -> list[str]:
    """The answer to each question, in the order of the questions. Untold apart, each gets all that is new."""
    if len(questions) == 1:
        return [new_text]
    return (
        _under_quotes(text, questions)
        or _numbered(new_text, len(questions))
        or _line_by_line(new_text, len(questions))
        or [new_text] * len(questions)
    )


def _numbered(text: str, count: int) -> list[str]:
    parts: dict[int, list[str]] = {}
    current = 0
    for line in text.splitlines():
        found = _NUMBERED.match(line)
        if found:
            current = int(found[1]) if found[1] else ord(found[2].lower()) - ord("a") + 1
            parts.setdefault(current, []).append(found[3])
        elif current and line.strip() and not _GREETING.match(line.strip()):
            parts[current].append(line.strip())
        elif not line.strip() and current == count:
            break
    if sorted(parts) != list(range(1, count + 1)):
        return []
    return ["\n".join(parts[number]).strip() for number in range(1, count + 1)]


def _line_by_line(text: str, count: int) -> list[str]:
    lines = [_BULLET.sub("", line).strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not _GREETING.match(line)]
    return lines if len(lines) == count else []


def _under_quotes(text: str, questions: Sequence[str]) -> list[str]:
    """A customer who wrote each answer under our question, quoted or copied."""
    asked = [fold(question) for question in questions]
    answers: list[list[str]] = [[] for _ in questions]
    current: int | None = None
    for line in text.splitlines():
        said = _QUOTE.sub("", line)
        hit = next((number for number, question in enumerate(asked) if question in fold(said)), None)
        if hit is not None:
            current = hit
            after = said.rpartition("?")[2].strip()
            if after:
                answers[hit].append(after)
        elif said != line:
            current = None if said.strip() else current
        elif current is not None and line.strip() and not _GREETING.match(line.strip()):
            answers[current].append(line.strip())
    return ["\n".join(lines) for lines in answers] if all(answers) else []
