"""The other servers for tests: each is the real thing, up and down."""

import imaplib
import ssl
import subprocess
import sys
import threading

import psycopg
import pytest

from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.process import MissingPackageError, find_program
from tests.servers.secret_service import SecretService

MAIL = b"From: ana@example.com\r\nSubject: Hi\r\n\r\nHello\r\n"


def test_a_delivered_mail_is_there_and_an_appended_one_too(dovecot: Dovecot) -> None:
    dovecot.deliver(MAIL)
    dovecot.deliver(MAIL, flags="S")
    with dovecot.client() as client:
        assert client.select("INBOX") == ("OK", [b"2"])
        assert client.search(None, "UNSEEN") == ("OK", [b"1"])
        client.append("Sent", "", "", MAIL)
    assert dovecot.mails("INBOX") == [MAIL, MAIL]
    assert dovecot.mails("Sent") == [MAIL]


def test_the_sent_folder_is_marked_as_such(dovecot: Dovecot) -> None:
    with dovecot.client() as client:
        _, folders = client.list()
    assert any(b"\\Sent" in line and line.endswith(b" Sent") for line in folders if isinstance(line, bytes))


def test_a_folder_may_have_letters_of_any_language() -> None:
    with Dovecot(folders={"Señal & Ruido": "\\Sent"}) as server:
        server.deliver(MAIL, folder="Señal & Ruido")
        with server.client() as client:
            assert client.select('"Se&APE-al &- Ruido"') == ("OK", [b"1"])


def test_a_waiting_client_hears_of_a_new_mail(dovecot: Dovecot) -> None:
    with dovecot.client() as client:
        client.select("INBOX")
        client.send(b"x IDLE\r\n")
        assert client.readline().startswith(b"+")
        dovecot.deliver(MAIL)
        assert client.readline() == b"* 1 EXISTS\r\n"
        client.send(b"DONE\r\n")
        while not client.readline().startswith(b"x OK"):
            pass


def test_the_imap_server_speaks_tls(dovecot: Dovecot, trusted: Authority) -> None:
    with imaplib.IMAP4_SSL("localhost", dovecot.tls_port, ssl_context=ssl.create_default_context()) as client:
        client.login("shop@example.com", "secret")
    with imaplib.IMAP4("localhost", dovecot.port) as client:
        client.starttls(ssl.create_default_context())
        client.login("shop@example.com", "secret")


def test_an_imap_password_can_be_changed(dovecot: Dovecot) -> None:
    dovecot.set_password("shop@example.com", "other")
    with (
        imaplib.IMAP4(dovecot.host, dovecot.port) as client,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        client.login("shop@example.com", "secret")
    with dovecot.client() as client:
        assert client.state == "AUTH"


def test_the_imap_server_keeps_its_mails_over_a_kill(dovecot: Dovecot) -> None:
    dovecot.deliver(MAIL)
    client = imaplib.IMAP4(dovecot.host, dovecot.port)
    dovecot.kill()
    with pytest.raises((imaplib.IMAP4.abort, ConnectionResetError)):
        client.noop()
    client.shutdown()
    dovecot.start()
    with dovecot.client() as client:
        assert client.select("INBOX") == ("OK", [b"1"])


def test_postgresql_runs_and_leaves_nothing_behind() -> None:
    with Postgres() as server:
        with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
            assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        server.stop()
        server.start()
        folder = server.folder
    assert not folder.exists()


def test_the_real_keychain_keeps_a_secret(secret_service: SecretService) -> None:
    script = (
        "import keyring; keyring.set_password('inbox', 'ñ', 'clave ñ'); "
        "assert keyring.get_password('inbox', 'ñ') == 'clave ñ'; print(keyring.get_keyring().name)"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        env=secret_service.env, capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert "SecretService" in done.stdout


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(MissingPackageError, match="apt-get install no-package"):
        find_program("no-such-program", "no-package")


def test_servers_run_no_thread_of_this_process(dovecot: Dovecot) -> None:
    assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
