"""An email account's settings as plain typed values."""

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inbox.channels.email.providers import guess_settings
from inbox.errors import SignInError

if TYPE_CHECKING:
    from inbox.channels.email.oauth import Tokens

CONNECT_SECONDS = 15.0
READ_SECONDS = 60.0
ANSWER_SECONDS = 300.0  # some servers look for viruses before they confirm a mail; giving up early leaves it unknown
_PORTS = {
    ("imap", "tls"): 993,
    ("imap", "starttls"): 143,
    ("imap", "none"): 143,
    ("smtp", "tls"): 465,
    ("smtp", "starttls"): 587,
    ("smtp", "none"): 25,
}


@dataclass(frozen=True, slots=True)
class Server:
    """Where one server is. ``kind`` is "imap" or "smtp" and begins the names of its form fields."""

    kind: str
    host: str
    port: int
    security: str


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """What the form asked for. With ``tokens`` there is no password."""

    address: str
    from_name: str
    user: str
    password: str
    imap: Server
    smtp: Server
    sent_folder: str
    keeps_sent: bool
    folders: tuple[str, ...]
    ca_file: str
    tokens: "Tokens | None" = None
    marks_answered: bool = False  # on the server, as read and answered
    history_days: int = 0  # how far back mail is fetched; 0 is all of it

    @property
    def domain(self) -> str:
        """Of the account's address."""
        return self.address.rpartition("@")[2]


def read_settings(settings: Mapping[str, str], secrets: Mapping[str, str]) -> EmailSettings:
    """Read the form's values. What is empty is guessed from the address. Raises SignInError for what can't be."""
    address = settings.get("address", "").strip()
    given = {name: value for name, value in settings.items() if value.strip()}
    guess = guess_settings(address)
    for kind in ("imap", "smtp"):
        if f"{kind}_host" in given or f"{kind}_security" in given:
            # A guess is taken whole or not at all: another server's port would be wrong here.
            guess = {
                name: value
                for name, value in guess.items()
                if name in (f"{kind}_host", "keeps_sent", "user") or not name.startswith(kind)
            }
    values = guess | given
    return EmailSettings(
        address=address,
        from_name=values.get("from_name", "").strip(),
        user=values.get("user", "").strip() or address,
        password=secrets.get("password", ""),
        imap=_server("imap", values),
        smtp=_server("smtp", values),
        sent_folder=values.get("sent_folder", "").strip(),
        # A switch that a person turned off is kept as an empty value: it must not fall back to the guess.
        keeps_sent=is_on(settings["keeps_sent"] if "keeps_sent" in settings else values.get("keeps_sent", "")),
        folders=tuple(name.strip() for name in values.get("folders", "INBOX").split(",") if name.strip()) or ("INBOX",),
        ca_file=values.get("ca_file", "").strip(),
        marks_answered=is_on(values.get("marks_answered", "")),
        history_days=int(history) if (history := values.get("history", "").strip()).isdecimal() else 0,
        tokens=_tokens(settings, secrets) if settings.get("sign_in") == "oauth2" else None,
    )


def _tokens(settings: Mapping[str, str], secrets: Mapping[str, str]) -> "Tokens":
    from inbox.channels.email.oauth import Tokens, read_registration  # HTTP: only where it is needed

    return Tokens(read_registration(settings, secrets), secrets.get("token", ""))


def is_on(value: str) -> bool:
    """How a switch of the form is stored."""
    return value.strip().lower() in ("1", "true", "yes", "on")


def _server(kind: str, values: Mapping[str, str]) -> Server:
    host = values.get(f"{kind}_host", "").strip()
    security = values.get(f"{kind}_security", "tls" if kind == "imap" else "starttls").strip().lower()
    port = values.get(f"{kind}_port", "").strip() or str(_PORTS.get((kind, security), 0))
    if not host:
        raise SignInError("The mail server is missing", "Enter the server's name.", field=f"{kind}_host")
    if security not in ("tls", "starttls", "none"):
        raise SignInError(
            "“{security}” is no kind of encryption",
            "Choose TLS, STARTTLS or none.",
            field=f"{kind}_security",
            security=security,
        )
    if not (port.isascii() and port.isdecimal()) or not 0 < int(port) < 65536:
        raise SignInError("“{port}” is no port", "Enter a number from 1 to 65535.", field=f"{kind}_port", port=port)
    if security == "none" and not _is_loopback(host):
        raise SignInError(
            "A connection without encryption to {host} is refused",
            "Choose TLS or STARTTLS: without them anybody on the way reads the password and the mail.",
            field=f"{kind}_security",
            host=host,
        )
    return Server(kind, host, int(port), security)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def tls_context(settings: EmailSettings) -> ssl.SSLContext:
    """Certificates and host names are always verified; ``ca_file`` adds an authority to the system's."""
    context = ssl.create_default_context()
    if settings.ca_file:
        try:
            context.load_verify_locations(cafile=settings.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise SignInError(
                "The file with the certificate authority can't be read: {reason}",
                "Choose a file in PEM format, or leave the field empty.",
                field="ca_file",
                reason=str(error),
            ) from error
    return context
