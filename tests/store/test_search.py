"""Searching on both engines: the same words find the same messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select, text

from inbox.errors import SearchError
from inbox.states import CaseStatus, ConversationKind, ConversationState, Direction, DismissReason
from inbox.store import search
from inbox.store.db import Database, next_message_ids
from inbox.store.models import (
    Account,
    Agent,
    Attachment,
    Case,
    CaseType,
    Conversation,
    Customer,
    Identity,
    Message,
)
from tests.store.test_search_language import QUERIES

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Mailbox:
    """Conversations by name, and what a search finds of them."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.names: dict[int, str] = {}
        self.texts: dict[int, str] = {}
        with db.writing() as s:
            account = Account(kind="email", name="Tienda", address="hola@tienda.es", created_at=NOW)
            kind = CaseType(key="claim", name_en="Claim", name_es="Reclamación")
            s.add_all([account, kind, Agent(name="Luis Gil"), Agent(name="Eva")])
            s.flush()
            self.account_id, self.type_id = account.id, kind.id

    def add(
        self,
        name: str,
        *texts: str,
        author: str = "Ana Núñez ana@correo.es",
        to: str = "Tienda hola@tienda.es",
        status: CaseStatus | None = None,
        customer_tags: tuple[str, ...] = (),
        at: datetime = NOW,
        files: str = "",
        html: bool = False,
        **columns: Any,
    ) -> int:
        with self.db.writing() as s:
            customer = Customer(name=author.rsplit(" ", 1)[0], created_at=NOW, tags=list(customer_tags))
            s.add(customer)
            s.flush()
            identity = Identity(customer_id=customer.id, channel="email", handle=f"{name}@x.es", created_at=NOW)
            s.add(identity)
            case = Case(customer_id=customer.id, case_type_id=self.type_id, opened_at=NOW, status=status)
            if status is not None:
                s.add(case)
            s.flush()
            conversation = Conversation(
                account_id=self.account_id,
                remote_thread=name,
                customer_id=customer.id,
                identity_id=identity.id,
                case_id=case.id,
                **columns,
            )
            s.add(conversation)
            s.flush()
            ids = next_message_ids(s, [at] * len(texts))
            for id_, body in zip(ids, texts, strict=True):
                s.add(
                    Message(
                        id=id_,
                        account_id=self.account_id,
                        conversation_id=conversation.id,
                        remote_id=str(id_),
                        direction=Direction.IN,
                        sent_at=at,
                        subject="Asunto",
                        text=body,
                        has_html=html,
                    )
                )
            s.flush()
            if files:
                s.add_all(Attachment(message_id=id_, filename=files) for id_ in ids)
            conversation.last_message_id = ids[-1]
            s.flush()
            rows = [
                search.IndexRow(id_, "Asunto", body, author, to, files) for id_, body in zip(ids, texts, strict=True)
            ]
            search.index_messages(s, rows)
            self.names[conversation.id] = name
            self.texts.update(zip(ids, texts, strict=True))
            return conversation.id

    def messages(self, query: str, **options: Any) -> list[str]:
        with self.db.reading() as s:
            return [self.texts[id_] for id_, _ in search.message_ids(s, self.read(query), **options)]

    def conversations(self, query: str) -> set[str]:
        """The names of all that a list with this query shows."""
        parsed = self.read(query)
        with self.db.reading() as s:
            if parsed.has_text:
                return {self.names[id_] for id_, _ in search.conversation_ids(s, parsed)}
            found = select(Conversation.id).where(*search.conversation_conditions(parsed))
            return {self.names[id_] for id_ in s.scalars(found)}

    @staticmethod
    def read(query: str, *, typing: bool = False) -> search.Query:
        return search.parse(query, now=NOW, agent_id=1, zone=UTC, typing=typing)


