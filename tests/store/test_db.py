"""The way into the database: transactions, the log, other processes, and everything that can be wrong with a file."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from inbox.errors import StorageError
from inbox.events import Bus, ConversationChanged, Event, HistoryStored, SettingsChanged
from inbox.store import watch
from inbox.store.db import Database, next_message_ids, record
from inbox.store.models import Account, Activity, Agent, Team

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def other(dburl: str, db: Database) -> Iterator[Database]:
    """The same database as another process would have it open."""
    database = Database(dburl, busy_seconds=0.2)
    database.open()
    yield database
    database.close()


def _hear(bus: Bus, count: int) -> tuple[list[Event], Callable[[], bool]]:
    heard: list[Event] = []
    enough = threading.Event()

    def hear(event: Event) -> None:
        heard.append(event)
        if len(heard) >= count:
            enough.set()

    bus.subscribe(Event, hear)
    return heard, lambda: enough.wait(10)


def test_what_was_recorded_is_published_in_order_after_the_commit(db: Database) -> None:
    heard: list[Event] = []
    rows_then: list[int] = []

    def hear(event: Event) -> None:
        heard.append(event)
        with db.reading() as s:
            rows_then.append(s.scalar(select(func.count(Activity.id))) or 0)

    db.bus.subscribe(Event, hear)
    events = [ConversationChanged(conversation_id=1, what="read"), HistoryStored(account_id=2, count=3)]
    with db.writing(agent_id=7) as s:
        for event in events:
            record(s, event)
        assert heard == []
    assert heard == events
    assert rows_then == [2, 2]
    with db.reading() as s:
        first, second = s.scalars(select(Activity).order_by(Activity.id))
    assert (first.kind, first.agent_id, first.conversation_id) == ("ConversationChanged", 7, 1)
    assert (second.account_id, second.details, second.origin) == (2, {"count": 3}, db.origin)


def test_a_rollback_forgets_what_was_recorded(db: Database) -> None:
    heard: list[Event] = []
    db.bus.subscribe(Event, heard.append)
    with pytest.raises(ZeroDivisionError), db.writing() as s:
        s.add(Team(name="Night"))
        record(s, SettingsChanged(what="teams"))
        raise ZeroDivisionError
    with db.reading() as s:
        assert s.scalar(select(func.count(Team.id))) == 0
        assert s.scalar(select(func.count(Activity.id))) == 0
    assert heard == []


def test_reading_sees_one_moment(db: Database) -> None:
    with db.reading() as s:
        assert s.scalar(select(func.count(Team.id))) == 0
        with db.writing() as writer:
            writer.add(Team(name="Night"))
        assert s.scalar(select(func.count(Team.id))) == 0
    with db.reading() as s:
        assert s.scalar(select(func.count(Team.id))) == 1


def test_a_reader_can_not_write(db: Database) -> None:
    with pytest.raises(StorageError), db.reading() as s:
        s.execute(text("INSERT INTO teams (name) VALUES ('x')"))


def test_writers_of_many_threads_lose_nothing(db: Database) -> None:
    with db.writing() as s:
        s.add(Team(name="0"))

    def count_up() -> None:
        for _ in range(20):
            with db.writing() as s:
                team = s.scalars(select(Team).with_for_update()).one()
                team.name = str(int(team.name) + 1)

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.reading() as s:
        assert s.scalars(select(Team)).one().name == "120"


def test_writing_within_writing_is_a_mistake_of_ours(db: Database) -> None:
    if db.is_sqlite:
        with db.writing(), pytest.raises(RuntimeError, match="within"), db.writing():
            raise AssertionError
    with db.writing() as s:  # and the line goes on
        s.add(Team(name="Night"))


def test_message_ids_are_free_and_in_the_order_of_the_times(db: Database) -> None:
    times = [NOW, NOW - timedelta(days=3000), NOW, NOW + timedelta(milliseconds=1), NOW]
    with db.writing() as s:
        ids = next_message_ids(s, times)
        assert len(set(ids)) == 5
        assert [ids.index(id_) for id_ in sorted(ids)] == [1, 0, 2, 4, 3]
        _store(s.connection(), ids)
        again = next_message_ids(s, [*times, *[NOW] * 3000])
        assert len({*ids, *again}) == 5 + 3005
        _store(s.connection(), again)
        assert not {*ids, *again} & set(next_message_ids(s, [NOW] * 400))
    with pytest.raises(ValueError, match="naive"), db.writing() as s:
        next_message_ids(s, [datetime(2026, 1, 1)])  # noqa: DTZ001 - that is the point


def _store(connection: object, ids: list[int]) -> None:
    """Rows that hold these ids, the quick way."""
    run = connection.execute  # type: ignore[attr-defined]  # either engine's connection
    if not run(text("SELECT count(*) FROM accounts")).scalar():
        run(
            text(
                "INSERT INTO accounts (id, kind, name, address, settings, enabled, opens_cases, case_days, "
                "reopen_days, state, state_title, state_hint, lease_owner, created_at) "
                "VALUES (1, 'demo', '', '', '{}', "
                ":yes, :yes, 1, 1, 'off', '', '', '', 0)"
            ),
            {"yes": True},
        )
        run(
            text(
                "INSERT INTO customers (id, name, company, tier, language, preferred_channel, tags, consents, notes, "
                "created_at, version) VALUES (1, '', '', 'C', '', '', '[]', '{}', '', 0, 1)"
            )
        )
        run(
            text(
                "INSERT INTO identities (id, customer_id, channel, handle, nick, name, profile_url, is_primary, valid, "
                "invalid_reason, created_at) VALUES (1, 1, 'demo', 'a', '', '', '', :yes, :yes, '', 0)"
            ),
            {"yes": True},
        )
        run(
            text(
                "INSERT INTO conversations (id, account_id, remote_thread, kind, customer_id, identity_id, subject, "
                "snippet, tags, state, rank, last_message_id, message_count, unread_count, has_failed, stream, "
                "version) VALUES (1, 1, 't', 'direct', 1, 1, '', '', '[]', 'done', 0, 0, 0, 0, :no, '', 1)"
            ),
            {"no": False},
        )
    run(
        text(
            "INSERT INTO messages (id, account_id, conversation_id, remote_id, own_key, direction, kind, sent_at, "
            "subject, text, has_html, recipients, problem, delivery, delivery_note, claimed_by, attempts) "
            "VALUES (:id, 1, 1, :remote, '', 'in', 'text', 0, '', '', :no, '[]', '', 'none', '', '', 0)"
        ),
        [{"id": id_, "remote": str(id_), "no": False} for id_ in ids],
    )


# --- other processes ---


def test_what_another_process_does_is_heard_within_a_second(db: Database, other: Database) -> None:
    heard, enough = _hear(db.bus, 2)
    db.watch()
    with db.writing() as s:
        record(s, SettingsChanged(what="ours"))  # published by writing() itself, not heard a second time
    with other.writing() as s:
        record(s, ConversationChanged(conversation_id=5, what="tags", value="vip"))
    assert enough()
    assert heard == [
        SettingsChanged(what="ours"),
        ConversationChanged(conversation_id=5, what="tags", value="vip"),
    ]


def test_news_of_transactions_that_commit_in_another_order_are_all_heard(db: Database, other: Database) -> None:
    heard, enough = _hear(db.bus, 30)
    db.watch()

    def work(number: int) -> None:
        for step in range(10):
            with other.writing() as s:
                record(s, SettingsChanged(what=f"{number}.{step}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert enough()
    assert sorted(event.what for event in heard if isinstance(event, SettingsChanged)) == sorted(
        f"{number}.{step}" for number in range(3) for step in range(10)
    )


def test_an_event_of_a_newer_program_is_passed_over(db: Database, other: Database) -> None:
    heard, enough = _hear(db.bus, 1)
    db.watch()
    with other.writing() as s:
        s.add(Activity(at=NOW, kind="SomethingNew", origin=other.origin))
        record(s, SettingsChanged(what="known"))
    assert enough()
    assert heard == [SettingsChanged(what="known")]


@pytest.mark.expected_log
def test_news_missed_while_the_server_was_away_are_told_when_it_is_back(
    db: Database, other: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if db.is_sqlite:
        return  # a file does not go away
    monkeypatch.setattr(watch, "_RETRY", 0.05)
    heard, enough = _hear(db.bus, 1)
    db.watch()
    listening = "datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%FROM activity%'"
    with other.writing() as s:
        cut = s.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {listening}")).all()
        record(s, SettingsChanged(what="missed"))
    assert len(cut) == 1
    assert enough()
    assert heard == [SettingsChanged(what="missed")]
    assert [line.getMessage().split(":")[0] for line in caplog.records] == [
        "The database server can't be reached",
        "The database server is back",
    ]


# --- what can be wrong ---


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "inbox.db"


def test_a_new_database_is_for_its_owner_only(file: Path) -> None:
    db = Database(file)
    db.open()
    with db.writing() as s:
        s.add(Agent(name="Luis"))
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in file.parent.iterdir()} == {0o600}
    db.close()
    db.close()


def test_a_file_that_is_no_database_is_refused_and_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"Dear diary, " * 500)
    with pytest.raises(StorageError, match="damaged or is not a database"):
        Database(file).open()
    assert file.read_bytes() == b"Dear diary, " * 500


def test_a_damaged_database_is_told_when_it_is_read(file: Path) -> None:
    db = Database(file)
    db.open()
    with db.writing() as s:
        s.add_all(Team(name="x" * 300 + str(number)) for number in range(500))
    db.close()
    content = bytearray(file.read_bytes())
    content[8192:] = b"\x55" * (len(content) - 8192)
    file.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        db.open()
        with db.reading() as s:
            s.scalars(select(Team)).all()
    db.close()


def test_a_database_that_another_program_locks_is_told(file: Path) -> None:
    db = Database(file, busy_seconds=0.1)
    db.open()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked by another program"), db.writing() as s:
            s.add(Team(name="x"))
    with db.writing() as s:
        s.add(Team(name="x"))
    db.close()


def test_a_full_disk_is_told_and_loses_nothing(file: Path) -> None:
    db = Database(file)
    db.open()
    with db.writing() as s:
        s.add(Team(name="before"))
        pages = s.execute(text("PRAGMA page_count")).scalar() or 0
        s.execute(text(f"PRAGMA max_page_count = {pages + 3}"))
    with pytest.raises(StorageError, match="disk is full"), db.writing() as s:
        s.add(Team(name="x" * 100_000))
    with db.reading() as s:
        assert list(s.scalars(select(Team.name))) == ["before"]
    with db.writing() as s:
        s.execute(text("PRAGMA max_page_count = 1000000"))
    with db.writing() as s:
        s.add(Team(name="after"))
    db.close()


def test_a_folder_that_can_not_be_made_or_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(StorageError, match="can't be written"):
        Database(tmp_path / "taken" / "inbox.db").open()
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StorageError, match="can't be written"):
        Database(tmp_path / "folder.db").open()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense://"])
def test_an_address_that_means_nothing_is_told(url: str) -> None:
    with pytest.raises(StorageError, match="can't be understood"):
        Database(url)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    db = Database("postgresql://luis:hunter2@127.0.0.1:9/inbox")
    with pytest.raises(StorageError, match="can't be reached") as caught:
        db.open()
    assert "hunter2" not in str(caught.value)
    assert db.url.drivername == "postgresql+psycopg"
    db.close()


def test_accounts_and_times_come_back_as_they_were(db: Database) -> None:
    with db.writing() as s:
        s.add(Account(kind="demo", name="x", settings={"a": ["ñ", 1]}, created_at=NOW))
    with db.reading() as s:
        account = s.scalars(select(Account)).one()
    assert account.created_at == NOW
    assert account.settings == {"a": ["ñ", 1]}
