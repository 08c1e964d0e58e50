"""``inbox accounts``: add, list, test, sign in again and remove them."""

import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from getpass import getpass
from threading import Event
from typing import TYPE_CHECKING

from inbox.cli.command import Command, confirmed
from inbox.errors import SettingsError
from inbox.i18n import tr

if TYPE_CHECKING:
    from inbox.app import App
    from inbox.channels.base import Manifest
    from inbox.services.rows import AccountRow


def configure(parser: ArgumentParser) -> None:
    """Its actions and their options."""
    actions = parser.add_subparsers(dest="action", metavar="add|list|test|sign-in|remove")
    add = actions.add_parser("add", help=tr("add an account"))
    add.add_argument("kind", help=tr("the channel, such as email"))
    add.add_argument("--name", default="", help=tr("what people call it"))
    add.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=tr("a setting"))
    add.add_argument("--secret", action="append", default=[], metavar="NAME", help=tr("a secret; it is asked for"))
    add.add_argument("--secret-stdin", action="store_true", help=tr("read the secrets from standard input, one a line"))
    add.add_argument("--no-test", action="store_true", help=tr("keep it without signing in first"))
    actions.add_parser("list", help=tr("list the accounts"))
    test = actions.add_parser("test", help=tr("sign in to an account once"))
    test.add_argument("account", type=int)
    again = actions.add_parser("sign-in", help=tr("sign in again in the browser, where the account does so"))
    again.add_argument("account", type=int)
    remove = actions.add_parser("remove", help=tr("remove an account; its conversations stay"))
    remove.add_argument("account", type=int)
    remove.add_argument("--yes", action="store_true", help=tr("don't ask"))


def run(command: Command) -> int:
    """Do it."""
    actions = {"add": _add, "list": _list, "test": _test, "sign-in": _sign_in, "remove": _remove}
    return actions[command.options.action or "list"](command)


def _add(command: Command) -> int:
    from inbox.app.costs import forecast
    from inbox.channels import registry

    options, costs = command.options, dict[str, float]()
    plugin = registry.plugin(options.kind)
    settings = _settings(plugin.MANIFEST, options.set)
    suggest = getattr(plugin, "guess_settings", None)
    if suggest is not None and settings.get("address"):
        settings = {**suggest(settings["address"]), **settings}
    _require_settings(plugin.MANIFEST, settings)
    secrets = _ask_secrets(plugin.MANIFEST, settings, options.secret, from_stdin=options.secret_stdin)
    with command.app() as app:
        if any(f.kind == "browser" and f.applies(settings) and f.name not in secrets for f in plugin.MANIFEST.fields):
            secrets |= app.sign_in(options.kind, settings, secrets, None, _open_page, Event())
        if not options.no_test:
            secrets |= app.test_account(options.kind, settings, secrets)
            costs = forecast(options.kind, settings, secrets, app.keychain)
        name = options.name or settings.get(plugin.MANIFEST.address_field, "") or options.kind
        account_id = app.add_account(options.kind, name, settings, secrets)
    text = tr("Account {id} was added: {name}", id=account_id, name=name)
    command.say(_with_costs(text, costs), id=account_id, name=name, costs=costs)
    return 0


def _settings(manifest: "Manifest", pairs: Sequence[str]) -> dict[str, str]:
    known = {field.name: field for field in manifest.fields}
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        names = ", ".join(field.name for field in manifest.fields if not field.secret)
        if not equals or name not in known:
            raise SettingsError(
                "“{pair}” is no setting of {kind}",
                "Give --set NAME=VALUE with one of: {names}.",
                pair=name,
                kind=manifest.kind,
                names=names,
            )
        if known[name].secret:
            raise SettingsError("{name} is a secret", "Give --secret {name}, and it is asked for.", name=name)
        settings[name] = value
    return settings


def _require_settings(manifest: "Manifest", settings: Mapping[str, str]) -> None:
    for field in manifest.fields:
        applies = field.required and not field.secret and field.applies(settings)
        if applies and not settings.get(field.name) and not field.default:
            raise SettingsError("{name} is missing", "Give --set {name}=…", name=field.name)