@pytest.fixture
def mailbox(db: Database) -> Mailbox:
    return Mailbox(db)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("averia", ["La AVERÍA del pedido ES-365534", "avería dos"]),
        ("AVERÍA pedido", ["La AVERÍA del pedido ES-365534"]),
        ("es-365534", ["La AVERÍA del pedido ES-365534"]),
        ("365534-es", []),
        ('"averia del pedido"', ["La AVERÍA del pedido ES-365534"]),
        ('"pedido averia"', []),
        ("ave*", ["La AVERÍA del pedido ES-365534", "avería dos"]),
        ("ave", []),
        ("averia -pedido", ["avería dos"]),
        ('averia -"dos"', ["La AVERÍA del pedido ES-365534"]),
        ("한국", ["한국 straße №5"]),
        ("STRAßE", ["한국 straße №5"]),
        ("nada", []),
        ("!!! ???", ["한국 straße №5", "avería dos", "La AVERÍA del pedido ES-365534"]),
    ],
)
def test_words_are_found_whatever_their_accents_and_capitals(mailbox: Mailbox, query: str, found: list[str]) -> None:
    mailbox.add("one", "La AVERÍA del pedido ES-365534")
    mailbox.add("two", "avería dos", "한국 straße №5", at=NOW + timedelta(seconds=1))
    assert sorted(mailbox.messages(query)) == sorted(found)


def test_the_newest_message_comes_first_and_pages_follow_by_key(mailbox: Mailbox) -> None:
    for day in (3, 1, 2):
        mailbox.add(f"day {day}", f"pedido {day}", at=NOW - timedelta(days=day))
    assert mailbox.messages("pedido") == ["pedido 1", "pedido 2", "pedido 3"]
    with mailbox.db.reading() as s:
        first = search.message_ids(s, mailbox.read("pedido"), limit=2)
        rest = search.message_ids(s, mailbox.read("pedido"), before=first[-1][0], limit=2)
    assert [mailbox.texts[id_] for id_, _ in first + rest] == ["pedido 1", "pedido 2", "pedido 3"]


def test_ranked_puts_what_matches_best_first(mailbox: Mailbox) -> None:
    mailbox.add("best", "factura factura factura", at=NOW - timedelta(days=9))
    mailbox.add("newer", "mucho texto antes de que al final aparezca por fin una factura", at=NOW)
    assert mailbox.messages("factura", ranked=True)[0] == "factura factura factura"
    assert mailbox.messages("factura is:waiting", ranked=True) == []


def test_from_and_to_look_at_who_wrote_and_who_got_it(mailbox: Mailbox) -> None:
    mailbox.add("ana", "hola", author="Ana Núñez ana@correo.es", to="Tienda hola@tienda.es")
    mailbox.add("tienda", "hola", author="Tienda hola@tienda.es", to="Ana Núñez ana@correo.es")
    assert mailbox.conversations("from:nunez") == {"ana"}
    assert mailbox.conversations("from:ana@correo.es hola") == {"ana"}
    assert mailbox.conversations('to:"Ana Nuñez"') == {"tienda"}
    assert mailbox.conversations("hola -from:ana") == {"tienda"}
    assert mailbox.conversations("nunez") == {"ana", "tienda"}


def test_a_word_that_must_not_occur_may_stand_alone(mailbox: Mailbox) -> None:
    mailbox.add("spam", "gane dinero", "otra cosa")
    mailbox.add("good", "mi pedido")
    assert mailbox.conversations("-dinero") == {"good"}
    assert mailbox.conversations("-dinero -pedido") == set()


