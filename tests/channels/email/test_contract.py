"""Email passes the suite of all channels."""

from tests.channels.contract import ChannelContract


class TestEmail(ChannelContract):
    kind = "email"
