"""Every word on the screen has its Spanish."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import inbox
from inbox import errors, i18n

SOURCE = Path(inbox.__file__).parent
OUR_ERRORS = {name for name, found in vars(errors).items() if isinstance(found, type)}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
NO_WORDS = re.compile(r"^[\W\d_]*$|^[a-z0-9_./-]+$")  # signs, and names that no person reads


def _catalogue() -> dict[str, str | dict[str, str]]:
    found: dict[str, str | dict[str, str]] = {}
    for file in sorted(i18n.resource_path("i18n/es").glob("*.json")):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def _strings(node: ast.expr) -> Iterator[str]:
    """The literals that an argument may be: of a conditional, both."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


def _texts() -> Iterator[tuple[str, str, bool]]:
    """(where, English, whether it is a plural)."""
    for file in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            where = f"{file.relative_to(SOURCE)}:{node.lineno}"
            arguments = node.args
            if name == "tr":
                yield from ((where, text, False) for text in _strings(arguments[0]))
            elif name == "tr_n":
                yield from ((where, text, True) for text in _strings(arguments[1]))
            elif name in OUR_ERRORS:
                yield from ((where, text, False) for each in arguments[:2] for text in _strings(each))
            elif name in ("Field", "Manifest"):
                spoken = [each.value for each in node.keywords if each.arg in ("label", "hint")]
                spoken += arguments[1:2] if name == "Field" else []
                yield from ((where, text, False) for each in spoken for text in _strings(each))


def test_every_text_on_the_screen_has_its_spanish() -> None:
    catalogue = _catalogue()
    missing = [
        f"{where}: {text!r}"
        for where, text, plural in _texts()
        if not NO_WORDS.match(text) and not isinstance(catalogue.get(text), dict if plural else str)
    ]
    assert not missing, f"{len(missing)} texts without Spanish:\n" + "\n".join(missing)


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    wrong = []
    for text, found in _catalogue().items():
        forms = [found] if isinstance(found, str) else list(found.values())
        wrong += [f"{text!r} -> {form!r}" for form in forms if set(PLACEHOLDER.findall(form)) != _wanted(text, form)]
    assert not wrong, "\n".join(wrong)


def _wanted(text: str, form: str) -> set[str]:
    wanted = set(PLACEHOLDER.findall(text))
    return wanted - {"n"} if "{n}" not in form else wanted  # "one" may say it in a word


def test_a_plural_has_both_forms() -> None:
    wrong = [text for text, found in _catalogue().items() if isinstance(found, dict) and set(found) != {"one", "other"}]
    assert not wrong


def test_no_text_is_put_together_before_it_is_translated() -> None:
    """A formatted literal is another text each time: the catalogue can't hold it."""
    wrong = []
    for file in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("tr", "tr_n"):
                wrong += [f"{file}:{node.lineno}" for each in node.args[:2] if isinstance(each, ast.JoinedStr)]
    assert not wrong


@pytest.mark.parametrize("language", ["es", "en", "zz"])
def test_a_text_is_filled_in_every_language(language: str) -> None:
    before = i18n.language()
    try:
        i18n.set_language(language)
        assert "7" in i18n.tr("Case {number}", number=7)
        assert i18n.tr_n("{n} message", "{n} messages", 2).startswith("2 ")
    finally:
        i18n.set_language(before)
