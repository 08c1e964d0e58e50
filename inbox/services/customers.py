"""Customers: their fields, identities, facts and consents. Erasing one is in ``erasing``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError, StaleError
from inbox.events import CustomerChanged
from inbox.services import conversations
from inbox.services.cleaning import clean, indexable
from inbox.services.erasing import erase
from inbox.states import Tier
from inbox.store.db import moment, record
from inbox.store.models import Conversation, Customer, Fact, Identity

__all__ = [
    "add_identity",
    "change",
    "confirm_fact",
    "create",
    "erase",
    "find_survivor",
    "forget_fact",
    "learn",
    "make_primary",
    "mark_invalid",
    "mark_valid",
    "require",
    "set_consent",
]

_CHANGEABLE = frozenset({"name", "company", "tier", "language", "preferred_channel", "tags", "notes"})


def create(s: Session, name: str, *, company: str = "", tier: Tier = Tier.C, language: str = "") -> int:
    """Make a customer by hand."""
    customer = Customer(
        name=clean(name.strip()),
        company=clean(company.strip()),
        tier=tier,
        language=language,
        created_at=datetime.now(UTC),
    )
    s.add(customer)
    s.flush()
    record(s, CustomerChanged(customer_id=customer.id, what="created"))
    return customer.id


def change(s: Session, customer_id: int, *, version: int | None = None, **values: Any) -> None:
    """Change name, company, tier, language, preferred_channel, tags or notes."""
    customer = require(s, customer_id)
    if unknown := set(values) - _CHANGEABLE:
        raise TypeError(f"customers have no {', '.join(sorted(unknown))}")
    if version is not None and version != customer.version:
        raise StaleError("Somebody else changed this customer meanwhile", "Look at it again, then change it.")
    if "tags" in values:
        values["tags"] = list(dict.fromkeys(tag.strip() for tag in values["tags"] if tag.strip()))
    for name, value in values.items():
        setattr(customer, name, clean(value) if isinstance(value, str) and not isinstance(value, Tier) else value)
    s.flush()
    if "tier" in values:
        theirs = s.scalars(select(Conversation.id).where(Conversation.customer_id == customer_id)).all()
        conversations.refresh(s, theirs)
    record(s, CustomerChanged(customer_id=customer_id, what=", ".join(sorted(values))))


def add_identity(s: Session, customer_id: int, channel: str, handle: str, name: str = "") -> int:
    """Add a handle to a customer. One that another customer has is refused: merging is the way."""
    customer = require(s, customer_id)
    handle = indexable(handle.strip())
    if not handle:
        raise RuleError("The address is empty", "Type an address, a number or a name on that channel.")
    found = s.scalars(select(Identity).where(Identity.channel == channel, Identity.handle == handle)).one_or_none()
    if found is not None and found.customer_id != customer.id:
        raise RuleError(
            "{handle} belongs to another customer", "If both are the same person, merge the two.", handle=handle
        )
    if found is None:
        first = not s.scalar(
            select(Identity.id).where(Identity.customer_id == customer.id, Identity.channel == channel).limit(1)
        )
        found = Identity(
            customer_id=customer.id,
            channel=channel,
            handle=handle,
            name=clean(name),
            is_primary=first,
            created_at=datetime.now(UTC),
        )
        s.add(found)
        s.flush()
        record(s, CustomerChanged(customer_id=customer.id, what="identities"))
    return found.id


def make_primary(s: Session, identity_id: int) -> None:
    """Prefer an identity among the customer's on its channel."""
    identity = _require_identity(s, identity_id)
    s.execute(
        update(Identity)
        .where(Identity.customer_id == identity.customer_id, Identity.channel == identity.channel)
        .values(is_primary=False)
    )
    identity.is_primary = True
    s.flush()
    record(s, CustomerChanged(customer_id=identity.customer_id, what="identities"))


def mark_invalid(s: Session, identity_id: int, reason: str) -> None:
    """Note that nothing arrives at an identity, with the words of who said so."""
    _set_valid(s, identity_id, False, reason)


def mark_valid(s: Session, identity_id: int) -> None:
    """Trust an identity again."""
    _set_valid(s, identity_id, True, "")


