"""A desk with a real keychain."""

from pathlib import Path

import pytest

from tests.e2e.desk import Desk
from tests.servers.secret_service import SecretService


@pytest.fixture
def desk(profile: Path, secret_service: SecretService, dburl: str) -> Desk:
    """A person's computer, on the database that --dburl names."""
    return Desk(profile, secret_service.env, dburl)
