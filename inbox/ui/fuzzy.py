"""Finding by a few letters: how well what was typed fits a text. Pure functions."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def plain(text: str) -> str:
    """Lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))


def score(query: str, text: str) -> int | None:
    """How well every word of the query is found in the text: higher is better, None is not at all.

    A word counts most at the start of the text, then at the start of a word, then inside one, then as
    scattered letters in the right order.
    """
    target = plain(text)
    total = 0
    for word in plain(query).split():
        found = _score_word(word, target)
        if found is None:
            return None
        total += found
    return total - len(target) // 24


def _score_word(word: str, target: str) -> int | None:
    if target.startswith(word):
        return 100
    if f" {word}" in target:
        return 80
    if word in target:
        return 50
    return _score_letters(word, target)


def _score_letters(word: str, target: str) -> int | None:
    """Scattered letters: the fewer gaps, the better; a first letter at a word's start is needed."""
    if len(word) < 2:
        return None
    starts = [0, *(number + 1 for number, letter in enumerate(target) if letter == " ")]
    best: int | None = None
    for start in starts:
        if target[start : start + 1] != word[0]:
            continue
        place, gaps = start, 0
        for letter in word[1:]:
            found = target.find(letter, place + 1)
            if found < 0:
                break
            gaps += found - place - 1
            place = found
        else:
            if gaps <= 6 * len(word):
                best = max(best or 0, 40 - min(gaps, 39))
    return best


def best(query: str, items: Iterable[T], text_of: Callable[[T], str], limit: int) -> list[T]:
    """The items that fit, the best first; equal ones stay in their order. All of them where nothing is typed."""
    if not query.strip():
        return list(items)[:limit]
    scored = [(found, item) for item in items if (found := score(query, text_of(item))) is not None]
    scored.sort(key=lambda pair: -pair[0])
    return [item for _, item in scored[:limit]]
