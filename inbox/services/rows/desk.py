"""Rows of the desk itself: views, accounts, people, the log, one's own day."""

from datetime import datetime

from inbox.lazy_dataclass import dataclass
from inbox.states import AccountState, Role


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view in the rail. ``count`` is capped: 1000 means "more than 999"."""

    id: int
    key: str  # of a built-in view; else empty
    name: str  # built-in: English, to be translated when shown
    query: str
    sort: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in the rail and the settings."""

    id: int
    kind: str
    name: str
    address: str
    settings: dict[str, str]
    enabled: bool
    state: AccountState
    state_title: str
    state_hint: str
    remaining: int | None
    unread: int
    opens_cases: bool
    case_days: int
    reopen_days: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    """A person who answers customers."""

    id: int
    name: str
    email: str
    role: Role
    team_id: int | None
    signature: str
    active: bool

    @property
    def initials(self) -> str:
        """At most two letters."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@dataclass(frozen=True, slots=True)
class TeamRow:
    """Agents who share a queue."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A line of the log, with its sentence in the person's language."""

    id: int
    at: datetime
    kind: str
    agent_name: str
    text: str
    case_id: int | None
    conversation_id: int | None


@dataclass(frozen=True, slots=True)
class DayNumbers:
    """One's own day at the foot of the rail. Times in seconds."""

    replied: int
    closed: int
    mean_wait: float | None
    target_wait: float
