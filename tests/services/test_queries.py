"""What the screen reads: pages by key, views with counts, threads over a case, and the customer's card."""

from datetime import UTC, timedelta

import pytest
from sqlalchemy import select

from inbox.channels.base import Attachment, Author
from inbox.errors import NotFoundError
from inbox.services import accounts, agents, cases, conversations, customers, merging, queries, replies
from inbox.services.queries import lists
from inbox.services.rows import ConversationRow
from inbox.states import CaseStatus, ConversationState, DismissReason, Tier
from inbox.store.db import Database
from inbox.store.models import Account, Case, Conversation, Customer, Identity, Message
from tests.services.arriving import NOW, mail, receive, rows


def _all(db: Database, query: str, sort: str, limit: int = 3) -> list[ConversationRow]:
    found: list[ConversationRow] = []
    after: str | None = None
    while True:
        with db.reading() as s:
            page = queries.conversations(s, query, agent_id=None, sort=sort, after=after, limit=limit)
        found += page.rows
        after = page.after
        if after is None:
            return found
        assert len(page.rows) == limit


def _people(db: Database, account: int, count: int = 11) -> None:
    receive(
        db,
        account,
        *(mail(f"avería {n}", f"c{n:02}@example.com", key=f"k{n}", ago=timedelta(hours=n)) for n in range(count)),
    )


@pytest.mark.parametrize("sort", ["newest", "rank", "waiting", "due"])
def test_pages_follow_each_other_without_gaps_or_doubles(db: Database, account: int, sort: str) -> None:
    _people(db, account)
    found = _all(db, "is:open", sort)
    order = {"newest": lambda row: -row.last_message_id, "rank": lambda row: row.rank}
    times = {"waiting": lambda row: row.waiting_since, "due": lambda row: row.due_at}
    assert len({row.id for row in found}) == 11
    assert found == sorted(found, key=(order | times)[sort])


@pytest.mark.parametrize("sort", ["due", "waiting"])
def test_conversations_without_a_deadline_come_last(db: Database, account: int, sort: str) -> None:
    with db.writing() as s:
        accounts.change(s, account, opens_cases=False)
    _people(db, account, 5)
    with db.writing() as s:
        accounts.change(s, account, opens_cases=True)
        for id_ in [row.id for row in rows(db, Conversation)][:2]:
            cases.open_case(s, id_)
    assert len(_all(db, "is:open", sort, limit=2)) == 5
    assert len(_all(db, "", sort, limit=2)) == 5
    assert [row.due_at is None for row in _all(db, "", "due", limit=2)] == [False, False, True, True, True]


@pytest.mark.parametrize("sort", ["newest", "rank", "waiting", "due"])
@pytest.mark.parametrize("few", [0, 500])
def test_every_order_shows_what_is_urgent_first_and_then_the_newest(
    db: Database, account: int, monkeypatch: pytest.MonkeyPatch, sort: str, few: int
) -> None:
    """However it is found: on the way through the order, or by sorting the few that pass."""
    monkeypatch.setattr(lists, "_FEW", few)
    _people(db, account, 9)
    ids = [row.id for row in rows(db, Conversation)]
    with db.writing() as s:
        for id_ in ids[:3]:
            conversations.set_tags(s, id_, ["vip"])
        conversations.dismiss(s, ids[2:5], DismissReason.PRAISE)
        for case in s.scalars(select(Conversation.case_id).where(Conversation.id.in_(ids[5:7]))).all():
            assert case is not None
            cases.change(s, case, status=CaseStatus.WAITING)
        conversations.mark_read(s, ids[:4])

    def place(row: ConversationRow) -> tuple[object, ...]:
        value = {"newest": None, "rank": row.rank, "waiting": row.waiting_since, "due": row.due_at}[sort]
        urgent = value is not None and row.state is not ConversationState.DONE
        return (not urgent, value if urgent else -row.last_message_id, row.last_message_id)

    for query in ("", "is:open", "-is:done", "is:done", "is:waiting", "is:unread", f"account:{account}", "tag:vip"):
        found = _all(db, query, sort, limit=2)
        expected = _all(db, query, "newest", limit=50)
        assert expected
        assert sorted(row.id for row in found) == sorted(row.id for row in expected)
        assert found == sorted(found, key=place)


def test_words_find_each_conversation_once_over_all_pages(db: Database, account: int) -> None:
    _people(db, account, 7)
    receive(db, account, *(mail(f"otra avería {n}", f"c{n:02}@example.com", answers=(f"k{n}",)) for n in range(7)))
    found = _all(db, "averia", "newest", limit=2)
    assert sorted(row.id for row in found) == [row.id for row in rows(db, Conversation)]


