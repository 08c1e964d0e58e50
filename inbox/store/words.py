"""How a text falls into words, the same for both engines.

Accents and case don't matter, and whatever is no letter or digit divides: the rules of FTS5's tokenizer ``unicode61
remove_diacritics 2``, which SQLite uses by itself. For PostgreSQL and for excerpts we apply them here.
"""

import re
import unicodedata
from collections.abc import Iterable

WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """A text without accents and capitals."""
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", plain).lower()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(fold(text))


def beginnable(texts: Iterable[str]) -> set[str]:
    """The folded words that somebody may be typing the beginning of: four letters first, and no endless codes."""
    found = set(WORD.findall(fold("\n".join(texts))))
    return {word for word in found if 4 <= len(word) <= 24 and word[:4].isalpha()}
