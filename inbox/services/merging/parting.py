"""Undoing a merge: what came by an identity of the absorbed customer goes back with it, also what came since."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import CustomersUnmerged
from inbox.services import cases, conversations, customers, tables
from inbox.services.cases import rooms
from inbox.services.merging.fields import combined, fill, take_out
from inbox.services.merging.kin import active_merges, below, give, listed
from inbox.states import CaseStatus
from inbox.store.db import record
from inbox.store.models import Customer, Merge

_conversations, _cases = tables.conversations.c, tables.cases.c


def unmerge(s: Session, merge_id: int) -> None:
    """Let the absorbed customer stand by itself again. Merges can be undone in any order."""
    merge = s.get(Merge, merge_id, with_for_update=True, populate_existing=True)
    if merge is None or merge.undone_at is not None:
        raise NotFoundError("This merge was undone already", "Look at both customers.")
    root_id, leaver_id = customers.find_survivor(s, merge.survivor_id), merge.absorbed_id
    for customer_id in sorted({root_id, leaver_id, merge.survivor_id}):
        s.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    leaver = s.get_one(Customer, leaver_id)
    if leaver.erased_at is not None:
        raise RuleError("An erased customer can't be split", "Nothing is left to divide.")
    leaver.merged_into_id = None
    merge.undone_at = datetime.now(UTC)
    s.flush()
    _part(s, root_id, leaver_id, [merge, *active_merges(s, below(s, leaver_id))])
    take_out(s.get_one(Customer, merge.survivor_id), merge.before)
    _fill_again(s, merge.survivor_id)
    preferred = update(tables.identities).where(tables.identities.c.id.in_(merge.moved.get("primary", [])))
    s.connection().execute(preferred.values(is_primary=True))
    customers.primaries(s, [root_id, leaver_id])
    of_both = select(_conversations.id).where(_conversations.customer_id.in_((root_id, leaver_id)))
    conversations.refresh(s, list(s.scalars(of_both)))
    record(s, CustomersUnmerged(customer_id=root_id, other_customer_id=leaver_id))


def _part(s: Session, root_id: int, leaver_id: int, leaving: Sequence[Merge]) -> None:
    identities = tables.identities.c
    going = s.scalars(
        select(identities.id).where(identities.id.in_(listed(leaving, "identities")), identities.customer_id == root_id)
    ).all()
    give(s, tables.identities, going, leaver_id)
    theirs = s.scalars(
        select(_conversations.id).where(_conversations.identity_id.in_(going), _conversations.customer_id == root_id)
    ).all()
    give(s, tables.conversations, theirs, leaver_id)
    going_cases = _leaving_cases(s, root_id, leaver_id, listed(leaving, "cases"))
    give(s, tables.cases, going_cases, leaver_id)
    going_facts = _leaving_facts(s, root_id, leaver_id, listed(leaving, "facts"), leaving[0].merged_at)
    give(s, tables.facts, going_facts, leaver_id)
    _strike(s, root_id, "cases", going_cases)
    _strike(s, root_id, "facts", going_facts)
    _unmix(s, root_id, leaver_id)


def _leaving_cases(s: Session, root_id: int, leaver_id: int, own: Collection[int]) -> list[int]:
    """The cases whose conversations all leave; of a mixed one decides whose it was, or who was in it first."""
    leaving = select(_conversations.id).where(_conversations.customer_id == leaver_id)
    inside = tables.case_conversations.c
    touched = select(inside.case_id).where(inside.conversation_id.in_(leaving))
    candidates = s.scalars(
        select(_cases.id).where(_cases.customer_id == root_id, or_(_cases.id.in_(own), _cases.id.in_(touched)))
    ).all()
    members: dict[int, set[int]] = {}
    for case_id, customer_id in s.execute(
        select(_conversations.case_id, _conversations.customer_id).where(_conversations.case_id.in_(candidates))
    ):
        members.setdefault(case_id, set()).add(customer_id)
    first: dict[int, int] = {}
    for case_id, customer_id in s.execute(
        select(inside.case_id, _conversations.customer_id)
        .join(tables.conversations, _conversations.id == inside.conversation_id)
        .where(inside.case_id.in_(candidates))
        .order_by(inside.joined_at, inside.conversation_id)
    ):
        first.setdefault(case_id, customer_id)

    def leaves(case_id: int) -> bool:
        owners = members.get(case_id, set())
        if len(owners) == 1:
            return leaver_id in owners
        return case_id in own or first.get(case_id) == leaver_id

    return [case_id for case_id in candidates if leaves(case_id)]


def _leaving_facts(s: Session, root_id: int, leaver_id: int, own: Collection[int], since: datetime) -> list[int]:
    """Their own facts, and those learned since the merge from their messages or in their cases."""
    facts, messages, identities = tables.facts.c, tables.messages.c, tables.identities
    theirs = select(identities.c.id).where(identities.c.customer_id == leaver_id)
    talks = select(_conversations.id).where(_conversations.customer_id == leaver_id)
    said = select(messages.id).where(or_(messages.identity_id.in_(theirs), messages.conversation_id.in_(talks)))
    in_their_case = and_(facts.message_id.is_(None), _cases.customer_id == leaver_id)
    came_since = and_(facts.learned_at >= since, or_(facts.message_id.in_(said), in_their_case))
    rows = s.scalars(
        select(facts.id)
        .select_from(tables.facts.outerjoin(tables.cases, _cases.id == facts.case_id))
        .where(facts.customer_id == root_id, or_(facts.id.in_(own), came_since))
    )
    return list(rows)


def _strike(s: Session, root_id: int, kind: str, ids: Collection[int]) -> None:
    """What leaves is nobody else's own any more: it came to them by the one who leaves."""
    for merge in active_merges(s, below(s, root_id)):
        if gone := set(ids) & set(merge.moved.get(kind, ())):
            merge.moved = {**merge.moved, kind: [id_ for id_ in merge.moved[kind] if id_ not in gone]}
    s.flush()


