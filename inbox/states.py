"""The fixed vocabularies: what a case, a message or an account can be. The values are what the database stores."""

from enum import StrEnum


class CaseStatus(StrEnum):
    """How far a case is."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """How a case ended."""

    RESOLVED = "resolved"
    NOT_RESOLVED = "not_resolved"
    LOST_CUSTOMER = "lost_customer"
    NO_ANSWER = "no_answer"


class Priority(StrEnum):
    """How much a case presses beside its deadline."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class ConversationKind(StrEnum):
    """Private or public."""

    DIRECT = "direct"
    MENTION = "mention"


class ConversationState(StrEnum):
    """Where a conversation stands in the list: kept in step with its case by ``services.conversations``."""

    OPEN = "open"  # somebody of ours has to do something
    WAITING = "waiting"  # for the customer
    DONE = "done"  # case solved or closed, dismissed, or never needed one


class DismissReason(StrEnum):
    """Why a conversation needs no case."""

    SPAM = "spam"
    PRAISE = "praise"
    NEWSLETTER = "newsletter"
    AUTOMATIC = "automatic"
    OTHER = "other"


class Direction(StrEnum):
    """Whose message it is. A note is for the team only."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class MessageKind(StrEnum):
    """What a message is. Questions put in a logged call or visit count as asked."""

    TEXT = "text"
    CALL = "call"
    VISIT = "visit"
    AUTOMATIC = "automatic"  # an automatic reply
    BOUNCE = "bounce"
    UNREADABLE = "unreadable"  # could not be parsed; the raw bytes are kept and "try again" is offered


class Delivery(StrEnum):
    """What became of an outgoing message. Incoming messages and notes have ``NONE``."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNKNOWN = "unknown"  # may have gone out; a person decides


GONE_OUT = (Delivery.SENT, Delivery.DELIVERED, Delivery.READ)


class AccountState(StrEnum):
    """The light beside an account."""

    OFF = "off"  # switched off by a person
    CONNECTING = "connecting"
    SYNCING = "syncing"  # signed in, fetching what was there before
    ONLINE = "online"
    RETRYING = "retrying"  # a temporary trouble; tried again by itself
    SIGN_IN = "sign_in"  # a person must act


class Tier(StrEnum):
    """A customer's value."""

    A = "A"
    B = "B"
    C = "C"


class Role(StrEnum):
    """What an agent may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class QuestionOrigin(StrEnum):
    """Where a clarifying question came from."""

    BANK = "bank"
    FREE = "free"  # a sentence of the agent's own, confirmed as a clarifying question
