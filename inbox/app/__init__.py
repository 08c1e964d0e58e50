"""Puts the program together: the profile, the database, the accounts' engine, and what needs several of them."""

import getpass
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.app import importing
from inbox.app.importing import ImportProgress, ImportSummary
from inbox.channels import registry
from inbox.channels.base import Plugin, RenewingChannel, StopSignal
from inbox.engine import Engine
from inbox.engine.running import as_texts
from inbox.errors import KeychainError
from inbox.events import Bus
from inbox.keychain import Keychain
from inbox.services import accounts, agents, seeding
from inbox.services.rows import AgentRow
from inbox.settings import Profile, Settings
from inbox.store.db import Database
from inbox.store.models import Account

__all__ = ["App", "ImportProgress", "ImportSummary", "open_app"]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class App:
    """The program without a shell. Made by ``open_app``; ``stop`` gives everything back.

    Attributes:
        agent: Who sits at this computer.
    """

    profile: Profile
    settings: Settings
    keychain: Keychain
    bus: Bus
    db: Database
    engine: Engine
    agent: AgentRow

    def start(self) -> None:
        """Hear other programs on the same database, and run the accounts."""
        self.db.watch()
        self.engine.start()

    def stop(self) -> None:
        """Stop in reverse order; twice is fine."""
        self.engine.stop()
        self.db.close()

    # --- accounts ---

    def test_account(
        self, kind: str, settings: Mapping[str, str], secrets: Mapping[str, str], account_id: int | None = None
    ) -> Mapping[str, str]:
        """Sign in once; raises ChannelError. A secret that is not given is the one kept for ``account_id``.

        Returns what of the given secrets the other side exchanged meanwhile; what it exchanged of the kept ones is
        kept already.
        """
        plugin, renewed = registry.plugin(kind), dict[str, str]()
        channel = plugin.open_channel(settings, self._secrets(plugin, secrets, account_id))

        def keep(field: str, secret: str) -> None:
            if account_id is None or field in secrets:
                renewed[field] = secret
            else:
                self.keychain.set(account_id, field, secret)
                self.engine.restart(account_id)  # it holds the former one

        if plugin.MANIFEST.renews_secrets:
            cast(RenewingChannel, channel).keep_secrets_with(keep)
        try:
            channel.check()
        finally:
            channel.close()
        return renewed

    def _secrets(self, plugin: Plugin, given: Mapping[str, str], account_id: int | None) -> dict[str, str]:
        """The given secrets, and the kept ones of an account that there is."""
        known = dict(given)
        for field in plugin.MANIFEST.fields if account_id is not None else ():
            kept = self.keychain.get(account_id or 0, field.name) if field.secret and field.name not in known else None
            if kept is not None:
                known[field.name] = kept
        return known

    def sign_in(
        self,
        kind: str,
        settings: Mapping[str, str],
        secrets: Mapping[str, str],
        account_id: int | None,
        open_page: Callable[[str], None],
        stop: StopSignal,
    ) -> Mapping[str, str]:
        """Let a person sign in in the browser; returns the secrets that came of it, which are not kept yet.

        Blocks until the person is back. Raises ChannelError.
        """
        plugin = registry.plugin(kind)
        known = self._secrets(plugin, secrets, account_id)
        found: Mapping[str, str] = plugin.sign_in(settings, known, open_page, stop)  # type: ignore[attr-defined]  # fields of the kind "browser" promise it
        return found

    def sign_in_again(self, account_id: int, open_page: Callable[[str], None], stop: StopSignal) -> None:
        """The same for an account that there is: what came of it is kept, and the account runs again."""
        with self.db.reading() as s:
            account = s.get_one(Account, account_id)
            kind, settings = account.kind, as_texts(account.settings)
        for field, secret in self.sign_in(kind, settings, {}, account_id, open_page, stop).items():
            self.keychain.set(account_id, field, secret)
        self.engine.restart(account_id)

    def add_account(self, kind: str, name: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> int:
        """Keep a new account: its secrets in the keychain, the rest in the database, both or nothing."""
        kept: list[tuple[int, str]] = []
        if secrets:
            self.keychain.check()  # it may ask the person to unlock it: not while a transaction is open
        try:
            with self.db.writing(self.agent.id) as s:
                account_id = accounts.add(s, kind, name, settings)
                for field, secret in secrets.items():
                    self.keychain.set(account_id, field, secret)
                    kept.append((account_id, field))
        except BaseException:
            self._forget(kept)
            raise
        self.engine.wake()
        return account_id

    def change_account(
        self, account_id: int, *, name: str, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> None:
        """Keep what was changed; of the secrets only the newly typed ones. The engine connects anew."""
        before = {field: self.keychain.get(account_id, field) for field in secrets}
        try:
            with self.db.writing(self.agent.id) as s:
                accounts.change(s, account_id, name=name, settings=settings)
                for field, secret in secrets.items():
                    self.keychain.set(account_id, field, secret)
        except BaseException:
            for field, old in before.items():
                if old is not None:
                    self.keychain.set(account_id, field, old)
            raise
        self.engine.restart(account_id)

    def set_account_enabled(self, account_id: int, enabled: bool) -> None:
        """Switch an account on or off."""
        with self.db.writing(self.agent.id) as s:
            accounts.change(s, account_id, enabled=enabled)
        self.engine.restart(account_id)

    def remove_account(self, account_id: int) -> None:
        """Stop an account and forget its secrets; its conversations stay."""
        with self.db.reading() as s:
            kind = s.scalar(select(Account.kind).where(Account.id == account_id)) or ""
        with self.db.writing(self.agent.id) as s:
            accounts.remove(s, account_id)
        self.engine.wake()
        fields = registry.plugin(kind).MANIFEST.fields if kind else ()
        self._forget([(account_id, field.name) for field in fields if field.secret])

    def _forget(self, secrets: Sequence[tuple[int, str]]) -> None:
        for account_id, field in secrets:
            try:
                self.keychain.delete(account_id, field)
            except KeychainError as error:
                log.warning("A secret of account %s stays in the keychain: %s", account_id, error)

    # --- import ---

    def import_mail(
        self,
        paths: Sequence[Path],
        progress: Callable[[ImportProgress], None] = lambda _: None,
        stop: StopSignal | None = None,
    ) -> ImportSummary:
        """Take mail files in as history. Again is fine: what is known is left alone."""
        return importing.import_mail(self.db, self.agent.id, paths, progress, stop)


def open_app(profile_dir: str | Path | None = None, db_url: str | None = None, demo: bool = False) -> App:
    """Open everything; nothing runs before ``start``. Raises InboxError with nothing left open.

    ``demo`` fills an empty profile with a shop whose customers are simulated.
    """
    profile = Profile.find(profile_dir)
    profile.prepare()
    settings = Settings.load(profile)
    url = db_url or settings.db_url
    bus = Bus()
    db = Database(url or profile.database_file, bus)
    db.open()
    try:
        if demo:
            from inbox.app import demo as shop

            shop.fill(db)
        agent = _prepare(db, demo=demo)
    except BaseException:
        db.close()
        raise
    keychain = Keychain.of(profile.identity(), db.name if url else "", profile.vault_file)
    return App(profile, settings, keychain, bus, db, Engine(db, keychain), agent)


def _prepare(db: Database, *, demo: bool) -> AgentRow:
    with db.writing() as s:
        seeding.seed(s)
        if demo or s.scalar(select(Account.id).where(Account.kind == "demo").limit(1)) is not None:
            from inbox.app import demo as shop

            return shop.agent(s)
        return _current_agent(s)


def _current_agent(s: Session) -> AgentRow:
    login = _login()
    return agents.current(s, login, _full_name(login))


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "agent"


def _full_name(login: str) -> str:
    """The person's name as the system knows it, else the login."""
    if sys.platform != "win32":
        import pwd

        try:
            name = pwd.getpwnam(login).pw_gecos.split(",")[0].strip()
        except KeyError:
            name = ""
        if name and name != login:
            return name.title() if name.islower() else name
    return login.replace(".", " ").title()