@pytest.fixture
def shelves(mailbox: Mailbox) -> Mailbox:
    later, day = NOW + timedelta(hours=3), timedelta(days=1)
    state = ConversationState
    mailbox.add("mine", "a", state=state.OPEN, owner_id=1, due_at=later, status=CaseStatus.NEW, unread_count=2)
    mailbox.add("late", "b", state=state.OPEN, owner_id=2, due_at=NOW - day, status=CaseStatus.OPEN, tags=["Vip"])
    mailbox.add("free", "c", state=state.OPEN, due_at=NOW + 2 * day, customer_tags=("Devolución",))
    mailbox.add("asleep", "d", state=state.OPEN, snoozed_until=NOW + day, author="Zoe Ríos zoe@x.es")
    mailbox.add("waiting", "e", state=state.WAITING, has_failed=True, files="plano.pdf")
    mailbox.add("closed", "f", state=state.DONE, at=NOW - 30 * day, html=True)
    mailbox.add("spam", "g", state=state.DONE, dismissed=DismissReason.SPAM)
    mailbox.add("tweet", "h", kind=ConversationKind.MENTION, state=state.DONE, status=CaseStatus.SOLVED)
    return mailbox


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "mine late free asleep waiting closed spam tweet"),
        ("is:open", "mine late free"),
        ("is:open is:mine", "mine"),
        ("is:open is:unassigned", "free"),
        ("is:open is:today", "mine late"),
        ("is:waiting", "waiting"),
        ("is:done", "closed spam tweet"),
        ("is:new", "mine"),
        ("is:solved", "tweet"),
        ("is:closed", ""),
        ("is:unread", "mine"),
        ("is:late", "late"),
        ("is:dismissed", "spam"),
        ("is:failed", "waiting"),
        ("is:snoozed", "asleep"),
        ("is:mention", "tweet"),
        ("is:direct -is:done", "mine late free asleep waiting"),
        ("tag:vip", "late"),
        ("tag:devolucion", "free"),
        ("-tag:vip is:open", "mine free"),
        ("owner:luis", "mine"),
        ("owner:2", "late"),
        ("-owner:luis is:open", "late free"),
        ("customer:rios", "asleep"),
        ("customer:asleep@x.es", "asleep"),
        ("customer:100%_", ""),
        ("type:reclamacion", "mine late tweet"),
        ("channel:correo", "mine late free asleep waiting closed spam tweet"),
        ("channel:x", ""),
        ("account:tienda is:mine", "mine"),
        ("account:1 is:mine", "mine"),
        ("has:attachment", "waiting"),
        ("has:html", "closed"),
        ("has:question", ""),
        ("before:7d", "closed"),
        ("after:today -is:open", "asleep waiting spam tweet"),
        ("plano.pdf", "waiting"),
        ("asunto is:open", "mine late free"),
        ("asunto tag:vip", "late"),
        ("asunto has:attachment", "waiting"),
        ("asunto -has:attachment is:waiting", ""),
        ("asunto before:7d", "closed"),
    ],
)
def test_every_filter_narrows_the_list(shelves: Mailbox, query: str, names: str) -> None:
    assert shelves.conversations(query) == set(names.split())


def test_a_case_is_found_by_its_number(mailbox: Mailbox) -> None:
    conversation = mailbox.add("one", "a", status=CaseStatus.OPEN)
    mailbox.add("two", "a", status=CaseStatus.OPEN)
    with mailbox.db.reading() as s:
        case_id = s.scalar(select(Conversation.case_id).where(Conversation.id == conversation))
    assert mailbox.conversations(f"case:{case_id}") == mailbox.conversations(f"a case:#{case_id}") == {"one"}


def test_nobody_is_mine_without_an_agent(mailbox: Mailbox) -> None:
    mailbox.add("one", "a", state=ConversationState.OPEN)
    query = search.parse("is:mine", now=NOW, agent_id=None)
    with mailbox.db.reading() as s:
        assert list(s.scalars(select(Conversation.id).where(*search.conversation_conditions(query)))) == []


def test_a_rare_conversation_is_found_behind_thousands_of_hits(mailbox: Mailbox) -> None:
    mailbox.add("old", "pedido antiguo", tags=["vip"], owner_id=1, at=NOW - timedelta(days=400))
    for part in range(4):
        mailbox.add(f"many {part}", *["pedido normal"] * 1500, at=NOW - timedelta(days=part))
    assert mailbox.conversations("pedido owner:luis") == {"old"}  # few conversations pass: collected
    assert mailbox.conversations("pedido tag:vip") == {"old"}  # no index tells: walked through
    assert mailbox.conversations("pedido is:direct") == {"old", "many 0", "many 1", "many 2", "many 3"}


