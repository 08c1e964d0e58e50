"""What channels share over HTTP: waits as the other sides write them, and files of a bearable size."""

from datetime import UTC, datetime
from email.utils import format_datetime

import httpx
import pytest

from inbox.channels.http import download, wait_seconds
from inbox.errors import RejectedMessageError, TemporaryChannelError
from tests.servers.http import Answer, HttpServer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "41"}, 41),
        ({"retry-after": format_datetime(datetime(2026, 11, 22, 12, 1, tzinfo=UTC))}, 60),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"X-RateLimit-Reset": "2026-11-22T12:05:00.872845Z"}, 300.872845),
        ({"ratelimit-reset": str(int(NOW.timestamp()) - 5)}, 0),
        ({"Retry-After": "999999"}, 86400),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_wait_is_read_however_it_is_written(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_seconds(headers, NOW) == pytest.approx(seconds)


def test_the_answer_to_the_request_comes_before_the_reset_of_a_window() -> None:
    assert wait_seconds({"x-rate-limit-reset": str(int(NOW.timestamp()) + 900), "retry-after": "5"}, NOW) == 5


def test_a_file_is_fetched() -> None:
    with HttpServer(lambda request: Answer(b"x" * 1000)) as server, httpx.Client() as client:
        assert download(client, server.url, 1000) == b"x" * 1000


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"x" * 1001), RejectedMessageError),
        (Answer(b"", 404), RejectedMessageError),
        (Answer(b"", 410), RejectedMessageError),
        (Answer(b"", 503), TemporaryChannelError),
        (Answer(b"x" * 100, cut=10), TemporaryChannelError),
    ],
)
def test_a_file_that_is_too_large_or_gone_or_cut_is_told_so(answer: Answer, error: type[Exception]) -> None:
    with (
        HttpServer(lambda request: answer) as server,
        httpx.Client() as client,
        pytest.raises(error) as caught,
    ):
        download(client, f"{server.url}/file/bot123:token/x", 1000)
    assert "token" not in str(caught.value)
