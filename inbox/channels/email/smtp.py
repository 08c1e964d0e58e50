"""Sending over SMTP, one connection a message."""

import base64
import contextlib
import smtplib
from collections.abc import Callable, Iterator, Sequence

from inbox.channels.email.compose import mailbox
from inbox.channels.email.settings import ANSWER_SECONDS, CONNECT_SECONDS, READ_SECONDS, EmailSettings, tls_context
from inbox.channels.email.trouble import plain, translated, with_token
from inbox.errors import OutcomeUnknownError, RejectedMessageError, SignInError, TemporaryChannelError

Refused = tuple[tuple[str, str], ...]


@contextlib.contextmanager
def signed_in(settings: EmailSettings, *, checking: bool = False) -> Iterator[smtplib.SMTP]:
    """A connection that may send."""
    server = settings.smtp
    context = tls_context(settings)
    # The machine's own name is nobody's business, and looking it up can take long.
    ours = "[127.0.0.1]"
    with translated(server, checking=checking):
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, ours, timeout=CONNECT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, ours, timeout=CONNECT_SECONDS)
    try:
        with translated(server, checking=checking):
            if smtp.sock is not None:
                smtp.sock.settimeout(READ_SECONDS)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                _start_tls(smtp, settings)
            if smtp.has_extn("auth"):
                _sign_in(smtp, settings)
        yield smtp
        with contextlib.suppress(smtplib.SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _sign_in(smtp: smtplib.SMTP, settings: EmailSettings) -> None:
    if settings.tokens is not None:

        def attempt(words: str) -> None:
            smtp.auth("XOAUTH2", lambda question=None: words if question is None else "")

        with_token(settings.tokens, settings.user, settings.smtp, attempt)
        return
    if settings.user.isascii() and settings.password.isascii():
        smtp.login(settings.user, settings.password)
        return
    # The library only knows ASCII; RFC 4616 says UTF-8.
    secret = base64.b64encode(f"\0{settings.user}\0{settings.password}".encode()).decode("ascii")
    code, words = smtp.docmd("AUTH", f"PLAIN {secret}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, words)


def _start_tls(smtp: smtplib.SMTP, settings: EmailSettings) -> None:
    if not smtp.has_extn("starttls"):
        raise SignInError(
            "{host} offers no STARTTLS",
            "Choose TLS and its port (465). Without encryption nothing is sent.",
            field="smtp_security",
            host=settings.smtp.host,
        )
    smtp.starttls(context=tls_context(settings))
    smtp.ehlo()


def transmit(
    smtp: smtplib.SMTP, settings: EmailSettings, recipients: Sequence[str], raw: bytes, on_handover: Callable[[], None]
) -> Refused:
    """Send one mail; the recipients that were refused, with the server's words, are returned.

    ``on_handover`` is called once, when the server awaits the content. From then until the server's answer nobody
    can know whether it was taken: a line that breaks there raises OutcomeUnknownError.
    """
    server = settings.smtp
    with translated(server):
        options = [f"size={len(raw)}"] if smtp.has_extn("size") else []
        _require(smtp.mail(_wire(settings.address), options), settings)
        refused: list[tuple[str, str]] = []
        for recipient in recipients:
            code, words = smtp.rcpt(_wire(recipient))
            if code not in (250, 251):
                _refuse(code, words, recipient, refused, settings)
        if len(refused) == len(recipients):
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.rset()
            raise RejectedMessageError("{words}", "Check the address.", words=refused[0][1])
        code, words = smtp.docmd("DATA")
        if code != 354:
            _require((code, words), settings)
            said = f"{code} {plain(words)}"
            raise TemporaryChannelError("{host} answered oddly: {words}", host=server.host, words=said)
    on_handover()
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(ANSWER_SECONDS)
        smtp.send(_dotted(raw))
        code, words = smtp.getreply()
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknownError(
            "The connection to {host} broke before it confirmed the message",
            "Look whether it arrived before you send it again.",
            host=server.host,
        ) from error
    _require((code, words), settings)
    return tuple(refused)


def _wire(address: str) -> str:
    return mailbox(address).addr_spec


def _dotted(raw: bytes) -> bytes:
    """With the end mark; a line that begins with a dot gets another one."""
    body = raw.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _refuse(code: int, words: bytes, recipient: str, refused: list[tuple[str, str]], settings: EmailSettings) -> None:
    if code == 421 or (400 <= code < 500 and not refused):
        # Nothing has gone out yet: later is better than to some of them now.
        raise TemporaryChannelError(
            "{host} does not take it just now: {words}",
            "It is tried again by itself.",
            host=settings.smtp.host,
            words=f"{code} {plain(words)}",
        )
    refused.append((recipient, f"{code} {plain(words)}"))


def _require(answer: tuple[int, bytes], settings: EmailSettings) -> None:
    """Raise what a refusal of the whole message means."""
    code, words = answer
    if 200 <= code < 400:
        return
    said = f"{code} {plain(words)}"
    if code == 530 or code == 535:
        raise SignInError(
            "{host} refuses the sign-in: {words}",
            "Check the user and the password.",
            field="password",
            host=settings.smtp.host,
            words=said,
        )
    if 400 <= code < 500 or code < 0:
        raise TemporaryChannelError(
            "{host} does not take it just now: {words}",
            "It is tried again by itself.",
            host=settings.smtp.host,
            words=said,
        )
    raise RejectedMessageError("{words}", "Change what the server objects to, and send it again.", words=said)
