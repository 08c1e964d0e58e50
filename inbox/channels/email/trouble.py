"""What the libraries raise, turned into the channel errors with plain sentences. The only place that knows both."""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from imapclient import exceptions as imap_errors

from inbox.channels.email.settings import Server
from inbox.errors import SignInError, TemporaryChannelError

if TYPE_CHECKING:
    from inbox.channels.email.oauth import Tokens

_NOT_NOW = re.compile(r"UNAVAILABLE|INUSE|LIMIT|too many|try again|temporar|timeout|timed out|busy", re.IGNORECASE)
_BYTES = re.compile(r"^b?['\"](.*)['\"]$", re.DOTALL)


@contextlib.contextmanager
def translated(server: Server, *, checking: bool = False) -> Iterator[None]:
    """Turn every exception of IMAP, SMTP, TLS and sockets into ours.

    ``checking``: a person is filling in the form. An unknown host or a refused connection is then a mistake in a
    field; at any other time the line may just be down.
    """
    try:
        yield
    except (imap_errors.LoginError, smtplib.SMTPAuthenticationError) as error:
        raise _login_error(error, server) from error
    except ssl.SSLCertVerificationError as error:
        raise SignInError(
            "{host} can't prove that it is {host}: {reason}",
            "Check the server's name. If the server has a certificate authority of its own, name its file.",
            field=f"{server.kind}_host",
            host=server.host,
            reason=error.verify_message or str(error),
        ) from error
    except (imap_errors.IMAPClientError, smtplib.SMTPException, OSError, UnicodeError, ValueError) as error:
        raise _other_error(error, server, checking) from error


def _login_error(error: Exception, server: Server) -> SignInError | TemporaryChannelError:
    words = server_words(error)
    if _NOT_NOW.search(words) or (isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code < 500):
        return TemporaryChannelError("{host} takes no sign-in just now: {words}", host=server.host, words=words)
    return SignInError(
        "{host} refuses the sign-in: {words}",
        "Check the user and the password. Some providers ask for an app password made on their website.",
        field="password",
        host=server.host,
        words=words,
    )


def with_token(tokens: "Tokens", user: str, server: Server, attempt: Callable[[str], None]) -> None:
    """Sign in by XOAUTH2 (``attempt`` says the words), once more with a new token where the first is refused."""
    from inbox.channels.email.oauth import expired, sasl

    token = tokens.access()
    try:
        attempt(sasl(user, token))
        return
    except (imap_errors.LoginError, smtplib.SMTPAuthenticationError) as error:
        if isinstance(_login_error(error, server), TemporaryChannelError):
            raise
    try:
        attempt(sasl(user, tokens.access(instead_of=token)))
    except (imap_errors.LoginError, smtplib.SMTPAuthenticationError) as error:
        found = _login_error(error, server)
        raise expired(server.host, server_words(error)) if isinstance(found, SignInError) else found from error


def _other_error(error: Exception, server: Server, checking: bool) -> SignInError | TemporaryChannelError:
    host, port = server.host, server.port
    if isinstance(error, TimeoutError):
        return TemporaryChannelError("{host} does not answer", "It is tried again by itself.", host=host)
    if isinstance(error, socket.gaierror) and checking:
        return SignInError(
            "There is no server called {host}",
            "Check the server's name and the connection to the internet.",
            field=f"{server.kind}_host",
            host=host,
        )
    if isinstance(error, ConnectionRefusedError) and checking:
        return SignInError(
            "{host} takes no connections on port {port}",
            "Check the port.",
            field=f"{server.kind}_port",
            host=host,
            port=port,
        )
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError) and checking:
        return SignInError(
            "{host} does not speak TLS on port {port}",
            "Check the port and the kind of encryption.",
            field=f"{server.kind}_security",
            host=host,
            port=port,
        )
    return TemporaryChannelError(
        "The connection to {host} failed: {words}", "It is tried again by itself.", host=host, words=server_words(error)
    )


def server_words(error: Exception) -> str:
    """What the server said, as one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {plain(error.smtp_error)}"
    text = str(error.strerror if isinstance(error, OSError) and error.strerror else error)
    found = _BYTES.match(text.strip())
    return " ".join((found[1] if found else text).split())[:500] or type(error).__name__


def plain(words: bytes | str) -> str:
    """A server's answer as one line of text."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:500]
