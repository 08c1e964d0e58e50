"""``inbox sync``: fetch what is new, once or for as long as it runs."""

import sys
import threading
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import TYPE_CHECKING

from inbox.cli.accounts import require_account
from inbox.cli.command import Command
from inbox.errors import ChannelError, InboxError, RuleError
from inbox.i18n import tr, tr_n
from inbox.states import AccountState

if TYPE_CHECKING:
    from inbox.app import App
    from inbox.engine import Engine
    from inbox.engine.light import Trouble
    from inbox.services.rows import AccountRow

_LOOK = 0.2  # seconds between two looks at how far it is


def configure(parser: ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--once", action="store_true", help=tr("end when nothing is new"))
    parser.add_argument("--account", type=int, metavar="N", help=tr("only this account"))


def run(command: Command) -> int:
    """Fetch, with a progress line on stderr."""
    from inbox.engine import Engine
    from inbox.events import HistoryStored, MessageReceived

    came = _Count()
    with command.app() as app:
        rows = _accounts(app, command.options.account)
        app.bus.subscribe(MessageReceived, lambda _: came.add(1))
        app.bus.subscribe(HistoryStored, lambda event: came.add(event.count))
        engine = Engine(app.db, app.keychain, only={row.id for row in rows})
        app.db.watch()
        engine.start()
        try:
            failed = _follow(engine, rows, came, once=command.options.once)
        finally:
            engine.stop()
            _progress("")
    command.say(
        tr_n("{n} message fetched", "{n} messages fetched", came.n), new=came.n, failed=[row.id for row in failed]
    )
    return 1 if failed else 0


class _Count:
    """How many messages came in, counted by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.n = 0

    def add(self, n: int) -> None:
        with self._lock:
            self.n += n


def _accounts(app: "App", account_id: int | None) -> "list[AccountRow]":
    from inbox.services import queries

    if account_id is not None:
        return [require_account(app, account_id)]
    with app.db.reading() as s:
        rows = [row for row in queries.accounts(s) if row.enabled]
    if not rows:
        raise RuleError("There is no account to fetch from", "Add one with “inbox accounts add”.")
    return rows


def _follow(engine: "Engine", rows: "list[AccountRow]", came: _Count, *, once: bool) -> "list[AccountRow]":
    """Show how far it is; returns the accounts that failed, when all have come to an end."""
    open_rows = {row.id: row for row in rows}
    failed = []
    elsewhere = 0
    wait = threading.Event()
    while open_rows or not once:
        wait.wait(_LOOK)
        lights = engine.lights()
        _progress(_line(lights, came.n))
        elsewhere = elsewhere + 1 if not lights else 0
        for id_, row in list(open_rows.items()) if once else []:
            error = _end_of(row, lights, elsewhere)
            if error is not None:
                _progress("")
                print(f"error: {row.name}: {error}", file=sys.stderr)
                failed.append(row)
            if error is not None or (id_ in lights and lights[id_][0].state is AccountState.ONLINE):
                del open_rows[id_]
    return failed


def _end_of(row: "AccountRow", lights: "Mapping[int, tuple[Trouble, int | None]]", elsewhere: int) -> InboxError | None:
    """Why an account will not get further, if so."""
    if row.id not in lights:
        if elsewhere * _LOOK < 2:
            return None
        return RuleError("another Inbox is fetching it", "Nothing needs to be done.")
    trouble = lights[row.id][0]
    if trouble.state in (AccountState.RETRYING, AccountState.SIGN_IN):
        return ChannelError(trouble.title, trouble.hint)
    return None


def _line(lights: "Mapping[int, tuple[Trouble, int | None]]", n: int) -> str:
    remaining = sum(left or 0 for _, left in lights.values())
    if remaining:
        return tr("{n} fetched, {remaining} to go", n=n, remaining=remaining)
    return tr("{n} fetched", n=n)


def _progress(text: str) -> None:
    """One line that is written over; only where somebody watches."""
    if sys.stderr.isatty():
        print(f"\r{text:<60}" if text else f"\r{'':<60}\r", end="", flush=True, file=sys.stderr)
