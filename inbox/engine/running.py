"""What the two threads of a running account share: its channel, its light, and how they wait."""

import random
import threading
from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Any, cast

from inbox.channels.base import Budget, Channel, MeteredChannel, Plugin, RenewingChannel
from inbox.engine.light import Light
from inbox.errors import SettingsError
from inbox.i18n import tr
from inbox.keychain import Keychain
from inbox.lazy_dataclass import dataclass
from inbox.services import charges
from inbox.store.db import Database

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Row:
    """An account as the database has it."""

    id: int
    kind: str
    name: str
    settings: Mapping[str, str]


def as_texts(settings: Mapping[str, Any]) -> dict[str, str]:
    """An account's settings as a channel takes them."""
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in settings.items()}


class Running:
    """An account while this process runs it. ``end`` stops both threads.

    Attributes:
        claimant: Who claims messages to send; another one each time the account is run.
    """

    def __init__(self, db: Database, keychain: Keychain, row: Row, plugin: Plugin, light: Light, owner: str) -> None:
        self.db, self.plugin, self.light = db, plugin, light
        self.row, self.account_id = row, row.id
        self.claimant = f"{owner} {next(_numbers)}"
        self.stop = threading.Event()
        self.receive_again, self.send_again = threading.Event(), threading.Event()
        self._keychain = keychain
        self._channel: Channel | None = None
        self._lock = threading.Lock()

    @property
    def label(self) -> str:
        """How the log names it."""
        return f"{self.row.kind} account {self.row.id} ({self.row.name})"

    def channel(self) -> Channel:
        """The account's channel, opened when it is first asked for; raises KeychainError or SettingsError."""
        with self._lock:
            if self._channel is None:
                self._channel = open_channel(self._keychain, self.plugin, self.account_id, self.row.settings)
                if self.plugin.MANIFEST.metered:
                    cast(MeteredChannel, self._channel).keep_within(self._budget)
            return self._channel

    def _budget(self) -> Budget:
        with self.db.reading() as s:
            return charges.budget(s, self.account_id)

    def try_again(self) -> None:
        """End all waiting."""
        self.receive_again.set()
        self.send_again.set()

    def something_to_send(self) -> None:
        """End the sender's waiting."""
        self.send_again.set()

    def end(self) -> None:
        """Tell both threads to end; from any thread."""
        self.stop.set()
        self.try_again()
        with self._lock:
            channel = self._channel
        if channel is not None:
            channel.close()


def open_channel(keychain: Keychain, plugin: Plugin, account_id: int, settings: Mapping[str, str]) -> Channel:
    """An account's channel with its secrets. One that the other side exchanges later goes to the keychain."""
    channel = plugin.open_channel(settings, read_secrets(keychain, plugin, account_id, settings))
    if plugin.MANIFEST.renews_secrets:
        cast(RenewingChannel, channel).keep_secrets_with(partial(keychain.set, account_id))
    return channel


def read_secrets(keychain: Keychain, plugin: Plugin, account_id: int, settings: Mapping[str, str]) -> dict[str, str]:
    """An account's secrets; raises SettingsError where a required one is missing."""
    secrets = {}
    for field in plugin.MANIFEST.fields:
        if not (field.secret and field.applies(settings)):
            continue
        found = keychain.get(account_id, field.name)
        if found is None and field.required:
            raise SettingsError(
                "The keychain of this computer holds no “{field}” for this account",
                "Enter it in the account's settings.",
                field=tr(field.label),
            )
        if found is not None:
            secrets[field.name] = found
    return secrets


class BackOff:
    """Longer and longer waits, each a little by chance, so that many programs don't come back at one moment."""

    FIRST, LONGEST = 1.0, 300.0

    def __init__(self) -> None:
        self._tries = 0

    def next(self) -> float:
        """Seconds to wait now: about 1, 2, 4 ... up to 5 minutes."""
        wait = min(self.LONGEST, self.FIRST * 2.0 ** min(self._tries, 10))
        self._tries += 1
        return wait * random.uniform(0.75, 1.0)  # noqa: S311 - nothing secret

    def reset(self) -> None:
        """It worked."""
        self._tries = 0


def pause(wake: threading.Event, seconds: float | None) -> None:
    """Wait until woken, or that long. The caller looks anew at everything afterwards."""
    wake.wait(seconds)
    wake.clear()
