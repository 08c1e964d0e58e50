"""Mastodon's side of a test."""

from collections.abc import Iterator

import pytest

from tests.channels.mastodon.place import MastodonPlace


@pytest.fixture
def place() -> Iterator[MastodonPlace]:
    with MastodonPlace() as server:
        yield server