def test_what_is_taken_out_of_the_index_is_not_found_and_the_index_stays_whole(mailbox: Mailbox) -> None:
    mailbox.add("one", "secreto uno", "secreto dos")
    with mailbox.db.reading() as s:
        first = search.message_ids(s, mailbox.read("uno"))[0][0]
    with mailbox.db.writing() as s:
        search.unindex(s, [first])
        s.execute(text("UPDATE messages SET text = '' WHERE id = :id"), {"id": first})
    assert mailbox.messages("secreto") == ["secreto dos"]
    with mailbox.db.writing() as s:
        search.unindex(s, [first])  # twice is fine
        search.index_messages(s, [search.IndexRow(first, "Asunto", "")])
        if mailbox.db.is_sqlite:
            s.execute(text("INSERT INTO message_index (message_index, rank) VALUES ('integrity-check', 1)"))


def test_an_index_of_many_small_batches_is_tidied_in_steps(mailbox: Mailbox) -> None:
    for number in range(40):
        mailbox.add(f"n{number}", f"pedido {number}")
    steps = 0
    more = True
    while more:
        with mailbox.db.writing() as s:
            more = search.tidy_index(s, pages=5)
        steps += 1
        assert steps < 500
    assert steps > 1 or not mailbox.db.is_sqlite
    assert len(mailbox.messages("pedido", limit=100)) == 40


def test_a_word_is_found_while_it_is_typed(mailbox: Mailbox) -> None:
    mailbox.add("one", "La reclamación y el reembolso", author="Réclamer Ana a@x.es")
    mailbox.add("two", "los reclamos")
    with pytest.raises(ZeroDivisionError), mailbox.db.writing() as s:
        known = search.message_ids(s, mailbox.read("reclamos"))[0][0]
        search.unindex(s, [known])
        search.index_messages(s, [search.IndexRow(known, "", "xilofonista")])
        raise ZeroDivisionError
    mailbox.add("three", "una xilofonista")  # not taken for known after the rollback

    def typed(query: str) -> set[str]:
        with mailbox.db.reading() as s:
            found = search.conversation_ids(s, mailbox.read(query, typing=True))
            return {mailbox.names[id_] for id_, _ in found}

    word = "reclamación"
    assert [typed(word[:length]) for length in range(2, 9)] == [{"one", "two"}] * 5 + [{"one"}] * 2
    assert typed("reembolso recl") == typed("from:recla") == {"one"}
    assert typed("xilofo") == {"three"}
    assert typed("recx") == set()


def test_words_that_no_message_uses_any_more_are_forgotten(mailbox: Mailbox) -> None:
    mailbox.add("one", "palabra secretisima")
    mailbox.add("two", "palabra corriente")
    with mailbox.db.reading() as s:
        first = search.message_ids(s, mailbox.read("secretisima"))[0][0]
    with mailbox.db.writing() as s:
        search.unindex(s, [first])
        if mailbox.db.is_sqlite:
            left = set(s.scalars(text("SELECT term FROM message_terms")))
            assert left >= {"palabra", "corriente"}
            assert "secretisima" not in left


def test_a_very_long_message_is_indexed(mailbox: Mailbox) -> None:
    mailbox.add("long", "primera " + " ".join(f"palabra{number}" for number in range(150_000)))
    mailbox.add("repeated", "eco " * 100_000 + "x" * 5000)
    assert mailbox.conversations("primera") == {"long"}
    assert mailbox.conversations("eco") == {"repeated"}


def test_the_excerpt_shows_the_first_word_found(mailbox: Mailbox) -> None:
    body = "Buenos días. " * 30 + "La avería está en la bomba. " + "Un saludo. " * 30
    shown = search.excerpt(body, mailbox.read("AVERIA"))
    assert "avería está en la bomba" in shown
    assert shown.startswith("… ")
    assert len(shown) <= 165
    assert search.excerpt("Hola.\n\n  Adiós", mailbox.read("averia")) == "Hola. Adiós"
    assert "avería" in search.excerpt(body, mailbox.read("ave", typing=True))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(QUERIES)
