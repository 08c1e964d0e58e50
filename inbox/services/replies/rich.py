"""The HTML of a reply, made in the composer: only what letters are made of goes out."""

import html
import re

_TAGS = {"p", "br", "b", "strong", "i", "em", "u", "s", "a", "ul", "ol", "li", "blockquote", "img", "pre"}
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "width", "height"}, "ol": {"start"}}
_SHOWN = re.compile(r'src="cid:([^"]+)"')


def sanitise(page: str) -> str:
    """What may go out of a page: no style, no script, no address but the web, mail, telephone, and its own pictures."""
    import nh3  # not needed before somebody writes

    return nh3.clean(
        page,
        tags=_TAGS,
        clean_content_tags={"script", "style", "head", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=_own_pictures,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel=None,
    ).strip()


def _own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "src":
        return value if value.startswith("cid:") else None
    return value


def shown_pictures(page: str) -> frozenset[str]:
    """The content ids of the pictures that stand in a page."""
    return frozenset(html.unescape(found) for found in _SHOWN.findall(page))


def from_text(text: str) -> str:
    """Plain text as a page."""
    paragraphs = re.split(r"\n{2,}", text.strip("\n"))
    return "".join(f"<p>{html.escape(one, quote=False).replace(chr(10), '<br>')}</p>" for one in paragraphs if one)


def joined(first: tuple[str, str], second: tuple[str, str]) -> str:
    """Two replies, each as its text and its page, under each other; empty where neither has a page."""
    if not first[1] and not second[1]:
        return ""
    return "".join(page or from_text(text) for text, page in (first, second))
