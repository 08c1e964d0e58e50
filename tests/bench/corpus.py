"""Material of a realistic shape: words with the frequencies of a language, people, subjects. Seeded, so it repeats."""

import json
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

_MATERIAL = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
_SENTENCES: list[str] = _MATERIAL.pop("sentences")
_LISTS = {name: words.split() for name, words in _MATERIAL.items()}
_COMMON, _TOPIC, _SYLLABLES = _LISTS["common"], _LISTS["topic"], _LISTS["syllables"]
_FIRST, _LAST = _LISTS["first"], _LISTS["last"]


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the corpus, as fields."""

    number: int
    customer: int
    thread: int
    name: str
    address: str
    subject: str
    text: str


def name_of(customer: int) -> str:
    """A customer's first and last name; many share them."""
    return f"{_FIRST[customer % len(_FIRST)]} {_LAST[customer // 7 % len(_LAST)]}"


class Corpus:
    """An endless, repeatable stream of messages in threads of one to eight."""

    def __init__(self, seed: int = 7) -> None:
        self._random = random.Random(seed)
        rare = ["".join(self._random.choices(_SYLLABLES, k=self._random.randint(2, 4))) for _ in range(30_000)]
        self._words = [*_COMMON, *_TOPIC, *rare]
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(len(self._words))))

    def text(self, words: int) -> str:
        """So many words, the frequent ones as frequent as in a language; a third of them in sentences."""
        pick, total = self._random.random, self._weights[-1]
        parts: list[str] = []
        while words > 0:
            sentence = _SENTENCES[int(pick() * len(_SENTENCES))]
            loose = min(words, 2 * (sentence.count(" ") + 1))
            parts += (self._words[bisect(self._weights, pick() * total)] for _ in range(loose))
            words -= loose
            if words > 0:
                parts.append(f"{sentence}.")
                words -= sentence.count(" ") + 1
        return " ".join(parts)

    def mails(self, count: int, words: int = 60) -> Iterator[Mail]:
        """``count`` messages, the oldest first."""
        choose, number = self._random, 0
        thread = customer = left = 0
        subject = ""
        while number < count:
            if left == 0:
                thread += 1
                customer = choose.randrange(1, count // 8 + 2)
                left = choose.choice((1, 1, 2, 2, 3, 4, 8))
                subject = f"{choose.choice(_TOPIC).capitalize()} {choose.choice(_TOPIC)} ES-{number:06d}"
            left -= 1
            yield Mail(
                number,
                customer,
                thread,
                name_of(customer),
                f"cliente{customer}@correo.example",
                subject,
                self.text(choose.randint(words // 2, words * 3 // 2)),
            )
            number += 1
