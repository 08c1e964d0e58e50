"""Which filters of a search an index answers: where few conversations pass one, no list walks past all the others."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, false, select, text, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import replacement_traverse

from inbox.states import CaseStatus, ConversationKind, ConversationState
from inbox.store.conditions import is_of_type, of_account, of_owner, on_channel, time_condition
from inbox.store.matching import Led
from inbox.store.models import (
    Attachment,
    Case,
    CaseType,
    Conversation,
    ConversationTag,
    CustomerTag,
    Message,
    Question,
)
from inbox.store.people import is_called
from inbox.store.search_language import Filter, Query
from inbox.store.tagging import tags_called

_BUSY = (ConversationState.OPEN, ConversationState.WAITING)

# What makes SQLite and PostgreSQL see that a partial index holds all that is asked for: they compare words, not sense.
_HINTS = {
    "open": "conversations.state <> 'done'",
    "waiting": "conversations.state <> 'done'",
    "late": "conversations.state <> 'done'",
    "unread": "conversations.unread_count > 0",
    "failed": "conversations.has_failed",
    "mention": "conversations.kind = 'mention'",
}


def hints(query: Query) -> list[ColumnElement[bool]]:
    """Conditions that change nothing but let the engines use the partial indexes."""
    wanted = {str(each.value) for each in query.filters if each.key == "is" and not each.negated}
    return [_words(hint) for hint in sorted({_HINTS[value] for value in wanted if value in _HINTS})]


def by_order(conditions: Sequence[ColumnElement[bool]], sort: str) -> list[ColumnElement[bool]]:
    """The same conditions, but SQLite starts from none of them where rows come in another order than of deadlines."""
    return list(conditions) if sort == "due" else [replacement_traverse(each, {}, _led) for each in conditions]


def _led(element: Any, **_: Any) -> Any:
    return Led(element) if isinstance(element, Column) and element.name == "due_at" else None


def _words(condition: str) -> ColumnElement[bool]:
    return text(condition)  # type: ignore[return-value]  # a text is a condition


def few_conversations(s: Session, query: Query, most: int) -> list[int] | None:
    """The conversations that pass the narrowest of the filters; ``None`` where each lets through more than ``most``.

    It costs no more than reading so many entries of an index for each filter. The others are still to be asked.
    """
    narrowest: list[int] | None = None
    for each in query.filters:
        statement = None if each.negated else _READERS.get(each.key, _none)(query, each)
        if statement is None:
            continue
        found = list(s.scalars(statement.limit(most + 1)))
        if len(found) <= most and (narrowest is None or len(found) < len(narrowest)):
            narrowest = found
        if not narrowest and narrowest is not None:
            break
    return narrowest


def _none(_: Query, __: Filter) -> Any:
    return None


def _where(*conditions: Any) -> Select[int]:
    return select(Conversation.id).where(*conditions)


def _is(query: Query, found: Filter) -> Select[int] | None:
    value = str(found.value)
    if value in (CaseStatus.NEW, CaseStatus.SOLVED, CaseStatus.CLOSED):
        return _in_cases(Case.status == CaseStatus(value))
    if value == "today" and not _says_busy(query):
        return None  # no index holds the deadlines of what is done
    if value not in _STATES:
        return None
    hint = _HINTS.get("late" if value == "today" else value)
    return _where(*_STATES[value](query), *([_words(hint)] if hint else []))


def _says_busy(query: Query) -> bool:
    said = {each.value for each in query.filters if each.key == "is" and not each.negated}
    return not said.isdisjoint(("open", "waiting", "late"))


def _mine(query: Query) -> list[Any]:
    return [false() if query.agent_id is None else Conversation.owner_id == query.agent_id]


def _snoozed(query: Query) -> list[Any]:
    return [Conversation.snoozed_until.is_not(None), Conversation.snoozed_until > query.now]


_STATES: dict[str, Callable[[Query], list[Any]]] = {
    "open": lambda _: [Conversation.state == ConversationState.OPEN],
    "waiting": lambda _: [Conversation.state == ConversationState.WAITING],
    "mine": _mine,
    "late": lambda query: [Conversation.state.in_(_BUSY), Conversation.due_at < query.now],
    "today": lambda query: [Conversation.state.in_(_BUSY), Conversation.due_at < query.day_end],
    "unread": lambda _: [Conversation.unread_count > 0],
    "failed": lambda _: [Conversation.has_failed],
    "mention": lambda _: [Conversation.kind == ConversationKind.MENTION],
    "dismissed": lambda _: [Conversation.dismissed.is_not(None)],
    "snoozed": _snoozed,
}


def _in_cases(*conditions: Any) -> Select[int]:
    """The cases lead: the plus sign of ``Led`` lets SQLite start from nowhere else."""
    joined = select(Conversation.id).select_from(Case)
    return joined.join(Conversation, Conversation.case_id == Led(Case.id)).where(*conditions)


def _tag(_: Query, found: Filter) -> Any:
    value = str(found.value)
    its_own = ConversationTag.tag.in_(tags_called(ConversationTag, value))
    own = select(ConversationTag.conversation_id.label("id")).where(its_own)
    of_customer = (
        select(Conversation.id.label("id"))
        .select_from(CustomerTag)
        .join(Conversation, Conversation.customer_id == Led(CustomerTag.customer_id))
        .where(CustomerTag.tag.in_(tags_called(CustomerTag, value)))
    )
    return union_all(own, of_customer)


def _customer(_: Query, found: Filter) -> Select[int]:
    if isinstance(found.value, int):
        return _where(Conversation.customer_id == found.value)
    return _where(is_called(Conversation.customer_id, str(found.value)))


def _has(_: Query, found: Filter) -> Select[int] | None:
    if found.value == "attachment":
        joined = select(Message.conversation_id).select_from(Attachment)
        return joined.join(Message, Message.id == Led(Attachment.message_id))
    if found.value == "question":
        joined = select(Conversation.id).select_from(Question)
        return joined.join(Conversation, Conversation.case_id == Led(Question.case_id))
    return None


def _time(query: Query, found: Filter) -> Select[int] | None:
    """Where words are searched, a time is about the single message."""
    return None if query.has_text else _where(time_condition(Conversation.last_message_id, found))


_READERS: dict[str, Callable[[Query, Filter], Any]] = {
    "is": _is,
    "tag": _tag,
    "customer": _customer,
    "owner": lambda query, found: _where(of_owner(query, found.value)),
    "account": lambda query, found: _where(of_account(query, found.value)),
    "channel": lambda query, found: _where(on_channel(query, found.value)),
    "case": lambda _, found: _where(Conversation.case_id == found.value),
    "type": lambda _, found: _in_cases(Case.case_type_id.in_(select(CaseType.id).where(is_of_type(found.value)))),
    "has": _has,
    "before": _time,
    "after": _time,
}