def learn(
    s: Session,
    customer_id: int,
    kind: str,
    value: str,
    *,
    message_id: int | None = None,
    case_id: int | None = None,
) -> int:
    """Keep something learned about a customer. The same value again confirms the fact; another one is added."""
    require(s, customer_id)
    value, now = clean(value.strip()), moment(s)
    if not value:
        raise RuleError("There is nothing to keep", "Type what was learned.")
    known = s.scalars(select(Fact).where(Fact.customer_id == customer_id, Fact.kind == kind)).all()
    fact = next((each for each in known if each.value.casefold() == value.casefold()), None)
    if fact is None:
        fact = Fact(
            customer_id=customer_id,
            kind=kind,
            value=value,
            message_id=message_id,
            case_id=case_id,
            learned_at=now,
            confirmed_at=now,
        )
        s.add(fact)
    else:
        fact.confirmed_at = now
    s.flush()
    record(s, CustomerChanged(customer_id=customer_id, case_id=case_id, message_id=message_id, what="facts"))
    return fact.id


def confirm_fact(s: Session, fact_id: int) -> None:
    """Note that a fact still holds today."""
    fact = _require_fact(s, fact_id)
    fact.confirmed_at = moment(s)
    s.flush()
    record(s, CustomerChanged(customer_id=fact.customer_id, what="facts"))


def forget_fact(s: Session, fact_id: int) -> None:
    """Delete a fact that is wrong or unwanted."""
    fact = _require_fact(s, fact_id)
    s.delete(fact)
    s.flush()
    record(s, CustomerChanged(customer_id=fact.customer_id, what="facts"))


def set_consent(s: Session, customer_id: int, channel: str, given: bool | None) -> None:
    """Note whether a customer agrees to be approached on a channel; ``None`` is "not asked"."""
    customer = require(s, customer_id)
    consents = {name: value for name, value in customer.consents.items() if name != channel}
    if given is not None:
        consents[channel] = {"given": given, "at": moment(s).isoformat()}
    customer.consents = consents
    s.flush()
    record(s, CustomerChanged(customer_id=customer_id, what="consents"))


def find_survivor(s: Session, customer_id: int) -> int:
    """The customer that this one was merged into, at the end of the chain; itself where it was not."""
    seen = {customer_id}
    while True:
        into = s.scalar(select(Customer.merged_into_id).where(Customer.id == customer_id))
        if into is None or into in seen:
            return customer_id
        seen.add(into)
        customer_id = into


def require(s: Session, customer_id: int) -> Customer:
    """The customer, if it is there and neither merged away nor erased. Raises NotFoundError."""
    customer = s.get(Customer, customer_id)
    if customer is None or customer.erased_at is not None:
        raise NotFoundError("There is no customer {id}", "It may have been erased.", id=customer_id)
    if customer.merged_into_id is not None:
        raise NotFoundError(
            "Customer {id} was merged",
            "Look at customer {into} instead.",
            id=customer_id,
            into=find_survivor(s, customer_id),
        )
    return customer


def primaries(s: Session, customer_ids: Sequence[int]) -> None:
    """See to it that each customer has exactly one preferred identity on each channel that it has."""
    found: dict[tuple[int, str], list[Identity]] = {}
    query = select(Identity).where(Identity.customer_id.in_(customer_ids)).order_by(Identity.id)
    for identity in s.scalars(query.execution_options(populate_existing=True)):
        found.setdefault((identity.customer_id, identity.channel), []).append(identity)
    for identities in found.values():
        chosen = next((each for each in identities if each.is_primary), identities[0])
        for each in identities:
            each.is_primary = each is chosen
    s.flush()


def _set_valid(s: Session, identity_id: int, valid: bool, reason: str) -> None:
    identity = _require_identity(s, identity_id)
    identity.valid, identity.invalid_reason = valid, clean(reason)
    s.flush()
    record(s, CustomerChanged(customer_id=identity.customer_id, what="identities"))


def _require_identity(s: Session, identity_id: int) -> Identity:
    identity = s.get(Identity, identity_id)
    if identity is None:
        raise NotFoundError("There is no such address", "It may have been removed.")
    return identity


def _require_fact(s: Session, fact_id: int) -> Fact:
    fact = s.get(Fact, fact_id)
    if fact is None:
        raise NotFoundError("There is no such fact", "It may have been removed.")
    return fact
