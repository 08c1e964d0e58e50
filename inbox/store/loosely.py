"""Looking for a piece of a name in a column, accents and case aside, as fast as a plain LIKE."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

_MAY_HAVE_ACCENTS = frozenset("aeiouncy%_\\")


def like_folded(s: Session, column: Any, folded: str) -> ColumnElement[bool]:
    """Whether the column may hold a text folded by ``search.fold``. It lets too much through: fold, compare."""
    letters = ("_" if letter in _MAY_HAVE_ACCENTS or not letter.isascii() else letter for letter in folded)
    pattern = f"%{''.join(letters)}%"
    sqlite = s.get_bind().dialect.name == "sqlite"  # its LIKE ignores the case of ASCII letters by itself
    condition: ColumnElement[bool] = column.like(pattern) if sqlite else column.ilike(pattern)
    return condition
