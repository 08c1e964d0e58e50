"""What a person types into the search, taken apart."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, strategies as st

from inbox.errors import SearchError
from inbox.store.search_language import Filter, Query, parse

MADRID = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # already the 23rd in Madrid


def read(query: str, *, typing: bool = False) -> Query:
    return parse(query, now=NOW, agent_id=1, typing=typing, zone=MADRID)


def test_words_phrases_prefixes_and_what_is_not_wanted() -> None:
    found = read('Avería "dos cajas" fact* -"no llega" ES-365534')
    assert [(term.words, term.prefix, term.negated) for term in found.terms] == [
        (("averia",), False, False),
        (("dos", "cajas"), False, False),
        (("fact",), True, False),
        (("no", "llega"), False, True),
        (("es", "365534"), False, False),
    ]


def test_words_are_looked_for_in_author_or_recipients() -> None:
    found = read('from:"Ana Torres" to:ventas@tienda.es de:luis PARA:eva')
    assert [(term.part, term.words) for term in found.terms] == [
        ("author", ("ana", "torres")),
        ("recipients", ("ventas", "tienda", "es")),
        ("author", ("luis",)),
        ("recipients", ("eva",)),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("is:open", Filter("is", "open")),
        ("ES:Abierta", Filter("is", "open")),
        ("-is:unread", Filter("is", "unread", negated=True)),
        ('es:"sin asignar"', Filter("is", "unassigned")),
        ("has:adjunto", Filter("has", "attachment")),
        ("case:#12", Filter("case", 12)),
        ("caso:12", Filter("case", 12)),
        ("customer:7", Filter("customer", 7)),
        ('cliente:"Ana Núñez"', Filter("customer", "ana nunez")),
        ("etiqueta:Devolución", Filter("tag", "devolucion")),
        ("canal:correo", Filter("channel", "email")),
        ("account:3", Filter("account", 3)),
        ("before:2026-11-22", Filter("before", datetime(2026, 11, 21, 23, tzinfo=UTC))),
        ("después:22/11/2026", Filter("after", datetime(2026, 11, 21, 23, tzinfo=UTC))),
        ("after:hoy", Filter("after", datetime(2026, 11, 22, 23, tzinfo=UTC))),
        ("after:yesterday", Filter("after", datetime(2026, 11, 21, 23, tzinfo=UTC))),
        ("after:7d", Filter("after", datetime(2026, 11, 15, 23, tzinfo=UTC))),
    ],
)
def test_filters_in_english_and_spanish(query: str, expected: Filter) -> None:
    assert read(query).filters == (expected,)


def test_the_day_ends_where_the_person_is() -> None:
    assert read("is:today").day_end == datetime(2026, 11, 23, 23, tzinfo=UTC)


def test_addresses_and_times_of_day_are_words() -> None:
    assert [term.words for term in read("https://tienda.es 12:30").terms] == [("https", "tienda", "es"), ("12", "30")]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('pedido "roto', "The quotation mark at position 8 is not closed"),
        ('pedido 55"', "The quotation mark at position 10 is not closed"),
        ("pedido colour:red", "“colour:” at position 8 is not something to search by"),
        ("before:30/2/2026", "“30/2/2026” at position 1 is not a date"),
        ("is:opne", "“is:opne” at position 1 means nothing"),
        ("pedido from: ana", "There is nothing after “from:” at position 8"),
        ("case:abc", "“abc” at position 1 is not the number of a case"),
        ("a " * 65, "The search is too long"),
    ],
)
def test_a_mistake_is_shown_with_its_place_and_what_to_write(query: str, title: str) -> None:
    with pytest.raises(SearchError) as caught:
        read(query)
    assert caught.value.title == title
    assert caught.value.hint


@pytest.mark.parametrize("query", ['pedido "rot', "pedido from:", "is:op", "before:2026-1", 'has:"att'])
def test_what_is_still_being_typed_is_no_mistake(query: str) -> None:
    read(query, typing=True)


def test_the_last_word_may_go_on_while_typing() -> None:
    assert [term.prefix for term in read("pedido fact", typing=True).terms] == [False, True]
    assert [term.prefix for term in read("pedido fact ", typing=True).terms] == [False, False]
    assert [term.prefix for term in read("f", typing=True).terms] == [False]  # half the mailbox


QUERIES = st.text() | st.lists(
    st.sampled_from(["from:", "is:open", '"', "-", "*", "before:", "NOT", "AND", "NEAR(", "a", "ñ", "{", ":", "'", ")"])
).map("".join)


@given(QUERIES, st.booleans())
@example('-"', False)
@example("case:99999999999999999999", False)
@example("\ud800\x00", True)
def test_any_string_is_understood_or_refused_in_words(query: str, typing: bool) -> None:
    with contextlib.suppress(SearchError):
        found = read(query, typing=typing)
        assert all(term.words for term in found.terms)
