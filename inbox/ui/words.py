"""The fixed vocabularies in the person's language: channels, statuses, reasons, what became of a message.

Values are compared as the strings that they are stored as, so that nothing has to be loaded for the first paint.
"""

from inbox.i18n import tr


def channel(kind: str) -> str:
    """A channel's name, as in "by email"."""
    return {
        "email": tr("email"),
        "telegram": "Telegram",
        "x": "X",
        "mastodon": "Mastodon",
        "bluesky": "Bluesky",
        "livechat": tr("website chat"),
        "whatsapp": "WhatsApp",
        "meta": "Messenger",
        "phone": tr("phone"),
        "letter": tr("letter"),
        "feed": tr("feed"),
        "demo": tr("the demo channel"),
    }.get(kind, kind)


def status(value: str) -> str:
    """A case's status."""
    return {
        "new": tr("New"),
        "open": tr("Open"),
        "waiting": tr("Waiting"),
        "solved": tr("Solved"),
        "closed": tr("Closed"),
    }.get(value, value)


def close_reason(value: str) -> str:
    """How a case ended."""
    return {
        "resolved": tr("Resolved"),
        "not_resolved": tr("Not resolved"),
        "lost_customer": tr("Lost customer"),
        "no_answer": tr("No answer from the customer"),
    }.get(value, value)


def dismiss_reason(value: str) -> str:
    """Why a conversation needs no case."""
    return {
        "spam": tr("Spam"),
        "praise": tr("Praise"),
        "newsletter": tr("Newsletter"),
        "automatic": tr("Automatic message"),
        "other": tr("Needs no answer"),
    }.get(value, value)


def priority(value: str) -> str:
    """How much a case presses."""
    return {"low": tr("Low"), "normal": tr("Normal"), "high": tr("High")}.get(value, value)


def delivery(value: str) -> str:
    """What became of our message."""
    return {
        "queued": tr("waiting to be sent"),
        "sending": tr("being sent"),
        "sent": tr("sent"),
        "delivered": tr("delivered"),
        "read": tr("read"),
        "failed": tr("not sent"),
        "unknown": tr("perhaps sent"),
    }.get(value, "")


def sort(value: str) -> str:
    """The order of a list."""
    return {
        "rank": tr("By waiting and value"),
        "newest": tr("Newest first"),
        "waiting": tr("Longest waiting first"),
        "due": tr("By deadline"),
    }.get(value, value)


def view(name: str) -> str:
    """A built-in view's name; a person's own view keeps the name it was given."""
    return {
        "Mine": tr("Mine"),
        "Unassigned": tr("Unassigned"),
        "Due today": tr("Due today"),
        "Waiting for the customer": tr("Waiting for the customer"),
        "All open": tr("All open"),
        "Not delivered": tr("Not delivered"),
        "Mentions": tr("Mentions"),
        "Everything": tr("Everything"),
    }.get(name, name)
