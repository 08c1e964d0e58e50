"""The lists of an account at X, read forward from what is known."""

from collections.abc import Iterator, Mapping
from typing import Any

from inbox.channels.x import parse
from inbox.channels.x.calls import Server
from inbox.channels.x.cursor import order
from inbox.channels.x.meter import Meter
from inbox.errors import SignInError, TemporaryChannelError

Json = Mapping[str, Any]

_PAGE = 100
_PAGES = 8  # mentions reach back 800 posts
_FIRST_SEARCH = 10  # each post found costs
_DIRECT_PAGE = 20  # there is no "since" for messages: known ones are read again and again

_USER = "id,username,name,profile_image_url,verified,protected,public_metrics"
_MEDIA = "media_key,type,url,preview_image_url,alt_text,variants"
_POST = (
    "id,text,author_id,created_at,conversation_id,in_reply_to_user_id,referenced_tweets,attachments,entities,lang,"
    "note_tweet,edit_history_tweet_ids,reply_settings,geo"
)
_OF_POSTS: Mapping[str, Any] = {
    "tweet_fields": _POST,
    "user_fields": _USER,
    "media_fields": _MEDIA,
    "expansions": "author_id,referenced_tweets.id,referenced_tweets.id.author_id,attachments.media_keys,"
    "in_reply_to_user_id,edit_history_tweet_ids",
}
_OF_MESSAGES: Mapping[str, Any] = {
    "dm_event_fields": "id,text,event_type,dm_conversation_id,created_at,sender_id,attachments,participant_ids,"
    "referenced_tweets,entities",
    "tweet_fields": _POST,
    "user_fields": _USER,
    "media_fields": _MEDIA,
    "expansions": "sender_id,referenced_tweets.id,attachments.media_keys,participant_ids",
}
_SELF: Mapping[str, Any] = {"user_fields": _USER}


class Reader:
    """Reads with one connection, and counts what is paid for."""

    def __init__(self, server: Server, me: Json, meter: Meter) -> None:
        self._server, self._me, self._meter = server, me, meter

    def mentions(self, since: str) -> list[Json]:
        """Who named us, answered us, or quoted us with our name."""
        return self._all("get_users_mentions", "owned_read", since, str(self._me["id"]))

    def own(self, since: str) -> list[Json]:
        """What we wrote, here or in another program."""
        return self._all("get_users_tweets", "owned_read", since, str(self._me["id"]), most=1 if not since else _PAGES)

    def quotes(self, since: str) -> list[Json]:
        """Who quoted a post of ours without our name."""
        name = self._me.get("username", "")
        links = f'(url:"x.com/{name}/status" OR url:"twitter.com/{name}/status")'
        return self.search(f"{links} is:quote -from:{name}", since)

    def search(self, query: str, since: str) -> list[Json]:
        """What a saved search finds; nothing that merely repeats a post."""
        size = _PAGE if since else _FIRST_SEARCH
        return self._all("search_recent_tweets", "post_read", since, searchable(query), size, _PAGES if since else 1)

    def messages(self, since: str) -> list[Json]:
        """Direct messages. X has no "since" for them: the newest page, and back to what is known."""
        found: list[Json] = []
        size = _DIRECT_PAGE if since else _PAGE
        for page in self._pages("get_direct_message_events", (), _OF_MESSAGES, size, _PAGES if since else 1):
            self._meter.read("message_read", _ids(page))
            news = [each for each in page if order(id_of(each)) > order(since)]
            found += news
            if len(news) < len(page):
                break
        return sorted(found, key=lambda each: order(id_of(each)))

    def _all(self, name: str, kind: str, since: str, of: str, size: int = _PAGE, most: int = _PAGES) -> list[Json]:
        """All pages, the oldest first: only then is it known where to go on."""
        found: list[Json] = []
        values: dict[str, Any] = {**_OF_POSTS, "since_id": since} if since else dict(_OF_POSTS)
        for page in self._pages(name, (of,), values, size, most):
            self._meter.read(kind, _ids(page))
            found += page
        return sorted(found, key=lambda each: order(id_of(each)))

    def _pages(
        self, name: str, of: tuple[str, ...], values: Mapping[str, Any], size: int, most: int
    ) -> Iterator[list[Json]]:
        token, field = "", "next_token" if name == "search_recent_tweets" else "pagination_token"
        for _ in range(most):
            named = {**values, field: token} if token else values
            answer = self._server.call(name, *of, max_results=size, **named)
            yield parse.joined(answer, self._me)
            meta = answer.get("meta")
            before, token = token, str(meta.get("next_token") or "") if isinstance(meta, dict) else ""
            if not token or token == before:
                return


def who_are_we(server: Server, name: str, *, reads_only: bool, meter: Meter) -> Json:
    """The account itself. Raises SignInError where the keys are another's."""
    named: Json = {"username": name, **_SELF} if reads_only else _SELF
    answer = server.call("get_user" if reads_only else "get_me", **named)
    me = answer.get("data")
    if reads_only and not me and answer.get("errors"):
        raise SignInError("X knows no account @{name}", "Check its name.", field="address", name=name)
    if not isinstance(me, dict) or not me.get("id"):
        raise TemporaryChannelError("X's answer can't be understood", "It is tried again by itself.")
    meter.read("user_read", [str(me["id"])])
    found = str(me.get("username") or "")
    if name and found.lower() != name.lower():
        raise SignInError(
            "These keys belong to @{found}, not to @{expected}",
            "Enter the account that the keys were made for.",
            field="address",
            found=found,
            expected=name,
        )
    return me


def id_of(found: Json) -> str:
    """The id of a post or an event; empty where it has none."""
    item = found.get("item")
    return str(item.get("id") or "") if isinstance(item, dict) else ""


def _ids(page: list[Json]) -> list[str]:
    return [id_of(each) for each in page]


def searchable(query: str) -> str:
    """A saved search without mere repetitions of posts."""
    return query if "is:retweet" in query else f"({query}) -is:retweet"
