"""Telegram keeps what every channel promises."""

import threading

from tests.channels.contract import ChannelContract
from tests.channels.telegram.place import TelegramPlace


class TestTelegram(ChannelContract):
    kind = "telegram"

    def test_a_message_has_the_same_id_each_time(self, place: TelegramPlace) -> None:  # type: ignore[override]
        """Telegram gives a message again only until it is confirmed: a crash before storing is such a time."""
        place.write("The first.")
        place.write("The second.")
        found = []
        for _ in range(2):
            with self.opened(place) as channel:
                batch = next(iter(channel.receive("", threading.Event())))  # the process dies before it is stored
                found.append([message.remote_id for message in batch.messages])
        assert found[0] == found[1]
        assert len(set(found[0])) == 2
