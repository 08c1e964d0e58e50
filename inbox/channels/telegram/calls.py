"""Calls of the Bot API through python-telegram-bot, from ordinary threads, with its errors turned into ours."""

import asyncio
import contextlib
import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

os.environ.setdefault("PTB_TIMEDELTA", "1")  # else the library warns of its own change at each flood wait

import httpx
from telegram import Bot, error as errors
from telegram.request import HTTPXRequest

from inbox.channels.base import StopSignal
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

logging.getLogger("telegram").setLevel(
    logging.CRITICAL + 1
)  # what it logs it raises too, and customers' words are in it

_CONNECT_SECONDS = 10.0
_ANSWER_SECONDS = 30.0
_OTHER_READER_SECONDS = 30.0
_LOOK_SECONDS = 0.5
_WORD = re.compile("[A-Z]")
_WAIT = re.compile(r"retry after (\d+)", re.IGNORECASE)


class Caller:
    """One connection to the Bot API, with an event loop of its own. One call at a time; ``stop`` from any thread."""

    def __init__(self, token: str, server: str) -> None:
        self._bot = Bot(
            token,
            base_url=f"{server}/bot",
            base_file_url=f"{server}/file/bot",
            request=_request(),
            get_updates_request=_request(),
        )
        self.files = f"{server}/file/bot{token}"
        self._lock = threading.Lock()
        self._runner = asyncio.Runner()
        self._task: asyncio.Task[Any] | None = None
        self._closed = False

    def __call__(
        self, method: str, values: Mapping[str, Any] | None = None, *, wait: float = 0.0, stop: StopSignal | None = None
    ) -> Any:
        """Call ``method`` and give its result as plain JSON.

        ``wait`` is how long the other side may take by intent; ``stop`` ends that wait within half a second.
        """
        with self._lock:
            if self._closed:
                raise TemporaryChannelError("The account is being stopped")
            return self._runner.run(self._call(method, values or {}, _ANSWER_SECONDS + wait, stop))

    async def _call(self, method: str, values: Mapping[str, Any], seconds: float, stop: StopSignal | None) -> Any:
        # Two underscores: under its own name the library would parse the answer, and refuse older or newer servers.
        name = _WORD.sub(lambda match: f"_{match[0].lower()}", method).replace("_", "__", 1)
        self._task = asyncio.ensure_future(
            self._bot.do_api_request(name, dict(values), read_timeout=seconds, write_timeout=seconds)
        )
        try:
            while stop is not None and not (await asyncio.wait({self._task}, timeout=_LOOK_SECONDS))[0]:
                if stop.is_set() or self._closed:
                    self._task.cancel()
            return await self._task
        except asyncio.CancelledError:
            raise TemporaryChannelError("The account is being stopped") from None
        except (TypeError, KeyError, ValueError, AttributeError) as error:  # JSON of another shape than the API's
            raise errors.NetworkError("garbage") from error
        finally:
            self._task = None

    def stop(self) -> None:
        """End the call that is under way, and take no more. From any thread."""
        self._closed = True
        task = self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # its loop has ended meanwhile
                task.get_loop().call_soon_threadsafe(task.cancel)

    def close(self) -> None:
        """Give the connection back. Twice is fine."""
        self.stop()
        with self._lock:
            with contextlib.suppress(RuntimeError):
                self._runner.run(self._shut())
            self._runner.close()

    async def _shut(self) -> None:
        for each in self._bot._request:  # Bot.shutdown does nothing before Bot.initialize, which we can't call
            await each.shutdown()


def _request() -> HTTPXRequest:
    return HTTPXRequest(connection_pool_size=1, connect_timeout=_CONNECT_SECONDS, pool_timeout=_ANSWER_SECONDS)


@contextlib.contextmanager
def translated(*, sending: bool = False) -> Iterator[None]:
    """Turn the library's exceptions into ours. ``sending``: then a lost answer means that nobody knows the outcome."""
    try:
        yield
    except errors.InvalidToken as error:
        raise SignInError(
            "Telegram does not know this bot's token",
            "Ask @BotFather for the token, and enter it again.",
            field="token",
        ) from error
    except errors.RetryAfter as error:
        wait = error.retry_after
        raise _flood(wait.total_seconds() if isinstance(wait, timedelta) else float(wait)) from error
    except errors.Conflict as error:
        raise _conflict(error) from error
    except errors.Forbidden as error:
        raise RejectedMessageError("Telegram refuses: {words}", _advice(str(error)), words=str(error)) from error
    except errors.ChatMigrated:
        raise
    except errors.BadRequest as error:
        raise RejectedMessageError("Telegram refuses: {words}", _advice(str(error)), words=str(error)) from error
    except errors.NetworkError as error:
        raise _network(error, sending) from error
    except errors.TelegramError as error:
        if said := _WAIT.search(str(error)):  # as older servers say it
            raise _flood(float(said[1])) from error
        raise _network(error, sending) from error


def _flood(seconds: float) -> TemporaryChannelError:
    return TemporaryChannelError("Telegram asks to wait", "It goes on by itself.", retry_after=seconds)


def _conflict(error: Exception) -> SignInError | TemporaryChannelError:
    if "webhook" in str(error).lower():
        return SignInError(
            "This bot's messages go to a web address (webhook) and not to this program",
            "Switch on “Take over from the webhook” in the account's settings.",
            field="take_over",
        )
    return TemporaryChannelError(
        "Another program reads this bot",
        "Only one program can read a bot's messages: close the other one, or use another bot.",
        retry_after=_OTHER_READER_SECONDS,
    )


def _network(error: Exception, sending: bool) -> TemporaryChannelError | OutcomeUnknownError:
    """No answer, or one that can't be read. A server's own error (5xx) did nothing; a lost answer may have."""
    cause = error.__cause__
    never_asked = isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)
    lost = isinstance(cause, httpx.TransportError | TypeError | KeyError | ValueError | AttributeError)
    if sending and not never_asked and (lost or "Invalid server response" in str(error)):
        return OutcomeUnknownError(
            "The line broke while Telegram took the message", "Look in Telegram whether it is there."
        )
    return TemporaryChannelError("Telegram does not answer", "It is tried again by itself.")


_ADVICE = (
    ("blocked by the user", "The customer has blocked the bot: answer on another channel."),
    ("deactivated", "The customer's Telegram account no longer exists: answer on another channel."),
    ("kicked", "The bot was removed from the group: answer on another channel."),
    ("not a member", "The bot is not in this group any more: answer on another channel."),
    ("chat not found", "The chat no longer exists: answer on another channel."),
    ("can't initiate conversation", "The customer has to write to the bot first."),
    ("too long", "Shorten the text."),
    ("too big", "The file is too large for Telegram."),
    ("not found", "The message that is answered no longer exists: write without quoting it."),
)


def _advice(words: str) -> str:
    said = words.lower()
    return next((advice for part, advice in _ADVICE if part in said), "")
