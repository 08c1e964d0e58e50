"""Making and upgrading the tables. Alembic is imported only when there is something to upgrade.

A new database is made from the models at once and stamped (fast: it is part of the first start); an older one goes
through the scripts of ``migrations/``. A test proves that both ways end in the same schema.
"""

import logging
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from inbox.errors import StorageError
from inbox.store import gate, people, tagging
from inbox.store.models import Base
from inbox.store.models.base import tell_postgresql

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

REVISION = "0001"  # the newest script of migrations/versions
SCRIPTS = Path(__file__).parent / "migrations"
_CREATING = 0x1B0C5  # PostgreSQL's advisory lock: one program makes or upgrades the tables at a time


def prepare(engine: Engine, name: str, file: Path | None) -> None:
    """Bring a database up to this program: make it, upgrade it, or refuse it with a StorageError.

    ``file`` is the SQLite file, which is copied before an upgrade; ``None`` for a server.
    """
    with engine.connect() as connection:
        found = stored_revision(connection)
    if found == REVISION:
        return
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATING})
        found = stored_revision(connection)  # another program may have been faster
        if found is None:
            _require_empty(connection, name)
            create(connection)
            return
    if found != REVISION:
        _upgrade(engine, found, name, file)


def stored_revision(connection: Connection) -> str | None:
    """The revision that the database says it has; ``None`` where there are no tables of ours yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _require_empty(connection: Connection, name: str) -> None:
    if inspect(connection).get_table_names():
        raise StorageError(
            "This database belongs to another program",
            "Choose another file or an empty database: {name} holds tables that are not Inbox's.",
            name=name,
        )


def create(connection: Connection) -> None:
    """Make every table, index and trigger in an empty database, and stamp it with this program's revision."""
    if connection.dialect.name == "postgresql":
        tell_postgresql()
    Base.metadata.create_all(connection)
    for statement in extras(connection.dialect.name):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": REVISION})


def extras(dialect: str) -> list[str]:
    """What the models can't say: the full-text indexes and the triggers."""
    return [*_FULL_TEXT[dialect], *people.statements(dialect), *tagging.statements(dialect), *gate.statements(dialect)]


_FULL_TEXT = {
    # Newest first is the order of the rowid, which is the message's id. The text itself is not stored a second time:
    # FTS5 reads it through the view when a row leaves the index or the index is rebuilt.
    "sqlite": [
        """CREATE TABLE message_words (
            message_id INTEGER NOT NULL PRIMARY KEY,
            author TEXT NOT NULL, recipients TEXT NOT NULL, files TEXT NOT NULL)""",
        # The words there are: what somebody is typing is looked up here, for FTS5 itself would first gather every
        # message of every word that begins so (60 ms at a million messages).
        "CREATE TABLE message_terms (term TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
        """CREATE VIEW message_content AS
            SELECT m.id AS id, m.subject AS subject, m.text AS body, w.author AS author, w.recipients AS recipients,
                w.files AS files
            FROM messages m JOIN message_words w ON w.message_id = m.id""",
        """CREATE VIRTUAL TABLE message_index USING fts5(
            subject, body, author, recipients, files, content='message_content', content_rowid='id',
            tokenize="unicode61 remove_diacritics 2", prefix='2 3')""",
        "INSERT INTO message_index(message_index, rank) VALUES ('automerge', 0)",  # merging blocked a commit for 4.4 s
        "INSERT INTO message_index(message_index, rank) VALUES ('crisismerge', 1999)",
        "INSERT INTO message_index(message_index, rank) VALUES ('hashsize', 16777216)",
    ],
    "postgresql": [
        """CREATE TABLE message_index (
            message_id BIGINT NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
            vector TSVECTOR NOT NULL)""",
        "CREATE INDEX ix_message_index_vector ON message_index USING gin (vector)",
    ],
}


def _upgrade(engine: Engine, found: str | None, name: str, file: Path | None) -> None:
    from alembic.script import ScriptDirectory  # slow to import, and seldom needed

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found not in known:
        raise StorageError(
            "The database was made by a newer version of Inbox",
            "Install the newest version of Inbox to open {name}. Nothing was changed.",
            name=name,
        )
    if file is not None:
        copy = file.with_name(f"{file.name}.before-{REVISION}.bak")
        copy_file(file, copy)
        log.info("Copied the database to %s before upgrading it from %s to %s", copy, found, REVISION)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATING})
        run_scripts(connection)


def run_scripts(connection: Connection) -> None:
    """Run the scripts that a database has not seen yet, all in the transaction of this connection."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def copy_file(source: Path, target: Path) -> None:
    """Copy a SQLite database that may be in use, as one consistent whole, readable by its owner only."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
    origin, copy = sqlite3.connect(source), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        copy.close()
        origin.close()
