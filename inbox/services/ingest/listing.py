"""What a batch makes of a conversation: the columns of the list, and whether a case opens, wakes or waits."""

import re
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from inbox.channels.base import Incoming
from inbox.lazy_dataclass import dataclass
from inbox.services.cleaning import one_line
from inbox.services.conversations import rank_of
from inbox.services.ingest.threads import Place
from inbox.states import ConversationKind, ConversationState, DismissReason, MessageKind

_ANSWERED = re.compile(r"^(?:\s*(?:re|aw|sv|antw|resp)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_STAYS_DISMISSED = (DismissReason.SPAM, DismissReason.NEWSLETTER)


@dataclass(frozen=True, slots=True)
class Rules:
    """What an account says about cases, and how its messages came."""

    opens_cases: bool
    young_since: datetime  # an older message that is fetched as history opens no case
    backfill: bool


class CaseStep(Enum):
    """What happens to the case of a conversation."""

    NONE = auto()
    OPENS = auto()
    CUSTOMER_WROTE = auto()
    WE_WROTE = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The conversation after the batch: ``columns`` are the list's; ``at`` is the time that counts for the case.

    ``answered`` says that the newest message is one of ours: then nothing is unread.
    """

    columns: dict[str, Any]
    step: CaseStep
    at: datetime
    answered: bool


def outcome(place: Place, rules: Rules) -> Outcome:
    """Work out a conversation's columns."""
    messages, newest_id = place.messages, place.newest_id
    newest = messages[-1]
    before = place.before
    is_newest = before is None or newest_id > before.last_message_id
    pending = _pending(messages)
    if rules.backfill and not (is_newest and pending and pending[-1].sent_at >= rules.young_since):
        pending = []
    answered = newest.outgoing and is_newest
    silent = before is not None and before.dismissed in _STAYS_DISMISSED
    step = _step(place, rules, [] if silent else pending, answered)
    state, waiting_since = _standing(place, [] if silent else pending, answered)
    unread = 0 if rules.backfill else sum(not (each.outgoing or each.seen) for each in messages)
    at = pending[0].sent_at if pending else newest.sent_at
    columns = {
        "subject": (before.subject if before else "") or _subject(messages),
        "snippet": snippet(newest) if is_newest else "",
        "state": state,
        "waiting_since": waiting_since,
        "rank": rank_of(waiting_since or newest.sent_at, place.tier) if is_newest or not before else before.rank,
        "last_message_id": newest_id,
        "message_count": len(messages),
        "unread_count": 0 if answered else unread,
        "dismissed": before.dismissed if before and (silent or not pending) else None,
        "snoozed_until": None if pending or before is None else before.snoozed_until,
    }
    return Outcome(columns, step, at, answered)


def snippet(message: Incoming) -> str:
    """What the list shows of a message."""
    text = message.problem or message.new_text or message.text
    return one_line(text) or one_line(", ".join(each.filename for each in message.attachments))


def wants_answer(message: Incoming) -> bool:
    """Whether a person wrote it to us."""
    return not message.outgoing and message.kind in (MessageKind.TEXT, MessageKind.UNREADABLE)


def _pending(messages: list[Incoming]) -> list[Incoming]:
    """What a person wrote after our last message."""
    pending: list[Incoming] = []
    for message in messages:
        if message.outgoing:
            pending = []
        elif wants_answer(message):
            pending.append(message)
    return pending


def _step(place: Place, rules: Rules, pending: list[Incoming], answered: bool) -> CaseStep:
    if place.case_id is not None:
        if pending:
            return CaseStep.CUSTOMER_WROTE
        return CaseStep.WE_WROTE if answered else CaseStep.NONE
    direct = place.kind is ConversationKind.DIRECT and rules.opens_cases
    opens = direct and any(not message.mailing_list for message in pending)
    return CaseStep.OPENS if opens else CaseStep.NONE


def _standing(place: Place, pending: list[Incoming], answered: bool) -> tuple[ConversationState, datetime | None]:
    """State and waiting time of a conversation without a case; with one they follow from the case afterwards."""
    before = place.before
    if before is not None and place.case_id is not None:
        return before.state, before.waiting_since
    if pending:
        waits = before.waiting_since if before is not None and before.state is ConversationState.OPEN else None
        return ConversationState.OPEN, waits or pending[0].sent_at
    if answered or before is None:
        return ConversationState.DONE, None
    return before.state, before.waiting_since


def _subject(messages: list[Incoming]) -> str:
    """The first subject, without the "Re:" before it."""
    first = next((message.subject for message in messages if message.subject.strip()), "")
    return _ANSWERED.sub("", first).strip()


def young_since(now: datetime, case_days: int) -> datetime:
    """Since when a message fetched as history is still work."""
    return now - timedelta(days=case_days)
