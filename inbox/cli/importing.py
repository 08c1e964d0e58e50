"""``inbox import``: mail files, with progress and a summary."""

import sys
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from inbox.cli.command import Command, one_line
from inbox.i18n import tr, tr_n

if TYPE_CHECKING:
    from inbox.app import ImportProgress

_SHOWN = 20  # files that could not be read are named, up to so many


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help=tr("mbox, Maildir, .eml, or a folder or ZIP of them")
    )


def run(command: Command) -> int:
    """Import; the exit code is 1 when something could not be read."""
    with command.app() as app:
        summary = app.import_mail(command.options.paths, _progress, threading.Event())
    _clear()
    if command.as_json:
        command.say(
            "",
            new=summary.new,
            known=summary.known,
            customers=summary.customers,
            unreadable=[{"file": file, "reason": reason} for file, reason in summary.unreadable],
        )
    else:
        print(tr_n("{n} message imported", "{n} messages imported", summary.new))
        print(tr("{known} known already, {customers} new customers", known=summary.known, customers=summary.customers))
    for file, reason in () if command.as_json else summary.unreadable[:_SHOWN]:
        print(f"{one_line(file)}: {one_line(reason)}", file=sys.stderr)
    if len(summary.unreadable) > _SHOWN and not command.as_json:
        print(tr("… and {n} more", n=len(summary.unreadable) - _SHOWN), file=sys.stderr)
    return 1 if summary.unreadable else 0


def _progress(progress: "ImportProgress") -> None:
    if sys.stderr.isatty():
        part = f"{100 * progress.done // progress.total} %" if progress.total else ""
        print(f"\r{part:>5}  {progress.messages}  {progress.path.name[:50]:<50}", end="", flush=True, file=sys.stderr)


def _clear() -> None:
    if sys.stderr.isatty():
        print(f"\r{'':<70}\r", end="", flush=True, file=sys.stderr)
