"""Whatever is written in this window can be read: WCAG AA, in both themes, for every pair of colours in use."""

import pytest

from inbox.ui.tokens import _BADGES, DARK, LIGHT, Tokens

AA_TEXT, AA_SIGN = 4.5, 3.0


def _luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_right() -> None:
    assert _contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert _contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["text", "soft", "faint", "accent"])
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken", "selected", "hover", "outgoing", "note"])
def test_text_is_readable_on_every_ground(look: Tokens, ink: str, ground: str) -> None:
    assert _contrast(getattr(look, ink), getattr(look, ground)) >= AA_TEXT


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((state, ground) for state in ("danger", "warn", "ok") for ground in ("surface", "sunken", "selected")),
        *((state, f"{state}_soft") for state in ("danger", "warn", "ok")),
        *((ink, f"{state}_soft") for ink in ("text", "soft") for state in ("danger", "warn", "ok", "accent")),
        ("accent", "accent_soft"),
        ("on_accent", "accent"),
    ],
)
def test_states_and_buttons_are_readable(look: Tokens, ink: str, ground: str) -> None:
    assert _contrast(getattr(look, ink), getattr(look, ground)) >= AA_TEXT


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface", "sunken"])
def test_where_the_keyboard_is_can_be_seen(look: Tokens, ground: str) -> None:
    assert _contrast(look.accent, getattr(look, ground)) >= AA_SIGN


@pytest.mark.parametrize("channel", list(_BADGES))
def test_a_channel_is_told_by_its_sign(channel: str) -> None:
    _sign, light, light_ground, dark, dark_ground = _BADGES[channel]
    assert _contrast(light, light_ground) >= AA_TEXT
    assert _contrast(dark, dark_ground) >= AA_TEXT
