"""Email: IMAP and SMTP. What this package offers to the registry; the rest is imported when it is needed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from inbox.channels.base import Channel, Field, Found, Incoming, Manifest, ParsedBody, StopSignal
from inbox.channels.email.ids import make_message_id

if TYPE_CHECKING:
    from inbox.channels.email.sender import SenderSigns

_BY_BROWSER = ("sign_in", ("oauth2",))
_HISTORY = (
    ("all", "Everything"),
    ("365", "1 year"),
    ("183", "6 months"),
    ("92", "3 months"),
    ("31", "1 month"),
)
_SECURITY = (("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "None (this machine only)"))

MANIFEST = Manifest(
    kind="email",
    label="Email",
    badge="@",
    fields=(
        Field("address", "Email address", kind="address"),
        Field("from_name", "Name shown to customers", required=False),
        Field(
            "sign_in",
            "How to sign in",
            kind="choice",
            default="password",
            choices=(("password", "With a password"), ("oauth2", "In the browser (OAuth)")),
        ),
        Field(
            "password",
            "Password",
            kind="password",
            secret=True,
            hint="Gmail, Yahoo and iCloud ask for an app password made on their website.",
            only_if=("sign_in", ("", "password")),
        ),
        Field(
            "oauth_client",
            "Client ID",
            hint="Your firm gets it once at the provider, where programs are registered; all its accounts use it.",
            only_if=_BY_BROWSER,
        ),
        Field(
            "oauth_secret",
            "Client secret",
            kind="password",
            secret=True,
            required=False,
            hint="Google gives one with the client ID; Microsoft needs none.",
            only_if=_BY_BROWSER,
        ),
        Field("token", "Permission", kind="browser", secret=True, only_if=_BY_BROWSER),
        Field(
            "oauth_authorize",
            "Page for signing in",
            required=False,
            hint="Empty: Google's or Microsoft's, as the mail server tells.",
            advanced=True,
            only_if=_BY_BROWSER,
        ),
        Field(
            "oauth_token",
            "Address for tokens",
            required=False,
            hint="Empty: as above.",
            advanced=True,
            only_if=_BY_BROWSER,
        ),
        Field(
            "oauth_scopes",
            "Scopes",
            required=False,
            hint="Empty: as above. Several with spaces.",
            advanced=True,
            only_if=_BY_BROWSER,
        ),
        Field("user", "User", required=False, hint="Empty: the email address.", advanced=True),
        Field("imap_host", "Incoming mail server (IMAP)", required=False, hint="Empty: found from the address."),
        Field("imap_port", "IMAP port", kind="number", required=False, default="993"),
        Field("imap_security", "IMAP encryption", kind="choice", default="tls", choices=_SECURITY),
        Field("smtp_host", "Outgoing mail server (SMTP)", required=False, hint="Empty: found from the address."),
        Field("smtp_port", "SMTP port", kind="number", required=False, default="587"),
        Field("smtp_security", "SMTP encryption", kind="choice", default="starttls", choices=_SECURITY),
        Field(
            "folders", "Folders to fetch", required=False, default="INBOX", hint="Several with commas.", advanced=True
        ),
        Field(
            "history",
            "How far back to fetch",
            kind="choice",
            required=False,
            default="all",
            choices=_HISTORY,
            hint="What is older stays on the server. New mail is always fetched.",
            advanced=True,
        ),
        Field("sent_folder", "Folder for sent mail", required=False, hint="Empty: found by itself.", advanced=True),
        Field(
            "marks_answered",
            "Mark answered mail on the server",
            kind="switch",
            required=False,
            hint="As read and answered, for other mail programs. Without it no mark is ever changed there.",
            advanced=True,
        ),
        Field("keeps_sent", "The server keeps its own copy of sent mail", kind="switch", required=False, advanced=True),
        Field(
            "ca_file",
            "Certificate authority (PEM file)",
            required=False,
            hint="Only for a server with a certificate authority of its own.",
            advanced=True,
        ),
    ),
    html=True,
    attachments=True,
    subject=True,
    copies=True,
    finds_sent=True,
    renews_secrets=True,
)


def open_channel(settings: Mapping[str, str], secrets: Mapping[str, str]) -> Channel:
    """Make the channel of an account. Raises SignInError for settings that can't work."""
    from inbox.channels.email.channel import EmailChannel
    from inbox.channels.email.settings import read_settings

    return EmailChannel(read_settings(settings, secrets))


def guess_settings(address: str) -> Mapping[str, str]:
    """The form's values that an address alone suggests."""
    from inbox.channels.email import providers

    return providers.guess_settings(address)


def find_settings(address: str, stop: StopSignal, *, directory: bool = False) -> Found:
    """The form's values, found over the network within some seconds. ``directory`` asks Mozilla's list, too."""
    from inbox.channels.email.discovery import discover

    return discover(address, stop, directory=directory)


def password_help(address: str, imap_host: str) -> tuple[str, str]:
    """What the provider wants as a password, and its page; empty where it is the ordinary one."""
    from inbox.channels.email import passwords

    return passwords.password_help(address, imap_host)


def sign_in(
    settings: Mapping[str, str], secrets: Mapping[str, str], open_page: Callable[[str], None], stop: StopSignal
) -> Mapping[str, str]:
    """Sign in by way of the browser and return the secrets to keep. ``open_page`` gets the page's address."""
    from inbox.channels.email.browser import sign_in
    from inbox.channels.email.oauth import read_registration

    return {"token": sign_in(read_registration(settings, secrets), open_page, stop)}


def new_remote_id(settings: Mapping[str, str], conversation_id: int) -> str:
    """The Message-ID of a reply, fixed before it is sent."""
    return make_message_id(conversation_id, settings.get("address", "").rpartition("@")[2])


def read_body(raw: bytes, *, remote_images: bool = False) -> ParsedBody:
    """Read a stored mail's body for showing."""
    from inbox.channels.email import show

    return show.read_body(raw, remote_images=remote_images)


def visible_text(text: str) -> str:
    """What is new in a mail's text."""
    from inbox.channels.email import quotes

    return quotes.visible_reply(text)


def read_recipients(raw: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom a stored mail wants its answer to go to (Reply-To), and who else got it (To and Cc)."""
    from inbox.channels.email import show

    return show.read_recipients(raw)


def read_sender(raw: bytes, own: Iterable[str]) -> "SenderSigns":
    """What the head of a stored mail tells of its sender."""
    from inbox.channels.email import sender

    return sender.read_sender(raw, own)


def read_message(raw: bytes, settings: Mapping[str, str], remote_id: str, received_at: datetime) -> Incoming:
    """Parse a stored mail anew, under the id and time that it is known by."""
    from dataclasses import replace

    from inbox.channels.email import incoming

    own = frozenset(each.strip().lower() for each in (settings.get("address", ""), settings.get("user", "")) if each)
    mail = incoming.to_incoming(raw, own, internal_date=received_at)
    return replace(mail, remote_id=remote_id)


def read_part(raw: bytes, part: str) -> bytes:
    """The content of an attachment."""
    from inbox.channels.email import show

    return show.read_part(raw, part)
