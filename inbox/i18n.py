"""The words on the screen: English in the code, other languages from ``resources/i18n/<language>/*.json``.

A catalogue is several JSON files, one an area, each an object: the English text is the key; the value is the
translation, or for a text with a plural an object ``{"one": ..., "other": ...}``. It serves the window and the command
line alike, and needs no Qt.
"""

import json
import locale
import os
from pathlib import Path

_catalogue: dict[str, str | dict[str, str]] = {}
_language = "en"


def resource_path(name: str) -> Path:
    """Where a file of ``resources/`` lies, in a checkout or in an installed program."""
    beside = Path(__file__).resolve().parent.parent / "resources" / name
    return beside if beside.exists() else Path(__file__).resolve().parent / "_resources" / name


def system_language() -> str:
    """The two-letter language of the person's system, ``es`` where it can't be told."""
    for name in (os.environ.get("LC_ALL"), os.environ.get("LANG"), locale.getlocale()[0]):
        code = (name or "")[:2].lower()
        if code.isalpha() and code not in ("c", "po"):
            return code
    return "es"


def set_language(language: str) -> None:
    """Load the catalogue of a language; an unknown language leaves the texts in English."""
    global _catalogue, _language
    if language == _language and _catalogue:
        return  # reading it again, as the window does after the command line, takes 2 ms
    files = sorted(resource_path(f"i18n/{language}").glob("*.json")) if language.isalpha() else []
    _catalogue = {}
    for file in files:
        _catalogue.update(json.loads(file.read_text(encoding="utf-8")))
    _language = language if files else "en"


def language() -> str:
    """The two-letter code of the language in use."""
    return _language


def tr(text: str, /, **values: object) -> str:
    """Translate a text and fill its ``{placeholders}``. Give a literal: the test reads the calls."""
    found = _catalogue.get(text, text)
    return _fill(found if isinstance(found, str) else text, values)


def tr_n(one: str, other: str, n: int, /, **values: object) -> str:
    """Translate a text that counts: ``tr_n("{n} case", "{n} cases", n)``."""
    found = _catalogue.get(other, {})
    forms = found if isinstance(found, dict) else {}
    form = forms.get("one", one) if n == 1 else forms.get("other", other)
    return _fill(form, {"n": n, **values})


def _fill(text: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text
