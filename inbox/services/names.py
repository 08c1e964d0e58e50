"""How people and channels are called on the screen."""

from sqlalchemy import ColumnElement, case

from inbox.i18n import tr
from inbox.services import tables
from inbox.services.erasing import ERASED
from inbox.services.ingest.people import UNKNOWN_SENDER

PRETENDS = "as"
"""The setting of a demo account that names the channel it plays."""


def customer_name(name: str | None, handle: str | None) -> str:
    """A customer's name, or the handle where no name is known."""
    if name:
        return name
    if not handle or handle.startswith(UNKNOWN_SENDER):
        return tr("Unknown sender")
    return tr("Erased customer") if handle.startswith(ERASED) else handle


def is_unknown(handle: str) -> bool:
    """Whether a handle stands for a sender whom the message did not name."""
    return handle.startswith(UNKNOWN_SENDER)


def visible_handle(handle: str | None) -> str:
    """A handle as a person may see it; empty where it only stands for none."""
    return "" if not handle or handle.startswith((UNKNOWN_SENDER, ERASED)) else handle


def channel_column() -> ColumnElement[str]:
    """An account's channel; a demo account's is the one it plays."""
    settings, kind = tables.accounts.c.settings, tables.accounts.c.kind
    return case((kind == "demo", settings[PRETENDS].as_string()), else_=kind)
