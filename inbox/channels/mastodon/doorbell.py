"""The server's stream of events, used as a doorbell: it ends the wait for the next look. Looking is what finds."""

import logging
import queue
import threading
from typing import Any

import requests
from mastodon import MastodonError, StreamListener

from inbox.channels.mastodon.calls import Server
from inbox.errors import ChannelError

log = logging.getLogger(__name__)

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 600.0
_QUIET = ("update", "filters_changed")  # what others post in the home timeline is no news to us


class Doorbell:
    """A thread that listens. A context manager; a server without streams costs one question in ten minutes.

    Attributes:
        deleted: Ids of posts that were deleted, as they are told.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token
        self.deleted: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._rung = threading.Event()
        self._closed = threading.Event()
        self._server: Server | None = None
        self._thread = threading.Thread(target=self._listen, name="mastodon-doorbell", daemon=True)

    def __enter__(self) -> "Doorbell":
        self._server = Server(self._url, self._token)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        if self._server is not None:
            self._server.close()
        self._thread.join()

    def has_rung(self) -> bool:
        """Whether something happened since the last time this was asked."""
        rung = self._rung.is_set()
        self._rung.clear()
        return rung

    def _listen(self) -> None:
        wait = _FIRST_WAIT
        while not self._closed.is_set() and self._server is not None:
            ear = _Ear(self)
            try:
                self._server.api.stream_user(ear, timeout=_LONGEST_WAIT)
            except (MastodonError, requests.RequestException, ChannelError, OSError, ValueError, AttributeError) as end:
                log.debug("The stream of events ended: %s", type(end).__name__)
            if (answer := self._server.line.last) is not None:
                answer.close()  # the library leaves a refusal open
            wait = _FIRST_WAIT if ear.heard else min(wait * 4, _LONGEST_WAIT)
            self._closed.wait(wait)

    def ring(self, deleted: str = "") -> None:
        """Something happened."""
        if deleted:
            self.deleted.put(deleted)
        self._rung.set()


class _Ear(StreamListener):
    """Hears events by their names: what they hold is fetched, so that one way of reading is enough."""

    def __init__(self, bell: Doorbell) -> None:
        self._bell = bell
        self.heard = False

    def on_any_event(self, name: str, data: Any = None, for_stream: str | None = None) -> None:
        """Every event."""
        self.heard = True
        if name == "delete":
            self._bell.ring(str(data))
        elif name not in _QUIET:
            self._bell.ring()

    def on_unknown_event(self, name: str, unknown_event: Any = None) -> None:
        """One that the library does not know yet."""
        self._bell.ring()
