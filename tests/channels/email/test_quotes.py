"""What is new in a reply: scored on real ones; nothing is ever hidden altogether."""

import time
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from inbox.channels.email.quotes import fold_ranges, visible_body, visible_reply
from tests.channels.email.quotations import ATTRIBUTIONS, HEADS, SAID, SIGNATURES
from tests.channels.email.test_parse import right_fields

SLOWEST = 20.0  # seconds that a megabyte may take on a machine that is busy with other things
SIZE = 1_000_000
ANSWER = "Es el 365534.\nSe lo confirmo."


def each(lines: str) -> list[str]:
    return lines.strip().splitlines()


def wrapped(line: str) -> str:
    """Broken as mail programs break a line that is too long."""
    at = line.rfind(" ", 0, 62)
    return line if len(line) < 62 or at < 0 else f"{line[:at]}\n{line[at + 1 :]}"


def test_real_replies_are_folded_rightly(shared_data: Path) -> None:
    _, _, passed, cases = right_fields(shared_data, "quotes")
    assert passed / cases >= 0.92, f"{passed} of {cases} replies"


@pytest.mark.parametrize("line", each(ATTRIBUTIONS))
@pytest.mark.parametrize("quotation", ["\n\n> ¿Qué número?\n> Tienda\n", "\n\n¿Qué número?\nTienda\n", "wrap"])
def test_quotations_fold_under_the_line_that_announces_them(line: str, quotation: str) -> None:
    announced = wrapped(line) + "\n> ¿Qué número?\n" if quotation == "wrap" else line + quotation
    assert visible_reply(f"{ANSWER}\n\n{announced}").strip() == ANSWER


@pytest.mark.parametrize("head", each(HEADS))
@pytest.mark.parametrize("above", ["", "________________________________\n", "-----Mensaje original-----\n"])
def test_the_mail_before_folds_under_its_head(head: str, above: str) -> None:
    head = head.replace("|", "\n")
    assert visible_reply(f"{ANSWER}\n\n{above}{head}\n\n¿Qué número?\n").strip() == ANSWER


@pytest.mark.parametrize("signature", [*each(SIGNATURES), "-- |Ana Pérez|Tel. 600 000 000", "-Ana", "/Ana"])
def test_signatures_fold(signature: str) -> None:
    closing = signature.replace("|", "\n")
    assert visible_reply(f"{ANSWER}\n\n{closing}\n").strip() == ANSWER
    quotation = "El 2/11/26 a las 10:00, Tienda Sol escribió:\n\n> ¿Qué número?"
    assert visible_reply(f"{ANSWER}\n\n{closing}\n\n{quotation}\n").strip() == ANSWER


@pytest.mark.parametrize(
    "text",
    [
        *(line.replace("|", "\n") for line in each(SAID)),
        "> Only a quotation\n> and nothing else",
        "-- \nAna",
        "Mire lo que me escribieron:\n\n---------- Mensaje reenviado ---------\nDe: Otra tienda\nAsunto: Nada\n\nNo",
        "-----Original Message-----\nFrom: bob@example.com\nSent: Today\nSubject: Report\n\nAll of it came so.",
        "Esto sale:\n\n```\n> 1\n-- \nOn 2/11/2026 10:00, a@b.cc wrote:\n```\n\n¿Qué hago?",
        "> El pedido llega el lunes\n\nEs lo que dice su web.",
        "",
    ],
)
def test_what_the_customer_says_never_folds(text: str) -> None:
    assert visible_reply(text) == text
    assert fold_ranges(text) == []


def test_an_answer_below_the_quotation_stays() -> None:
    assert visible_reply("Hola:\nEl 2/11/26 a las 10:00, Tienda escribió:\n> ¿Qué número?\n> Tienda\n\nEl 365534") == (
        "Hola:\n\nEl 365534"
    )


def test_answers_point_by_point_keep_the_questions() -> None:
    answers = "> ¿Qué número?\nEl 365534\n\n> ¿Qué color?\nRojo"
    assert visible_reply(f"El 2/11/26 a las 10:00, Tienda escribió:\n{answers}\n\n> Tienda") == answers


