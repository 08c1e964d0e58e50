"""One account of a server: it looks for what is new, a stream rings when there is, and answers keep the visibility."""

import contextlib
import logging
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from inbox.channels.base import Batch, Edit, Incoming, Outgoing, OutgoingFile, Receipt, StopSignal
from inbox.channels.http import download_public
from inbox.channels.mastodon import parse
from inbox.channels.mastodon.answer import Limits, answer_to, is_ours
from inbox.channels.mastodon.calls import GoneError, Server, while_reading
from inbox.channels.mastodon.cursor import Cursor
from inbox.channels.mastodon.doorbell import Doorbell
from inbox.channels.mastodon.threads import Threads
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

log = logging.getLogger(__name__)

_PAGE = 40
_HISTORY_PAGES = 4
_STEP_SECONDS = 0.25
_MEDIA_SECONDS = 60


class MastodonChannel:
    """An account. Receiving has a connection of its own; answers share another."""

    def __init__(self, settings: Mapping[str, str], secrets: Mapping[str, str]) -> None:
        name, _, host = settings.get("address", "").strip().strip("@").partition("@")
        self._name = name.lower()
        self._url = settings.get("server", "").strip() or host
        self._token = secrets.get("token", "").strip()
        self._streams = [each.strip() for each in settings.get("streams", "").split(",") if each.strip()]
        self._seconds = _seconds(settings.get("seconds", ""))
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._open: set[Server] = set()
        self._sending: Server | None = None
        self._me: Mapping[str, Any] = {}
        self._limits: Limits | None = None
        self._unheard: set[str] = set()  # streams that the server refuses: told once

    def check(self) -> None:
        """Ask who we are."""
        with self._server() as server:
            self._sign_in(server)

    def receive(self, cursor: str, stop: StopSignal) -> Iterator[Batch]:
        """Yield what came, first the history, then what is new after the cursor."""
        if self._closed.is_set():
            return
        try:
            with self._server() as server, while_reading():
                me = self._sign_in(server)
                place, threads = Cursor.load(cursor), Threads(server)
                place.edited = place.edited or datetime.now(UTC).isoformat()
                yield from self._history(server, threads, place)
                with Doorbell(self._url, self._token) as bell:
                    while not self._over(stop):
                        yield from self._news(server, threads, place)
                        yield from self._found(server, place, me)
                        yield Batch(self._held(server, place), str(place), edits=self._edits(server, place, bell))
                        self._wait(bell, stop)
        except TemporaryChannelError:
            if not self._over(stop):
                raise

    def send(self, message: Outgoing) -> Receipt:
        """Answer a post with its own visibility and content warning. A repeated try makes no second post."""
        with self._lock:
            if self._sending is None:
                self._sending = self._opened()
            server = self._sending
        me = self._me or self._sign_in(server)
        parent = self._parent(server, message)
        answer = answer_to(message, parent, me, self._measures(server))
        if message.maybe_sent and (found := self._went_out(server, parent, answer, me)):
            return Receipt(found)
        files = [self._upload(server, each) for each in message.files]
        message.on_handover()
        try:
            sent = server.call(
                "status_post",
                answer.text,
                in_reply_to_id=answer.in_reply_to,
                media_ids=files or None,
                visibility=answer.visibility,
                spoiler_text=answer.spoiler or None,
                language=answer.language,
                idempotency_key=answer.key,
                sending=True,
            )
        except OutcomeUnknownError:
            with contextlib.suppress(TemporaryChannelError, SignInError, RejectedMessageError):
                if found := self._went_out(server, parent, answer, me):
                    return Receipt(found)
            raise
        return Receipt(parse.id_of(sent) or f"sent:{answer.key}")

    def fetch_file(self, remote: str, most: int) -> bytes:
        """A file by its address, without our token: it may lie on another server."""
        return download_public(remote, most)

    def close(self) -> None:
        """Break what is under way."""
        self._closed.set()
        with self._lock:
            servers, self._sending = [*self._open], None
        for each in servers:
            each.close()

    # --- connections ---

    def _opened(self) -> Server:
        if not self._url or not self._token:
            raise SignInError(
                "The account or its access token is missing",
                "Enter the account with its server, and its token.",
                field="token" if self._url else "address",
            )
        server = Server(self._url, self._token)
        self._open.add(server)
        if self._closed.is_set():
            server.close()
        return server

    @contextlib.contextmanager
    def _server(self) -> Iterator[Server]:
        with self._lock:
            server = self._opened()
        try:
            yield server
        finally:
            server.close()
            with self._lock:
                self._open.discard(server)

    def _sign_in(self, server: Server) -> Mapping[str, Any]:
        try:
            me = server.call("account_verify_credentials")
        except GoneError as error:
            raise SignInError(
                "There is no Mastodon server at {url}", "Check it.", field="address", url=self._url
            ) from error
        except RejectedMessageError as error:
            raise SignInError("The server refuses: {words}", field="token", words=error.title) from error
        if not isinstance(me, dict) or "id" not in me:
            raise TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")
        found = str(me.get("username") or "")
        if self._name and found.lower() != self._name:
            raise SignInError(
                "This token belongs to @{found}, not to @{expected}",
                "Enter the account that the token was made for.",
                field="address",
                found=found,
                expected=self._name,
            )
        self._me = me
        return me

    # --- receiving ---

    def _over(self, stop: StopSignal) -> bool:
        return stop.is_set() or self._closed.is_set()

    def _wait(self, bell: Doorbell, stop: StopSignal) -> None:
        left = self._seconds
        while left > 0 and not self._closed.is_set() and not bell.has_rung():
            if stop.wait(min(left, _STEP_SECONDS)):
                return
            left -= _STEP_SECONDS

    def _history(self, server: Server, threads: Threads, place: Cursor) -> Iterator[Batch]:
        """The newest pages, once; a start in the middle of it goes on there."""
        for _ in range(_HISTORY_PAGES):
            if place.begun:
                return
            page = _list(server.call("notifications", max_id=place.older or None, limit=_PAGE))
            place.newest = place.newest or (parse.id_of(page[0]) if page else "")
            before, place.older = place.older, parse.id_of(page[-1]) if page else ""
            place.begun = not place.older or place.older == before
            if messages := threads.read(page):
                yield Batch(messages, str(place), backfill=True)
        place.begun, place.older = True, ""

    def _news(self, server: Server, threads: Threads, place: Cursor) -> Iterator[Batch]:
        """Forward without a gap: ``min_id`` gives the page next to what is known, newest first."""
        while True:
            page = _list(server.call("notifications", min_id=place.newest or None, limit=_PAGE))
            known = [parse.id_of(each) for each in page]
            page = page[: known.index(place.newest)] if place.newest in known else page
            if not page:
                return
            before, place.newest = place.newest, parse.id_of(page[0]) or place.newest
            if messages := threads.read(page):
                yield Batch(messages, str(place))
            if place.newest == before or not before:
                return

    def _held(self, server: Server, place: Cursor) -> list[Incoming]:
        """The last words of people whose notifications the server holds back. Not every server has that."""
        with contextlib.suppress(RejectedMessageError, SignInError):
            found = _list(server.call("notification_requests"))
            news = [each for each in found if isinstance(each, dict) and str(each.get("updated_at", "")) > place.held]
            place.held = max([place.held, *(str(each.get("updated_at", "")) for each in news)])
            posts = [each["last_status"] for each in news if isinstance(each.get("last_status"), dict)]
            return [message for each in posts if (message := parse.read(each))]
        return []

    def _edits(self, server: Server, place: Cursor, bell: Doorbell) -> list[Edit]:
        """Posts that were edited since the last look, as far as the newest page has them; and those deleted."""
        page = _list(server.call("notifications", limit=_PAGE)) if place.newest else []
        mentions = [each for each in page if isinstance(each, dict) and each.get("type") in parse.WORDS]
        since = datetime.fromisoformat(place.edited)
        edits = [edit for each in mentions if (edit := parse.edit_of(each)) and edit.at > since]
        place.edited = max([since, *(edit.at for edit in edits)]).isoformat()
        while not bell.deleted.empty():
            edits.append(Edit(bell.deleted.get(), datetime.now(UTC), b"", deleted=True))
        return edits

    def _found(self, server: Server, place: Cursor, me: Mapping[str, Any]) -> Iterator[Batch]:
        """What the saved searches find. The first look of each is history."""
        for stream in self._streams:
            try:
                posts, mark = self._look(server, stream, place.streams.get(stream, ""))
            except (RejectedMessageError, SignInError) as error:
                if stream not in self._unheard:
                    log.info("The server does not search for %s: %s", stream, error)
                self._unheard.add(stream)
                continue
            first = stream not in place.streams
            place.streams[stream] = mark
            found = [message for each in posts if not _is_by(each, me) and (message := parse.read(each, stream))]
            if found:
                yield Batch(found, str(place), backfill=first)

    def _look(self, server: Server, stream: str, mark: str) -> tuple[list[Any], str]:
        """The posts of a stream after its mark, and the mark after them."""
        if stream.startswith("#"):
            page = _list(server.call("timeline_hashtag", stream[1:], min_id=mark or None, limit=_PAGE))
            page = [each for each in page if isinstance(each, dict) and parse.id_of(each) != mark]
            return page, (parse.id_of(page[0]) if page else mark)
        answer = server.call("search_v2", stream, result_type="statuses", resolve=False, limit=_PAGE)
        page = _list(answer.get("statuses") if isinstance(answer, dict) else None)
        ids = [parse.id_of(each) for each in page]
        known = mark.split()
        return [each for each in page if parse.id_of(each) not in known], " ".join(dict.fromkeys([*ids, *known][:200]))

    # --- sending ---

    def _parent(self, server: Server, message: Outgoing) -> Mapping[str, Any]:
        """The post that is answered; of a conversation that we begin, nothing."""
        root = message.remote_thread.removeprefix("direct:").partition("|")[0]
        answered = message.in_reply_to or root
        if not answered:
            return {}
        parent = server.call("status", answered)
        if not isinstance(parent, dict) or not parent.get("id"):
            raise TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")
        return parent

    def _measures(self, server: Server) -> Limits:
        if self._limits is None:
            try:
                self._limits = Limits.of(server.call("instance_v2"))
            except (GoneError, RejectedMessageError):
                self._limits = Limits()  # an old server: what all of them take
        return self._limits

    def _went_out(self, server: Server, parent: Mapping[str, Any], answer: Any, me: Mapping[str, Any]) -> str:
        """The id of this answer, if an earlier try left it below the post that it answers."""
        if not parent:
            return ""
        context = server.call("status_context", parent["id"])
        below = _list(context.get("descendants") if isinstance(context, dict) else None)
        return next((parse.id_of(each) for each in below if isinstance(each, dict) and is_ours(each, answer, me)), "")

    def _upload(self, server: Server, file: OutgoingFile) -> str:
        """Hand a file over, and wait until the server has made of it what it shows."""
        found = server.call(
            "media_post", file.content, file.content_type, description=file.filename, file_name=file.filename
        )
        id_ = parse.id_of(found)
        for _ in range(_MEDIA_SECONDS):
            if not isinstance(found, dict) or not id_:
                break
            if found.get("url") and server.status != httpx.codes.PARTIAL_CONTENT:
                return id_
            if self._closed.wait(1.0):
                raise TemporaryChannelError("The account is being stopped")
            found = server.call("media", id_)
        raise TemporaryChannelError("The server has not finished with {name}", "It is tried again.", name=file.filename)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TemporaryChannelError("The server's answer can't be understood", "It is tried again by itself.")
    return value


def _is_by(post: Any, me: Mapping[str, Any]) -> bool:
    account = parse.status_of(post).get("account")
    return isinstance(account, dict) and account.get("id") == me.get("id")


def _seconds(value: str) -> float:
    try:
        return max(0.2, float(value.replace(",", ".")))
    except ValueError:
        return 60.0
