"""Which thread a post belongs to: the first post above it, as far as the server can show the way up."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from inbox.channels.base import Incoming
from inbox.channels.mastodon import parse
from inbox.channels.mastodon.calls import Server
from inbox.errors import RejectedMessageError, SignInError

_MOST = 5000


class Threads:
    """Reads notifications, each with its thread's first post and the post that it answers."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._roots: dict[str, str] = {}

    def read(self, page: Sequence[Any]) -> list[Incoming]:
        """A page as messages, the oldest first."""
        found = [parse.read(self._placed(each)) for each in reversed(page)]
        return [each for each in found if each is not None]

    def _placed(self, item: Any) -> Any:
        status = parse.status_of(item)
        if not isinstance(status.get("id"), str) or not _wanted(item):
            return item
        id_, above = status["id"], status.get("in_reply_to_id")
        if not above:
            self._roots[id_] = id_
            return parse.with_thread(item, id_)
        if item.get("type") in parse.EVENTS and id_ in self._roots:
            return parse.with_thread(item, self._roots[id_])
        root, parent = self._climb(id_, str(above))
        return parse.with_thread(item, root, parent)

    def _climb(self, id_: str, above: str) -> tuple[str, Mapping[str, Any] | None]:
        """The first post, and the one answered. A missing one above is the thread's first all the same."""
        ancestors: list[Any] = []
        with contextlib.suppress(RejectedMessageError, SignInError):
            context = self._server.call("status_context", id_)
            ancestors = context.get("ancestors", []) if isinstance(context, dict) else []
        posts = {parse.id_of(each): each for each in ancestors if parse.id_of(each)} if ancestors else {}
        root, seen = above, {id_}
        while root in posts and root not in seen and posts[root].get("in_reply_to_id"):
            seen.add(root)
            root = str(posts[root]["in_reply_to_id"])
        root = self._roots.get(root, root)
        if len(self._roots) > _MOST:
            self._roots.clear()
        self._roots |= dict.fromkeys([*posts, id_], root)
        return root, posts.get(above)


def _wanted(item: Any) -> bool:
    return "type" not in item or item["type"] in (*parse.EVENTS, *parse.WORDS)
