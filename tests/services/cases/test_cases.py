"""Cases: the gate, reopening, joining and splitting."""


import pytest

from inbox.errors import GateError
from inbox.services import cases
from inbox.states import CloseReason
from inbox.store.models import Case
from tests.services.cases.desk import FIRST, SECOND, Desk


def test_a_case_closes_only_after_two_questions_were_asked_and_answered(desk: Desk) -> None:
    conversation_id, _ = desk.receive()
    case_id = desk.case_of(conversation_id)
    with pytest.raises(GateError) as refused, desk.db.writing(desk.agent_id) as s:
        cases.close(s, case_id, CloseReason.RESOLVED)
    assert refused.value.missing == ("Ask 2 more clarifying questions.",)
    assert refused.value.questions_needed == 2
    desk.send(conversation_id, ask=[FIRST])
    assert desk.gate(case_id).asked == 1
    with pytest.raises(GateError) as refused, desk.db.writing(desk.agent_id) as s:
        cases.close(s, case_id, CloseReason.RESOLVED)
    assert "Ask 1 more clarifying question." in refused.value.missing
    assert FIRST in str(refused.value)
    desk.send(conversation_id, ask=[SECOND])
    desk.answer_all(case_id)
    with desk.db.writing(desk.agent_id) as s:
        cases.close(s, case_id, CloseReason.RESOLVED)
    with desk.db.reading() as s:
        case = s.get(Case, case_id)
        assert case is not None
        assert (case.status, case.close_reason, case.closed_by_id) == ("closed", "resolved", desk.agent_id)
