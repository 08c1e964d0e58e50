"""Every error that a person sees. Anything else that is raised is a bug.

Title and hint are English texts with ``{placeholders}``; they are translated when they are shown
(``title`` and ``hint``), so that the log stays in one language.
"""

from inbox.i18n import tr


class InboxError(Exception):
    """Something failed that a person can understand: what failed (title), and what to do about it (hint)."""

    def __init__(self, title: str, hint: str = "", **values: object) -> None:
        super().__init__(title, hint)
        self._title, self._hint, self.values = title, hint, values

    @property
    def title(self) -> str:
        """What failed, in the person's language, without a full stop."""
        return tr(self._title, **self.values)

    @property
    def hint(self) -> str:
        """What the person can do, in the person's language; may be empty."""
        return tr(self._hint, **self.values) if self._hint else ""

    def __str__(self) -> str:
        return f"{self.title}. {self.hint}".strip()


class RuleError(InboxError):
    """A rule of ours forbids it."""


class NotFoundError(RuleError):
    """What was named does not exist (any more)."""


class StaleError(RuleError):
    """Somebody else changed it meanwhile, or something came in: look again before going on."""


class GateError(RuleError):
    """A case may not be closed yet.

    Attributes:
        missing: Sentences that say what is missing, in the person's language.
        questions_needed: How many clarifying questions must still be asked.
    """

    def __init__(self, title: str, hint: str, *, missing: tuple[str, ...], questions_needed: int, **values: object):
        super().__init__(title, hint, **values)
        self.missing, self.questions_needed = missing, questions_needed

    def __str__(self) -> str:
        return " ".join([f"{self.title}.", *self.missing, self.hint]).strip()


class SettingsError(InboxError):
    """A setting or the profile folder can't be used."""


class KeychainError(InboxError):
    """The system's keychain is missing or locked, or holds no such secret."""


class NoKeychainError(KeychainError):
    """There is no keychain: an encrypted vault may take its place."""


class VaultLockedError(KeychainError):
    """The vault needs its passphrase, or got a wrong one."""


class StorageError(InboxError):
    """The database or the disk refuses."""


class SearchError(InboxError):
    """A search can't be understood."""


class TemplateError(InboxError):
    """A template has a mistake."""


class ChannelError(InboxError):
    """A channel's other side, or the way to it, fails."""


class TemporaryChannelError(ChannelError):
    """It may work later. ``retry_after`` is in seconds; ``None`` leaves it to the engine's back-off."""

    def __init__(self, title: str, hint: str = "", *, retry_after: float | None = None, **values: object) -> None:
        super().__init__(title, hint, **values)
        self.retry_after = retry_after


class SignInError(ChannelError):
    """The other side refuses who we are, or can't be trusted: a person must act.

    ``field`` names the field of the account's form that is to blame, where that is known.
    """

    def __init__(self, title: str, hint: str = "", *, field: str = "", **values: object) -> None:
        super().__init__(title, hint, **values)
        self.field = field


class RejectedMessageError(ChannelError):
    """This message will never go out as it is; the title carries the other side's own words."""


class OutcomeUnknownError(ChannelError):
    """Nobody can tell whether the message went out: a person decides. Never send it again by itself."""
