"""How a text falls into words, the same for both engines.

Accents and case don't matter, and whatever is no letter or digit divides: the rules of FTS5's tokenizer ``unicode61
remove_diacritics 2``, which SQLite uses by itself. For PostgreSQL and for excerpts we apply them here.
"""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """A text without accents and capitals."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign))).lower()


def words(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(fold(text))
