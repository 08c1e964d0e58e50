"""What happened: frozen dataclasses with ids and no rows, and the bus that carries them within this process.

Each event is also one row of the activity log (``store.db.record``); the class's name is the row's ``kind``, and the
fields that are not ids are its ``details``. Handlers run in the thread that publishes, after the commit.
"""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from inbox.lazy_dataclass import dataclass

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What it was about. Ids that don't apply are ``None``."""

    account_id: int | None = None
    conversation_id: int | None = None
    case_id: int | None = None
    customer_id: int | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReceived(Event):
    """A customer's new message was stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStored(Event):
    """A batch of old messages was stored: one event for all of them."""

    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyQueued(Event):
    """A reply waits to go out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyUndone(Event):
    """A queued reply was taken back into a draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySettled(Event):
    """What became of a reply: ``delivery`` is a ``states.Delivery``."""

    delivery: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    """A note, a logged call or a visit was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Read, snoozed, dismissed, restored, tagged or moved: ``what`` says which."""

    what: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """A case was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChanged(Event):
    """Type, status, owner, team, priority, deadline or subject changed: ``what`` says which."""

    what: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """The gate let it pass."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCloseRefused(Event):
    """The gate refused; ``missing`` says why."""

    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened(Event):
    """A closed case is worked on again; ``why`` is "customer", "agent" or "bounce"."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesJoined(Event):
    """``case_id`` took over the conversations of ``other_case_id``."""

    other_case_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSplit(Event):
    """A conversation left ``case_id`` for ``other_case_id``."""

    other_case_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateWaived(Event):
    """A supervisor let a case pass without its questions."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAsked(Event):
    """A clarifying question was put in a case."""

    question_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionAnswered(Event):
    """A question got its answer, or was marked "no answer" (``answered`` is false)."""

    question_id: int = 0
    answered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Event):
    """Name, tier, tags, identities, facts, consents or notes changed: ``what`` says which."""

    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersMerged(Event):
    """``customer_id`` absorbed ``other_customer_id``."""

    other_customer_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersUnmerged(Event):
    """``other_customer_id`` stands by itself again."""

    other_customer_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerErased(Event):
    """A customer's personal data was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChanged(Event):
    """An account was added, changed, removed, or its light changed: ``what`` says which."""

    what: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """Case types, question banks, templates, views, agents, teams or settings changed: ``what`` says which."""

    what: str = ""


KINDS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}

E = TypeVar("E", bound=Event)


class Bus:
    """Carries events to whoever subscribed, by class; subscribing to ``Event`` hears all. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handlers: dict[type[Event], list[Callable[[Event], None]]] = {}

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call ``handler`` for each event of a class; returns the function that ends it."""
        with self._lock:
            self._handlers.setdefault(kind, []).append(handler)  # type: ignore[arg-type]  # looked up by class

        def unsubscribe() -> None:
            with self._lock:
                if handler in self._handlers.get(kind, []):
                    self._handlers[kind].remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell everybody; a handler that fails is logged and does not stop the others."""
        with self._lock:
            handlers = [*self._handlers.get(type(event), []), *self._handlers.get(Event, [])]
        for handler in handlers:
            try:
                handler(event)
            except Exception:
                log.exception("A handler of %s failed", type(event).__name__)
