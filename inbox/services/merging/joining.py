"""Merging: the survivor takes over everything; the absorbed customer stays as a pointer, so that it can be undone."""

from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from inbox.errors import RuleError
from inbox.events import CustomersMerged
from inbox.services import conversations, customers, tables
from inbox.services.merging.fields import fill
from inbox.services.merging.kin import OWNED, active_merges, below, give, listed
from inbox.store.db import record
from inbox.store.models import Customer, Merge


def merge(s: Session, survivor_id: int, absorbed_id: int) -> int:
    """Make one customer of two. Answers the merge's id, by which ``unmerge`` takes it back."""
    if survivor_id == absorbed_id:
        raise RuleError("A customer can't be merged with itself", "Choose another customer.")
    survivor, absorbed = require_both(s, survivor_id, absorbed_id)
    merges = active_merges(s, below(s, absorbed_id))
    own = {}
    preferred = _preferred(s, absorbed_id)
    _demote(s, survivor_id, absorbed_id)
    for kind, table in OWNED:
        theirs = list(s.scalars(select(table.c.id).where(table.c.customer_id == absorbed_id).order_by(table.c.id)))
        own[kind] = sorted(set(theirs) - listed(merges, kind))
        give(s, table, theirs, survivor_id)
    columns = tables.conversations.c
    moving = list(s.scalars(select(columns.id).where(columns.customer_id == absorbed_id)))
    give(s, tables.conversations, moving, survivor_id)
    made = Merge(
        survivor_id=survivor_id,
        absorbed_id=absorbed_id,
        agent_id=s.info.get("agent_id"),
        merged_at=datetime.now(UTC),
        moved={**own, "primary": preferred},
        before={},
    )
    tier = survivor.tier
    made.before = fill(survivor, absorbed)
    absorbed.merged_into_id = survivor_id
    s.add(made)
    s.flush()
    customers.primaries(s, [survivor_id])
    if survivor.tier != tier:
        moving = list(s.scalars(select(columns.id).where(columns.customer_id == survivor_id)))
    conversations.refresh(s, moving)
    record(s, CustomersMerged(customer_id=survivor_id, other_customer_id=absorbed_id))
    return made.id


def require_both(s: Session, first_id: int, second_id: int) -> tuple[Customer, Customer]:
    """Both customers, locked in the order of their ids: two people merging the other way round can't lock up."""
    s.flush()
    locked = {}
    for customer_id in sorted((first_id, second_id)):
        s.get(Customer, customer_id, with_for_update=True, populate_existing=True)
        locked[customer_id] = customers.require(s, customer_id)
    return locked[first_id], locked[second_id]


def _preferred(s: Session, customer_id: int) -> list[int]:
    columns = tables.identities.c
    return list(s.scalars(select(columns.id).where(columns.customer_id == customer_id, columns.is_primary)))


def _demote(s: Session, survivor_id: int, absorbed_id: int) -> None:
    """On the channels that the survivor has, the survivor's preferred identity stays the preferred one."""
    columns = tables.identities.c
    other = tables.identities.alias()
    channels = select(other.c.channel).where(other.c.customer_id == survivor_id)
    s.connection().execute(
        update(tables.identities)
        .where(columns.customer_id == absorbed_id, columns.channel.in_(channels))
        .values(is_primary=False)
    )