def test_a_quotation_may_begin_within_a_line() -> None:
    assert visible_reply("Sí. El 2/11/26 a las 10:00, Tienda (<shop@example.com>) escribió:\n> ¿Seguro?") == "Sí."


def test_links_that_broke_belong_to_the_quotation() -> None:
    quotation = "> Siga su pedido (https://example.com/\nseguir?id=3)\n> Tienda"
    assert visible_reply(f"Gracias\n\nEl 2/11/26 a las 10:00, Tienda escribió:\n{quotation}\n") == "Gracias"


@pytest.mark.parametrize(
    "page",
    [
        "<div>No llegó.</div><hr><div><b>De:</b> Sol &lt;s@example.com&gt;<br><b>Enviado:</b> lunes 2/11/2026 10:00<br>"
        "<b>Para:</b> Ana<br><b>Asunto:</b> Pedido<br></div><p>¿Llegó?</p>",
        "<p>No llegó.</p><blockquote type='cite'><p>El 2 nov 2026, a las 10:00, Sol &lt;s@example.com&gt; escribió:</p>"
        "<p>¿Llegó?</p></blockquote>",
        "<p>No llegó.</p><div class='gmail_quote'><div>Ar Llun, 2 Tach 2026 am 10:00 ysgrifennodd Sol:<br></div>"
        "<blockquote class='gmail_quote'>¿Llegó?</blockquote></div>",
        "<p>No llegó.</p><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b> Sol<br><b>Sent:</b> "
        "Monday, November 2, 2026 10:00 AM<br><b>To:</b> Ann</div><p>¿Llegó?</p>",
        "<p>No llegó.</p><hr id='zwchr'><div><b>De: </b>Sol &lt;s@e.com&gt;<br><b>À: </b>Ann<br><b>Envoyé: </b>Lundi 2 "
        "Novembre 2026 10:00:00<br><b>Objet: </b>X</div><div>¿Llegó?</div>",
        "<p>No llegó.</p><div>02.11.2026, 10:00, 'Sol' &lt;s@e.com&gt;:</div><blockquote><p>¿Llegó?</p></blockquote>",
        "<div>On 2 Nov 2026 10:00, Sol wrote:</div><blockquote>¿Llegó?</blockquote><div>No llegó.</div>",
    ],
)
def test_quotations_of_pages_fold(page: str) -> None:
    assert visible_body(page, "html") == "No llegó."


@pytest.mark.parametrize(
    "bit",
    [
        *(":\n", "On 2 Nov 2026, x:\n", "> a\nb\n", "> a\n\n", ">", "From: a@b.cc\n", "Ab: 1\n", "De: x\nPara: y\n"),
        *("-----\n", "-- \na\n", "_" * 30 + "\n", "*" * 100 + "\n", "| a\n", "```\n", "wrote:\n", "Un saludo,\nAna\n"),
        *("12 de de de ada: <a@b.c>\n", "\"' *_ – > " * 9 + "\n", "Enviado desde " * 5 + "\n", "a@" * 99 + ":\n"),
        *("> http://( a\n)\n", "kind " * 10 + "\n", " " * 500 + "\n", "[a](b)" * 20 + "\n", "1 " * 40 + ":\n"),
    ],
)
def test_hostile_texts_take_linear_time(bit: str) -> None:
    text = bit * (SIZE // len(bit))
    start = time.process_time()
    visible_reply(text)
    assert time.process_time() - start < SLOWEST


@given(
    st.lists(st.sampled_from(["> q", "text", "", "-- ", "On 1.1.2020 a@b.cc wrote:", "De: x", "Para: y", "Asunto: z"]))
)
def test_ranges_are_in_order_and_something_stays(lines: list[str]) -> None:
    text = "\n".join(lines)
    ranges = fold_ranges(text)
    at = 0
    for start, end in ranges:
        assert at <= start < end <= len(text)
        at = end
    assert visible_reply(text).strip() or not text.strip()
