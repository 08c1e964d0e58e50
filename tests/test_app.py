"""The program without a shell: opening it, accounts with their secrets, importing mail, the demo."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import keyring as keyring_library
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from sqlalchemy import func, select, text

from inbox import i18n
from inbox.app import App, ImportProgress, open_app
from inbox.errors import KeychainError, RuleError, SettingsError, SignInError, StorageError
from inbox.services import cases, queries
from inbox.states import CaseStatus, CloseReason
from inbox.store.models import Account, Case, Conversation, Message
from tests.conftest import MemoryKeyring

SETTINGS = {"address": "shop@example.com", "imap_host": "mail.invalid", "smtp_host": "mail.invalid"}


@pytest.fixture
def app(profile: Path, dburl: str) -> Iterator[App]:
    made = open_app(profile, dburl)
    yield made
    made.stop()


def count(app: App, model: type) -> int:
    with app.db.reading() as s:
        return s.scalar(select(func.count()).select_from(model)) or 0


# --- opening ---


def test_the_person_at_the_computer_is_found_again(profile: Path, dburl: str) -> None:
    first = open_app(profile, dburl)
    first.stop()
    again = open_app(profile, dburl)
    again.stop()
    assert again.agent.id == first.agent.id
    assert again.agent.name


def test_a_profile_that_cannot_be_written_opens_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(SettingsError, match="can't be used"):
        open_app(in_the_way / "profile")


def test_a_damaged_database_is_told_and_left_alone(profile: Path) -> None:
    file = profile / "inbox.db"
    file.write_bytes(b"this is no database" * 500)
    with pytest.raises(StorageError) as caught:
        open_app(profile)
    assert caught.value.hint
    assert file.read_bytes().startswith(b"this is no database")


def test_a_newer_database_is_refused(profile: Path) -> None:
    app = open_app(profile)
    with app.db.writing() as s:
        s.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    app.stop()
    with pytest.raises(StorageError) as caught:
        open_app(profile)
    assert caught.value.hint


def test_it_starts_and_stops_with_no_thread_left(app: App) -> None:
    app.start()
    app.stop()
    app.stop()
    assert not [one for one in threading.enumerate() if one.name in ("engine", "watch-database")]


# --- accounts ---


def test_an_account_and_its_secret_are_kept_changed_and_forgotten(app: App, keyring: MemoryKeyring) -> None:
    account_id = app.add_account("email", "Tienda", SETTINGS, {"password": "sesame"})
    assert app.keychain.get(account_id, "password") == "sesame"
    app.change_account(account_id, name="Shop", settings=SETTINGS, secrets={"password": "new"})
    with app.db.reading() as s:
        row = s.get_one(Account, account_id)
        assert row.name == "Shop"
        assert "sesame" not in str(row.settings)
        assert "new" not in str(row.settings)
    app.set_account_enabled(account_id, False)
    app.remove_account(account_id)
    assert keyring.secrets == {}
    assert count(app, Account) == 0


def test_an_account_that_the_database_refuses_leaves_no_secret(app: App, keyring: MemoryKeyring) -> None:
    first = app.add_account("email", "Tienda", SETTINGS, {"password": "sesame"})
    with pytest.raises(RuleError, match="already"):
        app.add_account("email", "Again", SETTINGS, {"password": "other"})
    assert list(keyring.secrets.values()) == ["sesame"]
    assert app.keychain.get(first, "password") == "sesame"


class LockedKeyring(KeyringBackend):
    """As after a refused prompt."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("dismissed")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("dismissed")


def test_a_locked_keychain_keeps_no_half_account(app: App) -> None:
    keyring_library.set_keyring(LockedKeyring())  # type: ignore[no-untyped-call] # the library's own
    with pytest.raises(KeychainError, match="locked"):
        app.add_account("email", "Tienda", SETTINGS, {"password": "sesame"})
    assert count(app, Account) == 0


def test_a_secret_that_was_not_typed_is_the_one_that_was_kept(app: App) -> None:
    account_id = app.add_account("email", "Tienda", SETTINGS, {"password": "sesame"})
    with pytest.raises(SignInError):  # there is no such host: but it got as far as looking for it
        app.test_account("email", SETTINGS, {}, account_id)


# --- import ---


def mail(number: int) -> bytes:
    return (
        f"From: c{number}@customers.example\nTo: shop@example.com\nSubject: Asunto {number}\n"
        f"Message-ID: <{number}@customers.example>\nDate: Mon, 16 Nov 2026 10:00:00 +0000\n\nTexto {number}\n"
    ).encode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "mails"
    (found / "deep").mkdir(parents=True)
    for number in range(3):
        (found / f"{number}.eml").write_bytes(mail(number))
    separator = b"From a@b Mon Nov 16 10:00:00 2026\n"
    (found / "deep" / "old.mbox").write_bytes(b"".join(separator + mail(n) + b"\n" for n in range(3, 603)))
    return found


