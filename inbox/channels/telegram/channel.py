"""One bot: long polling with an offset that moves only after storing, and replies in Telegram's own measures."""

import contextlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from telegram import InputFile, error as errors

from inbox.channels.base import Batch, Outgoing, OutgoingFile, Receipt, StopSignal
from inbox.channels.http import TIMEOUT, download
from inbox.channels.telegram.calls import Caller, translated
from inbox.channels.telegram.parse import is_album, read_updates
from inbox.channels.telegram.split import CAPTION_LENGTH, LENGTH, split, utf16_length
from inbox.errors import (
    InboxError,
    OutcomeUnknownError,
    RejectedMessageError,
    SignInError,
    TemporaryChannelError,
)

_POLL_SECONDS = 50
_MOST_UPDATES = 100
_ALBUM_SECONDS = 0.5  # how long the rest of an album may take
_ALBUM_LOOKS = 4
_PHOTO_MOST = 10 * 2**20
_PHOTOS = ("image/jpeg", "image/png", "image/webp")
_UPDATES = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "callback_query",
    "message_reaction",
]


class TelegramChannel:
    """A bot's account. Receiving has a connection of its own; sending, typing and files share another."""

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        self._username = settings.get("username", "").lstrip("@").lower()
        self._take_over = settings.get("take_over") == "yes"
        self._token = secrets.get("token", "")
        self._server = (settings.get("server") or "https://api.telegram.org").rstrip("/")
        self._lock = threading.Lock()
        self._receiving: Caller | None = None
        self._sending: Caller | None = None
        self._closed = threading.Event()

    def check(self) -> None:
        """Ask who we are, and whether somebody else gets the messages."""
        with contextlib.closing(self._caller()) as call:
            self._sign_in(call)

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what came. The next request tells Telegram that all before it is stored: only then it forgets it."""
        if self._closed.is_set():
            return
        with self._lock:
            call = self._receiving = self._caller()
        try:
            self._sign_in(call)
            offset = int(cursor) if cursor.lstrip("-").isdigit() else 0
            wait = 0
            while not stop.is_set() and not self._closed.is_set():
                updates = self._updates(call, offset, wait, stop)
                offset = max([offset, *(_number(each) + 1 for each in updates)])
                read = read_updates(updates)
                yield Batch(read.messages, str(offset), edits=read.edits, moved=read.moved)
                self._confirm(call, read.answer)
                wait = 0 if updates else _POLL_SECONDS
        except TemporaryChannelError:
            if not (stop.is_set() or self._closed.is_set()):
                raise
        finally:
            call.close()

    def send(self, message: Outgoing) -> Receipt:
        """Send the text, cut at sentence ends where it is long, and the files. The receipt names the first part."""
        parts = _parts(message)
        call = self._sender()
        chat = _chat(message)
        message.on_handover()
        ids: list[str] = []
        for method, values in parts:
            try:
                chat, result = self._put(call, chat, method, values)
            except InboxError as error:
                if not ids:
                    raise
                raise OutcomeUnknownError(
                    "{count} of {all} parts went out, then: {words}",
                    "Send the rest by hand.",
                    count=len(ids),
                    all=len(parts),
                    words=str(error),
                ) from error
            ids += _ids(result)
        return Receipt(ids[0])

    def fetch_file(self, remote: str, most: int) -> bytes:
        """A file by its id. Telegram gives bots files up to 20 MB."""
        call = self._sender()
        with translated():
            found = _mapping(call("getFile", {"file_id": remote}))
        if int(found.get("file_size") or 0) > most:
            raise RejectedMessageError(
                "The file is larger than {megabytes} MB", "Open it at the other side.", megabytes=most // 2**20
            )
        with httpx.Client(timeout=TIMEOUT) as client:
            return download(client, f"{call.files}/{found.get('file_path', '')}", most)

    def show_typing(self, remote_thread: str) -> None:
        """Telegram shows it for five seconds."""
        with contextlib.suppress(InboxError), translated():
            self._sender()("sendChatAction", {**_place(remote_thread), "action": "typing"})

    def close(self) -> None:
        """End the long poll and give the connections back."""
        self._closed.set()
        with self._lock:
            receiving, sending, self._sending = self._receiving, self._sending, None
        if receiving is not None:
            receiving.stop()
        if sending is not None:
            sending.close()

    def _caller(self) -> Caller:
        try:
            return Caller(self._token, self._server)
        except errors.InvalidToken as error:
            raise SignInError("The bot's token is missing", "Ask @BotFather for it.", field="token") from error

    def _sender(self) -> Caller:
        with self._lock:
            if self._sending is None:
                self._sending = self._caller()
            return self._sending

    def _sign_in(self, call: Caller) -> None:
        with translated():
            username = str(_mapping(call("getMe")).get("username") or "")
            if self._username and username.lower() != self._username:
                raise SignInError(
                    "This token belongs to @{found}, not to @{expected}",
                    "Enter the name of the bot and the token that @BotFather gave for it.",
                    field="username",
                    found=username,
                    expected=self._username,
                )
            if _mapping(call("getWebhookInfo")).get("url"):
                if not self._take_over:
                    raise errors.Conflict("webhook is active")
                call("deleteWebhook", {"drop_pending_updates": False})

    def _updates(self, call: Caller, offset: int, wait: int, stop: StopSignal) -> Sequence[Any]:
        """The updates from ``offset`` on. An album whose end may still be on its way is waited for, unconfirmed."""
        values = {"offset": offset, "limit": _MOST_UPDATES, "timeout": wait, "allowed_updates": _UPDATES}
        with translated():
            found = _list(call("getUpdates", values, wait=wait, stop=stop))
            for _ in range(_ALBUM_LOOKS):
                if not found or len(found) == _MOST_UPDATES or not is_album(found[-1]) or stop.wait(_ALBUM_SECONDS):
                    break
                again = _list(call("getUpdates", values | {"timeout": 0}))
                if len(again) <= len(found):
                    break
                found = again
        return found

    def _confirm(self, call: Caller, pressed: Sequence[str]) -> None:
        for each in pressed:
            with contextlib.suppress(RejectedMessageError), translated():  # too old: nobody waits for it any more
                call("answerCallbackQuery", {"callback_query_id": each})

    def _put(self, call: Caller, chat: Mapping[str, Any], method: str, values: Mapping[str, Any]) -> Any:
        """Send one part; a group that has moved is followed once. Gives the chat that took it, and the answer."""
        with translated(sending=True):
            try:
                return chat, call(method, {**chat, **values})
            except errors.ChatMigrated as moved:
                chat = {**chat, "chat_id": moved.new_chat_id}
                return chat, call(method, {**chat, **values})


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):  # as an empty list it would be asked for again and again without a wait
        raise TemporaryChannelError("Telegram does not answer", "It is tried again by itself.")
    return value


def _number(update: Any) -> int:
    try:
        return int(update["update_id"])
    except (KeyError, TypeError, ValueError):
        return -1


def _place(remote_thread: str) -> dict[str, Any]:
    """The chat, topic or business chat that a conversation's key names."""
    business, _, chat = remote_thread.rpartition("@")
    chat, _, topic = chat.partition("/")
    place: dict[str, Any] = {"chat_id": chat}
    if business:
        place["business_connection_id"] = business
    if topic:
        place["message_thread_id"] = topic
    return place


