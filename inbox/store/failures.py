"""What a database says when it refuses, put into words: the one place where its errors become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeoutError

from inbox.errors import InboxError, RuleError, StorageError
from inbox.store import gate

_GATE = "gate: "


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what a person can understand for what the database raised; bugs of ours (wrong SQL) pass as they are.

    ``name`` is what the database is called in the sentences: a path, or a server without its password.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, PoolTimeoutError) as error:
        found = _translate(error, name)
        if found is None:
            raise
        raise found from error


def _translate(error: Exception, name: str) -> InboxError | None:
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    text = str(original)
    if _GATE in text:
        return _refusal(text)
    if isinstance(original, sqlite3.Error):
        return _sqlite_trouble(original, name)
    if isinstance(error, PoolTimeoutError):
        return busy(name)
    return _server_trouble(original, name)


def _refusal(text: str) -> RuleError:
    sentence = text.split(_GATE, 1)[1].splitlines()[0].strip()
    for title, hint in gate.REFUSALS.items():
        if sentence.casefold().startswith(title.casefold()):
            return RuleError(title, hint)
    return RuleError(sentence)


def busy(name: str) -> StorageError:
    """Another program holds the database."""
    return StorageError(
        "The database is locked by another program",
        "Close the program that is using {name} (a second Inbox, a backup, a database tool) and try again.",
        name=name,
    )


def _full(name: str) -> StorageError:
    return StorageError(
        "The disk is full",
        "Free some space on the disk that holds {name} and try again. What was stored before is safe.",
        name=name,
    )


def _damaged(name: str) -> StorageError:
    return StorageError(
        "The database is damaged or is not a database",
        "Put {name} aside and restore a copy of it, or start with a new profile. Nothing was changed.",
        name=name,
    )


def not_writable(name: str) -> StorageError:
    """The file or its folder refuses."""
    return StorageError(
        "The database can't be written",
        "Check that you may write to {name} and to its folder, and that the disk is not mounted read-only.",
        name=name,
    )


def _sqlite_trouble(error: sqlite3.Error, name: str) -> StorageError | None:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy(name)
    if code == sqlite3.SQLITE_FULL:
        return _full(name)
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _damaged(name)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return not_writable(name)
    if code == sqlite3.SQLITE_IOERR:
        return StorageError(
            "The disk reports an error",
            "Check the disk that holds {name}; then try again. {words}",
            name=name,
            words=str(error),
        )
    return None


def _server_trouble(error: BaseException, name: str) -> StorageError | None:
    """PostgreSQL's errors, told apart by their SQLSTATE; psycopg raises without one where no server answers."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return unreachable(name, error) if type(error).__name__ in ("OperationalError", "ConnectionTimeout") else None
    if state == "53100":
        return _full(name)
    if state in ("55P03", "40P01", "40001"):
        return busy(name)
    if state in ("42501", "25006"):
        return not_writable(name)
    if state == "XX001":
        return _damaged(name)
    return _server_refusal(state[:2], name, error)


def _server_refusal(state_class: str, name: str, error: BaseException) -> StorageError | None:
    if state_class in ("08", "57"):
        return unreachable(name, error)
    if state_class == "28":
        return StorageError(
            "The database server refuses the user or the password", "Check them in the address {name}.", name=name
        )
    if state_class == "3D":
        return StorageError("There is no such database on the server", "Create it, then try again: {name}", name=name)
    if state_class == "53":
        return StorageError("The database server is too busy", "Try again in a moment. {words}", words=_words(error))
    return None


def unreachable(name: str, error: BaseException) -> StorageError:
    """The server is away, or the way to it."""
    return StorageError(
        "The database server can't be reached",
        "Check that {name} is running and that you are on the network; Inbox goes on when it is back. {words}",
        name=name,
        words=_words(error),
    )


def _words(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else ""
