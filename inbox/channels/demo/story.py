"""What the demo's customers know and say, from ``resources/demo`` and the question banks."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from inbox.i18n import resource_path

_WORD = re.compile(r"\w+")
_QUESTION = re.compile(r"¿[^?]*\?|[^.!?¿\n]+\?")


@dataclass(frozen=True, slots=True)
class Story:
    """The shop, its customers and what they answer.

    Attributes:
        content: The file as it stands: company, agents, accounts, customers, conversations, newcomers.
        answers: What anybody answers to a question about a kind of fact.
    """

    content: Mapping[str, Any]
    answers: Mapping[str, str]
    yes: str
    thanks: tuple[str, ...]

    def answer(self, text: str, own: Mapping[str, str]) -> str:
        """What a customer says to a message of ours: an answer to each of its questions; empty if it asks nothing.

        ``own`` are the answers of this customer in this matter, before those that anybody gives.
        """
        said = []
        for question in find_questions(text):
            kind = _fact_kind(question)
            said.append(own.get(kind) or self.answers.get(kind) or self.yes)
        return " ".join(dict.fromkeys(said))


@lru_cache
def load(language: str) -> Story:
    """The demo in a language: Spanish, else English."""
    name = "es" if language == "es" else "en"
    content = json.loads(resource_path(f"demo/{name}.json").read_text(encoding="utf-8"))
    return Story(content, content["answers"], content["yes"], tuple(content["thanks"]))


def find_questions(text: str) -> list[str]:
    """The sentences of a text that ask something."""
    return [each.strip() for each in _QUESTION.findall(text)]


@lru_cache
def bank() -> Mapping[tuple[str, str, str], str]:
    """The questions of the banks: (case type, fact kind, language) -> text."""
    types = json.loads(resource_path("case_types.json").read_text(encoding="utf-8"))
    return {
        (case_type["key"], question["fact_kind"], language): question[f"text_{language}"]
        for case_type in types
        for question in case_type["questions"]
        for language in ("es", "en")
    }


@lru_cache
def _bank_words() -> list[tuple[frozenset[str], str]]:
    return [(_words(text), kind) for (_, kind, _), text in bank().items()]


def _fact_kind(question: str) -> str:
    """The kind of fact that a question asks for: that of the bank's question which shares the most words with it."""
    words = _words(question)
    if not words:
        return ""
    best, kind = max((len(words & known) / len(words | known), kind) for known, kind in _bank_words())
    return kind if best >= 0.34 else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.lower()) if len(word) > 2)
