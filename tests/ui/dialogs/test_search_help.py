"""What the help to the search says can be searched."""

from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from inbox import i18n
from inbox.store.search_language import parse
from inbox.ui.search_help import SearchHelp


def examples(help_: SearchHelp) -> list[str]:
    return [shown.text() for shown in help_.findChildren(QLabel) if shown.property("role") == "key"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_example_of_the_help_is_a_search_that_works(qtbot: QtBot, window: QWidget, language: str) -> None:
    i18n.set_language(language)
    shown = SearchHelp(window)
    shown.open()
    found = examples(shown)
    assert len(found) >= 15
    for example in found:
        query = parse(example, now=datetime.now(UTC), agent_id=1)
        assert query.terms or query.filters, example
    shown.reject()


def test_the_help_names_every_key_of_the_search_in_the_persons_language(qtbot: QtBot, window: QWidget) -> None:
    shown = SearchHelp(window)
    shown.open()
    texts = " ".join(examples(shown))
    for key in ("from", "to", "channel", "is", "tag", "case", "customer", "before", "after", "has", "account", "type"):
        assert f"{key}:" in texts
    shown.reject()
    i18n.set_language("es")
    spanish = SearchHelp(window)
    spanish.open()
    assert "de:ana@example.com" in examples(spanish)
    spanish.reject()
