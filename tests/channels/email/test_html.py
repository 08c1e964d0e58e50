"""HTML of strangers: as text, and made safe."""

import pytest

from inbox.channels import registry
from inbox.channels.email.html import to_text
from inbox.channels.email.safe_html import safe_html, sanitise


def test_lists_tables_links_and_quotations_stay_readable() -> None:
    page = (
        "<html><head><title>No</title><style>p{}</style></head><body><h1>Pedido&nbsp;7</h1>"
        "<p>Hola <b>Ana</b>,<br>gracias.</p>"
        "<ul><li>uno</li><li>dos<ol><li>a</li></ol></li></ul><table><tr><td>Total</td><td>10 &euro;</td></tr></table>"
        '<a href="https://shop.example/7">Su pedido</a><blockquote>Antes<br>mucho</blockquote><script>x()</script>Fin'
    )
    assert to_text(page).split("\n") == [
        "Pedido 7", "", "Hola Ana,", "gracias.", "", "- uno", "- dos", "  1. a", "", "Total\t10 €", "",
        "Su pedido <https://shop.example/7>", "", "> Antes", "> mucho", "", "Fin",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href=' java\nscript:alert(1)'>x</a>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
        "<iframe src='https://evil.example'></iframe>",
        "<object data='https://evil.example'></object><embed src='https://evil.example'>",
        "<form action='https://evil.example'><input name=a><button>x</button></form>",
        "<link rel=stylesheet href='https://evil.example/a.css'>",
        "<style>@import url(https://evil.example/a.css);</style>",
        "<div style='background:url(https://evil.example/a.png)'>x</div>",
        "<div style='background-image:u\\72l(https://evil.example)'>x</div>",
        "<div style='position:fixed;top:0;left:0;width:100%'>x</div>",
        "<div style='margin-top:-500px'>x</div>",
        "<td background='https://evil.example/a.png'>x</td>",
        "<body background='https://evil.example/a.png'>",
        "<img src='file:///etc/passwd'>",
        "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
        "<img srcset='https://evil.example/a.png 2x'>",
        "<video poster='https://evil.example/a.png' src='https://evil.example/a.mp4'></video>",
        "<meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<base href='https://evil.example/'>",
        "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
        "<a href='file:///etc/passwd'>x</a>",
        "<img src='inboxremote:x' onload='alert(1)'>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<template><img src=x onerror=alert(1)></template>",
    ],
)
def test_attacks_leave_nothing_that_runs_or_loads(attack: str) -> None:
    safe = safe_html(f"<p>Hola</p>{attack}").lower()
    assert "hola" in safe
    for bad in ("<script", "onerror", "onload", "javascript", " src=\"http", "url(", "evil.example", "file:", "<form",
                "<iframe", "<style", "<svg", "position", "-500", "alert(1)\"", "inboxremote"):  # fmt: skip
        assert bad not in safe, bad


def test_remote_images_are_counted_and_loaded_on_request_only() -> None:
    page = (
        '<p>Hi</p><img src="https://x.example/a.png?b=1&c=2" width="5"><img alt="y" src="//x.example/b.png">'
        '<img src="cid:p1">'
    )
    silent = sanitise(page)
    assert silent.remote_images == 2
    assert ' src="http' not in silent.html
    assert 'data-remote-src="https://x.example/a.png?b=1&amp;c=2"' in silent.html
    assert 'data-remote-src="https://x.example/b.png"' in silent.html
    assert 'src="cid:p1"' in silent.html
    loading = sanitise(page, remote_images=True)
    assert loading.remote_images == 0
    assert 'src="https://x.example/b.png"' in loading.html


def test_the_text_of_a_mail_can_not_pretend_to_be_a_mark() -> None:
    page = '<p>&lt;img src="inboxremote:https://x.example"&gt;</p><img alt=\'"&gt; src="inboxremote:x\' src="cid:a">'
    assert sanitise(page).remote_images == 0


def test_a_body_comes_with_the_pictures_that_it_names() -> None:
    raw = (
        b"From: a@b.cc\r\nContent-Type: multipart/related; boundary=q\r\n\r\n--q\r\nContent-Type: text/html\r\n\r\n"
        b'<p onclick="x">Hola</p><img src="cid:one"><img src="https://x.example/a.gif">\r\n--q\r\n'
        b"Content-Type: image/png\r\nContent-ID: <one>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n--q\r\n"
        b"Content-Type: image/png\r\nContent-ID: <two>\r\nContent-Transfer-Encoding: base64\r\n\r\niVBO\r\n--q--\r\n"
    )
    body = registry.plugin("email").read_body(raw)
    assert body.text == "Hola"
    assert dict(body.inline) == {"one": b"\x89PN"}
    assert body.remote_images == 1
    assert "onclick" not in body.html
