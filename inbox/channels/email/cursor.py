"""How far an account is fetched, as the text that is stored with each batch."""

import json
import logging
from dataclasses import asdict, dataclass

log = logging.getLogger(__name__)


@dataclass(slots=True)
class FolderState:
    """How far a folder is fetched. The cursor is these, as JSON.

    Attributes:
        validity: UIDVALIDITY; another one means that all UIDs have changed.
        next_uid: Everything from here on is new.
        low: Everything from here to ``next_uid`` is fetched; 1 when the history is complete.
        newest: When the newest mail seen here reached the server, in seconds since 1970.
        since: After UIDs have changed: what is as new as this is new mail, not history; 0 for none.
        modseq: Changes of flags are known up to this one; 0 where the server does not count them.
        reach: The history is fetched back to this second only; 0 is all of it.
    """

    validity: int
    next_uid: int
    low: int
    newest: int
    since: int = 0
    modseq: int = 0
    reach: int = 0


def load_cursor(cursor: str) -> dict[str, FolderState]:
    """The folders' states; a cursor that can't be read is an empty one, as what is known is not stored twice."""
    try:
        folders = json.loads(cursor)["folders"] if cursor else {}
        return {name: FolderState(**state) for name, state in folders.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        log.warning("The cursor of an email account can't be read: it starts over")
        return {}


def dump_cursor(states: dict[str, FolderState]) -> str:
    """The cursor to store."""
    return json.dumps(
        {"version": 1, "folders": {name: asdict(state) for name, state in states.items()}}, separators=(",", ":")
    )
