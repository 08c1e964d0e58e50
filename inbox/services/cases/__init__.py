"""Cases: opened, changed, closed behind the gate, joined and split. Functions take a session and never commit."""

from inbox.services.cases.changing import assign, change, require, solve
from inbox.services.cases.closing import close, close_many, gate, may_waive, reopen, waive
from inbox.services.cases.joining import attach, join, split
from inbox.services.cases.opening import customer_wrote, drop, open_case, open_cases, we_wrote
from inbox.services.cases.rooms import members

__all__ = [
    "assign",
    "attach",
    "change",
    "close",
    "close_many",
    "customer_wrote",
    "drop",
    "gate",
    "join",
    "may_waive",
    "members",
    "open_case",
    "open_cases",
    "reopen",
    "require",
    "solve",
    "split",
    "waive",
    "we_wrote",
]