def test_no_string_breaks_a_search(mailbox: Mailbox, query: str) -> None:
    try:
        mailbox.messages(query)
        mailbox.messages(query, ranked=True)
        mailbox.conversations(query)
    except SearchError:
        pass


def test_a_tag_given_by_any_program_is_found_until_it_is_taken_away(mailbox: Mailbox) -> None:
    one = mailbox.add("one", "a", tags=["Vip", "Urgente"])
    two = mailbox.add("two", "a", customer_tags=("vip",))
    mailbox.add("three", "a", tags=["vipera"])
    assert mailbox.conversations("tag:vip") == mailbox.conversations("a tag:VIP") == {"one", "two"}
    with mailbox.db.writing() as s:
        s.execute(text("UPDATE conversations SET tags = '[\"Urgente\"]' WHERE id = :id"), {"id": one})
        s.execute(text("UPDATE customers SET tags = '[]' WHERE tags <> '[]'" if mailbox.db.is_sqlite else _UNTAGGED))
    assert mailbox.conversations("tag:vip") == set()
    assert mailbox.conversations("tag:urgente") == {"one"}
    with mailbox.db.writing() as s:
        s.execute(text("DELETE FROM messages WHERE conversation_id = :id"), {"id": one})
        s.execute(text("DELETE FROM conversations WHERE id = :id"), {"id": one})
        assert s.scalar(text("SELECT count(*) FROM conversation_tags WHERE conversation_id = :id"), {"id": one}) == 0
    assert two in mailbox.names


_UNTAGGED = "UPDATE customers SET tags = '[]' WHERE CAST(tags AS TEXT) <> '[]'"


@pytest.mark.parametrize(
    ("query", "few"),
    [
        ("is:failed", {"waiting"}),
        ("is:open tag:vip", {"late"}),
        ("is:late", {"late"}),
        ("is:today is:open", {"mine", "late"}),
        ("is:snoozed", {"asleep"}),
        ("is:dismissed", {"spam"}),
        ("is:solved", {"tweet"}),
        ("is:mention", {"tweet"}),
        ("customer:rios", {"asleep"}),
        ("owner:luis", {"mine"}),
        ("type:reclamacion", {"mine", "late", "tweet"}),
        ("has:attachment", {"waiting"}),
        ("before:7d", {"closed"}),
        ("is:direct", None),
        ("-is:open", None),
        ("channel:email", None),  # more than asked for
    ],
)
def test_few_conversations_are_told_by_the_narrowest_filter(shelves: Mailbox, query: str, few: set[str] | None) -> None:
    with shelves.db.reading() as s:
        found = search.few_conversations(s, shelves.read(query), 5)
    assert few == (None if found is None else {shelves.names[id_] for id_ in found})


def test_ranking_leaves_out_words_that_stand_everywhere(mailbox: Mailbox) -> None:
    mailbox.add("many", *["de nada"] * 1200, at=NOW - timedelta(days=2))
    mailbox.add("best", "lavadora lavadora de Ana", at=NOW - timedelta(days=9))
    mailbox.add("other", "de todo lo que se puede decir, una palabra más: lavadora", at=NOW - timedelta(days=1))
    assert mailbox.messages("de lavadora", ranked=True) == mailbox.messages("lavadora", ranked=True)
    assert mailbox.messages("de lavadora", ranked=True)[0] == "lavadora lavadora de Ana"
    assert len(mailbox.messages("de", ranked=True)) == 50
    assert mailbox.messages("de lavadora after:7d", ranked=True) == [mailbox.messages("de lavadora")[0]]


def test_times_bound_the_search_for_words(mailbox: Mailbox) -> None:
    for days in range(6):
        mailbox.add(f"{days} days ago", f"pedido {days}", at=NOW - timedelta(days=days))
    assert mailbox.messages("pedido after:3d before:today") == ["pedido 1", "pedido 2", "pedido 3"]
    assert mailbox.messages("pedido -after:3d") == ["pedido 4", "pedido 5"]
    assert mailbox.messages("pedido before:2d -before:4d", ranked=True) == ["pedido 3", "pedido 4"]
