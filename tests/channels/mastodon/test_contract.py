"""Mastodon keeps what every channel promises."""

from tests.channels.contract import ChannelContract


class TestMastodon(ChannelContract):
    kind = "mastodon"
