"""Bluesky keeps what every channel promises."""

from tests.channels.contract import ChannelContract


class TestBluesky(ChannelContract):
    kind = "bluesky"
