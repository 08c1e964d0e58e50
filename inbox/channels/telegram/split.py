"""Cutting a long text into messages that Telegram takes: lengths in UTF-16 units, cuts where a reader would pause."""

import re

LENGTH = 4096
CAPTION_LENGTH = 1024

# The best places first: between paragraphs, lines, sentences, words.
_PAUSES = tuple(re.compile(pattern) for pattern in (r"\n\s*\n", r"\n", r"(?<=[.!?…。！？])[\"'»”’)\]]*\s+", r"\s+"))


def utf16_length(text: str) -> int:
    """The length as Telegram counts it: an emoji is two or more."""
    return len(text) + sum(sign > "\uffff" for sign in text)


def split(text: str, most: int) -> list[str]:
    """The text in pieces of at most ``most`` units, nothing lost but white space at the cuts."""
    pieces = []
    while utf16_length(text) > most:
        place = _cut(text, _fitting(text, most))
        piece, text = text[:place].rstrip(), text[place:].lstrip()
        if piece:
            pieces.append(piece)
    return [*pieces, text] if text else pieces


def _fitting(text: str, most: int) -> int:
    """How many characters fit."""
    units = 0
    for place, sign in enumerate(text):
        units += 2 if sign > "\uffff" else 1
        if units > most:
            return place
    return len(text)


def _cut(text: str, fitting: int) -> int:
    """Where to cut: the last good pause in the second half of what fits, else as much as fits."""
    for pause in _PAUSES:
        ends = [match.end() for match in pause.finditer(text, 0, fitting) if match.end() > fitting // 2]
        if ends:
            return ends[-1]
    while fitting > 1 and text[fitting] in "\u200d\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff":
        fitting -= 1  # inside of an emoji
    return fitting
