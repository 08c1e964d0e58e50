"""Attacks that others have published against programs that show mail, in pages of our own making.

What is left is read again, and looked at by what it is: which elements, which attributes, which addresses. So an attack
that nobody listed here fails as well, if only something of its kind is.
"""

import re
from html.parser import HTMLParser

import pytest

from inbox.channels.email.safe_html import sanitise

ELEMENTS = """
a abbr acronym address area b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl
dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike strong sub
summary sup table tbody td tfoot th thead tr tt u ul var wbr
"""
ATTRIBUTES = """
style dir lang title href name rel src alt width height align border color face size valign bgcolor cellpadding
cellspacing colspan rowspan nowrap span start type value data-remote-src
"""
PICTURE = re.compile(r"(?:cid:|data:image/(?:png|gif|jpe?g|webp|bmp);)", re.I)
LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.I)
REACHES = re.compile(r"url|expression|import|position|z-index|float|content|behavio|@|\\|/\*|<|javascript|-\s*\d", re.I)


class Look(HTMLParser):
    """What there is in a page that must not be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ELEMENTS.split():
            self.bad.append(f"<{tag}>")
        for name, value in attrs:
            said = value or ""
            wrong = (
                name not in ATTRIBUTES.split()
                or (name == "src" and not PICTURE.match(said))
                or (name == "href" and not LINK.match(said))
                or (name == "style" and REACHES.search(said))
            )
            if wrong:
                self.bad.append(f"{tag} {name}={said}")

    def handle_comment(self, data: str) -> None:
        self.bad.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.bad.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.bad.append(f"instruction {data}")

    def handle_data(self, data: str) -> None:
        self.text += data


ATTACKS = [
    # Addresses that run: hidden behind signs, blanks, entities and letters of another case.
    "<a href='jAvAsCrIpT:x()'>a</a>",
    "<a href='&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;x()'>a</a>",
    "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;x()'>a</a>",
    "<a href='jav&Tab;ascript&colon;x()'>a</a>",
    "<a href='jav\u0000ascript:x()'>a</a>",
    "<a href='\u0001javascript:x()'>a</a>",
    "<a href='j&#x61vascript:x()'>a</a>",
    "<a href='&#x6a avascript:x()'>a</a>",
    "<a href='vbscript:x()'>a</a>",
    "<a href='feed:javascript:x()'>a</a>",
    "<a href='view-source:https://a.example'>a</a>",
    "<a href='blob:https://a.example/1'>a</a>",
    "<a href='data:application/xhtml+xml;base64,PGh0bWw+'>a</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>a</a>",
    "<a href='//a.example/x'>a</a>",
    "<a href='\\\\a.example\\share'>a</a>",
    "<a href='smb://a.example/share'>a</a>",
    "<a href='ms-msdt:/id PCWDiagnostic'>a</a>",
    "<a href='search-ms:query=x&crumb=location:\\\\a.example'>a</a>",
    "<area href='javascript:x()' shape=default>",
    "<base href='javascript:/a/-x()///'><a href='../b.html'>a</a>",
    # Handlers, wherever they hide.
    "<p onmouseover=x()>a</p>",
    "<img src=cid:a onload=x()>",
    "<img/src=cid:a/onerror=x()>",
    "<img src='cid:a'\u000conerror=x()>",
    "<img src=\"cid:a\"onerror=\"x()\">",
    "<img \"\"\"><script>x()</script>\">",
    "<details open ontoggle=x()>a</details>",
    "<marquee onstart=x()>a</marquee>",
    "<body onload=x()>a",
    "<a autofocus tabindex=1 onfocus=x()>a</a>",
    "<p style='animation-name:a' onanimationstart=x()>a</p>",
    # Elements that are or bring another page.
    "<<script>x();//<</script>",
    "<script/src=https://a.example/x.js></script>",
    "<scr<script>ipt>x()</scr</script>ipt>",
    "<SCRIPT a='>' SRC=https://a.example/x.js></SCRIPT>",
    "<iframe srcdoc='<script>x()</script>'></iframe>",
    "<frameset><frame src='https://a.example'></frameset>",
    "<object data=x.swf><param name=a value=b><p>instead</p></object>",
    "<applet code=A.class archive=https://a.example/a.jar></applet>",
    "<portal src='https://a.example'></portal>",
    "<embed src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<isindex type=image src=https://a.example action=javascript:x()>",
    "<bgsound src='https://a.example/a.wav'>",
    "<audio src='https://a.example/a.mp3' autoplay></audio>",
    "<video><source onerror=x() src=https://a.example/a></video>",
    "<link rel=prefetch href=https://a.example><link rel=dns-prefetch href=//a.example>",
    "<meta http-equiv='Set-Cookie' content='a=b'>",
    "<meta http-equiv=refresh content='0;url=data:text/html,x'>",
    "<keygen autofocus onfocus=x()>",
    "<xml id=a><x><c><![CDATA[<img src=x onerror=x()>]]></c></x></xml>",
    "<?xml version='1.0'?><?import namespace='t' implementation='#default#time2'>",
    "<!--[if gte mso 9]><img src=x onerror=x()><![endif]-->",
    "<!--><img src=x onerror=x()>-->",
    "<!doctype html><p>a</p>",
    # Forms: nothing can be filled in, and nothing is sent.
    "<form action=https://a.example><input type=password><textarea>t</textarea><select><option>o</select></form>",
    "<button formaction=javascript:x()>a</button>",
    "<input type=image src=https://a.example/i>",
    "<p>a</p><input form=f formaction=https://a.example><form id=f></form>",
    # Drawings and formulas, which are programs of their own.
    "<svg><a xlink:href='javascript:x()'><text>a</text></a></svg>",
    "<svg><animate xlink:href='#b' attributeName=href values=javascript:x()></animate><a id=b><text>a</text></a></svg>",
    "<svg><set attributeName=onmouseover to=x()></set></svg>",
    "<svg><use href='data:image/svg+xml;base64,PHN2Zz4=#a'></use></svg>",
    "<svg><foreignObject><iframe src=https://a.example></iframe></foreignObject></svg>",
    "<svg><image href=https://a.example/t.png /></svg>",
    "<svg xmlns='&quot; onload=&quot;x()'></svg>",
    "<svg><style><img src=x onerror=x()></style></svg>",
    "<math href='javascript:x()'><mi>a</mi></math>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=x()></annotation-xml></math>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=x()>",
    # What reads differently the second time (mutation).
    "<p title='</p><img src=x onerror=x()>'>a</p>",
    "<noembed><img title='</noembed><img src=x onerror=x()>'></noembed>",
    "<xmp><p title='</xmp><img src=x onerror=x()>'></xmp>",
    "<listing>&lt;img src=x onerror=x()&gt;</listing>",
    "<style><!--</style><img src=x onerror=x()>--></style>",
    "<textarea><p title='</textarea><img src=x onerror=x()>'>",
    "<table><tr><td><table><style><!--</style><td title='--><img src=x onerror=x()>'>",
    "<img alt='`` onerror=x()' src=cid:a>",
    # Looks that run, load or reach out of their message.
    "<p style='width:expression(x())'>a</p>",
    "<p style='width:exp/**/ression(x())'>a</p>",
    "<p style='-moz-binding:url(https://a.example/x.xml#x)'>a</p>",
    "<p style='behavior:url(x.htc)'>a</p>",
    "<p style='background:\\75\\72\\6c(https://a.example/t)'>a</p>",
    "<p style=\"backgr\\ound-image:\\ur\\l('https://a.example/t')\">a</p>",
    "<p style='color:red;background:image-set(\"https://a.example/t\" 1x)'>a</p>",
    "<ul style='list-style:url(https://a.example/t)'><li>a</ul>",
    "<p style='cursor:url(https://a.example/t),auto'>a</p>",
    "<p style='content:url(https://a.example/t)'>a</p>",
    "<p style='font-family:a;src:url(https://a.example/f)'>a</p>",
    "<p style='border-image:url(https://a.example/t) 1'>a</p>",
    "<p style='position:absolute;left:0;top:0;z-index:9999'>a</p>",
    "<p style='position:/**/ fixed'>a</p>",
    "<p style='float:left;margin:0 0 0 -900px'>a</p>",
    "<p style='text-indent:-9999px'>a</p>",
    "<p style='transform:translate(-50%,-500px)'>a</p>",
    "<p style='color:red;}body{display:none'>a</p>",
    "<style>body{visibility:hidden}</style><p>a</p>",
    "<style>@import '//a.example/x.css';p{background:url(//a.example)}</style>",
    "<img style=aaa:'\"/onerror=x()//'>",
    "<p class=window id=composer data-x=1 contenteditable draggable=true>a</p>",
    # Counters that tell a sender that somebody reads.
    "<img src='https://a.example/t.gif' width=1 height=1>",
    "<img src=' https://a.example/t.gif'>",
    "<img src='\thttps://a.example/t.gif'>",
    "<img src='https:/\\a.example/t.gif'>",
    "<img src='HTTP://a.example/t.gif'>",
    "<img src='ftp://a.example/t.gif'>",
    "<img src=\"ht\ntps://a.example/t.gif\">",
    "<img src=a.gif srcset='https://a.example/t.gif 1x'>",
    "<img src='data:image/svg+xml,<svg onload=x()>'>",
    "<img src='data:text/html,x'>",
    "<img src='cid:a' lowsrc='https://a.example/t' dynsrc='https://a.example/t' longdesc='https://a.example/t'>",
    "<picture><source srcset=https://a.example/t><img src=cid:a></picture>",
    "<table background=https://a.example/t><tr background=https://a.example/t><td background=https://a.example/t>a</table>",
    "<blockquote cite='https://a.example/t'>a</blockquote>",
    "<a href='https://a.example' ping='https://a.example/t' target=_top>a</a>",
]  # fmt: skip


def test_the_look_sees_what_is_bad() -> None:
    page = (
        "<script>x()</script><img src=https://a.example/t onload=x()><p style='position:fixed'>a</p><a href=x:y>b</a>"
    )
    assert len(Look(page).bad) == 5


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_attack_runs_loads_or_reaches_out(attack: str) -> None:
    page = sanitise(f"<p>Hola</p>{attack}<p>Fin</p>").html
    seen = Look(page)
    assert seen.bad == []
    assert "Hola" in seen.text
    assert Look(sanitise(page).html).bad == [], "what was cleaned is as clean when it is read once more"


@pytest.mark.parametrize("attack", ATTACKS)
def test_asked_for_pictures_bring_nothing_but_pictures(attack: str) -> None:
    page = sanitise(f"<p>Hola</p>{attack}", remote_images=True).html
    seen = Look(re.sub(r'(<img[^>]*?) src="https?://[^"]*"', r"\1", page, flags=re.I))
    assert seen.bad == []


def test_what_is_harmless_stays() -> None:
    page = (
        '<p style="color: rgb(241, 245, 218); font-size: 10px">a <b>b</b> <a href="https://a.example/?b[c]=d">c</a></p>'
        "<table><tr><td colspan=2>d</td></tr></table><img src='data:image/png;base64,iVBO\n Rw0K'>"
        "<!-- e --><p>f</p><font color=red>g</font>"
    )
    clean = sanitise(page).html
    for kept in ("rgb(241, 245, 218)", "10px", "<b>b</b>", "https://a.example/", 'colspan="2"', "data:image/png",
                 "<p>f</p>", 'color="red"'):  # fmt: skip
        assert kept in clean, kept
    assert "e -->" not in clean
