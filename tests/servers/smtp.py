"""A real SMTP server in a thread, which can be told to misbehave at a chosen point."""

import asyncio
import base64
import concurrent.futures
import contextlib
import dataclasses
import enum
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Authority
from tests.servers.process import HOST, public_folder

Stage = Literal["connect", "ehlo", "auth", "mail", "rcpt", "data", "body", "stored"]


class Act(enum.Enum):
    """What the server does at a stage instead of answering."""

    DROP = "drop"  # closes the connection without a word
    HANG = "hang"  # answers nothing until the client goes


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """A mail that the server took."""

    sender: str
    recipients: tuple[str, ...]
    data: bytes
    user: str
    tls: bool


class SmtpServer:
    """The server. Use it as a context manager.

    Attributes:
        port: Where it listens, for the security that it was made with.
        accepted: The mails taken so far, in order. ``wait_for(n)`` waits for the n-th.
        ca_file: Whom a client must trust (``SSL_CERT_FILE``); the certificate is for localhost and 127.0.0.1.
        sessions: How many connections there were.
        knows_token: (user, access token) -> whether XOAUTH2 lets them in.
    """

    host = HOST

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        security: Literal["none", "starttls", "tls"] = "starttls",
        certificate_names: tuple[str, ...] = ("localhost", HOST),
        size_limit: int = 33_554_432,
        authority: Authority | None = None,
    ) -> None:
        """``users``: address -> password; an empty mapping asks for no sign-in. Without an authority: its own."""
        self.users = dict({"shop@example.com": "secret"} if users is None else users)
        self.security, self.size_limit = security, size_limit
        self._names, self._authority = certificate_names, authority
        self.accepted: list[Accepted] = []
        self.sessions = 0
        self.knows_token: Callable[[str, str], bool] = lambda _user, _token: False
        self.rejected_recipients: dict[str, str] = {}
        self._orders: dict[Stage, list[str | Act]] = {}
        self._changed = threading.Condition()
        self._cleanup = contextlib.ExitStack()
        self._thread: threading.Thread | None = None
        self.connections: set[_Connection] = set()
        self.port = 0

    def __enter__(self) -> Self:
        authority = self._authority or Authority(self._cleanup.enter_context(public_folder("smtp")))
        self.ca_file: Path = authority.ca_file
        self._tls = authority.server_context(*self._names)
        self._starttls = self._tls if self.security == "starttls" else None
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._cleanup.close()

    def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        ready: concurrent.futures.Future[int] = concurrent.futures.Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="smtp-server")
        self._thread.start()
        self.port = ready.result(timeout=10)

    def stop(self) -> None:
        """Close the port and every connection. Twice is fine."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(timeout=10)
            self._thread = None

    def set_password(self, user: str, password: str) -> None:
        """Change or add a user's password; it holds from the next sign-in on."""
        self.users[user] = password

    def at(self, stage: Stage, *acts: str | Act) -> None:
        """What to do the next times the stage is reached: a reply such as ``451 4.3.0 Later``, or an ``Act``.

        ``data`` is the command, ``body`` when the mail has come but was not taken, ``stored`` when it was taken and
        only the answer is missing: the client can't know. Afterwards all goes its usual way.
        """
        self._orders.setdefault(stage, []).extend(acts)

    def reject(self, recipient: str, reply: str = "550 5.1.1 No such user here") -> None:
        """Refuse a recipient from now on."""
        self.rejected_recipients[recipient.lower()] = reply

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Accepted]:
        """The mails taken, once there are ``count``; AssertionError when they don't come."""
        with self._changed:
            enough = self._changed.wait_for(lambda: len(self.accepted) >= count, timeout=seconds)
        assert enough, f"{len(self.accepted)} of {count} mails came"
        return list(self.accepted)

    # --- in the server's thread ---

    async def _serve(self, ready: "concurrent.futures.Future[int]") -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await self._loop.create_server(
                lambda: _Connection(self, self._starttls),
                HOST,
                self.port,
                ssl=self._tls if self.security == "tls" else None,
            )
        except OSError as error:
            ready.set_exception(error)
            return
        ready.set_result(server.sockets[0].getsockname()[1])
        await self._stopped.wait()
        server.close()
        for connection in list(self.connections):
            connection.abort()
        await asyncio.gather(*(connection.ended.wait() for connection in list(self.connections)))

    def next_order(self, stage: Stage) -> str | Act | None:
        """What was ordered for this time, if anything."""
        orders = self._orders.get(stage)
        return orders.pop(0) if orders else None

    def take(self, mail: Accepted) -> None:
        """Keep a mail and wake who waits for it."""
        with self._changed:
            self.accepted.append(mail)
            self._changed.notify_all()


