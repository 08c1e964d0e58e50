"""Telegram's side of a test."""

from collections.abc import Iterator

import pytest

from tests.channels.telegram.place import TelegramPlace


@pytest.fixture
def place() -> Iterator[TelegramPlace]:
    with TelegramPlace() as server:
        yield server
