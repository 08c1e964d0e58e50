"""The window on a million conversations: views shown, scrolled, and a message that comes in. Prints milliseconds."""

import sys
import time
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QApplication

from inbox.services.rows import ConversationPage, ConversationRow
from inbox.ui.bridge import Changes
from inbox.ui.shell import Shell
from tests.bench.desk import PaintWatch, close_desk, open_desk, until
from tests.bench.probes import tell

_ROWS, _FRAMES, _NEWS, _HEAD = 1_000_000, 600, 40, 200


def main(folder: Path) -> None:
    """Open, measure, close."""
    shell = open_desk(folder)
    watch = PaintWatch(shell.window.list.viewport())
    painted = _show_views(shell, watch)
    loading = _scroll_loading(shell, watch)
    rows = _take_a_million(shell)
    scrolled = _scroll(shell, watch)
    inserted = _insert(shell, watch, rows)
    close_desk(shell)
    worst = max((loading, scrolled), key=lambda times: sorted(times)[len(times) * 95 // 100])
    tell(**{"list-paint": painted, "list-scroll": worst, "list-insert": inserted})


def _show_views(shell: Shell, watch: PaintWatch) -> list[float]:
    """From choosing a view to its first page painted."""
    window, times = shell.window, []
    came: list[bool] = []
    window.model.reset.connect(lambda: came.append(True))
    keys = [view.key for view in window.rail.views if view.key and view.key in window.rail._items]
    for number in range(5):
        for key in keys:
            came.clear()
            until(lambda: shell.tasks.is_idle)
            before, began = watch.count, time.monotonic()
            window.rail.choose(key)
            until(lambda before=before: bool(came) and watch.count > before and not window.model.is_loading)  # type: ignore[misc]  # bound now
            if number:
                times.append((watch.painted_at - began) * 1000)
    return times


def _frame(watch: PaintWatch) -> None:
    before = watch.count
    while watch.count == before:
        QApplication.processEvents()


def _scroll_loading(shell: Shell, watch: PaintWatch) -> list[float]:
    """Scrolling down evenly while pages are fetched."""
    window, times = shell.window, []
    window.rail.choose("everything")
    until(lambda: shell.tasks.is_idle)
    bar = window.list.verticalScrollBar()
    for _ in range(_FRAMES):
        began = time.perf_counter()
        bar.setValue(min(bar.value() + 60, bar.maximum() - 1))
        window.list.viewport().update()
        _frame(watch)
        times.append((time.perf_counter() - began) * 1000)
        until(lambda: not window.model.is_loading)
    return times


def _take_a_million(shell: Shell) -> list[ConversationRow]:
    """As if a person had scrolled through all of them."""
    model = shell.window.model
    real = list(model.rows)
    highest = max(model.ids)
    newest = max(row.last_message_id for row in real)
    rows = [
        replace(real[n % len(real)], id=highest + _ROWS - n, last_message_id=newest + _ROWS - n) for n in range(_ROWS)
    ]
    model._on_first(ConversationPage(tuple(rows), None))
    return rows


def _scroll(shell: Shell, watch: PaintWatch) -> list[float]:
    """A third of the frames jump anywhere, as a dragged bar does; the others go on by a wheel's step."""
    times, bar = [], shell.window.list.verticalScrollBar()
    for number in range(_FRAMES):
        began = time.perf_counter()
        bar.setValue((number * 7919 * 7919) % bar.maximum() if number % 3 == 0 else bar.value() + 60)
        _frame(watch)
        times.append((time.perf_counter() - began) * 1000)
    return times


def _insert(shell: Shell, watch: PaintWatch, rows: list[ConversationRow]) -> list[float]:
    """What the news of a message costs the GUI thread: asking for rows, taking them in, painting."""
    window, times = shell.window, []
    model, bar = window.model, window.list.verticalScrollBar()
    for number in range(_NEWS):
        bar.setValue(0 if number % 2 == 0 else bar.maximum() // 2)
        _frame(watch)
        new = replace(rows[0], id=rows[0].id + 1 + number)
        page = ConversationPage((new, *model.rows[: _HEAD - 1]), "more")
        changes = Changes()
        changes.conversations.add(new.id)
        began = time.perf_counter()
        window.bridge.changed.emit(changes)
        shell.tasks.forget("list")  # the database doesn't know the new one
        model.merge_head(page)
        _frame(watch)
        times.append((time.perf_counter() - began) * 1000)
        until(lambda: shell.tasks.is_idle)
    return times


if __name__ == "__main__":
    main(Path(sys.argv[1]))
