"""Which sentences are questions, and which of these are only polite."""

import json
from pathlib import Path

import pytest

from inbox.services.question_text import find_questions, is_courtesy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hola. ¿Cuál es su número de pedido? Gracias.", ["¿Cuál es su número de pedido?"]),
        ("Para ayudarle, ¿desde cuándo ocurre? ¿Y en qué sala?", ["¿desde cuándo ocurre?", "¿Y en qué sala?"]),
        ("Ana, me dice su número de pedido?", ["Ana, me dice su número de pedido?"]),
        ("cuál es su número de pedido", ["cuál es su número de pedido"]),
        ("Podría enviarnos una foto", ["Podría enviarnos una foto"]),
        ("Thanks, Ana. What is your order number? Regards", ["What is your order number?"]),
        ("Could you send us a photo", ["Could you send us a photo"]),
        ("Hola:\n\n¿Cuál es el\nnúmero?\n\nSaludos", ["¿Cuál es el número?"]),
        ("Mire https://casaverde.example/pedido?id=3 y dígame.", []),
        ("> ¿Qué dijo usted?\nLe he cambiado el pedido.", []),
        ("¡Qué bien! Cuando llegue le avisamos. When the parcel arrives, we will call you.", []),
        ("", []),
    ],
)
def test_questions_are_found_with_and_without_marks(text: str, expected: list[str]) -> None:
    assert find_questions(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "¿En qué puedo ayudarle?",
        "Hola, ¿en qué puedo ayudarle?",
        "¿En qué le puedo ayudar hoy?",
        "¿Algo más?",
        "¿Puedo ayudarle en algo más?",
        "¿Hay algo más en lo que pueda ayudarle?",
        "¿Necesita algo más?",
        "¿Tiene alguna otra duda?",
        "¿Cómo está usted?",
        "¿Qué tal está?",
        "¿Todo bien?",
        "¿Ha quedado resuelta su duda?",
        "¿Le parece bien?",
        "¿verdad?",
        "How can I help you?",
        "Hello, how may I help you today?",
        "Is there anything else I can help you with?",
        "Anything else?",
        "Do you have any other questions?",
        "How are you today?",
        "Does that help?",
        "Can I help you with anything else?",
        "Ana, ¿algo más?",
        "What can I do for you?",
    ],
)
def test_courtesy_is_told_from_asking(text: str) -> None:
    assert is_courtesy(text)


def test_no_question_of_our_banks_is_taken_for_courtesy() -> None:
    banks = json.loads((Path(__file__).parents[3] / "resources" / "case_types.json").read_text(encoding="utf-8"))
    texts = [question[key] for bank in banks for question in bank["questions"] for key in ("text_es", "text_en")]
    assert len(texts) >= 70
    assert [text for text in texts if is_courtesy(text)] == []
    assert [text for text in texts if find_questions(text) == []] == []


@pytest.mark.parametrize(
    "text",
    [
        "¿Cómo está la lavadora, encendida o apagada?",
        "¿En qué puedo localizar el número de serie?",
        "¿Necesita algo más que el cable?",
        "¿Qué tal funciona el motor?",
        "How are you using the device?",
        "What can I see on the display?",
        "Is there anything else in the box?",
    ],
)
def test_asking_is_not_taken_for_courtesy(text: str) -> None:
    assert not is_courtesy(text)


@pytest.mark.parametrize(
    ("name", "marked", "unmarked"),  # the least precision and recall that we hold, with marks and without
    [
        ("question_es_written_ud", (0.95, 0.95), (0.9, 0.4)),
        ("question_es_spoken_coser", (0.95, 0.95), (0.9, 0.25)),
        ("question_es_encyclopedic", (0.95, 0.95), (0.95, 0.9)),
        ("question_en_encyclopedic", (0.95, 0.95), (0.95, 0.65)),
        ("question_en_web_email_reviews", (0.95, 0.95), (0.9, 0.45)),
    ],
)
def test_labelled_sentences_are_judged_well(
    shared_data: Path, name: str, marked: tuple[float, float], unmarked: tuple[float, float]
) -> None:
    lines = (shared_data / "social" / "labels" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for key, (precision, recall) in (("text", marked), ("text_without_marks", unmarked)):
        found = [(bool(find_questions(row[key])), row["label"] == "question") for row in rows]
        right = sum(said and true for said, true in found)
        assert right / sum(said for said, _ in found) >= precision
        assert right / sum(true for _, true in found) >= recall
