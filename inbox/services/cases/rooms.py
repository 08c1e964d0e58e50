"""Which conversations a case spans: going in, going out, and who is there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from inbox.services.tables import case_conversations as rooms_table, conversations as conversations_table
from inbox.store.models import Base, CaseConversation, Conversation

M = TypeVar("M", bound=Base)


def members(s: Session, case_ids: Sequence[int]) -> list[int]:
    """The conversations of these cases."""
    return list(s.scalars(select(Conversation.id).where(Conversation.case_id.in_(case_ids)).order_by(Conversation.id)))


def leave(s: Session, conversation_ids: Sequence[int]) -> None:
    """Note that these conversations leave the cases they are in."""
    if not conversation_ids:
        return
    s.flush()
    left = update(rooms_table).where(
        rooms_table.c.conversation_id.in_(conversation_ids), rooms_table.c.left_at.is_(None)
    )
    s.connection().execute(left.values(left_at=datetime.now(UTC)))
    forget_rooms(s)


def detach(s: Session, conversation_ids: Sequence[int]) -> None:
    """Leave conversations without a case."""
    if conversation_ids:
        which = conversations_table.c.id.in_(conversation_ids)
        s.connection().execute(
            update(conversations_table).where(which).values(case_id=None, version=conversations_table.c.version + 1)
        )
        forget_loaded(s, Conversation, conversation_ids)


def enter(s: Session, places: Mapping[int, int]) -> None:
    """Put conversations into cases: conversation id -> case id. What was dismissed is work again."""
    if not places:
        return
    s.flush()
    connection = s.connection()
    moved = update(conversations_table).where(conversations_table.c.id == bindparam("key"))
    connection.execute(
        moved.values(case_id=bindparam("place"), dismissed=None, version=conversations_table.c.version + 1),
        [{"key": conversation_id, "place": case_id} for conversation_id, case_id in places.items()],
    )
    _note(s, places)
    forget_loaded(s, Conversation, list(places))
    forget_rooms(s)


def _note(s: Session, places: Mapping[int, int]) -> None:
    """Come back to a case, or come to it for the first time."""
    pairs = {(case_id, conversation_id) for conversation_id, case_id in places.items()}
    found = s.execute(
        select(rooms_table.c.case_id, rooms_table.c.conversation_id).where(
            rooms_table.c.conversation_id.in_(list(places))
        )
    )
    known = pairs & {(row.case_id, row.conversation_id) for row in found}
    connection = s.connection()
    if known:
        back = update(rooms_table).where(
            rooms_table.c.case_id == bindparam("case"), rooms_table.c.conversation_id == bindparam("room")
        )
        connection.execute(back.values(left_at=None), [{"case": case, "room": room} for case, room in known])
    if pairs - known:
        now = datetime.now(UTC)
        connection.execute(
            insert(rooms_table),
            [{"case_id": case, "conversation_id": room, "joined_at": now} for case, room in sorted(pairs - known)],
        )


def forget_rooms(s: Session) -> None:
    """Read the memberships anew when they are next used."""
    for loaded in list(s.identity_map.values()):
        if isinstance(loaded, CaseConversation):
            s.expire(loaded)


def locked(s: Session, model: type[M], id_: int) -> M | None:
    """A row as it stands now, held until this transaction ends. What this session had read of it before may be old."""
    s.flush()
    forget_loaded(s, model, [id_])
    return s.get(model, id_, with_for_update=True, populate_existing=True)


def forget_loaded(s: Session, model: type[Base], ids: Sequence[int]) -> None:
    """Read rows anew that were changed by set-based SQL, where this session had loaded them."""
    wanted = set(ids)
    for loaded in list(s.identity_map.values()):
        if isinstance(loaded, model) and loaded.__dict__.get("id") in wanted:
            s.expire(loaded)
