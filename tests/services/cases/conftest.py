"""What the tests of the services share."""

import pytest

from inbox.store.db import Database
from tests.services.arriving import account
from tests.services.cases.desk import Desk, make_desk

__all__ = ["account", "desk"]


@pytest.fixture
def desk(db: Database) -> Desk:
    """A seeded database with an agent and an email account."""
    return make_desk(db)
