"""What every channel promises. Subclass ``ChannelContract`` and give it a ``place``: the other side, for tests."""

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

from inbox.channels import registry
from inbox.channels.base import Batch, Channel, Incoming, Manifest, Outgoing
from inbox.errors import RejectedMessageError, SignInError, TemporaryChannelError
from inbox.states import MessageKind

WAIT = 10  # seconds until a test gives up


class ReceivingPlace(Protocol):
    """The other side of a channel: a real server on loopback, or captured answers over HTTP."""

    @property
    def settings(self) -> Mapping[str, str]:
        """The account's settings."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """The account's secrets."""

    def write(self, text: str) -> None:
        """A customer writes to us."""

    def write_unreadable(self) -> None:
        """Something comes in that can't be parsed."""

    def refuse_sign_in(self) -> None:
        """Refuse who we are from now on."""

    def go_away(self) -> None:
        """Be out of reach from now on."""


class Place(ReceivingPlace, Protocol):
    """The other side of a channel that sends."""

    def reply(self, text: str) -> Outgoing:
        """A reply to a customer."""

    def arrived(self) -> list[str]:
        """The texts that customers got from us, in order."""

    def reject_next(self) -> None:
        """Refuse the next message for good."""


class Listener:
    """``receive`` in a thread, as the engine runs it. A context manager; ``next`` waits for a batch."""

    def __init__(self, channel: Channel, cursor: str = "") -> None:
        self._channel, self.cursor = channel, cursor
        self.stop = threading.Event()
        self._batches: queue.Queue[Batch | BaseException | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="receive-test")

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._channel.close()
        self.join()

    def _run(self) -> None:
        try:
            for batch in self._channel.receive(self.cursor, self.stop):
                self._batches.put(batch)
            self._batches.put(None)
        except Exception as error:  # noqa: BLE001 - handed to the test
            self._batches.put(error)

    def next(self, *, seconds: float = WAIT) -> Batch:
        """The next batch; what ``receive`` raised is raised here."""
        found = self._batches.get(timeout=seconds)
        if isinstance(found, BaseException):
            raise found
        assert found is not None, "receive has ended"
        self.cursor = found.cursor
        return found

    def until_quiet(self) -> list[Incoming]:
        """All messages up to the batch that says that nothing is new."""
        messages: list[Incoming] = []
        while (batch := self.next()).messages or batch.remaining:
            messages.extend(batch.messages)
        return messages

    def join(self, *, seconds: float = WAIT) -> None:
        """Wait for the thread's end."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "receive did not end"


def fetch(channel: Channel, cursor: str = "") -> tuple[list[Incoming], str]:
    """Everything there is after the cursor, and the cursor afterwards. Closes the channel."""
    with Listener(channel, cursor) as listener:
        return listener.until_quiet(), listener.cursor


class ReceivingContract:
    """What a channel promises that only listens. ``kind`` names it; a fixture ``place`` gives its other side."""

    kind: str

    @pytest.fixture
    def manifest(self) -> Manifest:
        return registry.manifest(self.kind)

    def channel(self, place: ReceivingPlace) -> Channel:
        """The account's channel, not connected yet."""
        return registry.plugin(self.kind).open_channel(place.settings, place.secrets)

    @contextlib.contextmanager
    def opened(self, place: ReceivingPlace) -> Iterator[Channel]:
        """The account's channel, closed afterwards."""
        channel = self.channel(place)
        yield channel
        channel.close()

    def test_the_manifest_describes_the_form_truthfully(self, manifest: Manifest, place: ReceivingPlace) -> None:
        names = [field.name for field in manifest.fields]
        assert manifest.kind == self.kind
        assert len(set(names)) == len(names)
        assert manifest.address_field in names
        assert set(place.settings) <= {field.name for field in manifest.fields if not field.secret}
        assert set(place.secrets) <= {field.name for field in manifest.fields if field.secret}
        for field in manifest.fields:
            assert (field.kind == "choice") == bool(field.choices)
            assert not field.default or not field.choices or field.default in [value for value, _ in field.choices]

    def test_signing_in_is_checked(self, place: ReceivingPlace) -> None:
        with self.opened(place) as channel:
            channel.check()

    def test_an_empty_cursor_yields_everything_that_is_there(self, place: ReceivingPlace) -> None:
        place.write("The parcel has not come.")
        place.write("Where is my invoice?")
        messages, _ = fetch(self.channel(place))
        assert sorted(message.text.strip() for message in messages) == [
            "The parcel has not come.",
            "Where is my invoice?",
        ]
        assert all(message.author.handle and message.sent_at.tzinfo for message in messages)

    def test_receiving_goes_on_after_the_cursor_without_repeating(self, place: ReceivingPlace) -> None:
        place.write("The first.")
        _, cursor = fetch(self.channel(place))
        place.write("The second.")
        messages, cursor = fetch(self.channel(place), cursor)
        assert [message.text.strip() for message in messages] == ["The second."]
        assert fetch(self.channel(place), cursor)[0] == []

    def test_a_message_has_the_same_id_each_time(self, place: ReceivingPlace) -> None:
        place.write("The first.")
        place.write("The second.")
        once, _ = fetch(self.channel(place))
        again, _ = fetch(self.channel(place))
        assert {message.remote_id for message in once} == {message.remote_id for message in again}
        assert len({message.remote_id for message in once}) == 2

    def test_a_message_that_comes_in_later_is_no_history(self, place: ReceivingPlace) -> None:
        with Listener(self.channel(place)) as listener:
            listener.until_quiet()
            place.write("Are you there?")
            batch = listener.next()
            assert [message.text.strip() for message in batch.messages] == ["Are you there?"]
            assert not batch.backfill

    def test_what_can_not_be_parsed_is_yielded_all_the_same(self, place: ReceivingPlace) -> None:
        place.write("Before.")
        place.write_unreadable()
        place.write("After.")
        messages, _ = fetch(self.channel(place))
        assert len(messages) == 3
        unreadable = [message for message in messages if message.kind is MessageKind.UNREADABLE]
        assert len(unreadable) == 1
        assert unreadable[0].raw
        assert unreadable[0].problem

    def test_a_refused_sign_in_is_for_a_person_to_mend(self, place: ReceivingPlace) -> None:
        place.refuse_sign_in()
        with self.opened(place) as channel:
            with pytest.raises(SignInError) as refused:
                channel.check()
            assert refused.value.hint
            with pytest.raises(SignInError):
                next(iter(channel.receive("", threading.Event())))

    def test_what_is_out_of_reach_is_tried_again_later(self, place: ReceivingPlace) -> None:
        place.go_away()
        with self.opened(place) as channel, pytest.raises(TemporaryChannelError):
            next(iter(channel.receive("", threading.Event())))

    def test_closing_from_another_thread_ends_receiving(self, place: ReceivingPlace) -> None:
        channel = self.channel(place)
        with Listener(channel) as listener:
            listener.until_quiet()
            channel.close()
            channel.close()
            listener.join(seconds=3)

    def test_stopping_ends_receiving(self, place: ReceivingPlace) -> None:
        with Listener(self.channel(place)) as listener:
            listener.until_quiet()
            listener.stop.set()
            listener.join(seconds=3)

    def test_closing_before_anything_was_opened_is_fine(self, place: ReceivingPlace) -> None:
        channel = self.channel(place)
        channel.close()
        assert list(channel.receive("", threading.Event())) == []


