"""The look in one place: every colour, size and channel badge of the window. Nothing else names a colour.

Loaded before the first paint, so it imports nothing heavy.
"""

from typing import NamedTuple


class Tokens(NamedTuple):
    """The colours of one theme."""

    dark: bool
    bg: str
    surface: str
    sunken: str
    line: str
    text: str
    soft: str
    faint: str
    accent: str
    on_accent: str
    accent_soft: str
    selected: str
    danger: str
    danger_soft: str
    warn: str
    warn_soft: str
    ok: str
    ok_soft: str
    note: str
    note_line: str
    outgoing: str
    outgoing_line: str
    hover: str
    shadow: str
    disabled: str


LIGHT = Tokens(
    dark=False,
    bg="#F4F4F1",
    surface="#FFFFFF",
    sunken="#FAFAF8",
    line="#E5E4DF",
    text="#1D2127",
    soft="#59616D",
    faint="#666E79",  # darker than the picture's: 12 px text on every ground must keep 4.5 : 1
    accent="#0B6E75",
    on_accent="#FFFFFF",
    accent_soft="#E3F1F1",
    selected="#EAF3F3",
    danger="#B42318",
    danger_soft="#FDECEA",
    warn="#8A4E08",
    warn_soft="#FCEFD9",
    ok="#1E7B45",
    ok_soft="#E3F4E9",
    note="#FFF8DF",
    note_line="#EADFAE",
    outgoing="#EDF5F5",
    outgoing_line="#DCEBEB",
    hover="#F1F1ED",
    shadow="#14000000",
    disabled="#A6ABB2",
)

DARK = Tokens(
    dark=True,
    bg="#131519",
    surface="#1A1D22",
    sunken="#1F232A",
    line="#2C313A",
    text="#E9EBEE",
    soft="#AAB2BD",
    faint="#8D95A1",
    accent="#4DB6BD",
    on_accent="#0E1A1C",
    accent_soft="#17363A",
    selected="#1D3033",
    danger="#F08A80",
    danger_soft="#3C1F1E",
    warn="#E3B067",
    warn_soft="#3A2A14",
    ok="#7CC79A",
    ok_soft="#1A3324",
    note="#2E2A1A",
    note_line="#4A4224",
    outgoing="#1B2C2F",
    outgoing_line="#24393C",
    hover="#23272E",
    shadow="#50000000",
    disabled="#626A75",
)

# Sizes at 100 %; give them to px().
TEXT, SMALL, LABEL, TITLE, HEADING = 13, 12, 11, 15, 17
RADIUS_CHIP, RADIUS_BUTTON, RADIUS_CARD = 5, 8, 12
RAIL_WIDTH, LIST_WIDTH, PANEL_WIDTH = 204, 340, 276
ROW_HEIGHT = 99
MOTION_MS = 120

# (sign, light colour, light ground, dark colour, dark ground): a channel is told by its sign as well as by its colour.
_BADGES = {
    "email": ("@", "#3A53C5", "#E7EBFB", "#8FA2F0", "#222A4A"),
    "telegram": ("T", "#0A6CA8", "#DDEFFA", "#6BB8EA", "#143246"),
    "x": ("X", "#1D2127", "#ECECE8", "#DFE2E6", "#30353D"),
    "mastodon": ("M", "#5B35C4", "#EBE5FA", "#B49CF2", "#2F2550"),
    "bluesky": ("B", "#0B5FC0", "#E0ECFC", "#7FB2F5", "#172C4A"),
    "livechat": ("C", "#17703C", "#DDF3E5", "#74CB97", "#173423"),
    "demo": ("D", "#17703C", "#DDF3E5", "#74CB97", "#173423"),
    "whatsapp": ("W", "#17703C", "#DDF3E5", "#74CB97", "#173423"),
    "meta": ("f", "#2454B8", "#E3EBFB", "#8DB0F5", "#1C2B4D"),
    "phone": ("☏", "#8A4E08", "#FCEBD0", "#E3B067", "#3A2A14"),
    "letter": ("✉", "#87452A", "#F7E7DE", "#DDA083", "#3B261C"),
    "feed": ("F", "#8A3D0B", "#FBE6DA", "#E9A27A", "#3D2617"),
}

_current = LIGHT
_scale = 1.0


def colors() -> Tokens:
    """The theme in use."""
    return _current


def scale() -> float:
    """The text size in use: 1.0 is 100 %."""
    return _scale


def px(size: float) -> int:
    """A size in pixels at the text size in use."""
    return max(1, round(size * _scale))


def use(tokens: Tokens, text_scale: float) -> None:
    """Switch theme and text size; ``style.apply`` calls it."""
    global _current, _scale
    _current, _scale = tokens, min(2.0, max(1.0, text_scale))


def badge(channel: str) -> tuple[str, str, str]:
    """A channel's sign, its colour and its ground in the theme in use."""
    sign, light, light_ground, dark, dark_ground = _BADGES.get(
        channel, (channel[:1].upper() or "?", "#59616D", "#ECECE8", "#AAB2BD", "#2C313A")
    )
    return (sign, dark, dark_ground) if _current.dark else (sign, light, light_ground)
