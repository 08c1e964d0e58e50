"""One feed, asked now and then, and only for what has changed since (RFC 9110, conditional requests)."""

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import httpx

from inbox.channels.base import Batch, Incoming, Outgoing, Receipt, StopSignal
from inbox.channels.feed.parse import entries, feed_address, matches
from inbox.channels.http import TIMEOUT, wait_seconds
from inbox.errors import RejectedMessageError, SignInError, TemporaryChannelError

_MOST = 20 * 2**20
_FORBIDDEN = (401, 403)
_GONE = (404, 410)


@dataclass(frozen=True, slots=True)
class _Page:
    """What was fetched, and from where after all redirects."""

    status: int
    url: str
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class _Known:
    """What the cursor holds: what to send back to the server, and the entries that it had last."""

    tag: str = ""
    modified: str = ""
    seen: frozenset[str] = frozenset()

    def cursor(self) -> str:
        """As text."""
        return json.dumps([self.tag, self.modified, sorted(self.seen)])


class FeedChannel:
    """The account of a feed."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        url = settings.get("url", "").strip()
        self._url = url if "://" in url or not url else f"https://{url}"
        self._words = [word.strip().casefold() for word in settings.get("keywords", "").split(",") if word.strip()]
        self._seconds = _minutes(settings.get("minutes", "")) * 60
        self._closed = threading.Event()

    def check(self) -> None:
        """Fetch the feed once, and see that it is one."""
        with self._client() as client:
            self._read(self._fetch(client, _Known()))

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield new entries. What a feed holds at first is history: nobody waits for an answer to it."""
        known = _load(cursor)
        first = not cursor
        with self._client() as client:
            while not (stop.is_set() or self._closed.is_set()):
                page = self._fetch(client, known)
                if page.status != httpx.codes.NOT_MODIFIED:
                    found = self._read(page)
                    new = [each for each in found if _mark(each) not in known.seen and matches(each, self._words)]
                    known = _Known(
                        page.headers.get("ETag", ""),
                        page.headers.get("Last-Modified", ""),
                        frozenset(map(_mark, found)),
                    )
                    if new:
                        yield Batch(new, known.cursor(), backfill=first)
                first = False
                yield Batch((), known.cursor())
                if self._wait(stop):
                    return

    def send(self, message: Outgoing) -> Receipt:
        """A feed takes no answers; its manifest says so, and nothing asks it to."""
        raise RejectedMessageError("A feed takes no answers", "Answer where the entry was published.")

    def close(self) -> None:
        """End the waiting."""
        self._closed.set()

    def _wait(self, stop: StopSignal) -> bool:
        """Wait until the next look; true when it is time to end."""
        left = self._seconds
        while left > 0 and not self._closed.is_set():
            step = min(left, 1.0)
            if stop.wait(step):
                return True
            left -= step
        return self._closed.is_set()

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=TIMEOUT, follow_redirects=True, headers={"User-Agent": "Inbox (feed reader)"})

    def _fetch(self, client: httpx.Client, known: _Known) -> _Page:
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5"}
        if known.tag:
            headers["If-None-Match"] = known.tag
        if known.modified:
            headers["If-Modified-Since"] = known.modified
        try:
            with client.stream("GET", self._url, headers=headers) as answer:
                content = _read_at_most(answer)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise SignInError("This is no web address: {url}", "Check it.", field="url", url=self._url) from error
        except httpx.HTTPError as error:
            raise TemporaryChannelError("The feed does not answer", "It is tried again by itself.") from error
        self._refused(answer)
        return _Page(answer.status_code, str(answer.url), answer.headers, content)

    def _refused(self, answer: httpx.Response) -> None:
        code = answer.status_code
        if code in _GONE:
            raise SignInError("There is no feed any more at {url}", "Check the address.", field="url", url=self._url)
        if code in _FORBIDDEN:
            raise SignInError("The feed may not be read: {code}", "Ask whoever runs it.", field="url", code=code)
        if code >= httpx.codes.BAD_REQUEST:
            raise TemporaryChannelError(
                "The feed answers: {code}",
                "It is tried again by itself.",
                retry_after=wait_seconds(answer.headers, datetime.now(UTC)),
                code=code,
            )

    def _read(self, answer: _Page) -> Sequence[Incoming]:
        found, title = entries(answer.content, answer.url)
        if found or title:
            return found
        named = feed_address(answer.content, answer.url)
        if named:
            raise SignInError(
                "This page is no feed, but it names one", "Enter this address: {url}", field="url", url=named
            )
        raise SignInError("There is no feed at {url}", "Check the address.", field="url", url=self._url)


def _read_at_most(answer: httpx.Response) -> bytes:
    pieces, size = [], 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > _MOST:
            raise SignInError("The feed is too large", "Choose a smaller one.", field="url")
        pieces.append(piece)
    return b"".join(pieces)


def _mark(entry: Incoming) -> str:
    """An entry's id, short: a cursor holds one for each entry that the feed has just now."""
    return sha256(entry.remote_id.encode("utf-8", "replace")).hexdigest()[:16]


def _load(cursor: str) -> _Known:
    with contextlib.suppress(ValueError, TypeError, KeyError):
        tag, modified, seen = json.loads(cursor)
        return _Known(str(tag), str(modified), frozenset(seen))
    return _Known()


def _minutes(value: str) -> float:
    try:
        return max(0.0, float(value.replace(",", ".")))
    except ValueError:
        return 15.0
