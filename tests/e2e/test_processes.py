"""The program as a process, where things go wrong: it says what failed and what to do, and loses nothing."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select

from inbox.store.db import Database
from inbox.store.models import Message
from tests.e2e.desk import Desk, email_settings
from tests.e2e.test_killed import mail, wait_until
from tests.servers.dovecot import Dovecot
from tests.servers.secret_service import SecretService
from tests.servers.smtp import SmtpServer


def stored(db: Database) -> int:
    with db.reading() as s:
        return s.scalar(select(func.count()).select_from(Message)) or 0


# --- serve ---


def test_serve_runs_without_any_qt_and_stops_cleanly(desk: Desk) -> None:
    with desk.serving() as process:
        if sys.platform == "linux":
            maps = Path(f"/proc/{process.pid}/maps").read_text()
            assert "libQt6" not in maps
            assert "PySide6" not in maps
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_new_mail_arrives_while_it_serves(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, db: Database) -> None:
    desk.add_email(dovecot, smtp_server, test=False)
    with desk.serving() as process:
        dovecot.deliver(mail(1))
        wait_until(lambda: stored(db) == 1)
        dovecot.restart()
        dovecot.deliver(mail(2))
        wait_until(lambda: stored(db) == 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0


def test_two_engines_on_one_profile_fetch_once_and_the_second_takes_over(
    desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, db: Database
) -> None:
    desk.add_email(dovecot, smtp_server, test=False)
    with desk.serving() as first:
        dovecot.deliver(mail(1))
        wait_until(lambda: stored(db) == 1)
        with desk.serving():
            assert "another Inbox is fetching it" in desk.refused("sync", "--once")
            first.kill()
            first.wait()
            dovecot.deliver(mail(2))
            wait_until(lambda: stored(db) == 2)


# --- accounts that can't work ---


def test_a_wrong_password_is_refused_before_anything_is_kept(
    desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    arguments = ("accounts", "add", "email", *email_settings(dovecot, smtp_server), "--secret-stdin")
    words = desk.refused(*arguments, stdin="open-sesame\n")
    assert "open-sesame" not in words + desk.log
    assert desk.rows("accounts", "list") == []


def test_a_password_that_no_longer_works_is_told_by_sync(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    desk.add_email(dovecot, smtp_server)
    dovecot.set_password("shop@example.com", "changed")
    assert "shop@example.com" in desk.refused("sync", "--once")
    assert desk.rows("accounts", "list")[0]["state"] == "sign_in"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer
) -> None:
    settings = email_settings(dovecot, smtp_server)[:-2]
    words = desk.refused("accounts", "add", "email", *settings, "--secret-stdin", stdin="secret\n")
    assert "certificate" in words.lower()


def test_a_desktop_without_a_keychain_keeps_nothing_in_plain_text(
    profile: Path, dburl: str, dovecot: Dovecot, smtp_server: SmtpServer, secret_service: SecretService
) -> None:
    with SecretService(unlocked=False) as nobody:
        desk = Desk(profile, nobody.env, dburl)
        arguments = ("accounts", "add", "email", *email_settings(dovecot, smtp_server), "--secret-stdin")
        words = desk.refused(*arguments, stdin="secret-password-1\n")
    assert words.startswith("error: ")
    for file in profile.rglob("*"):
        assert b"secret-password-1" not in (file.read_bytes() if file.is_file() else b"")


# --- the machine ---


def limited() -> None:
    """As on a disk with 2 MB left for each file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))


def test_a_full_disk_is_told_and_nothing_is_lost(profile: Path, tmp_path: Path, secret_service: SecretService) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    for number in range(400):
        text = mail(number) + b"".join(b"%d words that do not repeat %d\n" % (n, n * number) for n in range(300))
        (folder / f"{number}.eml").write_bytes(text)
    desk = Desk(profile, secret_service.env)
    desk.succeed("accounts", "list")
    command = [sys.executable, "-m", "inbox", "--language", "en", "import", str(folder)]
    env = {**secret_service.env, "INBOX_PROFILE": str(profile), "PYTHONPATH": os.getcwd()}
    full = subprocess.run(command, env=env, capture_output=True, text=True, preexec_fn=limited, timeout=60)
    assert full.returncode == 1
    assert full.stderr.startswith("error: ")
    assert "Traceback" not in full.stderr
    desk.succeed("import", folder)
    assert len(desk.rows("search", "words", "--limit", 1000)) == 400


def test_a_reader_that_goes_away_is_no_error(desk: Desk) -> None:
    process = subprocess.Popen(
        desk.command(("templates", "--json")), env=desk.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=30) in (0, 141)


def test_ctrl_c_ends_a_command_quietly(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, db: Database) -> None:
    desk.add_email(dovecot, smtp_server, test=False)
    dovecot.deliver(mail(1))
    with subprocess.Popen(
        desk.command(("sync",)),
        env=desk.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_ctrl_c,
    ) as process:
        try:
            wait_until(lambda: stored(db) == 1)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (130, b"", b"")


def _hear_ctrl_c() -> None:
    """A suite that a shell runs in the background ignores Ctrl-C, and hands that on to what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.timeout(120)
def test_a_server_that_hangs_does_not_hold_the_end_up(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        taken: list[socket.socket] = []
        accepting = threading.Thread(target=lambda: taken.append(silent.accept()[0]), name="silent")
        accepting.start()
        settings = ("--set", "address=shop@example.com", "--set", "imap_host=127.0.0.1", "--set")
        port = silent.getsockname()[1]
        more = (f"imap_port={port}", "--set", "imap_security=none", "--set", "smtp_host=127.0.0.1")
        desk.succeed("accounts", "add", "email", *settings, *more, "--no-test", "--secret-stdin", stdin="x\n")
        with desk.serving() as process:
            accepting.join(timeout=20)
            assert taken
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
        for one in taken:
            one.close()
