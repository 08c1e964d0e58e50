"""The main job, end to end: real mail in, answered from templates, and the gate kept whatever the path."""

from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import text

from inbox.channels.email.incoming import to_incoming
from inbox.errors import RuleError
from inbox.store.db import Database
from tests.e2e.desk import Desk
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import Accepted, SmtpServer

CUSTOMERS = {
    "ana": ("Lavadora con golpe", "Buenos días, la lavadora llegó con un golpe. ¿Qué hago?"),
    "jordi": ("Factura", "Necesito la factura de mi pedido."),
    "elena": ("Pedido", "¿Dónde está mi pedido?"),
}


def mail(who: str, subject: str, body: str, number: int, reply_to: str = "") -> bytes:
    """A customer's mail."""
    again = f"In-Reply-To: <{reply_to}>\nReferences: <{reply_to}>\n" if reply_to else ""
    return (
        f"From: {who.title()} <{who}@customers.example>\nTo: shop@example.com\nSubject: {subject}\n"
        f"Message-ID: <{who}.{number}@customers.example>\n{again}MIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{body}\n"
    ).encode()


def sent_to(smtp: SmtpServer, who: str) -> Accepted:
    """The reply that a customer got."""
    return next(each for each in smtp.accepted if each.recipients == (f"{who}@customers.example",))


@pytest.mark.timeout(240)
def test_the_main_job(desk: Desk, dovecot: Dovecot, smtp_server: SmtpServer, shared_data: Path, db: Database) -> None:
    files = sorted(file for file in (shared_data / "mail").iterdir() if file.suffix == ".eml")
    assert len(files) >= 200
    for file in files:
        dovecot.deliver(file.read_bytes())
    for who, (subject, body) in CUSTOMERS.items():
        dovecot.deliver(mail(who, subject, body, 1))
    desk.succeed("settings", "company.name=Casa Verde")
    account_id = desk.add_email(dovecot, smtp_server)
    desk.succeed("sync", "--once", "--account", account_id)
    expected = {to_incoming(file.read_bytes(), {"shop@example.com"}).remote_id for file in files}  # some are copies
    with db.reading() as s:
        assert s.execute(text("SELECT count(*) FROM messages")).scalar_one() == len(expected) + len(CUSTOMERS)

    conversations = {}
    for who in CUSTOMERS:
        (row,) = desk.rows("conversations", "--query", f"from:{who}@customers.example")
        conversations[who] = row
    for who, asked in {
        "ana": ("product", "since_when"),
        "jordi": ("product", "needed_by"),
        "elena": ("product",),
    }.items():
        desk.succeed("reply", conversations[who]["id"], "--template", "receipt", "--now", "--ask", *asked)
    assert len(smtp_server.wait_for(3)) == 3

    for who in CUSTOMERS:
        reply = message_from_bytes(sent_to(smtp_server, who).data)
        words = "Es la lavadora del pedido 20544. Desde esta mañana."
        dovecot.deliver(mail(who, f"Re: {reply['Subject']}", words, 2, reply["Message-ID"].strip("<>")))
    desk.succeed("sync", "--once")

    cases = {who: row["case_id"] for who, row in conversations.items()}
    cases = {who: desk.rows("conversations", "--query", f"from:{who}@customers.example")[0]["case_id"] for who in cases}
    for who, case_id in cases.items():
        assert desk.rows("conversations", "show", conversations[who]["id"])[0]["messages"][-1]["direction"] == "in"
        desk.succeed("cases", "answer", case_id)
    desk.succeed("cases", "close", cases["ana"])

    assert "Ask 1 more clarifying question." in desk.refused("cases", "close", cases["elena"])
    in_bulk = desk.run("cases", "close", cases["jordi"], cases["elena"])
    assert in_bulk.returncode == 1
    assert f"{cases['jordi']}: done" in in_bulk.stdout
    assert "Ask 1 more clarifying question." in in_bulk.stderr
    with pytest.raises(RuleError), db.writing() as s:
        s.execute(
            text("UPDATE cases SET status = 'closed', closed_at = 1, close_reason = 'resolved' WHERE id = :id"),
            {"id": cases["elena"]},
        )
    closed = {row["id"] for row in desk.rows("cases", "list", "--status", "closed")}
    assert closed == {cases["ana"], cases["jordi"]}
    assert len(smtp_server.accepted) == 3
