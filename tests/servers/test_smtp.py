"""The SMTP server for tests does what it is told."""

import smtplib
import ssl
from collections.abc import Iterator

import pytest

from tests.servers.smtp import Act, SmtpServer, Stage

MAIL = b"From: shop@example.com\r\nTo: ana@example.com\r\nSubject: Hi\r\n\r\n.Hello\r\n"


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with SmtpServer() as running:
        yield running


def send(server: SmtpServer, *recipients: str, password: str = "secret") -> None:
    context = ssl.create_default_context(cafile=str(server.ca_file))
    client: smtplib.SMTP
    if server.security == "tls":
        client = smtplib.SMTP_SSL("localhost", server.port, timeout=5, context=context)
    else:
        client = smtplib.SMTP("localhost", server.port, timeout=5)
    with client:
        if server.security == "starttls":
            client.starttls(context=context)
        client.login("shop@example.com", password)
        client.sendmail("shop@example.com", list(recipients or ["ana@example.com"]), MAIL)


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_is_taken_byte_for_byte(security: str) -> None:
    with SmtpServer(security=security) as server:  # type: ignore[arg-type] # the three that it knows
        send(server)
        (mail,) = server.wait_for(1)
    assert (mail.sender, mail.recipients, mail.data) == ("shop@example.com", ("ana@example.com",), MAIL)
    assert (mail.user, mail.tls) == ("shop@example.com", security != "none")


def test_a_wrong_password_is_refused(server: SmtpServer) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(server, password="wrong")


def test_nobody_sends_without_signing_in() -> None:
    with (
        SmtpServer(security="none") as server,
        smtplib.SMTP("localhost", server.port, timeout=5) as client,
        pytest.raises(smtplib.SMTPSenderRefused),
    ):
        client.sendmail("shop@example.com", "ana@example.com", MAIL)


def test_a_client_that_does_not_trust_it_goes_away(server: SmtpServer) -> None:
    with smtplib.SMTP("localhost", server.port, timeout=5) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())
    send(server)
    assert len(server.accepted) == 1


def test_a_recipient_is_refused_on_request(server: SmtpServer) -> None:
    server.reject("gone@example.com")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server, "gone@example.com")
    assert server.accepted == []


@pytest.mark.parametrize("stage", ["mail", "data", "body"])
def test_it_answers_later_once_on_request(server: SmtpServer, stage: Stage) -> None:
    server.at(stage, "451 4.3.0 Later")
    with pytest.raises(smtplib.SMTPResponseException, match="Later"):
        send(server)
    assert server.accepted == []
    send(server)
    assert len(server.accepted) == 1


@pytest.mark.parametrize("stage", ["connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "stored"])
def test_it_drops_the_connection_where_it_is_told(server: SmtpServer, stage: Stage) -> None:
    server.at(stage, Act.DROP)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError, ssl.SSLEOFError)):
        send(server)
    assert len(server.accepted) == (stage == "stored")
    send(server)
    assert len(server.accepted) == 1 + (stage == "stored")


def test_it_hangs_where_it_is_told(server: SmtpServer) -> None:
    server.at("connect", Act.HANG)
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        smtplib.SMTP("localhost", server.port, timeout=0.2)


def test_it_comes_back_on_the_same_port(server: SmtpServer) -> None:
    port = server.port
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        send(server)
    server.start()
    assert server.port == port
    send(server)