def _open_page(page: str) -> None:
    """Send the person to the browser; on a machine without one the address can be opened through a tunnel."""
    print(tr("Sign in in the browser: {page}", page=page), file=sys.stderr, flush=True)
    if sys.stdin.isatty():
        webbrowser.open(page)


def _ask_secrets(
    manifest: "Manifest", settings: Mapping[str, str], named: Sequence[str], *, from_stdin: bool
) -> dict[str, str]:
    """The required secrets and those that were named, typed by the person or piped in."""
    known = {field.name: field for field in manifest.fields if field.secret}
    for name in named:
        if name not in known:
            raise SettingsError(
                "{name} is no secret of {kind}",
                "Its secrets: {names}.",
                name=name,
                kind=manifest.kind,
                names=", ".join(known) or "-",
            )
    wanted = [
        name
        for name, field in known.items()
        if name in named or (field.required and field.applies(settings) and field.kind != "browser")
    ]
    secrets = {}
    for name in wanted:
        label = tr(known[name].label)
        secret = sys.stdin.readline().rstrip("\r\n") if from_stdin else getpass(f"{label}: ")
        if not secret:
            raise SettingsError("{label} is empty", "Type it, or pipe it in with --secret-stdin.", label=label)
        secrets[name] = secret
    return secrets


def _list(command: Command) -> int:
    from inbox.services import charges, queries

    with command.app() as app, app.db.reading() as s:
        rows = list(queries.accounts(s))
        spent = [charges.spent(s, row.id) for row in rows]
    costs = {tr("today, USD"): [each.today for each in spent], tr("this month, USD"): [each.month for each in spent]}
    command.show(
        rows,
        {
            tr("id"): [str(row.id) for row in rows],
            tr("channel"): [row.kind for row in rows],
            tr("name"): [row.name for row in rows],
            tr("state"): [_state(row) for row in rows],
            **{
                title: [f"{amount:.2f}" if amount else "" for amount in amounts]
                for title, amounts in costs.items()
                if any(amounts)
            },
        },
        flexible=tr("state"),
    )
    return 0


def _state(row: "AccountRow") -> str:
    words = {
        "off": tr("off"),
        "connecting": tr("connecting"),
        "syncing": tr("fetching"),
        "online": tr("online"),
        "retrying": tr("trying again"),
        "sign_in": tr("needs you"),
    }[row.state]
    return f"{words}: {row.state_title}" if row.state_title else words


def _test(command: Command) -> int:
    from inbox.app.costs import forecast

    with command.app() as app:
        row = require_account(app, command.options.account)
        app.test_account(row.kind, row.settings, {}, row.id)
        costs = forecast(row.kind, row.settings, None, app.keychain, row.id)
    command.say(_with_costs(tr("{name} works", name=row.name), costs), id=row.id, works=True, costs=costs)
    return 0


def _with_costs(text: str, costs: Mapping[str, float]) -> str:
    lines = [
        tr("“{stream}” will cost about {amount} USD a month", stream=stream, amount=f"{amount:.2f}")
        for stream, amount in costs.items()
    ]
    return "\n".join([text, *lines])


def _sign_in(command: Command) -> int:
    from inbox.channels import registry

    with command.app() as app:
        row = require_account(app, command.options.account)
        fields = registry.manifest(row.kind).fields
        if not any(field.kind == "browser" and field.applies(row.settings) for field in fields):
            raise SettingsError("{name} does not sign in in the browser", "Enter its password.", name=row.name)
        app.sign_in_again(row.id, _open_page, Event())
    command.say(tr("{name} may sign in again", name=row.name), id=row.id)
    return 0


def _remove(command: Command) -> int:
    with command.app() as app:
        row = require_account(app, command.options.account)
        if not command.options.yes and not confirmed(tr("Remove {name}?", name=row.name)):
            raise SettingsError("Nothing was removed", "Answer y, or give --yes.")
        app.remove_account(row.id)
    command.say(tr("{name} was removed", name=row.name), id=row.id)
    return 0


def require_account(app: "App", account_id: int) -> "AccountRow":
    """The account of that number; raises SettingsError."""
    from inbox.services import queries

    with app.db.reading() as s:
        for row in queries.accounts(s):
            if row.id == account_id:
                return row
    raise SettingsError("There is no account {id}", "See “inbox accounts list”.", id=account_id)
