"""The engine, with a channel that does what the test tells it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from inbox.channels import registry
from inbox.channels.base import Batch, Outgoing, Receipt
from inbox.engine import Engine
from inbox.engine.running import BackOff
from inbox.errors import (
    OutcomeUnknownError,
    RejectedMessageError,
    SignInError,
    TemporaryChannelError,
)
from inbox.events import AccountChanged, Event
from inbox.keychain import Keychain
from inbox.services import accounts, agents, ingest, outbox, replies, seeding
from inbox.states import AccountState, Delivery, MessageKind
from inbox.store import search
from inbox.store.db import Database
from inbox.store.models import Account, Conversation, Message
from tests import scripted_channel
from tests.scripted_channel import Script, batch

Account_ = tuple[AccountState, str, str]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    """The scripted channel, installed as a package of somebody else's."""
    package = tmp_path / "site" / "scripted-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: scripted\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[inbox.channels]\nscripted = tests.scripted_channel\n")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setattr(scripted_channel, "script", Script())
    for cached in (registry._installed, registry.plugin):
        cached.cache_clear()
    yield scripted_channel.script
    for cached in (registry._installed, registry.plugin):
        cached.cache_clear()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits a second in a test."""
    monkeypatch.setattr(BackOff, "FIRST", 0.01)


@pytest.fixture
def keychain() -> Keychain:
    return Keychain("test")


@pytest.fixture
def account_id(db: Database, script: Script, keychain: Keychain) -> int:
    with db.writing() as s:
        seeding.seed(s)
        agents.current(s, "marta", "Marta Ruiz")
        made = accounts.add(s, "scripted", "Tienda", {"address": "shop"})
    keychain.set(made, "password", "sesame")
    return made


@pytest.fixture
def engine(db: Database, keychain: Keychain, account_id: int) -> Iterator[Engine]:
    made = Engine(db, keychain)
    yield made
    made.stop()


def wait_until(db: Database, true: Callable[[], Any]) -> None:
    """Wait for something that an event announces; ten seconds at most."""
    happened = threading.Event()
    end = db.bus.subscribe(Event, lambda _: happened.set())
    try:
        for _ in range(200):
            if true():
                return
            happened.wait(0.05)
            happened.clear()
        pytest.fail("it did not happen")
    finally:
        end()


def light(db: Database, account_id: int) -> Account_:
    with db.reading() as s:
        account = s.get_one(Account, account_id)
        return account.state, account.state_title, account.state_hint


def texts(db: Database) -> list[str]:
    with db.reading() as s:
        return list(s.scalars(select(Message.remote_id).order_by(Message.id)))


def delivery(db: Database, message_id: int) -> tuple[Delivery, str]:
    with db.reading() as s:
        message = s.get_one(Message, message_id)
        return message.delivery, message.delivery_note


def reply(db: Database, text: str = "Gracias por escribirnos.") -> int:
    with db.writing() as s:
        conversation_id = s.scalars(select(Conversation.id).order_by(Conversation.id)).first()
        agent = agents.current(s, "marta", "Marta Ruiz")
        assert conversation_id is not None
        return replies.queue(s, conversation_id, text, agent_id=agent.id, delay=0)


def test_what_comes_in_is_stored_before_it_is_acknowledged(db: Database, engine: Engine, script: Script) -> None:
    stored_when_acknowledged: list[list[str]] = []
    script.on_acknowledged = lambda: stored_when_acknowledged.append(texts(db))
    script.steps.put(batch("a", "b", cursor="2"))
    engine.start()
    assert script.acknowledged.get(timeout=10) == "2"
    assert stored_when_acknowledged == [["a", "b"]]
    with db.reading() as s:
        assert accounts.load_cursor(s, 1) == "2"


def test_the_light_shows_how_far_an_account_is(db: Database, engine: Engine, script: Script, account_id: int) -> None:
    seen: list[AccountState] = []
    db.bus.subscribe(AccountChanged, lambda event: seen.append(light(db, account_id)[0]))
    script.steps.put(batch("a", remaining=10, backfill=True))
    script.steps.put(batch())
    engine.start()
    wait_until(db, lambda: AccountState.ONLINE in seen)
    assert seen[-2:] == [AccountState.SYNCING, AccountState.ONLINE]


@pytest.mark.expected_log("Receiving for scripted account .* fails: The server is away")
def test_a_server_that_goes_away_is_tried_again_from_the_cursor_and_logged_once(
    db: Database, engine: Engine, script: Script, account_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    script.steps.put(batch("a", cursor="1"))
    for _ in range(5):
        script.steps.put(TemporaryChannelError("The server is away"))
    engine.start()
    wait_until(db, lambda: len(script.cursors) >= 6)
    assert light(db, account_id) == (AccountState.RETRYING, "The server is away", "It is tried again by itself.")
    script.steps.put(batch("b", cursor="2"))
    wait_until(db, lambda: texts(db) == ["a", "b"])
    assert script.cursors == ["", *["1"] * 5]
    assert caplog.text.count("The server is away") == 1


@pytest.mark.expected_log("fails: Slow down")
def test_a_server_that_names_the_wait_is_obeyed(db: Database, engine: Engine, script: Script, account_id: int) -> None:
    script.steps.put(TemporaryChannelError("Slow down", retry_after=3600))
    engine.start()
    wait_until(db, lambda: light(db, account_id)[0] is AccountState.RETRYING)
    script.steps.put(batch("a"))
    engine.wake(account_id)  # a person does not wait
    wait_until(db, lambda: texts(db) == ["a"])
    assert len(script.cursors) == 2


@pytest.mark.expected_log("fails: The password is wrong")
def test_a_refused_sign_in_is_not_tried_again_before_somebody_acts(
    db: Database, engine: Engine, script: Script, account_id: int, keychain: Keychain
) -> None:
    script.steps.put(SignInError("The password is wrong", "Enter it anew.", field="password"))
    engine.start()
    wait_until(db, lambda: light(db, account_id)[0] is AccountState.SIGN_IN)
    assert light(db, account_id)[1:] == ("The password is wrong", "Enter it anew.")
    assert len(script.cursors) == 1
    keychain.set(account_id, "password", "right")
    engine.restart(account_id)
    script.steps.put(batch())
    wait_until(db, lambda: light(db, account_id)[0] is AccountState.ONLINE)
    assert [values["password"] for values in script.opened][-1] == "right"


@pytest.mark.expected_log("keychain of this computer holds no", "keychain of this computer holds no")
def test_an_account_without_its_secret_says_so(
    db: Database, keychain: Keychain, script: Script, account_id: int
) -> None:
    keychain.delete(account_id, "password")
    engine = Engine(db, keychain)
    engine.start()
    try:
        wait_until(db, lambda: light(db, account_id)[0] is AccountState.SIGN_IN)
        assert "Password" in light(db, account_id)[1]
    finally:
        engine.stop()


@pytest.mark.expected_log("failed")
def test_a_mistake_of_ours_is_logged_and_tried_again(
    db: Database, engine: Engine, script: Script, account_id: int
) -> None:
    script.steps.put(ZeroDivisionError("a bug"))
    engine.start()
    wait_until(db, lambda: len(script.cursors) >= 2)
    script.steps.put(batch("a"))
    wait_until(db, lambda: texts(db) == ["a"])


def test_an_account_that_is_added_changed_or_switched_off_is_followed(
    db: Database, engine: Engine, script: Script, account_id: int, keychain: Keychain
) -> None:
    engine.start()
    wait_until(db, lambda: script.cursors)
    with db.writing() as s:
        accounts.change(s, account_id, settings={"address": "other"})
    wait_until(db, lambda: [values["address"] for values in script.opened] == ["shop", "other"])
    with db.writing() as s:
        accounts.change(s, account_id, enabled=False)
    wait_until(db, lambda: not engine.runs(account_id))
    with db.writing() as s:
        keychain.set(2, "password", "x")
        accounts.add(s, "scripted", "Otra", {"address": "new"})
    wait_until(db, lambda: script.opened[-1]["address"] == "new")


@pytest.mark.expected_log  # where the database can be locked as a whole
def test_a_database_that_refuses_delays_and_loses_nothing(
    db: Database, script: Script, account_id: int, keychain: Keychain, dburl: str
) -> None:
    if not db.is_sqlite:
        return  # a PostgreSQL is never locked as a whole
    impatient = Database(dburl, busy_seconds=0.1)
    impatient.open()
    engine = Engine(impatient, keychain)
    engine.start()
    try:
        script.steps.put(batch())
        wait_until(impatient, lambda: light(db, account_id)[0] is AccountState.ONLINE)
        with closing(sqlite3.connect(dburl.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            script.steps.put(batch("a", cursor="1"))
            wait_until(impatient, lambda: engine.troubles())
            assert script.acknowledged.qsize() == 1
            assert engine.troubles()[account_id].state is AccountState.RETRYING
            other.execute("ROLLBACK")
        wait_until(impatient, lambda: texts(db) == ["a"])
        wait_until(impatient, lambda: light(db, account_id)[0] is AccountState.ONLINE)
        wait_until(impatient, lambda: not engine.troubles())
    finally:
        engine.stop()
        impatient.close()


def test_two_engines_run_an_account_once_and_the_second_takes_over(
    db: Database, engine: Engine, script: Script, account_id: int, keychain: Keychain
) -> None:
    engine.start()
    wait_until(db, lambda: script.cursors)
    other_db = Database(db.url.render_as_string(hide_password=False), files_dir=Path("unused"))
    other_db.open()
    second = Engine(other_db, keychain)
    second.start()
    try:
        second.wake()
        assert not second.runs(account_id)
        engine.stop()
        second.wake()
        wait_until(other_db, lambda: second.runs(account_id))
    finally:
        second.stop()
        other_db.close()


def test_a_reply_is_sent_and_settled(db: Database, engine: Engine, script: Script, account_id: int) -> None:
    script.steps.put(batch("a"))
    engine.start()
    wait_until(db, lambda: texts(db))
    message_id = reply(db)
    assert script.sent.get(timeout=10).text == "Gracias por escribirnos."
    wait_until(db, lambda: delivery(db, message_id)[0] is Delivery.SENT)


def raising(error: Exception, *, hand_over: bool = False) -> Callable[[Outgoing], Receipt]:
    def send(message: Outgoing) -> Receipt:
        if hand_over:
            message.on_handover()
        raise error

    return send


@pytest.mark.parametrize(
    ("error", "hand_over", "outcome", "words"),
    [
        (RejectedMessageError("550 no such user"), True, Delivery.FAILED, "550 no such user"),
        (OutcomeUnknownError("The line broke"), True, Delivery.UNKNOWN, "The line broke"),
        (ZeroDivisionError("a bug"), True, Delivery.UNKNOWN, "unexpected"),
    ],
)
@pytest.mark.expected_log("essage")
def test_what_became_of_a_reply_is_told_truthfully(
    db: Database,
    engine: Engine,
    script: Script,
    error: Exception,
    hand_over: bool,
    outcome: Delivery,
    words: str,
) -> None:
    script.steps.put(batch("a"))
    script.sends.put(raising(error, hand_over=hand_over))
    engine.start()
    wait_until(db, lambda: texts(db))
    message_id = reply(db)
    wait_until(db, lambda: delivery(db, message_id)[0] is outcome)
    assert words in delivery(db, message_id)[1]
    assert script.sent.empty()


@pytest.mark.expected_log("Sending for .* fails: greylisted")
def test_a_reply_that_is_put_off_goes_out_later_once(db: Database, engine: Engine, script: Script) -> None:
    script.steps.put(batch("a"))
    for _ in range(3):
        script.sends.put(raising(TemporaryChannelError("greylisted"), hand_over=True))
    engine.start()
    wait_until(db, lambda: texts(db))
    message_id = reply(db)
    wait_until(db, lambda: delivery(db, message_id)[0] is Delivery.SENT)
    assert script.sent.qsize() == 1


@pytest.mark.expected_log("fails: The password is wrong")
def test_a_refused_sign_in_keeps_the_reply_in_the_outbox(
    db: Database, engine: Engine, script: Script, account_id: int
) -> None:
    script.steps.put(batch("a"))
    script.steps.put(batch())
    script.sends.put(raising(SignInError("The password is wrong")))
    engine.start()
    wait_until(db, lambda: texts(db))
    message_id = reply(db)
    wait_until(db, lambda: light(db, account_id)[0] is AccountState.SIGN_IN)
    wait_until(db, lambda: delivery(db, message_id)[0] is Delivery.QUEUED)
    engine.wake(account_id)
    wait_until(db, lambda: delivery(db, message_id)[0] is Delivery.SENT)
    wait_until(db, lambda: light(db, account_id)[0] is AccountState.ONLINE)


@pytest.mark.parametrize("handed_over", [False, True])
def test_what_a_dead_engine_was_sending_is_never_sent_a_second_time_by_itself(
    db: Database, engine: Engine, script: Script, account_id: int, handed_over: bool
) -> None:
    with db.writing() as s:
        ingest.store_batch(s, account_id, batch("a"))
    message_id = reply(db)
    with db.writing() as s:
        assert outbox.claim(s, account_id, "a dead engine", datetime.now(UTC)) is not None
        if handed_over:
            outbox.handed_over(s, message_id)
    engine.start()
    outcome = Delivery.UNKNOWN if handed_over else Delivery.SENT
    wait_until(db, lambda: delivery(db, message_id)[0] is outcome)
    assert script.sent.qsize() == (0 if handed_over else 1)


@pytest.mark.expected_log("can't be stored")
def test_a_message_that_cannot_be_stored_does_not_block_the_others(
    db: Database, engine: Engine, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ingest.store_batch

    def strict(s: Any, account_id: int, incoming: Batch) -> Any:
        if any(m.remote_id == "odd" and m.kind is not MessageKind.UNREADABLE for m in incoming.messages):
            raise ValueError("a mistake of ours")
        return real(s, account_id, incoming)

    monkeypatch.setattr(ingest, "store_batch", strict)
    script.steps.put(batch("a", "odd", "b", cursor="3"))
    engine.start()
    assert script.acknowledged.get(timeout=10) == "3"
    assert sorted(texts(db)) == ["a", "b", "odd"]
    with db.reading() as s:
        assert s.scalar(select(func.count()).where(Message.kind == MessageKind.UNREADABLE)) == 1
        assert accounts.load_cursor(s, 1) == "3"


def test_the_engine_stops_quickly_and_gives_its_leases_back(
    db: Database, engine: Engine, script: Script, account_id: int
) -> None:
    engine.start()
    wait_until(db, lambda: script.cursors)
    engine.stop()
    engine.stop()
    with db.reading() as s:
        assert s.get_one(Account, account_id).lease_owner == ""
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("receive-", "send-"))]


def _pieces(db: Database) -> int:
    """Of how many pieces the full-text index consists."""
    with db.reading() as s:
        return int(s.execute(text("SELECT count(DISTINCT segid) FROM message_index_idx")).scalar_one())


def test_what_many_batches_left_in_the_index_is_merged_when_it_is_quiet(
    db: Database, engine: Engine, script: Script, account_id: int
) -> None:
    if not db.is_sqlite:
        return  # PostgreSQL tidies by itself
    for number in range(40):
        with db.writing() as s:
            ingest.store_batch(s, account_id, batch(f"m{number}", cursor=str(number)))
    before = _pieces(db)
    assert before >= 40
    engine.start()
    wait_until(db, lambda: _pieces(db) < 10)
    assert len(texts(db)) == 40


def test_tidying_lets_writers_in_and_ends_with_the_engine(
    db: Database, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is always more to tidy here, for longer than anybody waits."""
    steps = threading.Semaphore(0)

    def endless(_: Session) -> bool:
        steps.release()
        return True

    monkeypatch.setattr(search, "tidy_index", endless)
    monkeypatch.setattr("inbox.engine._TIDY_IDLE", 1000.0)
    engine.start()
    for _ in range(3):
        assert steps.acquire(timeout=10)
        with db.writing() as s:  # it waits for one step, not for all of them
            s.execute(text("UPDATE agents SET name = name"))
    engine.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "engine"]


def test_the_waits_grow_to_five_minutes() -> None:
    BackOff.FIRST = 1.0
    waits = BackOff()
    found = [waits.next() for _ in range(12)]
    assert 0.75 <= found[0] <= 1
    assert 225 <= found[-1] <= 300
    waits.reset()
    assert waits.next() <= 1
