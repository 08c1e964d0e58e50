"""The thread: one stream of messages for a case, whatever the channel."""

from inbox.ui.thread.view import ThreadView

__all__ = ["ThreadView"]
