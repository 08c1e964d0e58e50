"""Making, upgrading and refusing databases."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from inbox.errors import StorageError
from inbox.store import schema
from inbox.store.db import Database
from inbox.store.models import Base


def _shape(connection: Connection) -> set[str]:
    """Everything that the catalogue of the engine says of our tables, indexes, constraints and triggers."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, coalesce(sql, '') FROM sqlite_master"))
        return {f"{kind} {name} {_clauses(statement)}" for kind, name, statement in rows}
    parts = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length "
        "FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace",
        "SELECT tgrelid::regclass, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    return {str(tuple(row)) for part in parts for row in connection.execute(text(part))}


@pytest.fixture
def empty(empty_dburl: str) -> Engine:
    return create_engine(empty_dburl)


def test_the_scripts_make_the_same_schema_as_the_models(empty: Engine, dburl: str) -> None:
    with empty.begin() as connection:
        schema.run_scripts(connection)
    migrated_engine, made_engine = empty, create_engine(dburl)
    with migrated_engine.connect() as migrated, made_engine.connect() as made:
        assert _shape(migrated) == _shape(made)
        assert schema.stored_revision(migrated) == schema.stored_revision(made) == schema.REVISION
        context = MigrationContext.configure(made, opts={"include_name": _is_ours})
        assert compare_metadata(context, Base.metadata) == []
    migrated_engine.dispose()
    made_engine.dispose()


def _is_ours(name: str | None, kind: str, _: object) -> bool:
    """Leave out the full-text indexes, which the models do not know."""
    name = name or ""
    beside = ("message_index", "message_words", "message_terms", "customer_index", "identity_index")
    return not ((kind == "table" and name.startswith(beside)) or (kind == "index" and name.endswith("_words")))


def _clauses(statement: str) -> list[str]:
    """The clauses of a CREATE statement in any order: alembic writes a table's constraints in another one."""
    clauses, depth = [""], 0
    for sign in re.sub(r"[\s\"']", "", statement):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if (sign, depth) in ((",", 1), ("(", 1), (")", 0)):
            clauses.append("")
        else:
            clauses[-1] += sign
    return sorted(clauses)


def test_the_newest_script_is_the_revision_of_the_program() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [schema.REVISION]


def test_opening_an_up_to_date_database_loads_no_alembic(dburl: str, tmp_path: Path) -> None:
    program = (
        "import sys; from inbox.store.db import Database; "
        f"db = Database({dburl!r}); db.open(); db.close(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_opening_a_file_loads_nothing_of_postgresql(tmp_path: Path) -> None:
    program = (
        "import sys, inbox.app; from inbox.store.db import Database; "
        f"db = Database({str(tmp_path / 'inbox.db')!r}); db.open(); db.close(); "
        "sys.exit('sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_the_files_of_contents_need_no_sqlalchemy() -> None:
    program = "import sys, inbox.store.files, inbox.store.search_language; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_opening_twice_keeps_what_is_there(db: Database, dburl: str) -> None:
    with db.writing() as s:
        s.execute(text("INSERT INTO teams (name) VALUES ('Night')"))
    again = Database(dburl)
    again.open()
    with again.reading() as s:
        assert s.execute(text("SELECT name FROM teams")).scalar() == "Night"
    again.close()


def test_a_database_of_a_newer_program_is_refused(dburl: str) -> None:
    _execute(dburl, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StorageError, match="newer version of Inbox"):
        Database(dburl).open()


def test_a_database_of_another_program_is_refused(empty_dburl: str) -> None:
    _execute(empty_dburl, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(StorageError, match="belongs to another program"):
        Database(empty_dburl).open()


def test_an_older_database_is_copied_and_upgraded(dburl: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next version's program, with one script more, opens a database of today."""
    scripts = tmp_path / "migrations"
    _copy_scripts(scripts)
    (scripts / "versions" / "9998_next.py").write_text(
        '"""Next."""\nfrom alembic import op\nrevision = "9998"\n'
        f"down_revision = {schema.REVISION!r}\nbranch_labels = depends_on = None\n\n\n"
        'def upgrade() -> None:\n    op.execute("CREATE TABLE new_things (id INTEGER)")\n'
    )
    monkeypatch.setattr(schema, "REVISION", "9998")
    monkeypatch.setattr(schema, "SCRIPTS", scripts)
    db = Database(dburl)
    db.open()
    with db.reading() as s:
        assert s.execute(text("SELECT count(*) FROM new_things")).scalar() == 0
    db.close()
    if db.file is not None:
        copy = db.file.with_name(f"{db.file.name}.before-9998.bak")
        assert copy.stat().st_mode & 0o777 == 0o600
        engine = create_engine(f"sqlite:///{copy}", poolclass=NullPool)  # closed with its only connection
        with engine.connect() as connection:
            assert schema.stored_revision(connection) == "0001"


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(
    dburl: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scripts = tmp_path / "migrations"
    _copy_scripts(scripts)
    (scripts / "versions" / "9998_next.py").write_text(
        '"""Next."""\nfrom alembic import op\nrevision = "9998"\n'
        f"down_revision = {schema.REVISION!r}\nbranch_labels = depends_on = None\n\n\n"
        'def upgrade() -> None:\n    op.execute("CREATE TABLE new_things (id INTEGER)")\n    raise ZeroDivisionError\n'
    )
    with monkeypatch.context() as patch:
        patch.setattr(schema, "REVISION", "9998")
        patch.setattr(schema, "SCRIPTS", scripts)
        with pytest.raises(ZeroDivisionError):
            Database(dburl).open()
    db = Database(dburl)
    db.open()
    with db.reading() as s:
        assert s.execute(text("SELECT version_num FROM alembic_version")).scalar() == schema.REVISION
    db.close()


def _copy_scripts(target: Path) -> None:
    source = schema.SCRIPTS
    (target / "versions").mkdir(parents=True)
    for file in [source / "env.py", *(source / "versions").glob("*.py")]:
        (target / file.relative_to(source)).write_text(file.read_text())


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
