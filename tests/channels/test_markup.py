"""Short HTML becomes text that a person can read, and nothing in it can harm."""

import pytest
from hypothesis import given, strategies as st

from inbox.channels.markup import safe_html, to_text, without_quotation


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Hola,</p><p>¿y mi <b>pedido</b>?<br />Gracias</p>", "Hola,\n\n¿y mi pedido?\nGracias"),
        ("<ul><li>uno</li><li>dos</li></ul>", "- uno\n- dos"),
        ('Ver <a href="https://a.example/x">aquí</a>', "Ver aquí (https://a.example/x)"),
        (
            '<a href="https://a.example/long/path"><span class="invisible">https://</span>'
            '<span class="ellipsis">a.example/long</span><span class="invisible">/path</span></a>',
            "https://a.example/long/path",
        ),
        ('<span><a href="https://m.example/@ana" class="u-url mention">@<span>ana</span></a></span> sí', "@ana sí"),
        ('<a href="https://a.example/long/path">a.example/long…</a>', "a.example/long…"),
        ("a &lt; b &amp; c", "a < b & c"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<script>x()</script><style>y</style>z", "z"),
        ('<img src="https://e.example/x.png" alt=":)">', ":)"),
        ("", ""),
        ("<p>a <", "a <"),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert to_text(markup) == text


def test_nothing_in_it_runs_or_loads() -> None:
    bad = '<img src="https://e.example/x"><a href="javascript:x()" onclick="y()" style="position:fixed">a</a><form>'
    assert safe_html(bad) == '<a rel="noopener noreferrer">a</a>'


@given(st.text(alphabet="<>/apbr&;#x\"'= \n!-", max_size=200))
def test_any_markup_is_read(markup: str) -> None:
    to_text(markup)
    safe_html(markup)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("> ¿Qué día?\n>\n> Diga\n\nEl martes", "El martes"),
        (">:( sigue roto", ">:( sigue roto"),
        ("El martes\n> no es cita", "El martes\n> no es cita"),
        ("> solo esto", "> solo esto"),
        ("", ""),
    ],
)
def test_only_quoted_words_at_the_beginning_fold(text: str, shown: str) -> None:
    assert without_quotation(text) == shown
