"""The single view of a customer, and finding customers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from inbox.i18n import tr
from inbox.services import case_types, customers as rules, merging, questions, tables
from inbox.services.merging.kin import below
from inbox.services.names import channel_column, customer_name, is_unknown, visible_handle
from inbox.services.rows import (
    CustomerCard,
    CustomerRow,
    FactRow,
    IdentityRow,
    MergeRow,
    SuggestedQuestion,
    TimelineRow,
)
from inbox.states import CaseStatus, CloseReason
from inbox.store.ids import time_of_message
from inbox.store.models import Customer
from inbox.store.people import find_customers

_TIMELINE = 50
_customers, _identities, _cases = tables.customers.c, tables.identities.c, tables.cases.c
_conversations = tables.conversations.c


def customer_card(s: Session, customer_id: int, *, case_id: int | None = None, language: str) -> CustomerCard:
    """Everything known about a customer. An absorbed customer's id leads to the survivor. Raises NotFoundError."""
    customer_id = rules.find_survivor(s, customer_id)
    customer = rules.require(s, customer_id)
    identities, facts = _identity_rows(s, customer_id), _facts(s, customer_id, language)
    return CustomerCard(
        id=customer_id,
        name=customer_name(customer.name, identities[0].handle if identities else ""),
        company=customer.company,
        tier=customer.tier,
        language=customer.language,
        preferred_channel=customer.preferred_channel,
        tags=tuple(customer.tags),
        notes=customer.notes,
        consents={channel: bool(value.get("given")) for channel, value in customer.consents.items()},
        created_at=customer.created_at,
        conversation_count=_count(s, _conversations.customer_id == customer_id),
        case_count=_count(s, _cases.customer_id == customer_id),
        identities=identities,
        facts=facts,
        unknown=_unknown(s, customer_id, case_id, language),
        timeline=_timeline(s, customer_id),
        merges=_merges(s, customer_id),
        suggestions=merging.suggestions(s, customer_id),
        completeness=_completeness(customer, identities, facts),
    )


def customers(s: Session, text: str, limit: int = 20) -> list[CustomerRow]:
    """Customers with words in name, company or handle that begin so; accents and case don't matter. Empty: the newest.

    A text of signs only finds nobody.
    """
    if text.strip():
        return _customer_rows(s, find_customers(s, text, limit))
    alive = (_customers.merged_into_id.is_(None), _customers.erased_at.is_(None))
    ids = s.scalars(select(_customers.id).where(*alive).order_by(_customers.id.desc()).limit(limit)).all()
    return _customer_rows(s, ids)


def _customer_rows(s: Session, ids: Sequence[int]) -> list[CustomerRow]:
    handles: dict[int, list[str]] = {}
    theirs = select(_identities.customer_id, _identities.handle).where(_identities.customer_id.in_(ids))
    for customer_id, handle in s.execute(theirs.order_by(_identities.is_primary.desc(), _identities.id)):
        handles.setdefault(customer_id, []).append(handle)
    rows = {row.id: row for row in s.execute(select(*_customers).where(_customers.id.in_(ids)))}
    return [
        CustomerRow(
            id=row.id,
            name=customer_name(row.name, next(iter(handles.get(row.id, [])), None)),
            company=row.company,
            tier=row.tier,
            handles=tuple(filter(None, map(visible_handle, handles.get(row.id, [])))),
        )
        for row in (rows[id_] for id_ in ids if id_ in rows)
    ]


def _identity_rows(s: Session, customer_id: int) -> tuple[IdentityRow, ...]:
    played = (  # a demo account's channel is the one it plays
        select(channel_column())
        .select_from(tables.conversations.join(tables.accounts, tables.accounts.c.id == _conversations.account_id))
        .where(_conversations.identity_id == _identities.id)
        .limit(1)
        .correlate(tables.identities)
        .scalar_subquery()
    )
    found = s.execute(
        select(*_identities, case((_identities.channel == "demo", played), else_=_identities.channel).label("shown"))
        .where(_identities.customer_id == customer_id)
        .order_by(_identities.is_primary.desc(), _identities.id)
    )
    return tuple(
        IdentityRow(
            id=row.id,
            channel=row.shown or row.channel,
            handle=visible_handle(row.handle),
            name=row.name,
            is_primary=row.is_primary,
            valid=row.valid,
            invalid_reason=tr("The message names no sender") if is_unknown(row.handle) else row.invalid_reason,
        )
        for row in found
    )


def _facts(s: Session, customer_id: int, language: str) -> tuple[FactRow, ...]:
    facts, messages = tables.facts.c, tables.messages
    rows = s.execute(
        select(*facts, channel_column().label("channel"))
        .select_from(
            tables.facts.outerjoin(messages, messages.c.id == facts.message_id).outerjoin(
                tables.accounts, tables.accounts.c.id == messages.c.account_id
            )
        )
        .where(facts.customer_id == customer_id)
        .order_by(facts.confirmed_at.desc(), facts.id.desc())
    )
    return tuple(
        FactRow(
            id=row.id,
            kind=row.kind,
            label=case_types.fact_label(row.kind, language),
            value=row.value,
            source=row.channel or "",
            message_id=row.message_id,
            learned_at=row.learned_at,
            confirmed_at=row.confirmed_at,
        )
        for row in rows
    )


