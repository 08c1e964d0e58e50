"""What the thread says of senders and files."""

import pytest

from inbox.services import sender_checks
from inbox.services.dangerous_files import runs, why_dangerous
from inbox.store.db import Database
from inbox.store.models import Message
from tests.services.arriving import mail, receive, rows


def kinds(db: Database, account: int, head: str, *, sender: str, name: str = "", big: int = 0) -> list[str]:
    raw = f"{head}From: {name} <{sender}>\r\n\r\nHola".encode() + bytes(i * 7919 % 251 for i in range(big))
    receive(db, account, mail(sender=sender, name=name, raw=raw))
    with db.reading() as s:
        newest = rows(db, Message)[-1]
        return [check.kind for check in sender_checks.checks(s, [newest.id]).get(newest.id, ())]


def test_an_ordinary_mail_says_nothing(db: Database, account: int) -> None:
    assert kinds(db, account, "", sender="ana@example.com", name="Ana Ruiz") == []


def test_a_sender_who_imitates_us(db: Database, account: int) -> None:
    assert kinds(db, account, "", sender="pagos@exarnple.com") == ["imitated"]


def test_answers_to_a_stranger_warn_and_to_the_customers_other_address_do_not(db: Database, account: int) -> None:
    head = "Reply-To: otra@otro.example\r\n"
    assert kinds(db, account, head, sender="ana@correo.example") == ["reply_to"]


def test_what_the_server_says_is_told_also_of_a_large_mail(db: Database, account: int) -> None:
    head = (
        "Authentication-Results: mx.host.example; dmarc=fail header.from=correo.example\r\n"
        "Received: from a by mx.host.example; x\r\n"
    )
    assert kinds(db, account, head, sender="ana@correo.example", big=2_000_000) == ["not_confirmed"]
    with db.reading() as s:
        message = rows(db, Message)[-1]
        (check,) = sender_checks.checks(s, [message.id])[message.id]
    assert check.is_warning
    assert "correo.example" in check.text


def test_a_known_customers_name_with_a_new_address(db: Database, account: int) -> None:
    assert kinds(db, account, "", sender="carmen@correo.example", name="Carmen Díaz") == []
    assert kinds(db, account, "", sender="c.diaz@otro.example", name="Carmen  díaz") == ["namesake"]
    assert kinds(db, account, "", sender="carmen@correo.example", name="Carmen Díaz") == [], "she was here first"
    assert kinds(db, account, "", sender="x@correo.example", name="Carmen") == []
    assert kinds(db, account, "", sender="y@otro.example", name="Carmen Díaz López") == []


@pytest.mark.parametrize(
    ("name", "runs_it", "words"),
    [
        ("programa.exe", True, "program"),
        ("a.SCR", True, "program"),
        ("factura.pdf.exe", True, "document"),
        ("factura.pdf   .js", True, "document"),
        ("foto.jpg.lnk", True, "document"),
        ("a.js", True, "script"),
        ("a.hta. ", True, "script"),
        ("a.lnk", True, "shortcut"),
        ("a.iso", True, "disk image"),
        ("a.docm", False, "macros"),
        ("a.html", False, "web page"),
        ("factura.pdf", False, ""),
        ("informe.v2.docx", False, ""),
        ("backup.tar.gz", False, ""),
        ("sin ending", False, ""),
        ("", False, ""),
    ],
)
def test_files_that_do_harm_are_named(name: str, runs_it: bool, words: str) -> None:
    said = why_dangerous(name)
    assert runs(name) == runs_it
    assert (words in said) if words else said == ""


def test_an_archive_whose_password_stands_beside_it() -> None:
    assert "password" in why_dangerous("datos.zip", "La contraseña es 1234.")
    assert why_dangerous("datos.zip", "Le adjunto los datos.") == ""


def test_a_name_that_turns_its_writing_round_shows_what_it_is() -> None:
    from inbox.channels.email.filenames import safe_name

    shown = safe_name("factura\u202efdp.exe")
    assert shown == "facturafdp.exe"
    assert runs(shown)
