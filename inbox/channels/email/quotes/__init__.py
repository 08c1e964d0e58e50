"""What is new in a reply: where its quotations and its signature lie. Folding is display only; nothing is cut."""

from inbox.channels.email import html
from inbox.channels.email.quotes.folder import fold

__all__ = ["fold_ranges", "visible_body", "visible_reply"]


def fold_ranges(text: str) -> list[tuple[int, int]]:
    """Where the text may be folded, as (start, end) in order; empty if nothing would remain to be read."""
    lines = text.split("\n")
    folded, split = fold(lines)
    if not any(folded):
        return []
    ranges: list[tuple[int, int]] = []
    at = 0
    for number, (line, hidden) in enumerate(zip(lines, folded, strict=True)):
        end = min(at + len(line) + 1, len(text))
        start = at + split.get(number, 0)
        if hidden and ranges and ranges[-1][1] == start:
            ranges[-1] = (ranges[-1][0], end)
        elif hidden and start < end:
            ranges.append((start, end))
        at = end
    return ranges


def visible_reply(text: str) -> str:
    """The text without quotation and signature; the whole text where nothing else would remain."""
    ranges = fold_ranges(text)
    if not ranges:
        return text
    kept: list[str] = []
    at = 0
    for start, end in ranges:
        kept.append(text[at:start])
        at = end
    kept.append(text[at:])
    return "".join(kept).strip("\n")


def visible_body(body: str, kind: str) -> str:
    """As ``visible_reply``, for a body that is "text" or "html"."""
    text = html.to_text(body) if kind == "html" else "\n".join(line.rstrip("\r") for line in body.split("\n"))
    return visible_reply(text)