def _unknown(s: Session, customer_id: int, case_id: int | None, language: str) -> tuple[SuggestedQuestion, ...]:
    if case_id is None:
        return ()
    return tuple(each for each in questions.suggest(s, case_id, language) if not each.known)


def _timeline(s: Session, customer_id: int) -> tuple[TimelineRow, ...]:
    """Conversations with the case they are in, and cases without a conversation; the newest first."""
    talks = s.execute(
        select(
            _conversations.id,
            _conversations.subject,
            _conversations.snippet,
            _conversations.last_message_id,
            _conversations.case_id,
            _cases.status,
            _cases.close_reason,
            channel_column().label("channel"),
        )
        .select_from(
            tables.conversations.outerjoin(tables.cases, _cases.id == _conversations.case_id).join(
                tables.accounts, tables.accounts.c.id == _conversations.account_id
            )
        )
        .where(_conversations.customer_id == customer_id)
        .order_by(_conversations.last_message_id.desc())
        .limit(_TIMELINE)
    ).all()
    shown = {row.case_id for row in talks}
    alone = s.execute(
        select(_cases.id, _cases.subject, _cases.status, _cases.close_reason, _cases.opened_at, _cases.closed_at)
        .where(_cases.customer_id == customer_id, _cases.joined_into_id.is_(None), ~_has_conversation())
        .order_by(_cases.id.desc())
        .limit(_TIMELINE)
    ).all()
    rows = [
        TimelineRow(
            at=time_of_message(row.last_message_id),
            channel=row.channel,
            title=row.subject or row.snippet,
            note=_case_note(row.case_id, row.status, row.close_reason),
            conversation_id=row.id,
            case_id=row.case_id,
        )
        for row in talks
    ] + [
        TimelineRow(
            at=row.closed_at or row.opened_at,
            channel="",
            title=row.subject,
            note=_case_note(row.id, row.status, row.close_reason),
            conversation_id=None,
            case_id=row.id,
        )
        for row in alone
        if row.id not in shown
    ]
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True)[:_TIMELINE])


def _has_conversation() -> ColumnElement[bool]:
    inside = select(_conversations.id).where(_conversations.case_id == _cases.id).correlate(tables.cases)
    return inside.exists()


def _case_note(case_id: int | None, status: CaseStatus | None, reason: CloseReason | None) -> str:
    if case_id is None or status is None:
        return ""
    words: dict[str, str] = {
        CaseStatus.NEW: tr("new"),
        CaseStatus.OPEN: tr("open"),
        CaseStatus.WAITING: tr("waiting"),
        CaseStatus.SOLVED: tr("solved"),
        CloseReason.RESOLVED: tr("resolved"),
        CloseReason.NOT_RESOLVED: tr("not resolved"),
        CloseReason.LOST_CUSTOMER: tr("lost customer"),
        CloseReason.NO_ANSWER: tr("no answer"),
    }
    return tr("Case {id} · {state}", id=case_id, state=words.get(reason or status, str(reason or status)))


def _merges(s: Session, customer_id: int) -> tuple[MergeRow, ...]:
    merges = tables.merges.c
    rows = s.execute(
        select(merges.id, merges.survivor_id, merges.absorbed_id, merges.merged_at, _customers.name)
        .join(tables.customers, _customers.id == merges.absorbed_id)
        .where(merges.survivor_id.in_(below(s, customer_id)), merges.undone_at.is_(None))
        .order_by(merges.id.desc())
    ).all()
    return tuple(
        MergeRow(
            id=row.id,
            survivor_id=row.survivor_id,
            absorbed_id=row.absorbed_id,
            absorbed_name=row.name or tr("Customer {id}", id=row.absorbed_id),
            merged_at=row.merged_at,
        )
        for row in rows
    )


def _completeness(customer: Customer, identities: Sequence[IdentityRow], facts: Sequence[FactRow]) -> float:
    """How much of what one should know of a customer is known, from 0 to 1."""
    kinds = {fact.kind for fact in facts}
    known: dict[str, Any] = {
        "name": customer.name,
        "language": customer.language,
        "preferred_channel": customer.preferred_channel,
        "address": any(each.valid and each.channel == "email" for each in identities),
        "phone": "phone" in kinds or any(each.handle.startswith("+") for each in identities),
        "facts": len(kinds) > 1,
        "consents": customer.consents,
    }
    return round(sum(bool(value) for value in known.values()) / len(known), 2)


def _count(s: Session, condition: ColumnElement[bool]) -> int:
    return s.scalar(select(func.count()).where(condition)) or 0
