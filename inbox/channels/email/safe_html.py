"""HTML of strangers made safe to show: nothing runs, nothing loads from elsewhere, no style leaves its message."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from inbox.channels.email import html

LARGEST_PAGE = 4_000_000  # characters; a bigger one is shown as text
DEEPEST = 300

_TAGS = frozenset(
    re.findall(
        r"\S+",
        "a abbr acronym address area b bdi bdo big blockquote br caption center cite code col colgroup dd del "
        "details dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre "
        "q s samp small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
_SIZES = {"align", "valign", "width", "height", "bgcolor"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"style", "dir", "lang", "title"},
    "a": {"href", "name"},
    "img": {"src", "alt", "width", "height", "align", "border"},
    "font": {"color", "face", "size"},
    "table": _SIZES | {"border", "cellpadding", "cellspacing"},
    "tr": _SIZES,
    "td": _SIZES | {"colspan", "rowspan", "nowrap"},
    "th": _SIZES | {"colspan", "rowspan", "nowrap"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "p": {"align"},
    "div": {"align"},
    "blockquote": {"type"},
}
_STYLES = frozenset(
    re.findall(
        r"\S+",
        "color background-color font font-family font-size font-style font-weight text-align text-decoration "
        "text-indent line-height letter-spacing vertical-align white-space width height max-width border "
        "border-top border-right border-bottom border-left border-color border-style border-width "
        "border-collapse border-spacing padding padding-top padding-right padding-bottom padding-left margin "
        "margin-top margin-right margin-bottom margin-left list-style-type direction",
    )
)
_STYLE_ATTACK = re.compile(r"url|expression|@|\\|image|/\*|<|javascript|-moz|behavio", re.IGNORECASE)
_NEGATIVE_MARGIN = re.compile(r"(?:margin|indent|spacing)[a-z-]*\s*:[^;]*-\s*[\d.]", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"\s*data:image/(?:png|gif|jpe?g|webp|bmp);", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_MARK = "inboxremote:"
_NESTING = re.compile(
    r"</?(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|tr|td|th|dd|dt|option|o:p)\b)[a-z]",
    re.IGNORECASE,
)
_MARKED = re.compile(rf'(<img(?: [a-z]+="[^"]*")*?) src="{_MARK}([^"]*)"')
_HIDE = (
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "noembed",
    "noframes",
    "iframe",
    "object",
    "svg",
    "math",
    "textarea",
    "select",
    "xmp",
    "plaintext",
)


@dataclass(frozen=True, slots=True)
class SafePage:
    """HTML that may be shown. ``remote_images``: pictures elsewhere that were left out."""

    html: str
    remote_images: int


def sanitise(page: str, *, remote_images: bool = False) -> SafePage:
    """Make a page safe. A picture that lies elsewhere keeps its address in ``data-remote-src``, unless it may load."""
    if len(page) > LARGEST_PAGE or _is_too_deep(page):
        return SafePage(html.from_text(html.to_text(page)), 0)
    cleaned = nh3.clean(
        page.replace(_MARK, ""),
        tags=set(_TAGS),
        clean_content_tags=set(_HIDE),
        attributes=_ATTRIBUTES,
        attribute_filter=_loading if remote_images else _silent,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data", _MARK[:-1]},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
        filter_style_properties=set(_STYLES),
    )
    if remote_images:
        return SafePage(cleaned, 0)
    silent, count = _MARKED.subn(r'\1 data-remote-src="\2"', cleaned)
    return SafePage(silent, count)


def _is_too_deep(page: str) -> bool:
    """Whether elements are nested beyond all sense: building the tree of such a page takes quadratic time."""
    depth = 0
    for tag in _NESTING.finditer(page):
        depth = max(0, depth - 1) if tag[0][1] == "/" else depth + 1
        if depth > DEEPEST:
            return True
    return False


def safe_html(page: str) -> str:
    """Make a page safe to show, without anything from elsewhere."""
    return sanitise(page).html


def _silent(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and _REMOTE.match(value):
        return _MARK + _absolute(value)
    return _checked(tag, attribute, value)


def _loading(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and _REMOTE.match(value):
        return _absolute(value)
    return _checked(tag, attribute, value)


def _absolute(value: str) -> str:
    value = value.strip()
    return "https:" + value if value.startswith("//") else value


def _checked(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "style":
        bad = _STYLE_ATTACK.search(unquote(value)) or _NEGATIVE_MARGIN.search(value)
        return None if bad else value
    if attribute == "src":
        return value.strip() if _INLINE_IMAGE.match(value) or value.strip().lower().startswith("cid:") else None
    if attribute == "href":
        scheme = value.strip().partition(":")[0].lower()
        return value if scheme in ("http", "https", "mailto", "tel") else None
    return value
