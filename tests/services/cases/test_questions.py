"""Questions: what is worth asking, what was answered, and what seems to answer it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inbox.errors import NotFoundError, RuleError
from inbox.services import case_types, cases, customers, outbox, questions
from inbox.services.answer_text import is_yes, split_answers
from inbox.services.rows import AskedQuestion
from inbox.store.models import BankQuestion, Case, Fact, Question
from tests.services.cases.desk import FIRST, SECOND, THIRD, Desk


def incident(desk: Desk) -> tuple[int, int, int]:
    """A conversation, its case of type incident, and the customer."""
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    with desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, type_key="incident")
        return conversation_id, case_id, s.get_one(Case, case_id).customer_id


def suggested(desk: Desk, case_id: int, language: str = "es") -> list[tuple[str, str]]:
    with desk.db.reading() as s:
        return [(one.fact_kind, one.known) for one in questions.suggest(s, case_id, language)]


# --- what is worth asking ---


def test_three_questions_of_the_bank_are_proposed_in_the_language_asked_for(desk: Desk) -> None:
    _, case_id, _ = incident(desk)
    with desk.db.reading() as s:
        texts = [one.text for one in questions.suggest(s, case_id, "en")]
    assert len(texts) == 3
    assert texts[0] == "What is the number of your order or invoice?"
    assert [kind for kind, _ in suggested(desk, case_id)] == ["order_number", "since_when", "product_state"]


def test_what_is_known_and_fresh_comes_last_as_a_confirmation(desk: Desk) -> None:
    _, case_id, customer_id = incident(desk)
    with desk.db.writing() as s:
        customers.learn(s, customer_id, "order_number", "ES-365534")
    assert [kind for kind, _ in suggested(desk, case_id)] == ["since_when", "product_state", "what_happens"]
    with desk.db.writing() as s:
        kind = s.get_one(Case, case_id).case_type_id
        for one in case_types.bank(s, kind)[2:]:
            case_types.delete_question(s, one.id)
    assert suggested(desk, case_id) == [("since_when", ""), ("order_number", "ES-365534")]
    with desk.db.reading() as s:
        confirming = questions.suggest(s, case_id, "es")[1].text
    assert confirming.startswith("¿")
    assert "ES-365534" in confirming
    with desk.db.writing() as s:
        fact = s.scalars(select(Fact)).one()
        fact.confirmed_at = datetime.now(UTC) - timedelta(days=31)
    assert suggested(desk, case_id) == [("order_number", ""), ("since_when", "")]


def test_what_was_asked_is_not_proposed_again_and_never_more_than_three_in_all(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    with desk.db.reading() as s:
        first = questions.suggest(s, case_id, "es")[0]
    desk.send(conversation_id, ask=[first.text])
    assert [kind for kind, _ in suggested(desk, case_id)] == ["since_when", "product_state"]
    desk.send(conversation_id, ask=[SECOND, THIRD])
    assert suggested(desk, case_id) == []


def test_a_question_whose_reply_failed_may_be_asked_again(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    with desk.db.reading() as s:
        first = questions.suggest(s, case_id, "es")[0]
    message_id = desk.queue(conversation_id, ask=[first.text])
    assert len(suggested(desk, case_id)) == 2
    with desk.db.writing() as s:
        outbox.claim(s, desk.account_id, "one", datetime.now(UTC) + timedelta(seconds=1))
        outbox.fail(s, message_id, "550 no")
    assert suggested(desk, case_id)[0] == ("order_number", "")


# --- answers ---


def ask_bank(desk: Desk, conversation_id: int, case_id: int, fact_kind: str) -> int:
    """Send a question of the bank; answers its id."""
    from inbox.services import replies

    with desk.db.writing(desk.agent_id) as s:
        kind = s.get_one(Case, case_id).case_type_id
        bank = s.scalars(
            select(BankQuestion).where(BankQuestion.case_type_id == kind, BankQuestion.fact_kind == fact_kind)
        ).one()
        asked = [AskedQuestion(bank.text_es, bank.id)]
        replies.queue(s, conversation_id, bank.text_es, agent_id=desk.agent_id, ask=asked, delay=0)
    desk.go_out()
    with desk.db.reading() as s:
        return max(s.scalars(select(Question.id).where(Question.fact_kind == fact_kind)))


def test_an_answer_is_tied_to_its_message_and_teaches_a_fact(desk: Desk) -> None:
    conversation_id, case_id, customer_id = incident(desk)
    question_id = ask_bank(desk, conversation_id, case_id, "order_number")
    _, answer_id = desk.receive("Es el ES-365534", thread="in-0@correo.example")
    with desk.db.writing(desk.agent_id) as s:
        questions.answer(s, question_id, message_id=answer_id, text="ES-365534")
    with desk.db.reading() as s:
        question = s.get_one(Question, question_id)
        fact = s.scalars(select(Fact)).one()
        assert (question.answer, question.answer_message_id, question.fact_id) == ("ES-365534", answer_id, fact.id)
        assert (fact.customer_id, fact.kind, fact.value) == (customer_id, "order_number", "ES-365534")
        assert (fact.message_id, fact.case_id) == (answer_id, case_id)
    with desk.db.writing(desk.agent_id) as s:
        questions.take_back(s, question_id)
    assert desk.gate(case_id).answered == 0


def test_an_answer_teaches_nothing_where_that_is_not_wanted(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    question_id = ask_bank(desk, conversation_id, case_id, "order_number")
    with desk.db.writing() as s:
        questions.answer(s, question_id, text="No me acuerdo", learn=False)
    with desk.db.reading() as s:
        assert s.scalars(select(Fact)).all() == []
    assert desk.gate(case_id).answered == 1


def test_yes_to_a_confirmation_confirms_the_fact_and_something_else_replaces_it(desk: Desk) -> None:
    from inbox.services import replies

    conversation_id, case_id, customer_id = incident(desk)
    with desk.db.writing(desk.agent_id) as s:
        fact_id = customers.learn(s, customer_id, "order_number", "ES-1")
        s.get_one(Fact, fact_id).confirmed_at = datetime.now(UTC) - timedelta(days=3)
        asked = [AskedQuestion("¿Sigue siendo ES-1?", None, "order_number")]
        replies.queue(s, conversation_id, "¿Sigue siendo ES-1?", agent_id=desk.agent_id, ask=asked, delay=0)
    desk.go_out()
    question_id = desk.gate(case_id).questions[0].id
    with desk.db.writing() as s:
        questions.answer(s, question_id, text="Sí, correcto")
        assert [one.value for one in s.scalars(select(Fact))] == ["ES-1"]
        assert s.get_one(Fact, fact_id).confirmed_at > datetime.now(UTC) - timedelta(minutes=1)
        questions.answer(s, question_id, text="ES-2")
        assert questions.known_facts(s, customer_id)["order_number"].value == "ES-2"


def test_an_answer_must_be_the_customers_own_and_of_this_case(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    mine = desk.send(conversation_id, ask=[FIRST])
    question_id = desk.gate(case_id).questions[0].id
    _, strangers = desk.receive(sender="luis@correo.example")
    for message_id, why in ((mine, "Only a customer's message"), (strangers, "another customer's")):
        with pytest.raises(RuleError, match=why), desk.db.writing() as s:
            questions.answer(s, question_id, message_id=message_id)
    with pytest.raises(RuleError, match="no answer to record"), desk.db.writing() as s:
        questions.answer(s, question_id)
    with pytest.raises(NotFoundError), desk.db.writing() as s:
        questions.answer(s, 4711, text="x")


# --- proposals ---


def proposals(desk: Desk, case_id: int) -> dict[str, str]:
    with desk.db.reading() as s:
        return {one.question: one.text for one in questions.proposals(s, case_id)}


def test_what_the_customer_writes_next_seems_to_answer(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    desk.send(conversation_id, ask=[FIRST])
    assert proposals(desk, case_id) == {}
    desk.receive("El ES-365534\n\n> ¿Cuál es su número de pedido?", thread="in-0@correo.example")
    assert proposals(desk, case_id)[FIRST].startswith("El ES-365534")


def test_several_questions_are_answered_by_number_by_line_or_under_each(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    desk.send(conversation_id, ask=[FIRST, SECOND])
    desk.receive("Hola:\n1) ES-365534\n2) Desde ayer\nSaludos", thread="in-0@correo.example")
    assert proposals(desk, case_id) == {FIRST: "ES-365534", SECOND: "Desde ayer"}


def test_a_chat_answers_one_question_a_message(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    desk.send(conversation_id, ask=[FIRST, SECOND])
    desk.receive("el 365534", thread="in-0@correo.example")
    desk.receive("desde ayer", thread="in-0@correo.example")
    assert proposals(desk, case_id) == {FIRST: "el 365534", SECOND: "desde ayer"}


def test_the_newest_question_gets_the_message_after_it(desk: Desk) -> None:
    conversation_id, case_id, _ = incident(desk)
    desk.send(conversation_id, ask=[FIRST])
    desk.receive("ES-365534", thread="in-0@correo.example")
    desk.send(conversation_id, ask=[SECOND])
    desk.receive("Desde ayer", thread="in-0@correo.example")
    assert proposals(desk, case_id) == {FIRST: "ES-365534", SECOND: "Desde ayer"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. Rojo\n2. Dos", ["Rojo", "Dos"]),
        ("a) Rojo\nb) Dos\ny algo más", ["Rojo", "Dos\ny algo más"]),
        ("Hola, buenos días:\n\nRojo\n\nDos\n\nUn saludo,", ["Rojo", "Dos"]),
        ("- Rojo\n- Dos", ["Rojo", "Dos"]),
        ("> ¿Qué color?\nRojo\n>\n> ¿Cuántos?\nDos, por favor", ["Rojo", "Dos, por favor"]),
        ("¿Qué color? Rojo\n¿Cuántos? Dos", ["Rojo", "Dos"]),
        ("Quiero dos rojos", ["Quiero dos rojos"] * 2),
    ],
)
def test_answers_are_told_apart(text: str, expected: list[str]) -> None:
    assert split_answers(text, text, ["¿Qué color?", "¿Cuántos?"]) == expected


def test_a_yes_is_told_from_a_change() -> None:
    assert all(is_yes(text) for text in ("Sí", "sí, correcto", "Yes, that's right", "Exacto", "Correcto, gracias"))
    assert not any(is_yes(text) for text in ("No", "Sí, pero ahora es otro", "ES-2", "Síntomas raros"))