def test_a_row_says_who_what_and_how_far(db: Database, account: int) -> None:
    receive(db, account, mail("¿Dónde está?", name="Ana", key="a"))
    with db.writing() as s:
        me = agents.add(s, "Marta")
        cases.assign(s, [rows(db, Case)[0].id], me)
    (row,) = _all(db, "", "newest")
    assert (row.customer_name, row.subject, row.snippet, row.channel) == ("Ana", "Mi pedido", "¿Dónde está?", "email")
    assert (row.owner_name, row.asked, row.answered, row.required) == ("Marta", 0, 0, 2)
    assert (row.last_at, row.unread, row.state) == (NOW, True, ConversationState.OPEN)


def test_who_is_not_named_is_called_by_the_handle(db: Database, account: int) -> None:
    receive(db, account, mail(key="a"), mail(sender="", key="b", ago=timedelta(hours=1)))
    assert [row.customer_name for row in _all(db, "", "newest")] == ["ana@example.com", "Unknown sender"]


def test_customers_of_value_come_up_sooner(db: Database, account: int) -> None:
    receive(db, account, mail(sender="c@example.com", ago=timedelta(hours=2)), mail(sender="a@example.com"))
    (of_value,) = [row for row in rows(db, Identity) if row.handle == "a@example.com"]
    with db.writing() as s:
        customers.change(s, of_value.customer_id, tier=Tier.A)
    assert [row.tier for row in _all(db, "is:open", "rank")] == [Tier.A, Tier.C]


def test_views_count_what_their_index_holds(db: Database, account: int) -> None:
    _people(db, account, 4)
    with db.reading() as s:
        counts = {view.key: view.count for view in queries.views(s, None)}
    assert counts["open"] == counts["unassigned"] == 4
    assert (counts["mine"], counts["failed"], counts["mentions"], counts["everything"]) == (0, 0, 0, None)


def test_a_thread_holds_all_conversations_of_the_case_newest_page_first(db: Database, account: int) -> None:
    with db.writing() as s:
        other = accounts.add(s, "email", "Ventas", {"address": "ventas@example.com"})
    receive(
        db, account, *(mail(f"uno {n}", key=f"u{n}", answers=("u0",), ago=timedelta(hours=9 - n)) for n in range(4))
    )
    case_id = rows(db, Case)[0].id
    receive(db, other, mail("dos", subject=f"Caso {case_id}"))
    first = rows(db, Conversation)[0].id
    with db.reading() as s:
        newest = queries.thread(s, first, limit=3)
        older = queries.thread(s, first, before=newest.before, limit=3)
    assert [message.text for message in newest.messages] == ["uno 2", "uno 3", "dos"]
    assert [message.text for message in older.messages] == ["uno 0", "uno 1"]
    assert older.before is None


def test_a_message_shows_its_author_files_and_what_is_new_in_it(db: Database, account: int) -> None:
    text = "Sí, el 7.\n\nEl lun, 2 nov 2026, Tienda escribió:\n> ¿Qué pedido es?\n> Gracias"
    receive(db, account, mail(text, name="Ana", attachments=(Attachment("foto.jpg", "image/jpeg", 3, b"abc"),)))
    conversation_id = rows(db, Conversation)[0].id
    with db.reading() as s:
        (message,) = queries.thread(s, conversation_id).messages
    assert (message.author, message.author_handle, message.text) == ("Ana", "ana@example.com", text)
    assert message.new_text.strip() == "Sí, el 7."
    assert [(file.filename, file.size) for file in message.attachments] == [("foto.jpg", 3)]
    assert message.has_source


def test_the_detail_is_all_that_stands_around_a_conversation(db: Database, account: int) -> None:
    receive(db, account, mail("Hola, mi pedido no ha llegado y lo necesito", name="Torres, Ana"))
    conversation_id = rows(db, Conversation)[0].id
    with db.writing() as s:
        me = agents.add(s, "Marta")
        replies.save_draft(s, conversation_id, me, "Buenas", is_note=False, questions=(), template_id=None)
    with db.reading() as s:
        detail = queries.detail(s, conversation_id, agent_id=me, language="en")
    assert (detail.reply_to, detail.reply_name) == (("ana@example.com",), "Ana")
    assert (detail.account_address, detail.language) == ("tienda@example.com", "es")
    assert detail.case is not None
    assert detail.gate is not None
    assert not detail.gate.is_open
    assert "¿" in detail.suggested[0].text
    assert detail.draft is not None
    assert (detail.draft.text, detail.note_draft) == ("Buenas", None)
    assert detail.newest_message_id == rows(db, Message)[0].id
    with db.reading() as s, pytest.raises(NotFoundError):
        queries.detail(s, 999, agent_id=me, language="en")


