"""Who was merged into whom, and what belonged to whom before.

Each merge that still holds lists what the absorbed customer owned itself, without what it had absorbed before. So
every identity has one origin: the absorbed customer whose merge lists it, else the customer it is with. A conversation
follows its identity; that is what lets merges be undone in any order.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from inbox.services import tables
from inbox.store.models import Base, Merge

OWNED: tuple[tuple[str, Table], ...] = (
    ("identities", tables.identities),
    ("cases", tables.cases),
    ("facts", tables.facts),
)
"""What a merge lists as the absorbed customer's own."""


def below(s: Session, customer_id: int) -> list[int]:
    """A customer and everybody who was merged into it, directly or through others."""
    found, newest = [customer_id], [customer_id]
    while newest:
        absorbed = select(tables.customers.c.id).where(tables.customers.c.merged_into_id.in_(newest))
        newest = [each for each in s.scalars(absorbed) if each not in found]
        found += newest
    return found


def active_merges(s: Session, absorbed_ids: Sequence[int]) -> list[Merge]:
    """The merges that hold, of these absorbed customers; the oldest first."""
    query = select(Merge).where(Merge.absorbed_id.in_(absorbed_ids), Merge.undone_at.is_(None))
    return list(s.scalars(query.order_by(Merge.id)))


def listed(merges: Iterable[Merge], kind: str) -> set[int]:
    """The ids that these merges list as the absorbed customers' own."""
    return {id_ for merge in merges for id_ in merge.moved.get(kind, ())}


def give(s: Session, table: Table, ids: Iterable[int], customer_id: int) -> None:
    """Hand rows over to a customer."""
    wanted = sorted(ids)
    values: dict[str, object] = {"customer_id": customer_id}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    for first in range(0, len(wanted), 500):
        some = wanted[first : first + 500]
        s.connection().execute(update(table).where(table.c.id.in_(some)).values(values))
    forget_loaded(s, table)


def forget_loaded(s: Session, table: Table) -> None:
    """Read anew what set-based SQL has changed."""
    for loaded in list(s.identity_map.values()):
        if isinstance(loaded, Base) and loaded.__table__ is table:
            s.expire(loaded)
