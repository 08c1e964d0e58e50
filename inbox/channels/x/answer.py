"""What goes out: answers, direct messages and files; what the plan does not allow is refused before X is asked."""

import base64
import contextlib
import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from inbox.channels.base import Outgoing, OutgoingFile, Receipt
from inbox.channels.x import parse, reading
from inbox.channels.x.calls import Server
from inbox.channels.x.meter import Meter
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

Json = Mapping[str, Any]

_MOST_PICTURES = 4
_MEGABYTES = {"image": 5, "gif": 15, "video": 512}
_PIECE = 2**20
_MEDIA_SECONDS = 300.0
_STEP_SECONDS = 5.0
_LINK = re.compile(r"(?<![\w@.])(?:https?://\S|(?:[a-z0-9-]+\.)+[a-z]{2,}\b)", re.IGNORECASE)
_NAMES = re.compile(r"^(?:@\w+\s+)+")
_SHORT_LINK = re.compile(r"https?://\S+")


class Answering:
    """Sends with one connection."""

    def __init__(self, server: Server, meter: Meter, *, self_serve: bool) -> None:
        self.server, self._meter, self._self_serve = server, meter, self_serve

    def send(self, message: Outgoing, me: Json, closed: threading.Event) -> Receipt:
        """Send one message. A repeated try looks first whether it is there."""
        thread = message.remote_thread
        private = thread.startswith("dm:") or message.in_reply_to.startswith("dm:") or not (thread or message.public)
        if not private and self._self_serve and message.in_reply_to.startswith(parse.UNASKED):
            raise RejectedMessageError(
                "X takes answers only to people who mentioned or quoted the account",
                "Write on another channel, or get a larger plan at X.",
            )
        _check_files(message.files, private=private)
        if message.maybe_sent and (known := self._went_out(message, me, private=private)):
            return Receipt(known, charges=self._meter.take())
        media = [self._upload(each, closed, private=private) for each in message.files]
        message.on_handover()
        try:
            id_ = self._direct(message, media) if private else self._post(message, media)
        except OutcomeUnknownError:
            with contextlib.suppress(TemporaryChannelError, SignInError, RejectedMessageError):
                if known := self._went_out(message, me, private=private):
                    return Receipt(known, charges=self._meter.take())
            raise
        return Receipt(id_, charges=self._meter.take())

    def _post(self, message: Outgoing, media: Sequence[str]) -> str:
        answered = _answered(message)
        sent = self.server.call(
            "create_tweet",
            text=message.text.strip() or None,
            in_reply_to_tweet_id=answered or None,
            media_ids=media or None,
            sending=True,
        )
        asked = bool(answered) and not message.in_reply_to.startswith(parse.UNASKED)
        self._meter.did("post_with_link" if _LINK.search(message.text) else "answer" if asked else "post")
        return _sent_id(sent, "id")

    def _direct(self, message: Outgoing, media: Sequence[str]) -> str:
        thread = message.remote_thread.removeprefix("dm:") if message.remote_thread.startswith("dm:") else ""
        whole = bool(re.fullmatch(r"\d+(-\d+)?", thread))
        if not whole and not message.to:
            raise RejectedMessageError("Nobody is named who would get it", "Choose a customer of X.")
        sent = self.server.call(
            "create_direct_message",
            **({"dm_conversation_id": thread} if whole else {"participant_id": message.to[0]}),
            text=message.text.strip() or None,
            media_id=media[0] if media else None,
            sending=True,
        )
        self._meter.did("message")
        return f"dm:{_sent_id(sent, 'dm_event_id')}"

    def _went_out(self, message: Outgoing, me: Json, *, private: bool) -> str:
        """The id that this message has at X, if an earlier try left it there."""
        reader = reading.Reader(self.server, me, self._meter)
        if private:
            found = [each["item"] for each in reader.messages("")]
            ours = [each for each in found if str(each.get("sender_id")) == str(me["id"])]
            thread = message.remote_thread.removeprefix("dm:")
            ours = [each for each in ours if not thread or str(each.get("dm_conversation_id")) == thread]
        else:
            found = [each["item"] for each in reader.own("")]
            ours = [each for each in found if parse.answered_id(each) == _answered(message)]
        wanted = _bare(message.text)
        id_ = next((str(each["id"]) for each in reversed(ours) if _bare(parse.text_of(each)) == wanted), "")
        return f"dm:{id_}" if id_ and private else id_

    # --- files ---

    def _upload(self, file: OutgoingFile, closed: threading.Event, *, private: bool) -> str:
        """Hand a file over in pieces, and wait until X has made of it what it shows."""
        kind = _kind(file)
        begun = self.server.request(
            "POST",
            "/2/media/upload/initialize",
            json={
                "media_type": file.content_type,
                "total_bytes": len(file.content),
                "media_category": f"{'dm' if private else 'tweet'}_{kind}",
            },
        )
        id_ = _id(begun, "id")
        if not id_:
            raise TemporaryChannelError("X's answer can't be understood", "It is tried again by itself.")
        for index, start in enumerate(range(0, len(file.content), _PIECE)):
            piece = base64.b64encode(file.content[start : start + _PIECE]).decode()
            self.server.request("POST", f"/2/media/upload/{id_}/append", json={"media": piece, "segment_index": index})
        told = self.server.request("POST", f"/2/media/upload/{id_}/finalize")
        return self._finished(id_, told, file, closed)

    def _finished(self, id_: str, told: Json, file: OutgoingFile, closed: threading.Event) -> str:
        left = _MEDIA_SECONDS
        while left > 0:
            data = told.get("data")
            state = data.get("processing_info") if isinstance(data, dict) else None
            if not isinstance(state, dict) or state.get("state") in ("succeeded", None):
                return id_
            if state.get("state") == "failed":
                raise RejectedMessageError("X does not take the file {name}", "Send another one.", name=file.filename)
            wait = state.get("check_after_secs")
            wait = float(wait) if isinstance(wait, int | float) and wait > 0 else _STEP_SECONDS
            if closed.wait(min(wait, left)):
                raise TemporaryChannelError("The account is being stopped")
            left -= wait
            told = self.server.request("GET", "/2/media/upload", params={"media_id": id_, "command": "STATUS"})
        raise TemporaryChannelError("X has not finished with {name}", "It is tried again.", name=file.filename)


