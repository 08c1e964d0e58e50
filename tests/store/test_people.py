"""Finding customers by the beginnings of words, whoever changed them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from inbox.store.db import Database
from inbox.store.models import Customer, Identity
from inbox.store.people import find_customers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def people(db: Database) -> Database:
    with db.writing() as s:
        for id_, (name, company, handle) in enumerate(
            [
                ("Ana Pérez Núñez", "Muebles Ibáñez", "ana.perez@correo.es"),
                ("Luis Gil", "", "+34600123456"),
                ("", "", "tienda@ejemplo.example"),
                ("Ана Иванова", "", "anna_i"),
            ],
            start=1,
        ):
            s.add(Customer(id=id_, name=name, company=company, created_at=NOW))
            s.flush()
            s.add(Identity(customer_id=id_, channel="email", handle=handle, created_at=NOW))
    return db


def _find(db: Database, wanted: str) -> list[int]:
    with db.reading() as s:
        return sorted(find_customers(s, wanted, 9))


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("a", [1, 4]),
        ("PEREZ nu", [1]),
        ("núñ an", [1]),
        ("ibanez", [1]),
        ("erez", []),
        ("ana.perez@", [1]),
        ("600123", [2]),
        ("+34600", [2]),
        ("correo es", [1]),
        ("ejemplo", [3]),
        ("ана", [4]),
        ("ANNA", [4]),
        ("x%", []),
        ("'\" & | * :", []),
        ("", []),
    ],
)
def test_customers_are_found_by_how_their_words_begin(people: Database, wanted: str, found: list[int]) -> None:
    assert _find(people, wanted) == found


def test_the_index_follows_every_change(people: Database) -> None:
    with people.writing() as s:
        s.execute(text("UPDATE customers SET name = 'Marta Soto' WHERE id = 1"))
        s.execute(text("UPDATE identities SET handle = 'marta@soto.es', customer_id = 2 WHERE customer_id = 1"))
        s.execute(text("DELETE FROM identities WHERE customer_id = 3"))
        s.execute(text("DELETE FROM customers WHERE id = 3"))
    assert [_find(people, word) for word in ("ana", "perez", "soto", "marta", "tienda")] == [[], [], [1, 2], [1, 2], []]
    if people.is_sqlite:
        with people.writing() as s:
            for index in ("customer_index", "identity_index"):
                s.execute(text(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"))


def test_who_was_merged_or_erased_is_not_found(people: Database) -> None:
    with people.writing() as s:
        s.execute(text("UPDATE customers SET merged_into_id = 2 WHERE id = 1"))
        s.execute(text("UPDATE customers SET erased_at = 0 WHERE id = 4"))
    assert _find(people, "a") == []
