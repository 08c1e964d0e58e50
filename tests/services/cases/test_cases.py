"""Cases: the gate, reopening, joining and splitting."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from inbox.channels.base import Bounce
from inbox.errors import GateError, NotFoundError, RuleError, StaleError
from inbox.events import CaseCloseRefused
from inbox.services import agents, cases, outbox, questions, replies, settings_store
from inbox.services.rows import AskedQuestion
from inbox.states import CaseStatus, CloseReason, Delivery, MessageKind, Role
from inbox.store.models import Account, Activity, Case, Conversation, Message, Question, Waiver
from tests.services.cases.desk import FIRST, SECOND, Desk


def find(desk: Desk, case_id: int) -> Case:
    with desk.db.reading() as s:
        case = s.get(Case, case_id)
        assert case is not None
        return case


def close(desk: Desk, case_id: int) -> None:
    with desk.db.writing(desk.agent_id) as s:
        cases.close(s, case_id, CloseReason.RESOLVED)


def refused(desk: Desk, case_id: int) -> GateError:
    with pytest.raises(GateError) as caught:
        close(desk, case_id)
    assert find(desk, case_id).status != CaseStatus.CLOSED
    return caught.value


# --- the gate ---


def test_a_case_closes_only_after_two_questions_were_asked_and_answered(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    error = refused(desk, case_id)
    assert error.missing == ("Ask 2 more clarifying questions.",)
    assert error.questions_needed == 2
    desk.send(conversation_id, ask=[FIRST])
    error = refused(desk, case_id)
    assert "Ask 1 more clarifying question." in error.missing
    assert f"«{FIRST}» has no answer yet" in str(error)
    assert error.questions_needed == 1
    desk.send(conversation_id, ask=[SECOND])
    desk.answer_all(case_id)
    close(desk, case_id)
    case = find(desk, case_id)
    assert (case.status, case.close_reason, case.closed_by_id) == ("closed", "resolved", desk.agent_id)
    assert (case.required_questions, case.waiting_since) == (2, None)


def refusals(desk: Desk, case_id: int) -> list[Activity]:
    with desk.db.reading() as s:
        found = select(Activity).where(Activity.case_id == case_id, Activity.kind == "CaseCloseRefused")
        return list(s.scalars(found.order_by(Activity.id)))


def test_a_refusal_is_logged_and_everything_else_is_rolled_back(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    heard: list[CaseCloseRefused] = []
    desk.db.bus.subscribe(CaseCloseRefused, heard.append)
    before = datetime.now(UTC)
    with pytest.raises(GateError), desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, subject="Another subject")
        cases.close(s, case_id, CloseReason.RESOLVED)
    (row,) = refusals(desk, case_id)
    assert (row.agent_id, row.origin) == (desk.agent_id, desk.db.origin)
    assert row.customer_id == find(desk, case_id).customer_id
    assert row.details == {"missing": "Ask 2 more clarifying questions."}
    assert before <= row.at <= datetime.now(UTC)
    assert [event.case_id for event in heard] == [case_id]
    with desk.db.reading() as s:
        kinds = set(s.scalars(select(Activity.kind).where(Activity.case_id == case_id)))
    assert not kinds & {"CaseChanged", "CaseClosed"}
    assert find(desk, case_id).subject == "Lavadora"


def test_a_refusal_that_is_dealt_with_is_logged_once(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with desk.db.writing(desk.agent_id) as s:
        with pytest.raises(GateError):
            cases.close(s, case_id, CloseReason.RESOLVED)
        cases.change(s, case_id, subject="Another subject")
    assert len(refusals(desk, case_id)) == 1
    assert find(desk, case_id).subject == "Another subject"


def test_a_complaint_needs_three_questions(desk: Desk) -> None:
    _, case_id = desk.ready_case()
    with desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, type_key="complaint")
    assert refused(desk, case_id).missing == ("Ask 1 more clarifying question.",)


def test_a_question_that_has_not_gone_out_does_not_count(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    desk.queue(conversation_id, ask=[FIRST, SECOND])
    error = refused(desk, case_id)
    assert error.missing == ("A reply with a question is still on its way.",)
    assert (error.questions_needed, desk.gate(case_id).asked) == (0, 0)
    with desk.db.reading() as s:
        question_id = cases.gate(s, case_id).questions[0].id
    with pytest.raises(RuleError, match="has not reached the customer"), desk.db.writing() as s:
        questions.answer(s, question_id, text="12345")
    with pytest.raises(RuleError, match="has not reached the customer"), desk.db.writing() as s:
        questions.no_answer(s, question_id)


def test_a_question_whose_reply_failed_or_is_unknown_does_not_count(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    message_id = desk.queue(conversation_id, ask=[FIRST, SECOND])
    with desk.db.writing() as s:
        outbox.claim(s, desk.account_id, "one", datetime.now(UTC) + timedelta(seconds=1))
        outbox.unknown(s, message_id, "the line broke")
    assert refused(desk, case_id).missing == (
        "It is not known whether a reply with a question went out: say so first.",
    )
    with desk.db.writing() as s:
        outbox.decide(s, message_id, was_sent=False)
    assert "A reply with a question was not delivered: send it again." in refused(desk, case_id).missing


def test_no_answer_counts_only_after_the_waiting_time(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    desk.send(conversation_id, ask=[FIRST, SECOND])
    gate = desk.gate(case_id)
    assert all("it can be marked «no answer»" in sentence for sentence in gate.missing)
    for question in gate.questions:
        assert question.asked_at is not None
        assert question.may_mark_no_answer_at == question.asked_at + timedelta(hours=48)
        with pytest.raises(RuleError, match="too early"), desk.db.writing() as s:
            questions.no_answer(s, question.id)
    desk.let_pass(hours=49)
    assert all("marked «no answer» now" in sentence for sentence in desk.gate(case_id).missing)
    with desk.db.writing() as s:
        for question in gate.questions:
            questions.no_answer(s, question.id)
    assert desk.gate(case_id).answered == 2
    close(desk, case_id)


def test_bulk_closing_closes_what_passes_and_lists_the_rest_with_reasons(desk: Desk) -> None:
    _, ready = desk.ready_case("ana@correo.example")
    missing = desk.case_of(desk.receive(sender="luis@correo.example")[0])
    with desk.db.writing(desk.agent_id) as s:
        result = cases.close_many(s, [ready, missing, 999_999], CloseReason.RESOLVED)
    assert result.done == (ready,)
    assert [(one.id, one.title) for one in result.refused] == [
        (missing, f"Case {missing} · Lavadora"),
        (999_999, "Case 999999"),
    ]
    assert result.refused[0].reasons == ("Ask 2 more clarifying questions.",)
    assert (find(desk, ready).status, find(desk, missing).status) == ("closed", "new")
    assert [len(refusals(desk, case_id)) for case_id in (ready, missing)] == [0, 1]


def test_a_call_and_a_visit_count_as_soon_as_they_are_logged(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with desk.db.writing(desk.agent_id) as s:
        replies.log_contact(
            s, case_id, MessageKind.CALL, "Llamada.", agent_id=desk.agent_id, ask=[AskedQuestion(FIRST)]
        )
        replies.log_contact(
            s, case_id, MessageKind.VISIT, "Visita.", agent_id=desk.agent_id, ask=[AskedQuestion(SECOND)]
        )
    assert desk.gate(case_id).asked == 2
    desk.answer_all(case_id)
    close(desk, case_id)


def test_a_call_with_mere_courtesy_counts_nothing(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with pytest.raises(RuleError, match="courtesy"), desk.db.writing(desk.agent_id) as s:
        asked = [AskedQuestion("¿En qué puedo ayudarle?")]
        replies.log_contact(s, case_id, MessageKind.CALL, "Llamada.", agent_id=desk.agent_id, ask=asked)


def test_a_status_can_not_be_changed_to_closed(desk: Desk) -> None:
    _, case_id = desk.ready_case()
    with pytest.raises(RuleError, match="closed with a reason"), desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, status=CaseStatus.CLOSED)


# --- waivers ---


def test_a_waiver_needs_the_switch_a_supervisor_and_a_reason(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with desk.db.writing(desk.agent_id) as s:
        other = agents.add(s, "Luis Serra", role=Role.AGENT)
    with pytest.raises(RuleError, match="switched off"), desk.db.writing(desk.agent_id) as s:
        cases.waive(s, case_id, desk.agent_id, "Cliente fallecido")
    with pytest.raises(RuleError, match="administrator"), desk.db.writing(other) as s:
        settings_store.change(s, "waivers_allowed", True)
    with desk.db.writing(desk.agent_id) as s:
        settings_store.change(s, "waivers_allowed", True)
    with pytest.raises(RuleError, match="supervisor"), desk.db.writing(other) as s:
        cases.waive(s, case_id, other, "Porque sí")
    with pytest.raises(RuleError, match="reason"), desk.db.writing(desk.agent_id) as s:
        cases.waive(s, case_id, desk.agent_id, "  ")
    with desk.db.writing(desk.agent_id) as s:
        cases.waive(s, case_id, desk.agent_id, "Cliente fallecido")
    assert desk.gate(case_id).waived
    close(desk, case_id)
    with desk.db.writing(desk.agent_id) as s:
        cases.reopen(s, case_id)
    assert not desk.gate(case_id).waived
    refused(desk, case_id)
    with desk.db.reading() as s:
        waiver = s.scalars(select(Waiver)).one()
        assert (waiver.agent_id, waiver.reason) == (desk.agent_id, "Cliente fallecido")


# --- the customer writes again ---


def test_a_message_to_a_closed_case_reopens_it_within_the_accounts_days(desk: Desk) -> None:
    conversation_id, case_id = desk.ready_case()
    close(desk, case_id)
    desk.receive("Sigue igual", thread="in-0@correo.example")
    case = find(desk, case_id)
    assert (case.status, case.reopened_count, case.closed_at, case.close_reason) == ("open", 1, None, None)
    assert case.waiting_since is not None
    assert case.due_at is not None
    assert desk.case_of(conversation_id) == case_id


def test_a_message_long_after_closing_opens_a_new_case_in_the_same_conversation(desk: Desk) -> None:
    conversation_id, case_id = desk.ready_case()
    close(desk, case_id)
    with desk.db.writing() as s:
        account = s.get(Account, desk.account_id)
        assert account is not None
        account.reopen_days = 0
    desk.receive("Otra cosa", thread="in-0@correo.example")
    new_id = desk.case_of(conversation_id)
    assert new_id != case_id
    assert (find(desk, case_id).status, find(desk, new_id).status) == ("closed", "new")
    assert desk.gate(new_id).asked == 0
    refused(desk, new_id)


def test_a_message_wakes_a_case_that_waits_or_is_solved(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    desk.send(conversation_id)
    assert (find(desk, case_id).status, find(desk, case_id).waiting_since) == ("waiting", None)
    desk.receive("¿Y bien?", thread="in-0@correo.example")
    assert find(desk, case_id).status == "open"
    with desk.db.writing() as s:
        cases.solve(s, case_id)
    desk.receive("No del todo", thread="in-0@correo.example")
    assert find(desk, case_id).status == "open"


# --- changes ---


def test_a_change_on_what_somebody_else_changed_meanwhile_is_refused(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    seen = find(desk, case_id).version
    with desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, version=seen, type_key="incident")
    with pytest.raises(StaleError), desk.db.writing(desk.agent_id) as s:
        cases.change(s, case_id, version=seen, owner_id=desk.agent_id)


def test_the_first_deadline_follows_the_type_until_somebody_sets_another(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    case = find(desk, case_id)
    with desk.db.writing() as s:
        cases.change(s, case_id, type_key="incident")
    assert find(desk, case_id).due_at == case.opened_at + timedelta(hours=8)
    by_hand = datetime(2027, 1, 1, tzinfo=UTC)
    with desk.db.writing() as s:
        cases.change(s, case_id, due_at=by_hand)
        cases.change(s, case_id, type_key="complaint")
    assert find(desk, case_id).due_at == by_hand


def test_assigning_lists_what_it_could_not(desk: Desk) -> None:
    case_id = desk.case_of(desk.receive()[0])
    with desk.db.writing(desk.agent_id) as s:
        result = cases.assign(s, [case_id, 4711], desk.agent_id)
    assert (result.done, [one.id for one in result.refused]) == ((case_id,), [4711])
    with desk.db.reading() as s:
        assert s.scalars(select(Conversation)).one().owner_id == desk.agent_id


# --- joining and splitting ---


def two_cases(desk: Desk) -> tuple[tuple[int, int], tuple[int, int]]:
    """Two cases of one customer, a question asked in each."""
    first, _ = desk.receive("La lavadora")
    second, _ = desk.receive("La secadora")
    desk.send(first, ask=[FIRST])
    desk.send(second, ask=[SECOND])
    return (first, desk.case_of(first)), (second, desk.case_of(second))


def test_joining_takes_conversations_and_questions_along_and_splitting_is_its_inverse(desk: Desk) -> None:
    (first, one), (second, two) = two_cases(desk)
    with desk.db.writing(desk.agent_id) as s:
        cases.join(s, two, one)
    assert desk.case_of(second) == one
    assert find(desk, two).joined_into_id == one
    assert [row.text for row in desk.gate(one).questions] == [FIRST, SECOND]
    assert desk.gate(two).missing == (f"It was joined into case {one}.",)
    with pytest.raises(RuleError, match="joined into"):
        close(desk, two)
    with desk.db.writing(desk.agent_id) as s:
        assert cases.split(s, second) == two
    assert find(desk, two).joined_into_id is None
    assert (desk.case_of(first), desk.case_of(second)) == (one, two)
    assert [row.text for row in desk.gate(one).questions] == [FIRST]
    assert [row.text for row in desk.gate(two).questions] == [SECOND]
    refused(desk, one)
    refused(desk, two)


def test_two_joins_in_a_row_are_split_one_after_the_other(desk: Desk) -> None:
    (_, one), (second, two) = two_cases(desk)
    third, _ = desk.receive("El horno")
    three = desk.case_of(third)
    with desk.db.writing() as s:
        cases.join(s, two, one)
        cases.join(s, one, three)
    assert desk.case_of(second) == three
    with desk.db.writing() as s:
        assert cases.split(s, second) == one
    with desk.db.writing() as s:
        assert cases.split(s, second) == two
    assert desk.case_of(third) == three


def test_a_conversation_split_off_gets_a_case_of_its_own_with_its_questions(desk: Desk) -> None:
    first, _ = desk.receive("La lavadora")
    case_id = desk.case_of(first)
    second, _ = desk.receive("La secadora")
    with desk.db.writing() as s:
        cases.attach(s, second, case_id)
    third, _ = desk.receive("Más")
    with desk.db.writing() as s:
        cases.drop(s, [third])
        cases.attach(s, third, case_id)
    desk.send(third, ask=[FIRST])
    with desk.db.writing() as s:
        new = cases.split(s, third)
    assert new != case_id
    assert [row.text for row in desk.gate(new).questions] == [FIRST]
    assert desk.gate(case_id).questions == ()
    assert find(desk, new).status == "waiting"


def test_a_closed_case_neither_joins_nor_splits_nor_takes_anything_in(desk: Desk) -> None:
    first, ready = desk.ready_case()
    other, _ = desk.receive("Otra cosa")
    with desk.db.writing() as s:
        cases.attach(s, other, ready)
    close(desk, ready)
    third, _ = desk.receive("Y otra")
    open_one = desk.case_of(third)
    for forbidden in (
        lambda s: cases.join(s, ready, open_one),
        lambda s: cases.join(s, open_one, ready),
        lambda s: cases.split(s, first),
        lambda s: cases.attach(s, third, ready),
    ):
        with pytest.raises(RuleError, match="closed"), desk.db.writing() as s:
            forbidden(s)


def test_cases_of_different_customers_do_not_join(desk: Desk) -> None:
    one = desk.case_of(desk.receive(sender="ana@correo.example")[0])
    two = desk.case_of(desk.receive(sender="luis@correo.example")[0])
    with pytest.raises(RuleError, match="another customer"), desk.db.writing() as s:
        cases.join(s, two, one)


def test_dropping_removes_an_empty_case_and_spares_one_with_questions(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    with desk.db.writing() as s:
        cases.drop(s, [conversation_id])
    with desk.db.reading() as s, pytest.raises(NotFoundError):
        cases.gate(s, case_id)
    other, _ = desk.receive()
    case_id = desk.case_of(other)
    with desk.db.writing() as s:
        asked = [AskedQuestion(FIRST)]
        replies.log_contact(s, case_id, MessageKind.CALL, "Llamada", agent_id=desk.agent_id, ask=asked)
    with pytest.raises(RuleError, match="Questions were put"), desk.db.writing() as s:
        cases.drop(s, [other])


# --- a reply that comes back ---


def test_a_bounce_reopens_the_case_that_counted_on_it(desk: Desk) -> None:
    conversation_id, case_id = desk.ready_case()
    close(desk, case_id)
    with desk.db.reading() as s:
        message_id = s.scalars(select(Question.message_id)).all()[0]
        message = s.get(Message, message_id)
        assert message is not None
    bounce = Bounce(message.own_key, "ana@correo.example", "5.1.1", "550 no such user", permanent=True)
    with desk.db.writing() as s:
        assert outbox.came_back(s, desk.account_id, message.own_key, bounce)
    case = find(desk, case_id)
    assert (case.status, case.reopened_count) == ("open", 1)
    assert desk.gate(case_id).asked == 0
    with desk.db.reading() as s:
        message = s.get(Message, message_id)
        assert message is not None
        assert (message.delivery, message.delivery_note) == (Delivery.FAILED, "550 no such user")
        conversation = s.get(Conversation, conversation_id)
        assert conversation is not None
        assert conversation.has_failed
    refused(desk, case_id)