def _answered(message: Outgoing) -> str:
    """The id of the post that is answered; else of the thread's first."""
    return message.in_reply_to.removeprefix(parse.UNASKED) or message.remote_thread.partition("|")[0]


def _sent_id(answer: Json, name: str) -> str:
    id_ = _id(answer, name)
    if not id_:
        raise OutcomeUnknownError("X's answer can't be understood", "Look there whether it arrived.")
    return id_


def _id(answer: Json, name: str) -> str:
    data = answer.get("data")
    return str(data.get(name) or "") if isinstance(data, dict) else ""


def _bare(text: str) -> str:
    """Words without what X changes: names before an answer, links, white space."""
    return "".join(_SHORT_LINK.sub("", _NAMES.sub("", text)).split())


def _kind(file: OutgoingFile) -> str:
    if file.content_type == "image/gif":
        return "gif"
    return file.content_type.partition("/")[0]


def _check_files(files: Sequence[OutgoingFile], *, private: bool) -> None:
    kinds = [_kind(each) for each in files]
    for file, kind in zip(files, kinds, strict=True):
        most = _MEGABYTES.get(kind)
        if most is None:
            raise RejectedMessageError(
                "X does not take files like {name}", "Send a picture, a video or a link.", name=file.filename
            )
        if len(file.content) > most * 10**6:
            raise RejectedMessageError(
                "{name} is too large: X takes {megabytes} MB", "Send a smaller one.", name=file.filename, megabytes=most
            )
    if len(files) > (1 if private or set(kinds) & {"gif", "video"} else _MOST_PICTURES):
        raise RejectedMessageError("X takes four pictures, or one GIF or video; in private one file", "Send fewer.")