class _Connection(SMTP):
    """One client. Every command first looks whether something else was ordered."""

    def __init__(self, server: SmtpServer, starttls: ssl.SSLContext | None) -> None:
        super().__init__(
            self,
            hostname="smtp.test",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            authenticator=self._sign_in,
            data_size_limit=server.size_limit,
            enable_SMTPUTF8=True,
        )
        self._server = server
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._original_transport is None:  # else it is the same client, after STARTTLS
            self._socket = transport.get_extra_info("socket")
            self._server.sessions += 1
            self._server.connections.add(self)
        super().connection_made(transport)

    def eof_received(self) -> bool:
        super().eof_received()
        return False  # close, whatever is going on

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._server.connections.discard(self)
        self.ended.set()

    def abort(self) -> None:
        """Break the connection without a word; at the socket, since some versions of asyncio can't abort TLS."""
        with contextlib.suppress(OSError):  # the client may have gone just now
            self._socket.shutdown(socket.SHUT_RDWR)

    async def push(self, status: Any) -> None:
        if isinstance(status, str) and status.startswith("220 smtp.test") and await self._ordered("connect"):
            return
        if status is not None:  # None: what was ordered has been answered
            await super().push(status)

    async def handle_exception(self, error: Exception) -> str:
        """A mistake of this server, or a client that refused its certificate."""
        return f"451 4.3.0 {error!r}"

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._ordered("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:
        assert self.session is not None
        if await self._ordered("mail"):
            return
        if self._server.users and not self.session.authenticated:
            await self.push("530 5.7.0 Authentication required")
            return
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._ordered("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._ordered("data"):
            await super().smtp_DATA(arg)

    async def handle_AUTH(self, server: SMTP, session: Session, envelope: Envelope, args: list[str]) -> str | None:
        """Sign in; here rather than in the library, which warns of an attribute of its own."""
        if await self._ordered("auth"):
            return None
        ways = {"PLAIN": self.auth_PLAIN, "XOAUTH2": self.auth_XOAUTH2}
        result = await ways.get(args[0], self.auth_LOGIN)(self, args)
        session.authenticated, session.auth_data = result.success, result.auth_data
        if result.success:
            return "235 2.7.0 Authentication successful"
        return None if result.handled else "535 5.7.8 Authentication credentials invalid"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whom we were told to refuse."""
        refusal = self._server.rejected_recipients.get(address.lower())
        if refusal is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str | None:
        """Take the mail, unless something else was ordered before or after."""
        if await self._ordered("body"):
            return None
        transport = self.transport
        assert transport is not None
        assert isinstance(envelope.content, bytes)
        signed_in: Any = session.auth_data  # the library's own annotation says None
        mail = Accepted(
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            data=envelope.content,
            user=signed_in.login.decode() if isinstance(signed_in, LoginPassword) else "",
            tls=transport.get_extra_info("ssl_object") is not None,
        )
        self._server.take(mail)
        return None if await self._ordered("stored") else "250 OK"

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:
        """What Google and Microsoft do: a refused token is first explained, and the client says nothing to it."""
        found = re.fullmatch(r"user=(.*)\x01auth=Bearer (.*)\x01\x01", base64.b64decode(args[1]).decode())
        user, token = found.groups() if found else ("", "")
        if self._server.knows_token(user, token):
            return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
        answer = await self.challenge_auth(b'{"status":"401"}')
        assert answer == b"", "the client says something to the explanation"
        return AuthResult(success=False, handled=False)

    def _sign_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        success = self._server.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=success, handled=False, auth_data=data)

    async def _ordered(self, stage: Stage) -> bool:
        """Do what was ordered for the stage; whether there was something."""
        order = self._server.next_order(stage)
        if order is Act.DROP:
            self.abort()
        if isinstance(order, Act):
            await asyncio.get_running_loop().create_future()  # until the client has gone: then this task is cancelled
        elif order is not None:
            await self.push(order)
        return order is not None