def test_mail_files_are_imported_once(app: App, folder: Path) -> None:
    seen: list[ImportProgress] = []
    first = app.import_mail([folder], seen.append)
    assert (first.new, first.known, first.customers, first.unreadable) == (603, 0, 603, ())
    assert seen[-1].messages == 603
    assert 0 < seen[0].done <= seen[-1].done <= seen[-1].total
    again = app.import_mail([folder])
    assert (again.new, again.known, again.customers) == (0, 603, 0)
    assert count(app, Message) == 603
    with app.db.reading() as s:
        (account,) = queries.accounts(s)
        assert (account.kind, account.name, account.enabled) == ("email", "Imported mail", False)


def test_an_import_that_is_stopped_goes_on_the_next_time(app: App, folder: Path) -> None:
    stop = threading.Event()
    first = app.import_mail([folder], lambda _: stop.set(), stop)
    assert first.stopped
    assert 0 < first.new < 603
    assert app.import_mail([folder]).new == 603 - first.new


def test_what_is_no_mail_is_named_and_nothing_is_stored(app: App, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + os.urandom(500))
    with pytest.raises(RuleError, match=r"holds no mail\. picture.png: It does not begin like a mail") as caught:
        app.import_mail([picture])
    assert "mbox" in caught.value.hint
    assert count(app, Account) == 0


def test_a_file_that_is_no_mail_does_not_stop_the_others(app: App, folder: Path) -> None:
    (folder / "0.txt").write_bytes(b"\0\1\2 nothing")
    summary = app.import_mail([folder, folder / "missing"])
    assert summary.new == 603
    assert [Path(name).name for name, _ in summary.unreadable] == ["0.txt", "missing"]


# --- the demo ---


@pytest.mark.parametrize(("language", "closed"), [("es", 18), ("en", 4)])
def test_the_demo_tells_the_weeks_of_a_shop(profile: Path, dburl: str, language: str, closed: int) -> None:
    i18n.set_language(language)
    app = open_app(profile, dburl, demo=True)
    try:
        with app.db.reading() as s:
            statuses = dict(s.execute(select(Case.status, func.count()).group_by(Case.status)).all())
            assert statuses[CaseStatus.CLOSED] == closed
            assert {CaseStatus.NEW, CaseStatus.OPEN, CaseStatus.WAITING} <= set(statuses)
            assert s.scalar(select(func.count()).select_from(Conversation)) == (44 if language == "es" else 15)
            assert app.agent.name == "Marta Ruiz"
            assert len({row.name for row in queries.agents(s)}) == 3
            rows = queries.conversations(s, "is:open is:mine", agent_id=app.agent.id, sort="rank").rows
            assert any(row.customer_name.startswith("An") and row.asked == 1 for row in rows)
        demo_again = open_app(profile, dburl, demo=True)
        demo_again.stop()
        assert count(app, Conversation) == (44 if language == "es" else 15)
    finally:
        app.stop()


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_demos_history_has_its_own_times_and_its_office_is_quick(profile: Path, dburl: str, language: str) -> None:
    i18n.set_language(language)
    app = open_app(profile, dburl, demo=True)
    try:
        with app.db.reading() as s:
            closed = s.scalars(select(Case).where(Case.status == CaseStatus.CLOSED)).all()
            for case in closed:
                log = queries.activity(s, case_id=case.id)
                assert (log[0].kind, log[0].at) == ("CaseClosed", case.closed_at)
                assert (log[-1].kind, log[-1].at) == ("CaseOpened", case.opened_at)
                assert [row.at for row in log] == sorted((row.at for row in log), reverse=True)
            now = datetime.now(UTC)
            noon_here = timezone(timedelta(hours=12 - now.hour))  # so that this morning's replies are today's
            day = queries.day_numbers(s, app.agent.id, now, noon_here)
            assert day.replied > 0
            assert day.mean_wait is not None
            assert day.mean_wait < day.target_wait
    finally:
        app.stop()


def test_the_demos_open_cases_are_guarded_by_the_same_gate(profile: Path, dburl: str) -> None:
    app = open_app(profile, dburl, demo=True)
    try:
        with app.db.writing(app.agent.id) as s:
            open_ids = list(s.scalars(select(Case.id).where(Case.status == CaseStatus.NEW)))
            result = cases.close_many(s, open_ids, CloseReason.RESOLVED)
        assert not result.done
        assert len(result.refused) == len(open_ids)
    finally:
        app.stop()