def _chat(message: Outgoing) -> dict[str, Any]:
    place = _place(message.remote_thread or (message.to[0] if message.to else ""))
    chat, _, number = message.in_reply_to.rpartition(":")
    if message.public and number.isdigit() and chat == place["chat_id"]:  # in a group people see who is answered
        place["reply_parameters"] = {"message_id": int(number), "allow_sending_without_reply": True}
    return place


def _parts(message: Outgoing) -> list[tuple[str, dict[str, Any]]]:
    """The calls that a reply takes: a lone file carries a short text as its caption."""
    text = message.text.strip()
    if len(message.files) == 1 and utf16_length(text) <= CAPTION_LENGTH:
        return [_file(message.files[0], text)]
    parts = [("sendMessage", {"text": part}) for part in split(text, LENGTH)] if text else []
    return parts + [_file(each, "") for each in message.files]


def _file(file: OutgoingFile, caption: str) -> tuple[str, dict[str, Any]]:
    photo = file.content_type in _PHOTOS and len(file.content) <= _PHOTO_MOST
    name = "photo" if photo else "document"
    values: dict[str, Any] = {name: InputFile(file.content, filename=file.filename, attach=False)}
    if caption:
        values["caption"] = caption
    return ("sendPhoto" if photo else "sendDocument"), values


def _ids(result: Any) -> list[str]:
    """The ids of what was sent, as the parser makes them."""
    found = [each for each in (result if isinstance(result, list) else [result]) if isinstance(each, dict)]
    ids = [f"{each['chat']['id']}:{each['message_id']}" for each in found if "chat" in each and "message_id" in each]
    return ids or [f"sent:{datetime.now(UTC).timestamp()}"]
