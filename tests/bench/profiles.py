"""Profiles of a given size, made straight in SQL (the program would take an hour) and kept under ``build/bench``.

They are made anew when the database's schema or this module changed.
"""

import hashlib
import json
import shutil
import sqlite3
import time
import zlib
from pathlib import Path

from inbox.services import seeding
from inbox.store import migrations, schema, search
from inbox.store.db import Database
from inbox.store.words import beginnable
from tests.bench.corpus import Corpus, Mail, name_of

FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench"
_START = 1_577_836_800  # 1 January 2020, in seconds: the first mail
_END = 1_795_000_000  # the newest
_STEP = 1 << 21  # message ids within a second
AGENTS = 10


def profile(name: str, messages: int, *, words: int = 60, one_each: bool = False) -> Path:
    """The folder of a profile with so many messages; ``one_each`` gives every message a conversation of its own."""
    folder = FOLDER / f"{name}-{messages}"
    complete = folder / "complete"
    if not complete.exists() or complete.read_text() != _shape():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _make(folder / "inbox.db", messages, words, one_each)
        (folder / "settings.json").write_text(json.dumps({"language": "es"}))
        complete.write_text(_shape())
    return folder


def _shape() -> str:
    """A token of everything that a profile's rows depend on."""
    scripts = Path(migrations.__path__[0]) / "versions"
    files = [
        *sorted(scripts.glob("*.py")),
        Path(schema.__file__),
        Path(__file__),
        Path(__file__).with_name("corpus.py"),
    ]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _make(file: Path, messages: int, words: int, one_each: bool) -> None:
    database = Database(file)
    database.open()
    with database.writing() as s:
        seeding.seed(s)
    database.close()
    link = sqlite3.connect(file)
    link.execute("PRAGMA foreign_keys=OFF")
    link.execute("PRAGMA synchronous=OFF")
    link.execute("PRAGMA cache_size=-200000")
    _people(link, messages // 8 + 2)
    batch: list[Mail] = []
    for mail in Corpus().mails(messages, words):
        batch.append(mail)
        if len(batch) == 5_000:
            _messages(link, batch, messages, one_each)
            batch.clear()
    _messages(link, batch, messages, one_each)
    _conversations(link, one_each)
    link.commit()
    link.close()
    _tidy(database)
    link = sqlite3.connect(file)
    link.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    link.close()


def _tidy(database: Database) -> None:
    """As the engine does while nothing comes in."""
    database.open()
    more = True
    while more:
        with database.writing() as s:
            more = search.tidy_index(s)
    database.close()


def _people(link: sqlite3.Connection, customers: int) -> None:
    now = int(time.time() * 1000)
    link.executemany(
        "INSERT OR IGNORE INTO agents (id, name, email, login, role, signature, active)"
        " VALUES (?,?,'','','agent','',1)",
        [(number, f"Agente {number}") for number in range(1, AGENTS + 1)],
    )
    link.execute(
        "INSERT INTO accounts (id, kind, name, address, settings, enabled, opens_cases, case_days, reopen_days, state,"
        " state_title, state_hint, lease_owner, created_at)"
        " VALUES (1,'email','Atención','atencion@casaverde.example','{}',0,1,14,14,'off','','','',?)",
        (now,),
    )
    people = [(number, name_of(number)) for number in range(1, customers + 1)]
    link.executemany(
        "INSERT INTO customers (id, name, company, tier, language, preferred_channel, tags, consents, notes,"
        " created_at, version) VALUES (?,?,'',?,'es','','[]','{}','',?,1)",
        [(number, name, "CCCBBA"[number % 6], now) for number, name in people],
    )
    link.executemany(
        "INSERT INTO identities (id, customer_id, channel, handle, nick, name, profile_url, is_primary, valid,"
        " invalid_reason, created_at) VALUES (?,?,'email',?,'',?,'',1,1,'',?)",
        [(number, number, f"cliente{number}@correo.example", name, now) for number, name in people],
    )


def second_of(number: int, total: int) -> int:
    """When a message of so many was sent."""
    return _START + (_END - _START) * number // total


def _messages(link: sqlite3.Connection, batch: list[Mail], total: int, one_each: bool) -> None:
    rows, sources, words, index = [], [], [], []
    for mail in batch:
        second = second_of(mail.number, total)
        id_ = second * _STEP + mail.number % 1000
        conversation = mail.number + 1 if one_each else mail.thread
        rows.append((id_, conversation, f"m{mail.number}", mail.customer, second * 1000, mail.subject, mail.text))
        sources.append((id_, zlib.compress(mail.text.encode(), 1)))
        author = f"{mail.name} {mail.address}"
        words.append((id_, author, "atencion@casaverde.example", ""))
        index.append((id_, mail.subject, mail.text, author, "atencion@casaverde.example", ""))
    terms = beginnable(text for row in index for text in row[1:])
    link.executemany("INSERT OR IGNORE INTO message_terms (term) VALUES (?)", [(term,) for term in sorted(terms)])
    link.executemany(
        "INSERT INTO messages (id, account_id, conversation_id, remote_id, own_key, direction, kind, identity_id,"
        " sent_at, subject, text, has_html, recipients, problem, delivery, delivery_note, claimed_by, attempts)"
        " VALUES (?,1,?,?,'','in','text',?,?,?,?,0,'[]','','none','','',0)",
        rows,
    )
    link.executemany("INSERT INTO message_sources (message_id, data, sha256) VALUES (?,?,'')", sources)
    link.executemany("INSERT INTO message_words (message_id, author, recipients, files) VALUES (?,?,?,?)", words)
    link.executemany(
        "INSERT INTO message_index (rowid, subject, body, author, recipients, files) VALUES (?,?,?,?,?,?)", index
    )


def _conversations(link: sqlite3.Connection, one_each: bool) -> None:
    """One row a conversation; of the newest tenth, each has a case: open, waiting, owned, due at different times."""
    link.execute(
        "INSERT INTO conversations (id, account_id, remote_thread, kind, customer_id, identity_id, subject, snippet,"
        " tags, state, rank, last_message_id, message_count, unread_count, has_failed, stream, version)"
        " SELECT conversation_id, 1, 't' || conversation_id, 'direct', min(identity_id), min(identity_id),"
        " min(subject), substr(max(text), 1, 160), '[]', 'done', 0, max(id), count(*), 0, 0, '', 1"
        " FROM messages GROUP BY conversation_id"
    )
    last = int(link.execute("SELECT max(id) FROM conversations").fetchone()[0])
    busy = f"id > {last * 9 // 10}"
    link.execute(
        "INSERT INTO cases (id, customer_id, case_type_id, subject, status, priority, owner_id, opened_at, due_at,"
        " waiting_since, reopened_count, version)"
        " SELECT id, customer_id, 1 + id % 7, subject, CASE id % 3 WHEN 0 THEN 'waiting' ELSE 'open' END, 'normal',"
        f" nullif(id % {AGENTS + 1}, 0), last_message_id / {_STEP} * 1000, last_message_id / {_STEP} * 1000 + 86400000,"
        f" CASE id % 3 WHEN 0 THEN NULL ELSE last_message_id / {_STEP} * 1000 END, 0, 1 FROM conversations WHERE {busy}"
    )
    link.execute(
        f"INSERT INTO case_conversations (case_id, conversation_id, joined_at)"
        f" SELECT id, id, 0 FROM conversations WHERE {busy}"
    )
    link.execute(
        "UPDATE conversations SET case_id = id, state = CASE id % 3 WHEN 0 THEN 'waiting' ELSE 'open' END,"
        f" owner_id = nullif(id % {AGENTS + 1}, 0), due_at = last_message_id / {_STEP} * 1000 + 86400000,"
        f" waiting_since = CASE id % 3 WHEN 0 THEN NULL ELSE last_message_id / {_STEP} * 1000 END,"
        f" rank = last_message_id / {_STEP} * 1000 - (id % 3) * 3600000, unread_count = id % 2 WHERE {busy}"
    )
