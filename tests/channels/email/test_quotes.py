"""What is new in a reply: scored on real ones; nothing is ever hidden altogether."""

from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from inbox.channels.email.quotes import fold_ranges, visible_reply
from tests.channels.email.test_parse import right_fields


def test_real_replies_are_folded_rightly(shared_data: Path) -> None:
    _, _, passed, cases = right_fields(shared_data, "quotes")
    assert passed / cases >= 0.77, f"{passed} of {cases} replies"


@pytest.mark.parametrize(
    "quotation",
    [
        "El lun, 2 nov 2026 a las 10:00, Tienda Sol (<shop@example.com>) escribió:\n\n> ¿Qué número tiene?",
        "El 2/11/26 a las 10:00, Tienda Sol escribió:\n> ¿Qué número tiene?",
        "________________________________\nDe: Tienda Sol <shop@example.com>\nEnviado: lunes, 2 de noviembre de 2026\n"
        "Para: Ana\nAsunto: Re: Pedido\n\n¿Qué número tiene?",
        "-----Mensaje original-----\nDe: Tienda\nEnviado el: lunes\nPara: Ana\nAsunto: Pedido\n\n¿Qué número tiene?",
        "El dl., 2 de nov. 2026, 10:00, Tienda Sol <shop@example.com> va escriure:\n\n> Quin número té?",
        "Em seg., 2 de nov. de 2026 às 10:00, Tienda Sol <shop@example.com> escreveu:\n\n> Que número tem?",
        "O luns, 2 de nov. de 2026 ás 10:00, Tienda Sol (<shop@example.com>) escribiu:\n\n> Que número ten?",
        "Le lun. 2 nov. 2026 à 10:00, Tienda Sol <shop@example.com> a écrit :\n\n> Quel numéro ?",
        "Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Tienda Sol <\nshop@example.com>:\n\n> Welche Nummer?",
        "Il giorno lun 2 nov 2026 alle ore 10:00 Tienda Sol <shop@example.com> ha\nscritto:\n\n> Che numero?",
        "On Mon, Nov 2, 2026 at 10:00 AM Tienda Sol <shop@example.com> wrote:\n\n> Which number?",
        "Tienda Sol igorleak hau idatzi zuen (2026(e)ko aza. 2(a) 10:00, <shop@example.com>):\n\n> Zein zenbaki?",
        "-- \nAna Pérez\nTel. 600 000 000",
        "Enviado desde mi iPhone",
    ],
)
def test_quotations_and_signatures_of_european_clients_fold(quotation: str) -> None:
    assert visible_reply(f"Es el 365534.\n\n{quotation}\n").strip() == "Es el 365534."


@pytest.mark.parametrize(
    "text",
    [
        "> Only a quotation\n> and nothing else",
        "-- \nAna",
        "El pedido 365534 del 2/11/2026 no ha llegado.\nLe escribí: nadie contesta.\n¿Pueden ayudarme?",
        "Datos:\nDe: Madrid\nA: Sevilla",
        "Mire lo que me escribieron:\n\n---------- Mensaje reenviado ---------\nDe: Otra tienda\nAsunto: Nada\n\nNo",
        "",
    ],
)
def test_what_the_customer_says_never_folds(text: str) -> None:
    assert visible_reply(text) == text
    assert fold_ranges(text) == []


def test_an_answer_below_the_quotation_stays() -> None:
    assert visible_reply("Hola\n\n> ¿Qué número?\n\nEl 365534\n\n> ¿Qué color?\n\nRojo").split() == [
        "Hola",
        "El",
        "365534",
        "Rojo",
    ]


@given(
    st.lists(st.sampled_from(["> q", "text", "", "-- ", "On 1.1.2020 a@b.cc wrote:", "De: x", "Para: y", "Asunto: z"]))
)
def test_ranges_are_whole_lines_in_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    ranges = fold_ranges(text)
    at = 0
    for start, end in ranges:
        assert at <= start < end <= len(text)
        assert start == 0 or text[start - 1] == "\n"
        at = end
    assert visible_reply(text).strip() or not text.strip() or not ranges
