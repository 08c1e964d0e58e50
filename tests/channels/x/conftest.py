"""X's side of a test."""

from collections.abc import Iterator

import pytest

from tests.channels.x.place import XPlace


@pytest.fixture
def place() -> Iterator[XPlace]:
    with XPlace() as server:
        yield server
