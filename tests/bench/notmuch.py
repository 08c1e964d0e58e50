"""The same messages in notmuch, whose searching is the floor of ours. Skipped where notmuch is not installed."""

import ctypes
import ctypes.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from tests.bench.corpus import Corpus
from tests.bench.profiles import FOLDER, second_of

_NEWEST_FIRST = 1
_DATES = ((re.compile(r"before:(\S+)"), r"date:..\1"), (re.compile(r"after:(\S+)"), r"date:\1.."))


def is_there() -> bool:
    """Whether it is installed; says on stderr what is missing."""
    found = shutil.which("notmuch") is not None and ctypes.util.find_library("notmuch") is not None
    if not found:
        sys.stderr.write("Not compared with notmuch, which is not installed: sudo apt-get install notmuch\n")
    return found


@contextmanager
def searching(messages: int) -> Iterator[Callable[[str], int]]:
    """A function that answers a search with the ids of its newest 50 hits, and tells how many there were."""
    folder = _made(messages)
    library = ctypes.CDLL(ctypes.util.find_library("notmuch"))
    for name in ("query_create", "messages_get", "message_get_message_id"):
        getattr(library, f"notmuch_{name}").restype = ctypes.c_void_p
    database, words = ctypes.c_void_p(), ctypes.c_char_p()
    opened = library.notmuch_database_open_with_config(
        str(folder / "mail").encode(),
        0,
        str(folder / "config").encode(),
        None,
        ctypes.byref(database),
        ctypes.byref(words),
    )
    assert opened == 0, words.value

    def search(query: str) -> int:
        asked = ctypes.c_void_p(library.notmuch_query_create(database, query.encode()))
        library.notmuch_query_set_sort(asked, _NEWEST_FIRST)
        hits = ctypes.c_void_p()
        assert library.notmuch_query_search_messages(asked, ctypes.byref(hits)) == 0
        count = 0
        while count < 50 and library.notmuch_messages_valid(hits):
            message = ctypes.c_void_p(library.notmuch_messages_get(hits))
            assert library.notmuch_message_get_message_id(message)
            library.notmuch_message_destroy(message)
            library.notmuch_messages_move_to_next(hits)
            count += 1
        library.notmuch_query_destroy(asked)
        return count

    yield search
    library.notmuch_database_destroy(database)


def query(ours: str) -> str:
    """A search of ours in notmuch's language."""
    for pattern, theirs in _DATES:
        ours = pattern.sub(theirs, ours)
    return ours


def _made(messages: int) -> Path:
    folder = FOLDER / f"notmuch-{messages}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        for name in ("cur", "new", "tmp"):
            (folder / "mail" / name).mkdir(parents=True)
        for mail in Corpus().mails(messages):
            made = EmailMessage()
            made["From"] = f"{mail.name} <{mail.address}>"
            made["To"] = "atencion@casaverde.example"
            made["Subject"] = mail.subject
            made["Date"] = format_datetime(datetime.fromtimestamp(second_of(mail.number, messages), UTC))
            made["Message-ID"] = f"<{mail.number}@correo.example>"
            made.set_content(mail.text)
            (folder / "mail" / "cur" / f"{mail.number}.mail:2,S").write_bytes(made.as_bytes())
        (folder / "config").write_text(f"[database]\npath={folder / 'mail'}\n[new]\ntags=\n")
        subprocess.run(
            ["notmuch", "new", "--quiet"], env={**os.environ, "NOTMUCH_CONFIG": str(folder / "config")}, check=True
        )
        (folder / "complete").touch()
    return folder
