"""Lengths as channels count them. The weighted ones follow X's published rules (twitter-text, version 3)."""

import pytest
from hypothesis import given, strategies as st

from inbox.services.text_length import measure


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("niño", 4),
        ("nin\u0303o", 4),  # the same letters, apart: NFC first
        ("e\u0301\u0323", 3),  # NFC makes a heavy letter of it, and leaves the accent apart
        ("日本", 4),
        ("ሀ", 2),
        ("ა", 1),  # U+10D0, the last light range is up to U+10FF
        ("“quoted” – dash…", 16 + 1),  # the ellipsis, U+2026, is heavy
        ("10′ 5″", 6),
        ("€", 2),
        ("😀", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("👍🏽", 2),
        ("🇪🇸🇫🇷", 4),
        ("1️⃣", 2),
        ("❤️", 2),
        ("a❤️b", 4),
        ("\r\n", 2),
        ("https://example.com/a/long/way?with=much#more", 23),
        ("http://a.es", 23),
        ("See example.com.", 4 + 23 + 1),
        ("example.com/way, casaverde.es", 23 + 2 + 23),
        ("(example.com)", 25),
        ("www.ejemplo.com.mx", 23),
        ("Señor.Sí", 8),  # no end of a host
        ("v1.2.3 a.m.", 11),
        ("me@example.com", 14),  # an address is no link
        ("@ana @luis_99 Hello", 5),
        ("Hello @ana", 10),
        ("@ana", 4),
        ("@unnombredemasiadolargo x", 25),
    ],
)
def test_x_weighs_a_text_so(text: str, weight: int) -> None:
    assert measure(text, "weighted") == weight


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("\r\n", 1),
        ("e\u0301", 1),
        ("👨‍👩‍👧 niño", 6),
        ("🇪🇸🇫🇷", 2),
        ("🏴\U000e0067\U000e0062\U000e007f", 1),
        ("\u0301", 1),
        ("", 0),
    ],
)
def test_graphemes_are_what_a_person_counts(text: str, count: int) -> None:
    assert measure(text, "graphemes") == count


@given(st.text(), st.text())
def test_any_text_has_a_length_and_more_text_is_no_shorter_in_units(text: str, more: str) -> None:
    for unit in ("characters", "utf16", "graphemes", "weighted"):
        assert 0 <= measure(text, unit) <= 23 * len(text)
    assert measure(text + more, "utf16") == measure(text, "utf16") + measure(more, "utf16")
