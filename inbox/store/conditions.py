"""The filters of a search as conditions on conversations, for both engines."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select

from inbox.states import CaseStatus, ConversationKind, ConversationState
from inbox.store.matching import Indexed, folded
from inbox.store.models import (
    Account,
    Agent,
    Attachment,
    Case,
    CaseType,
    Conversation,
    ConversationTag,
    CustomerTag,
    Message,
    Question,
    to_ms,
)
from inbox.store.people import is_called
from inbox.store.search_language import Filter, Query
from inbox.store.tagging import tags_called

Condition = ColumnElement[bool]

SECOND = 1 << 21  # message ids within a second
MILLISECOND = SECOND // 1000  # ... and within a millisecond


def first_id(time: datetime) -> int:
    """The smallest id that a message of this time can have (see ``models.Message``)."""
    seconds, ms = divmod(to_ms(time), 1000)
    return seconds * SECOND + ms * MILLISECOND


def conversation_condition(query: Query, found: Filter) -> Condition:
    """A filter as a condition on ``Conversation``."""
    made = _MAKERS[found.key](query, found.value)
    return ~made if found.negated else made


def _is(query: Query, value: Any) -> Condition:
    return _IS[value](query)


def _open(query: Query) -> Condition:
    return and_(Conversation.state == ConversationState.OPEN, _awake(query))


def _awake(query: Query) -> Condition:
    return or_(Conversation.snoozed_until.is_(None), Conversation.snoozed_until <= query.now)


def _case_status(status: CaseStatus) -> Callable[[Query], Condition]:
    return lambda _: _exists(select(1).select_from(Case).where(Case.id == Conversation.case_id, Case.status == status))


_IS: dict[str, Callable[[Query], Condition]] = {
    "open": _open,
    "waiting": lambda _: Conversation.state == ConversationState.WAITING,
    "done": lambda _: Conversation.state == ConversationState.DONE,
    "new": _case_status(CaseStatus.NEW),
    "solved": _case_status(CaseStatus.SOLVED),
    "closed": _case_status(CaseStatus.CLOSED),
    "unread": lambda _: Conversation.unread_count > 0,
    "unassigned": lambda _: Conversation.owner_id.is_(None),
    "mine": lambda query: false() if query.agent_id is None else Conversation.owner_id == query.agent_id,
    "late": lambda query: and_(
        Conversation.state != ConversationState.DONE,
        Conversation.due_at.is_not(None),
        Conversation.due_at < query.now,
    ),
    "today": lambda query: and_(Conversation.due_at.is_not(None), Conversation.due_at < query.day_end),
    "dismissed": lambda _: Conversation.dismissed.is_not(None),
    "failed": lambda _: and_(Conversation.has_failed),
    "snoozed": lambda query: and_(Conversation.snoozed_until.is_not(None), Conversation.snoozed_until > query.now),
    "mention": lambda _: Conversation.kind == ConversationKind.MENTION,
    "direct": lambda _: Conversation.kind == ConversationKind.DIRECT,
}


def _tag(_: Query, value: Any) -> Condition:
    """A tag of the conversation or of its customer."""
    own = select(1).where(
        ConversationTag.conversation_id == Conversation.id, ConversationTag.tag.in_(tags_called(ConversationTag, value))
    )
    of_customer = select(1).where(
        CustomerTag.customer_id == Conversation.customer_id, CustomerTag.tag.in_(tags_called(CustomerTag, value))
    )
    return or_(_exists(own), _exists(of_customer))


def _customer(_: Query, value: Any) -> Condition:
    if isinstance(value, int):
        return Conversation.customer_id == value
    return is_called(Conversation.customer_id, value)


def of_owner(_: Query, value: Any) -> Condition:
    """By the agent's number or a piece of the name."""
    if isinstance(value, int):
        return Conversation.owner_id == value
    owned = Conversation.owner_id.in_(select(Agent.id).where(folded(Agent.name).contains(value, autoescape=True)))
    return and_(Conversation.owner_id.is_not(None), owned)


def of_account(_: Query, value: Any) -> Condition:
    """By the account's number, name or address."""
    if isinstance(value, int):
        return Conversation.account_id == value
    named = select(Account.id).where(or_(folded(Account.name) == value, folded(Account.address) == value))
    return Conversation.account_id.in_(named)


def on_channel(_: Query, value: Any) -> Condition:
    """On any account of that kind."""
    return Conversation.account_id.in_(select(Account.id).where(Account.kind == value))


def _case(_: Query, value: Any) -> Condition:
    return and_(Conversation.case_id.is_not(None), Conversation.case_id == value)


def is_of_type(value: Any) -> Condition:
    """Whether a ``CaseType`` is called so."""
    return or_(CaseType.key == value, folded(CaseType.name_en) == value, folded(CaseType.name_es) == value)


def _type(_: Query, value: Any) -> Condition:
    types = select(Case.id).join(CaseType, CaseType.id == Case.case_type_id)
    return _exists(types.where(Case.id == Conversation.case_id, is_of_type(value)))


def _has(_: Query, value: Any) -> Condition:
    in_it = Message.conversation_id == Conversation.id
    if value == "attachment":
        return _exists(
            select(1).select_from(Message).join(Attachment, Attachment.message_id == Message.id).where(in_it)
        )
    if value == "html":
        return _exists(select(1).select_from(Message).where(in_it, Message.has_html))
    return _exists(select(1).select_from(Question).where(Question.case_id == Conversation.case_id))


def _exists(statement: Select[Any]) -> Condition:
    """Only the conversation is the outer one, whatever else the statement around it reads."""
    return exists(statement.correlate(Conversation))


def message_condition(found: Filter) -> Condition | None:
    """A filter that says something of the message itself, where words are searched; else ``None``."""
    if found.key in ("before", "after"):
        made: Condition = time_condition(Indexed(), found)
    elif found.key == "has" and found.value == "attachment":
        made = exists(select(1).select_from(Attachment).where(Attachment.message_id == Message.id).correlate(Message))
    elif found.key == "has" and found.value == "html":
        made = and_(Message.has_html)
    else:
        return None
    return ~made if found.negated else made


def time_condition(id_column: Any, found: Filter) -> Condition:
    """Whether a message's id lies before or after a time."""
    assert isinstance(found.value, datetime)
    edge = first_id(found.value)
    made: Condition = id_column < edge if found.key == "before" else id_column >= edge
    return made


_MAKERS: dict[str, Callable[[Query, Any], Condition]] = {
    "is": _is,
    "tag": _tag,
    "customer": _customer,
    "owner": of_owner,
    "account": of_account,
    "channel": on_channel,
    "case": _case,
    "type": _type,
    "has": _has,
    "before": lambda _, value: time_condition(Conversation.last_message_id, Filter("before", value)),
    "after": lambda _, value: time_condition(Conversation.last_message_id, Filter("after", value)),
}
