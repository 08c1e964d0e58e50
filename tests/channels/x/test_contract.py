"""X keeps what every channel promises."""

from tests.channels.contract import ChannelContract


class TestX(ChannelContract):
    kind = "x"
