"""Erasing a customer: what identifies the person goes, what was done stays, so that closed cases stay valid."""

from datetime import UTC, datetime

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError
from inbox.events import CustomerErased
from inbox.services import tables
from inbox.states import QuestionOrigin, Tier
from inbox.store import search
from inbox.store.db import files_of, record
from inbox.store.models import Customer

ERASED = "erased:"
"""What an erased identity's handle begins with. Whoever writes from the old address is a new customer."""

_AT_ONCE = 500


def erase(s: Session, customer_id: int) -> None:
    """Erase the personal data of a customer and of those merged into it. There is no way back.

    Texts, raw messages, files, handles, facts and notes go. Conversations, cases and questions stay, nameless.
    """
    customer = s.get(Customer, customer_id)
    if customer is None or customer.erased_at is not None:
        raise NotFoundError("There is no customer {id}", "It may have been erased.", id=customer_id)
    s.flush()
    people = _with_absorbed(s, customer_id)
    _erase_messages(s, people)
    _erase_around(s, people)
    _erase_person(s, people)
    s.expire_all()
    files_of(s).remove_unused(s)
    record(s, CustomerErased(customer_id=customer_id))


def _with_absorbed(s: Session, customer_id: int) -> list[int]:
    found, newest = [customer_id], [customer_id]
    while newest:
        absorbed = select(tables.customers.c.id).where(tables.customers.c.merged_into_id.in_(newest))
        newest = [each for each in s.scalars(absorbed) if each not in found]
        found += newest
    return found


def _conversations(people: list[int]) -> Select[int]:
    return select(tables.conversations.c.id).where(tables.conversations.c.customer_id.in_(people))


def _identities(people: list[int]) -> Select[int]:
    return select(tables.identities.c.id).where(tables.identities.c.customer_id.in_(people))


def _erase_messages(s: Session, people: list[int]) -> None:
    """Also what they wrote in the conversations of others."""
    messages = tables.messages.c
    theirs = or_(messages.conversation_id.in_(_conversations(people)), messages.identity_id.in_(_identities(people)))
    ids = list(s.scalars(select(messages.id).where(theirs)))
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        search.unindex(s, some)
        s.execute(delete(tables.attachments).where(tables.attachments.c.message_id.in_(some)))
        s.execute(delete(tables.message_versions).where(tables.message_versions.c.message_id.in_(some)))
        s.execute(delete(tables.message_sources).where(tables.message_sources.c.message_id.in_(some)))
        s.execute(
            update(tables.messages)
            .where(messages.id.in_(some))
            .values(subject="", text="", has_html=False, recipients=[], problem="", delivery_note="", outgoing=None)
        )


def _erase_around(s: Session, people: list[int]) -> None:
    conversations, cases, questions = tables.conversations, tables.cases, tables.questions
    of_case = select(cases.c.id).where(cases.c.customer_id.in_(people))
    drafts = select(tables.drafts.c.id).where(tables.drafts.c.conversation_id.in_(_conversations(people)))
    s.execute(delete(tables.attachments).where(tables.attachments.c.draft_id.in_(drafts)))
    s.execute(delete(tables.drafts).where(tables.drafts.c.conversation_id.in_(_conversations(people))))
    s.execute(
        update(conversations).where(conversations.c.customer_id.in_(people)).values(subject="", snippet="", tags=[])
    )
    s.execute(update(cases).where(cases.c.customer_id.in_(people)).values(subject=""))
    s.execute(update(questions).where(questions.c.case_id.in_(of_case)).values(answer="", fact_id=None))
    s.execute(
        update(questions)
        .where(questions.c.case_id.in_(of_case), questions.c.origin == QuestionOrigin.FREE)
        .values(text="")
    )
    log = tables.activity
    s.execute(
        update(log)
        .where(
            or_(
                log.c.customer_id.in_(people),
                log.c.case_id.in_(of_case),
                log.c.conversation_id.in_(_conversations(people)),
            )
        )
        .values(details={})
    )


def _erase_person(s: Session, people: list[int]) -> None:
    now = datetime.now(UTC)
    identities, customers, merges = tables.identities, tables.customers, tables.merges
    s.execute(delete(tables.facts).where(tables.facts.c.customer_id.in_(people)))
    for identity_id in s.scalars(_identities(people)).all():
        s.execute(
            update(identities)
            .where(identities.c.id == identity_id)
            .values(
                handle=f"{ERASED}{identity_id}",
                name="",
                nick="",
                profile_url="",
                followers=None,
                valid=False,
                invalid_reason="",
                is_primary=False,
            )
        )
    s.execute(
        update(merges)
        .where(or_(merges.c.survivor_id.in_(people), merges.c.absorbed_id.in_(people)), merges.c.undone_at.is_(None))
        .values(undone_at=now)
    )
    s.execute(
        update(merges)
        .where(or_(merges.c.survivor_id.in_(people), merges.c.absorbed_id.in_(people)))
        .values(moved={}, before={})
    )
    s.execute(
        update(customers)
        .where(customers.c.id.in_(people))
        .values(
            name="",
            company="",
            tier=Tier.C,
            language="",
            preferred_channel="",
            tags=[],
            consents={},
            notes="",
            erased_at=now,
            version=customers.c.version + 1,
        )
    )