def test_a_card_is_the_single_view_of_a_customer(db: Database, account: int) -> None:
    with db.writing() as s:
        chat = accounts.add(s, "demo", "Chat", {"address": "chat"})
    receive(db, account, mail(name="Ana Pérez", key="a", ago=timedelta(days=2)))
    receive(db, chat, mail(author=Author("v1", "ana", keys=(("email", "ana@example.com"),)), remote_thread="v1"))
    ana, message = rows(db, Customer)[0].id, rows(db, Message)[0].id
    with db.writing() as s:
        customers.learn(s, ana, "phone", "600 111 222", message_id=message)
        customers.set_consent(s, ana, "email", True)
        customers.change(s, ana, company="Pérez SL", tags=["vip", " vip", ""])
    case_id = rows(db, Case)[0].id
    with db.reading() as s:
        card = queries.customer_card(s, ana, case_id=case_id, language="es")
    assert (card.name, card.company, card.tags, card.consents) == ("Ana Pérez", "Pérez SL", ("vip",), {"email": True})
    assert (card.conversation_count, card.case_count) == (2, 2)
    assert {(each.channel, each.handle) for each in card.identities} == {("email", "ana@example.com"), ("demo", "v1")}
    assert [(fact.label, fact.value, fact.source) for fact in card.facts] == [("Teléfono", "600 111 222", "email")]
    assert [row.at for row in card.timeline] == sorted((row.at for row in card.timeline), reverse=True)
    assert card.timeline[-1].note == f"Case {case_id} · new"
    assert card.unknown
    assert 0 < card.completeness < 1


def test_customers_are_found_by_name_company_and_handle_without_accents(db: Database, account: int) -> None:
    receive(db, account, mail(name="Ana Pérez Núñez"), mail(sender="luis@tienda.example", name="Luis"))
    for text, names in (
        ("perez nu", ["Ana Pérez Núñez"]),
        ("TIENDA.ex", ["Luis"]),
        ("x%", []),
        ("", ["Luis", "Ana Pérez Núñez"]),
    ):
        with db.reading() as s:
            assert [row.name for row in queries.customers(s, text, 5)] == names


def test_the_log_speaks_in_sentences(db: Database, account: int) -> None:
    receive(db, account, mail(key="a"))
    conversation_id = rows(db, Conversation)[0].id
    with db.writing() as s:
        conversations.dismiss(s, [conversation_id], DismissReason.SPAM)
        conversations.restore(s, [conversation_id])
        conversations.snooze(s, [conversation_id], NOW + timedelta(days=1))
    with db.reading() as s:
        texts = [row.text for row in queries.activity(s, conversation_id=conversation_id)]
    assert texts == ["Snoozed", "Taken back among the open ones", "Dismissed: spam", "Message received", "Case opened"]


def test_found_messages_come_with_an_excerpt(db: Database, account: int) -> None:
    receive(db, account, mail("El frigorífico hace ruido", name="Ana"))
    with db.reading() as s:
        (hit,) = queries.search_messages(s, "frigorifico", agent_id=None)
        assert queries.search_messages(s, "lavadora", agent_id=None) == []
    assert (hit.customer_name, hit.subject) == ("Ana", "Mi pedido")
    assert "frigorífico" in hit.excerpt


def test_a_day_in_numbers_begins_with_none(db: Database, account: int) -> None:
    with db.writing() as s:
        me = agents.add(s, "Marta")
    with db.reading() as s:
        day = queries.day_numbers(s, me, NOW, UTC)
    assert (day.replied, day.closed, day.mean_wait, day.target_wait) == (0, 0, None, 120.0)


def test_the_rail_shows_accounts_with_what_is_unread_in_them(db: Database, account: int) -> None:
    _people(db, account, 3)
    with db.writing() as s:
        conversations.mark_read(s, [rows(db, Conversation)[0].id])
    with db.reading() as s:
        (row,) = queries.accounts(s)
    assert (row.name, row.unread, row.settings["address"]) == ("Tienda", 2, "tienda@example.com")
    assert len(rows(db, Account)) == 1


def test_an_absorbed_customers_id_leads_to_the_survivor(db: Database, account: int) -> None:
    receive(db, account, mail(name="Ana"), mail(sender="b@example.com", name="Ana B"))
    first, second = (row.id for row in rows(db, Customer))
    with db.writing() as s:
        merging.merge(s, first, second)
    with db.reading() as s:
        card = queries.customer_card(s, second, language="en")
        assert [row.id for row in queries.customers(s, "ana", 5)] == [first]
    assert (card.id, len(card.identities), [row.absorbed_id for row in card.merges]) == (first, 2, [second])
