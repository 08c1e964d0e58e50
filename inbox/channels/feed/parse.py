"""A feed's entries as our plain values. feedparser reads RSS and Atom of every age; it never raises on a broken one."""

import calendar
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from inbox.channels.base import Author, Incoming
from inbox.channels.markup import to_text
from inbox.states import ConversationKind

NO_ENTRY = "It is no entry of a feed."

Values = Mapping[str, Any]


def entries(content: bytes, url: str) -> tuple[Sequence[Incoming], str]:
    """The entries of a feed, and its title; no entries and no title where it is no feed."""
    found = _parsed(content, {"content-location": url})
    if not found.version and not found.entries:
        return (), ""
    title = str(found.feed.get("title") or urlsplit(url).hostname or "")
    now = datetime.now(UTC)
    return [incoming(_values(each, title, url), now) for each in found.entries], title


def feed_address(page: bytes, url: str) -> str:
    """The feed that a page names as its own; empty where it names none."""
    found = _parsed(page, {})
    for link in found.feed.get("links", ()):
        if link.get("rel") == "alternate" and link.get("type") in ("application/rss+xml", "application/atom+xml"):
            return urljoin(url, str(link.get("href", "")))
    return ""


def _parsed(content: bytes, headers: Mapping[str, str]) -> Any:
    """A stream and not bytes: those feedparser takes for a file's name or an address, and opens what stands there."""
    return feedparser.parse(BytesIO(content), response_headers=dict(headers))


def incoming(values: Values, now: datetime) -> Incoming:
    """An entry as a mention: a public thing that somebody said, about which nothing can be answered there."""
    text = text_of(values)
    author = str(values.get("author") or values.get("feed") or "")
    site = urlsplit(str(values.get("url", ""))).hostname or ""
    at = values.get("at")
    return Incoming(
        remote_id=str(values["id"]),
        author=Author(f"{site}/{author}".casefold(), author, profile_url=str(values.get("author_url") or "")),
        sent_at=min(datetime.fromtimestamp(at, UTC), now) if isinstance(at, int | float) else now,
        raw=json.dumps(values, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        text=text,
        new_text=text,
        subject=str(values.get("title", "")),
        remote_thread=str(values["id"]),
        conversation_kind=ConversationKind.MENTION,
        has_html=bool(values.get("html")),
        stream=str(values.get("feed", "")),
    )


def text_of(values: Values) -> str:
    """What an entry says, its title left out, its address last."""
    parts = (to_text(str(values.get("html", ""))), str(values.get("link", "")))
    return "\n\n".join(part for part in parts if part)


def matches(message: Incoming, words: Sequence[str]) -> bool:
    """Whether an entry has one of the words, in whatever case."""
    said = f"{message.subject}\n{message.text}\n{message.author.name}".casefold()
    return not words or any(word in said for word in words)


def load(raw: bytes) -> Values:
    """A stored entry; empty for anything else."""
    try:
        values = json.loads(raw)
    except ValueError:
        return {}
    return values if isinstance(values, dict) and "id" in values else {}


def _values(entry: Any, feed: str, url: str) -> Values:
    link = str(entry.get("link") or "")
    title = to_text(str(entry.get("title") or ""))
    bodies = [str(each.get("value") or "") for each in entry.get("content", ())]
    html = max([*bodies, str(entry.get("summary") or "")], key=len)
    at = entry.get("published_parsed") or entry.get("updated_parsed")
    author = entry.get("author_detail", {})
    identity = str(entry.get("id") or link) or sha256(f"{title}\n{html}".encode("utf-8", "replace")).hexdigest()
    return {
        "id": identity,
        "title": title,
        "link": link,
        "html": html,
        "at": calendar.timegm(at) if at else None,
        "author": str(author.get("name") or entry.get("author") or ""),
        "author_url": str(author.get("href") or ""),
        "feed": feed,
        "url": url,
    }
