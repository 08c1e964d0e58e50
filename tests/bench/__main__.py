"""``python -m tests.bench [NAME...]``: measure all figures, or those whose names begin as given."""

import importlib
import sys

FIGURES = {
    "start": ("start-window", "start-ready"),
    "lists": ("list-page", "list-paint", "list-scroll", "list-insert"),
    "thread": ("open-thread",),
    "search": (
        "search",
        "search-ranked",
        "search-to-notmuch",
        "search-to-notmuch-ranked",
        "search-filtered",
        "search-type",
    ),
    "ingest": ("ingest",),
    "sync": ("sync-full", "sync-full-unflushed", "sync-none", "sync-first"),
    "parse": ("parse",),
    "memory": ("memory-idle", "memory-sync"),
    "gui_block": ("gui-block",),
}


def main(names: list[str]) -> int:
    """Run the modules that hold a wanted figure; each has ``measure(wanted)``, which yields figures."""
    found = False
    for area, figures in FIGURES.items():
        wanted = [figure for figure in figures if not names or figure.startswith(tuple(names))]
        if wanted:
            found = True
            for figure in importlib.import_module(f"tests.bench.{area}").measure(wanted):
                figure.print()
    if not found:
        known = ", ".join(figure for figures in FIGURES.values() for figure in figures)
        sys.stderr.write(f"No figure is called {' '.join(names)}. There are: {known}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
