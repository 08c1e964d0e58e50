"""Which language a text is in, Spanish or English: by its small words, which is enough for a template's variant."""

import re

_WORD = re.compile(r"[a-záéíóúüñ]+")
_SPANISH = frozenset(
    [
        "el",
        "la",
        "los",
        "las",
        "de",
        "del",
        "que",
        "y",
        "en",
        "un",
        "una",
        "por",
        "con",
        "no",
        "para",
        "su",
        "sus",
        "me",
        "mi",
        "es",
        "al",
        "lo",
        "se",
        "pero",
        "como",
        "más",
        "muy",
        "está",
        "están",
        "son",
        "hola",
        "gracias",
        "buenos",
        "buenas",
        "días",
        "saludos",
        "pedido",
        "he",
        "ha",
        "tengo",
        "quiero",
        "usted",
        "ustedes",
        "desde",
        "cuando",
        "porque",
        "también",
        "ya",
    ]
)
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "is",
        "it",
        "that",
        "you",
        "for",
        "on",
        "with",
        "my",
        "your",
        "this",
        "have",
        "has",
        "not",
        "be",
        "are",
        "was",
        "but",
        "as",
        "at",
        "from",
        "please",
        "thanks",
        "hello",
        "dear",
        "regards",
        "order",
        "i",
        "we",
        "would",
        "could",
        "when",
        "because",
        "also",
        "yet",
        "been",
        "can",
        "do",
        "does",
        "any",
        "there",
        "which",
    ]
)
_ENOUGH = 2  # words more of one language than of the other


def guess_language(text: str) -> str:
    """``es``, ``en``, or empty where it can't be told."""
    words = _WORD.findall(text.lower())
    spanish = sum(word in _SPANISH for word in words) + 2 * ("¿" in text or "¡" in text)
    english = sum(word in _ENGLISH for word in words)
    if abs(spanish - english) < _ENOUGH:
        return ""
    return "es" if spanish > english else "en"
