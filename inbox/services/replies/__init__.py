"""What we write: replies on their way out, notes, logged calls and visits, drafts."""

from inbox.services.replies.checking import warnings
from inbox.services.replies.drafts import drop_draft, save_draft
from inbox.services.replies.notes import add_note, log_contact
from inbox.services.replies.queueing import queue, with_questions
from inbox.services.replies.recipients import before_writing
from inbox.services.replies.waiting import reschedule, undo

__all__ = [
    "add_note",
    "before_writing",
    "drop_draft",
    "log_contact",
    "queue",
    "reschedule",
    "save_draft",
    "undo",
    "warnings",
    "with_questions",
]
