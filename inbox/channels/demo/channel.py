"""A demo account: new customers write now and then, and everybody answers what is asked."""

import heapq
import itertools
import json
import random
import threading
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from inbox.channels.base import Author, Batch, Incoming, Outgoing, Receipt, StopSignal
from inbox.channels.demo.story import load
from inbox.states import ConversationKind

_LOOK = 0.25  # seconds between two looks at what is due
_ANSWER_SECONDS = (2.0, 8.0)
_NEWCOMER_SECONDS = (40.0, 90.0)


class DemoChannel:
    """One account of the simulated shop.

    Its settings: ``key`` names it in the story, ``language`` the story, ``pace`` shortens all waits (1 is as it comes).
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._key = settings.get("key", "")
        self._story = load(settings.get("language", "es"))
        self._pace = float(settings.get("pace", "1"))
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._due: list[tuple[float, int, Incoming]] = []
        self._numbers = itertools.count()
        self._now = 0.0
        self._thanked: set[str] = set()
        self._chance = random.Random()  # noqa: S311 - nothing secret
        self._newcomers = [one for one in self._story.content["newcomers"] if one["account"] == self._key]

    def check(self) -> None:
        """It always works."""

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield the answers as they fall due, and now and then somebody new. The cursor counts the new ones."""
        came = int(cursor) if cursor.isdigit() else 0
        yield Batch((), str(came))
        next_newcomer = self._wait_of(_NEWCOMER_SECONDS) * (1 + self._chance.random())
        while not self._closed.is_set() and not stop.wait(_LOOK):
            with self._lock:
                self._now += _LOOK
                due = []
                while self._due and self._due[0][0] <= self._now:
                    due.append(heapq.heappop(self._due)[2])
            if came < len(self._newcomers) and self._now >= next_newcomer:
                due.append(self._newcomer(self._newcomers[came]))
                came += 1
                next_newcomer = self._now + self._wait_of(_NEWCOMER_SECONDS) * 4
            if due:
                yield Batch(due, str(came))

    def send(self, message: Outgoing) -> Receipt:
        """Take a reply; the customer answers it in a moment."""
        message.on_handover()
        words = self._words(message)
        if words:
            handle = message.to[0] if message.to else ""
            answer = _incoming(handle, "", message.remote_thread, words, public=message.public)
            with self._lock:
                heapq.heappush(self._due, (self._now + self._wait_of(_ANSWER_SECONDS), next(self._numbers), answer))
        return Receipt(f"demo-{uuid.uuid4().hex}")

    def close(self) -> None:
        """End receiving."""
        self._closed.set()

    def _words(self, message: Outgoing) -> str:
        """What the customer says to it: an answer, or thanks once."""
        answer = self._story.answer(message.text, self._own_answers(message))
        if answer or message.remote_thread in self._thanked:
            return answer
        self._thanked.add(message.remote_thread)
        return self._chance.choice(self._story.thanks)

    def _own_answers(self, message: Outgoing) -> Mapping[str, str]:
        customers = self._story.content["customers"]
        found: dict[str, str] = {}
        for conversation in self._story.content["conversations"]:
            handles = customers[conversation["customer"]]["handles"].values()
            if message.to and message.to[0] in handles:
                found.update(conversation.get("answers", {}))
        return found

    def _newcomer(self, one: Mapping[str, str]) -> Incoming:
        return _incoming(
            one["handle"],
            one["name"],
            f"demo-{self._key}-{one['handle']}",
            one["text"],
            subject=one["subject"],
            public=bool(one.get("mention")),
        )

    def _wait_of(self, seconds: tuple[float, float]) -> float:
        return self._chance.uniform(*seconds) * self._pace


def _incoming(handle: str, name: str, thread: str, text: str, *, subject: str = "", public: bool = False) -> Incoming:
    raw = json.dumps({"from": handle, "name": name, "subject": subject, "text": text}, ensure_ascii=False).encode()
    return Incoming(
        remote_id=f"demo-{uuid.uuid4().hex}",
        author=Author(handle, name),
        sent_at=datetime.now(UTC),
        raw=raw,
        text=text,
        new_text=text,
        subject=subject,
        remote_thread=thread,
        conversation_kind=ConversationKind.MENTION if public else ConversationKind.DIRECT,
    )
