"""One account of X: it looks for what is new as often as its money allows, and answers who spoke to it."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from inbox.channels.base import Batch, Budget, Outgoing, Receipt, StopSignal
from inbox.channels.http import download_public
from inbox.channels.x import parse, reading
from inbox.channels.x.answer import Answering
from inbox.channels.x.calls import NotPermittedError, RateError, Server
from inbox.channels.x.cursor import Cursor
from inbox.channels.x.meter import Meter
from inbox.errors import RejectedMessageError, SignInError, TemporaryChannelError

log = logging.getLogger(__name__)

_STEP_SECONDS = 0.25
_MESSAGES_SECONDS = 60.0  # X lets them be read 15 times in 15 minutes
_SLOW_FROM, _SLOWER = 0.8, 5.0
_CHUNK = 200
_SIGNED_HOSTS = ("https://ton.twitter.com/", "https://ton.x.com/")

Json = Mapping[str, Any]
Look = Callable[[str], list[Json]]


class XChannel:
    """An account. Receiving has a connection of its own; answers share another."""

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._name = settings.get("address", "").strip().lstrip("@")
        self._url = settings.get("server", "").strip()
        self._secrets = secrets
        self._reads_only = settings.get("access", "keys") == "bearer"
        self._self_serve = settings.get("plan", "self_serve") != "more"
        self._streams = streams_of(settings.get("streams", ""))
        self._direct = not self._reads_only and settings.get("direct_messages", "yes") in ("yes", "true")
        self._seconds = _seconds(settings.get("seconds", ""))
        self._meter = Meter()
        self._budget: Callable[[], Budget] | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._open: set[Server] = set()
        self._answering: Answering | None = None
        self._me: Json = {}
        self._refused: set[str] = set()  # lists that the plan does not allow: told once
        self._not_before: dict[str, float] = {}

    def check(self) -> None:
        """Ask who we are."""
        with self._server() as server:
            self._sign_in(server)

    def keep_within(self, budget: Callable[[], Budget]) -> None:
        """Ask ``budget`` before anything is paid for."""
        self._budget = budget

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what came, the first look of each list as history."""
        if self._closed.is_set():
            return
        place = Cursor.load(cursor)
        try:
            with self._server() as server:
                slow = self._afford()
                reader = reading.Reader(server, self._sign_in(server), self._meter)
                while True:
                    for name, look in self._lists(reader):
                        yield from self._news(name, look, place)
                        if self._over(stop):
                            return
                    yield Batch((), str(place), charges=self._meter.take())
                    if self._wait(stop, self._seconds * (_SLOWER if slow else 1)):
                        return
                    slow = self._afford()
        except RejectedMessageError as error:  # no message's fault
            raise TemporaryChannelError("X can't be read: {words}", words=error.title) from error
        except TemporaryChannelError:
            if not self._over(stop):
                raise

    def send(self, message: Outgoing) -> Receipt:
        """Answer a post, or write a direct message."""
        if self._reads_only:
            raise SignInError(
                "With a bearer token, the account can only read", "Enter the four keys to answer.", field="access"
            )
        self._afford()
        with self._lock:
            answering = self._answering
            if answering is None:
                answering = self._answering = Answering(self._opened(), self._meter, self_serve=self._self_serve)
        me = self._me or self._sign_in(answering.server)
        return answering.send(message, me, self._closed)

    def fetch_file(self, remote: str, most: int) -> bytes:
        """A file by its address; those of direct messages are for our keys only."""
        if remote.startswith(_SIGNED_HOSTS):
            with self._server() as server:
                return server.fetch(remote, most)
        return download_public(remote, most)

    def forecast(self) -> Mapping[str, float]:
        """How many posts a day each saved search finds, by the last week."""
        with self._server() as server:
            found = {}
            for stream in self._streams:
                answer = server.count(reading.searchable(stream))
                meta = answer.get("meta")
                total = meta.get("total_tweet_count") if isinstance(meta, dict) else None
                found[stream] = float(total) / 7 if isinstance(total, int | float) else 0.0
            return found

    def close(self) -> None:
        """Break what is under way."""
        self._closed.set()
        with self._lock:
            servers = [*self._open]
        for each in servers:
            each.close()

    # --- connections ---

    def _opened(self) -> Server:
        server = Server(self._url, self._secrets, reads_only=self._reads_only)
        self._open.add(server)
        if self._closed.is_set():
            server.close()
        return server

    @contextlib.contextmanager
    def _server(self) -> Iterator[Server]:
        with self._lock:
            server = self._opened()
        try:
            yield server
        finally:
            server.close()
            with self._lock:
                self._open.discard(server)

    def _sign_in(self, server: Server) -> Json:
        try:
            me = reading.who_are_we(server, self._name, reads_only=self._reads_only, meter=self._meter)
        except RejectedMessageError as error:
            raise TemporaryChannelError("X can't be read: {words}", words=error.title) from error
        self._me = me
        return me

    # --- receiving ---

    def _over(self, stop: StopSignal) -> bool:
        return stop.is_set() or self._closed.is_set()

    def _wait(self, stop: StopSignal, seconds: float) -> bool:
        """Wait; true when it is time to stop."""
        while seconds > 0 and not self._over(stop):
            stop.wait(min(seconds, _STEP_SECONDS))
            seconds -= _STEP_SECONDS
        return self._over(stop)

    def _afford(self) -> bool:
        """Whether to go slower; raises TemporaryChannelError where the money of the day or month is spent."""
        budget = self._budget() if self._budget is not None else Budget()
        if budget.share >= 1:
            raise TemporaryChannelError(
                "The month's budget for X is spent" if budget.month else "The day's budget for X is spent",
                "It goes on by itself; or raise it in the account's settings.",
                retry_after=budget.seconds,
            )
        return budget.share >= _SLOW_FROM

    def _lists(self, reader: reading.Reader) -> Sequence[tuple[str, Look]]:
        lists: list[tuple[str, Look]] = [("mentions", reader.mentions), ("quotes", reader.quotes)]
        lists += [(f"stream:{each}", _searching(reader, each)) for each in self._streams]
        lists += [("own", reader.own)] if not self._reads_only else []
        return [*lists, ("messages", reader.messages)] if self._direct else lists

    def _news(self, name: str, look: Look, place: Cursor) -> Iterator[Batch]:
        """What a list has after what is known. Only the mentions are what the account can't do without."""
        if name in self._refused or time.monotonic() < self._not_before.get(name, 0):
            return
        first = name not in place.newest
        try:
            found = look(place.newest.get(name, ""))
        except (NotPermittedError, RejectedMessageError, RateError) as error:
            if name == "mentions":
                raise
            self._without(name, error)
            return
        if name == "messages":
            self._not_before[name] = time.monotonic() + _MESSAGES_SECONDS
        place.after(name, "")
        stream = name.removeprefix("stream:") if name.startswith("stream:") else ""
        for start in range(0, len(found), _CHUNK):
            chunk = found[start : start + _CHUNK]
            messages = [message for each in chunk if (message := parse.read(each, stream)) is not None]
            for each in chunk:
                place.after(name, reading.id_of(each))
            edits = [edit for each in messages if (edit := parse.edit_of(each)) is not None]
            if messages:
                yield Batch(messages, str(place), backfill=first, edits=edits, charges=self._meter.take())

    def _without(self, name: str, error: Exception) -> None:
        if isinstance(error, RateError):
            self._not_before[name] = time.monotonic() + (error.retry_after or _MESSAGES_SECONDS)
            return
        self._refused.add(name)
        log.info("X does not give the list %s: %s", name.partition(":")[0], error)


def streams_of(text: str) -> tuple[str, ...]:
    """The saved searches, each on a line or apart by commas."""
    return tuple(dict.fromkeys(each.strip() for line in text.splitlines() for each in line.split(",") if each.strip()))


def _searching(reader: reading.Reader, query: str) -> Look:
    return lambda since: reader.search(query, since)


def _seconds(value: str) -> float:
    try:
        return max(0.2, float(value.replace(",", ".")))
    except ValueError:
        return 120.0