def _unmix(s: Session, root_id: int, leaver_id: int) -> None:
    """No case spans two customers: a conversation that is in the other one's case gets one of its own, as if split."""
    tried: set[tuple[int, int]] = set()
    while mixed := _mixed(s, (root_id, leaver_id)):
        conversation_id, case_id, status = mixed[0]
        if status is CaseStatus.CLOSED or (conversation_id, case_id) in tried:  # what was closed stays as it was closed
            rooms.leave(s, [conversation_id])
            rooms.detach(s, [conversation_id])
        else:
            tried.add((conversation_id, case_id))  # a case that came by joins is left in as many steps
            cases.split(s, conversation_id)


def _mixed(s: Session, customer_ids: Iterable[int]) -> list[tuple[int, int, CaseStatus]]:
    rows = s.execute(
        select(_conversations.id, _cases.id, _cases.status)
        .join(tables.cases, _cases.id == _conversations.case_id)
        .where(_conversations.customer_id.in_(customer_ids), _cases.customer_id != _conversations.customer_id)
        .order_by(_conversations.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _fill_again(s: Session, survivor_id: int) -> None:
    """What was taken out may be filled by others who are still merged, and stands perhaps further up as well."""
    survivor = s.get_one(Customer, survivor_id)
    children = select(Merge).where(Merge.survivor_id == survivor_id, Merge.undone_at.is_(None)).order_by(Merge.id)
    for merge in s.scalars(children).all():
        given = fill(survivor, s.get_one(Customer, merge.absorbed_id))
        merge.before = combined(merge.before, given)
    s.flush()
    for upper in active_merges(s, [survivor_id]):
        take_out(s.get_one(Customer, upper.survivor_id), upper.before)
        upper.before = {}
        _fill_again(s, upper.survivor_id)
