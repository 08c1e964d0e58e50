"""Private messages: another service behind the same server, for app passwords that may."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from inbox.channels.base import Edit, Incoming
from inbox.channels.bluesky import parse
from inbox.channels.bluesky.calls import Server

_PAGE = 50
_MOST_PAGES = 40


class Chats:
    """Reads an account's private messages, the history first and then the log of what happens."""

    def __init__(self, server: Server, us: str) -> None:
        self._server, self._us = server, us
        self._known: dict[str, Mapping[str, Any]] = {}

    def look(self, mark: str) -> tuple[list[Incoming], list[Edit], str]:
        """What came after the mark, and the mark after it."""
        return self._log(mark) if mark else self._history()

    def went_out(self, chat: str, text: str) -> str:
        """The id of a message of ours with this text, among the newest of a conversation."""
        for each in self._messages(chat):
            values = parse.mapping(each)
            if parse.mapping(values.get("sender")).get("did") == self._us and values.get("text") == text:
                return f"{parse.DIRECT}{values.get('id')}"
        return ""

    def _history(self) -> tuple[list[Incoming], list[Edit], str]:
        """The newest messages of the newest conversations."""
        found = self._server.get("chat.bsky.convo.listConvos", chat=True, limit=_PAGE).get("convos") or ()
        messages: list[Incoming] = []
        mark = "0"
        for chat in map(parse.mapping, found):
            self._known[str(chat.get("id"))] = chat
            mark = max(mark, str(chat.get("rev") or ""))
            messages += self._read(str(chat.get("id")), reversed(self._messages(str(chat.get("id")))))
        return messages, [], mark

    def _log(self, mark: str) -> tuple[list[Incoming], list[Edit], str]:
        messages: list[Incoming] = []
        edits: list[Edit] = []
        for _ in range(_MOST_PAGES):
            given = {} if mark == "0" else {"cursor": mark}
            answer = self._server.get("chat.bsky.convo.getLog", chat=True, **given)
            entries = [parse.mapping(each) for each in answer.get("logs") or ()]
            for entry in entries:
                message, kind = parse.mapping(entry.get("message")), str(entry.get("$type", ""))
                if kind.endswith("#logCreateMessage"):
                    messages += self._read(str(entry.get("convoId")), [message])
                elif kind.endswith("#logDeleteMessage"):
                    gone = f"{parse.DIRECT}{message.get('id')}"
                    edits.append(Edit(gone, datetime.now(UTC), b"", deleted=True))
            former, mark = mark, str(answer.get("cursor") or mark)
            if not entries or mark == former:
                break
        return messages, edits, mark

    def _read(self, chat: str, found: Any) -> list[Incoming]:
        items = [each for each in found if "deletedMessageView" not in str(parse.mapping(each).get("$type", ""))]
        placed = [parse.beside(each, convo=self._convo(chat), us=self._us) for each in items]
        return [message for each in placed if (message := parse.read(each)) is not None]

    def _convo(self, chat: str) -> Mapping[str, Any]:
        """The conversation's id and people, without its newest message."""
        if chat not in self._known:
            answer = self._server.get("chat.bsky.convo.getConvo", chat=True, convoId=chat)
            self._known[chat] = parse.mapping(answer.get("convo"))
        return {"id": chat, "members": self._known[chat].get("members") or []}

    def _messages(self, chat: str) -> list[Any]:
        answer = self._server.get("chat.bsky.convo.getMessages", chat=True, convoId=chat, limit=_PAGE)
        return list(answer.get("messages") or ())
