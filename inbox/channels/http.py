"""What the channels that speak HTTP share: how long to wait when told to, and fetching a file of a bearable size."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from inbox.errors import RejectedMessageError, TemporaryChannelError

TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_NAMES = ("retry-after", "x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset")
_EPOCH_FROM = 1_000_000_000  # a number above is a time, one below a wait in seconds
_MOST_SECONDS = 24 * 3600.0
_GONE = (404, 410)


def wait_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the other side asks us to wait, by Retry-After or a rate limit's reset; None where it says nothing.

    Both come as seconds to wait, seconds since 1970, an HTTP date (RFC 9110) or ISO 8601, whoever sends them.
    """
    named = {name.lower(): value.strip() for name, value in headers.items()}
    for name in _NAMES:
        seconds = _seconds(named.get(name, ""), now)
        if seconds is not None:
            return min(max(seconds, 0.0), _MOST_SECONDS)
    return None


def _seconds(value: str, now: datetime) -> float | None:
    try:
        number = float(value)
    except ValueError:
        at = _time(value)
        return None if at is None else (at - now).total_seconds()
    return number - now.timestamp() if number > _EPOCH_FROM else number


def _time(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(value)
        except ValueError:
            continue
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    return None


def download(client: httpx.Client, url: str, most: int) -> bytes:
    """The content at an address, at most ``most`` bytes.

    Raises RejectedMessageError for what is gone or larger, TemporaryChannelError where another try may help. No
    message names the address: it may hold a token.
    """
    try:
        with client.stream("GET", url) as answer:
            if answer.status_code in _GONE:
                raise RejectedMessageError("The file is no longer there", "The other side has removed it.")
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                raise TemporaryChannelError(
                    "The file could not be fetched: {status}", "Try again later.", status=str(answer.status_code)
                )
            pieces, size = [], 0
            for piece in answer.iter_bytes():
                size += len(piece)
                if size > most:
                    raise RejectedMessageError(
                        "The file is larger than {megabytes} MB", "Open it at the other side.", megabytes=most // 2**20
                    )
                pieces.append(piece)
            return b"".join(pieces)
    except httpx.HTTPError as error:
        raise TemporaryChannelError(
            "The file could not be fetched: {reason}", "Try again later.", reason=type(error).__name__
        ) from error


def download_public(address: str, most: int) -> bytes:
    """A file by the address that a post named, without our token: it may lie on anybody's server."""
    if not address.startswith(("https://", "http://")):
        raise RejectedMessageError("The file is no longer there", "The other side has removed it.")
    with httpx.Client(timeout=TIMEOUT, follow_redirects=True) as client:
        return download(client, address, most)
