"""Customers by hand, their export, and their erasure."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from inbox.channels.base import Attachment
from inbox.errors import NotFoundError, RuleError, StaleError, StorageError
from inbox.services import cases, customers, exporting, messages, queries
from inbox.states import CloseReason, Delivery, QuestionOrigin
from inbox.store.db import Database, files_of
from inbox.store.models import (
    Activity,
    Attachment as StoredAttachment,
    Case,
    Conversation,
    Customer,
    Fact,
    Identity,
    Message,
    Question,
)
from tests.services.arriving import NOW, mail, receive, rows

SECRET = "contraseña ferroviaria"


def test_an_identity_belongs_to_one_customer(db: Database, account: int) -> None:
    receive(db, account, mail())
    with db.writing() as s:
        new = customers.create(s, "Eva")
        customers.add_identity(s, new, "email", "eva@example.com")
        second = customers.add_identity(s, new, "email", "eva@work.example")
        assert customers.add_identity(s, new, "email", " eva@work.example ") == second
        customers.make_primary(s, second)
        with pytest.raises(RuleError, match="another customer"):
            customers.add_identity(s, new, "email", "ana@example.com")
    assert [row.is_primary for row in rows(db, Identity, Identity.customer_id == new)] == [False, True]


def test_what_is_learned_twice_is_confirmed(db: Database, account: int) -> None:
    with db.writing() as s:
        eva = customers.create(s, "Eva")
        first = customers.learn(s, eva, "place", "Vigo")
        other = customers.learn(s, eva, "place", "Lugo")
        assert customers.learn(s, eva, "place", " vigo ") == first
        customers.confirm_fact(s, first)
        customers.forget_fact(s, other)
    assert [fact.value for fact in rows(db, Fact)] == ["Vigo"]


def test_two_people_cannot_overwrite_each_other(db: Database) -> None:
    with db.writing() as s:
        eva = customers.create(s, "Eva")
        customers.change(s, eva, version=1, company="SL")
        with pytest.raises(StaleError):
            customers.change(s, eva, version=1, company="SA")
        with pytest.raises(NotFoundError):
            customers.change(s, 99, company="SA")


def _with_a_closed_case(db: Database, account: int) -> int:
    """A customer with a conversation, files, facts and a case that was closed after two questions."""
    files = (Attachment("../../factura ñ.pdf", "application/pdf", 3, b"pdf"),)
    receive(db, account, mail(SECRET, name="Ana Pérez", key="a", attachments=files, ago=timedelta(days=3)))
    asked = mail("¿Qué pedido? ¿Qué talla?", key="r", answers=("a",), outgoing=True, ago=timedelta(days=2))
    receive(db, account, asked)
    (case,), ours = rows(db, Case), rows(db, Message)[-1]
    assert ours.delivery == Delivery.SENT
    with db.writing() as s:
        for text in ("¿Qué pedido?", "¿Qué talla?"):
            s.add(
                Question(
                    case_id=case.id,
                    origin=QuestionOrigin.FREE,
                    text=text,
                    message_id=ours.id,
                    asked_at=NOW - timedelta(days=2),
                    answer=SECRET,
                    answered_at=NOW - timedelta(days=1),
                )
            )
        s.flush()
        customers.learn(s, case.customer_id, "phone", SECRET, case_id=case.id)
        customers.change(s, case.customer_id, notes=SECRET, tags=[SECRET])
        cases.close(s, case.id, CloseReason.RESOLVED)
    return int(case.customer_id)


def test_an_export_holds_everything_and_its_files_are_named_safely(db: Database, account: int, tmp_path: Path) -> None:
    customer_id = _with_a_closed_case(db, account)
    with db.reading() as s:
        done = exporting.export(s, customer_id, tmp_path / "ana")
    content = json.loads((tmp_path / "ana" / "customer.json").read_text(encoding="utf-8"))
    assert (done.customers, done.messages, done.files) == (1, 2, 1)
    assert (content["customer"]["name"], content["facts"][0]["value"]) == ("Ana Pérez", SECRET)
    assert [question["answer"] for question in content["questions"]] == [SECRET, SECRET]
    first = content["conversations"][0]["messages"][0]
    assert SECRET.encode() in (tmp_path / "ana" / first["source"]).read_bytes()
    file = tmp_path / "ana" / first["files"][0]["file"]
    assert file.read_bytes() == b"pdf"
    assert file.resolve().is_relative_to(tmp_path / "ana")
    assert {entry["kind"] for entry in content["activity"]} >= {"CaseOpened", "CaseClosed", "MessageReceived"}


def test_everybody_is_exported_each_into_a_folder(db: Database, account: int, tmp_path: Path) -> None:
    receive(db, account, mail(), mail(sender="b@example.com"))
    heard: list[int] = []
    with db.reading() as s:
        assert exporting.export(s, None, tmp_path / "all", heard.append).customers == 2
    assert len(list((tmp_path / "all").glob("customer-*/customer.json"))) == 2
    assert heard == [1, 2]


def test_a_folder_that_cannot_be_written_is_named(db: Database, account: int, tmp_path: Path) -> None:
    receive(db, account, mail())
    (tmp_path / "file").write_text("")
    with db.reading() as s, pytest.raises(StorageError, match="can't be written"):
        exporting.export(s, None, tmp_path / "file" / "x")


def test_after_erasing_nothing_identifies_the_customer_and_the_closed_case_stays(db: Database, account: int) -> None:
    customer_id = _with_a_closed_case(db, account)
    message_id = rows(db, Message)[0].id
    with db.writing() as s:
        customers.erase(s, customer_id)
    (customer,), (case,) = rows(db, Customer), rows(db, Case)
    assert (customer.name, customer.notes, customer.tags, customer.erased_at is None) == ("", "", [], False)
    assert (case.status, case.subject, len(rows(db, Question))) == ("closed", "", 2)
    kept = [
        str(vars(row)) for model in (Message, Conversation, Identity, Question, Activity) for row in rows(db, model)
    ]
    assert not [text for text in kept if SECRET in text or "ana@" in text or "Ana" in text]
    assert rows(db, Fact) == rows(db, StoredAttachment) == []
    with db.reading() as s:
        assert files_of(s).get_source(s, message_id) == b""
        assert messages.body(s, message_id).text == ""
        assert queries.search_messages(s, "ferroviaria", agent_id=None) == []
        assert queries.customers(s, "ana", 5) == []
        assert queries.conversations(s, "", agent_id=None).rows[0].customer_name == "Erased customer"
        with pytest.raises(NotFoundError):
            queries.customer_card(s, customer_id, language="es")
    receive(db, account, mail(key="later"))
    assert len(rows(db, Customer)) == 2


def test_erased_mail_does_not_come_back_with_the_next_fetch(db: Database, account: int) -> None:
    first = mail()
    receive(db, account, first)
    with db.writing() as s:
        customers.erase(s, rows(db, Customer)[0].id)
    assert receive(db, account, first, backfill=True).new == 0
