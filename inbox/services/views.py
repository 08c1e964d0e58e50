"""The searches kept in the rail. Built-in ones can be moved, not changed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.errors import NotFoundError, RuleError
from inbox.events import SettingsChanged
from inbox.store import search
from inbox.store.db import record
from inbox.store.models import SavedView

SORTS = ("newest", "waiting", "due", "rank")


def save(
    s: Session, *, name: str, query: str, sort: str = "newest", agent_id: int | None = None, view_id: int | None = None
) -> int:
    """Keep a search as a view, or change the one named. ``agent_id``: only this agent sees it.

    Raises SearchError, which says where, for a search that can't be understood.
    """
    if not name.strip():
        raise RuleError("A view needs a name", "Give it one.")
    if sort not in SORTS:
        names = ", ".join(SORTS)
        raise RuleError("A view can't be sorted by {sort}", "Choose one of: {names}.", sort=sort, names=names)
    search.parse(query, now=datetime.now(UTC), agent_id=agent_id)
    if view_id is None:
        view = SavedView(position=(s.scalar(select(func.max(SavedView.position))) or 0) + 1)
        s.add(view)
    else:
        view = _require_own(s, view_id)
    view.name, view.query, view.sort, view.agent_id = name.strip(), query.strip(), sort, agent_id
    s.flush()
    record(s, SettingsChanged(what="views"))
    return view.id


def delete(s: Session, view_id: int) -> None:
    """Remove a view."""
    s.delete(_require_own(s, view_id))
    s.flush()
    record(s, SettingsChanged(what="views"))


def order(s: Session, view_ids: Sequence[int]) -> None:
    """Put the views into this order."""
    for position, id_ in enumerate(view_ids):
        s.execute(update(SavedView).where(SavedView.id == id_).values(position=position))
    record(s, SettingsChanged(what="views"))


def _require_own(s: Session, view_id: int) -> SavedView:
    view = s.get(SavedView, view_id)
    if view is None:
        raise NotFoundError("There is no such view any more", "Somebody may have removed it.")
    if view.key:
        raise RuleError("This view comes with the program", "Save a search of your own beside it.")
    return view
