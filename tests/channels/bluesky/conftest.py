"""Bluesky's side of a test."""

from collections.abc import Iterator

import pytest

from inbox.channels.bluesky import calls
from tests.channels.bluesky.place import BlueskyPlace


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[BlueskyPlace]:
    monkeypatch.setattr(calls, "_sessions", {})
    with BlueskyPlace() as server:
        yield server
