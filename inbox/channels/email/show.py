"""A stored mail as it is shown: its text, its HTML made safe, its pictures, its files."""

from inbox.channels.base import ParsedBody
from inbox.channels.email import body, headers, mime, safe_html
from inbox.channels.email.addresses import parse_addresses

MOST_INLINE = 50
MOST_INLINE_BYTES = 20 << 20


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """Text, safe HTML, and the pictures that the HTML names. Never raises."""
    root = mime.read(raw)
    found = body.read_body(root)
    page = safe_html.sanitise(found.html, remote_images=remote_images) if found.html else safe_html.SafePage("", 0)
    return ParsedBody(found.text, page.html, _inline(root, page.html), page.remote_images)


def _inline(root: mime.Part, page: str) -> dict[str, bytes]:
    pictures: dict[str, bytes] = {}
    if "cid:" not in page:
        return pictures
    room = MOST_INLINE_BYTES
    for part in root.leaves():
        content_id = part.content_id
        if content_id and content_id in page and part.content_type.startswith("image/") and len(pictures) < MOST_INLINE:
            content = part.content()
            room -= len(content)
            if room >= 0:
                pictures[content_id] = content
    return pictures


def read_recipients(raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of Reply-To, and those of To and Cc. Reads the head only."""
    head, _body = headers.split_head(raw, 0, len(raw))
    found = [
        tuple(each.address for value in head.get(name, ()) for each in parse_addresses(value))
        for name in (b"reply-to", b"to", b"cc")
    ]
    return found[0], (*found[1], *found[2])


def read_part(raw: bytes, part: str) -> bytes:
    """The content of a file of the mail; empty for a number that it does not have."""
    return body.part_content(mime.read(raw), part)
