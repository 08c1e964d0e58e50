"""The email account that the tests use."""

import pytest

from tests.channels.email.place import EmailPlace
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer


@pytest.fixture
def place(dovecot: Dovecot, smtp_server: SmtpServer) -> EmailPlace:
    """An account on servers of this test's own."""
    found = EmailPlace(dovecot, smtp_server)
    found.trust(dovecot.ca_file)
    return found