class ChannelContract(ReceivingContract):
    """The whole suite."""

    def test_a_reply_arrives_and_gives_a_receipt(self, place: Place) -> None:
        handed_over: list[bool] = []
        with self.opened(place) as channel:
            reply = dataclasses.replace(
                place.reply("It left yesterday."), on_handover=lambda: handed_over.append(bool(place.arrived()))
            )
            receipt = channel.send(reply)
        assert receipt.remote_id
        assert receipt.refused == ()
        assert [text.strip() for text in place.arrived()] == ["It left yesterday."]
        assert handed_over == [False], "on_handover is called once, before the message can take effect"

    def test_a_refused_message_is_a_rejected_one(self, place: Place) -> None:
        place.reject_next()
        with self.opened(place) as channel, pytest.raises(RejectedMessageError):
            channel.send(place.reply("It left yesterday."))
        assert place.arrived() == []

    def test_a_refused_sign_in_stops_sending_too(self, place: Place) -> None:
        place.refuse_sign_in()
        with self.opened(place) as channel, pytest.raises(SignInError):
            channel.send(place.reply("Hello"))

    def test_what_is_out_of_reach_is_sent_later(self, place: Place) -> None:
        place.go_away()
        with self.opened(place) as channel, pytest.raises(TemporaryChannelError):
            channel.send(place.reply("Hello"))
