"""Finds an account's settings from its address: what we know, what its domain publishes, what answers there.

Whoever answers is a stranger: only names of servers, ports and the kind of encryption are taken, never a server
without encryption, and the person sees what was found, and where, before a password goes there.
"""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from inbox.channels.base import Found, StopSignal
from inbox.channels.email.autoconfig import MOST_BYTES, read_autoconfig
from inbox.channels.email.providers import (
    domain_of,
    guess_settings,
    provider_at,
    provider_behind,
    provider_for,
    settings_of,
)
from inbox.i18n import tr
from inbox.lazy_dataclass import dataclass

log = logging.getLogger(__name__)

SECONDS = 10.0
_STEP_SECONDS = 4.0
_SECURE = (993, 465)


@dataclass(frozen=True, slots=True)
class Places:
    """Where is looked. ``{domain}`` and ``{address}`` are filled in; the resolver is the system's unless named."""

    published: tuple[str, ...] = (
        "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
        "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
        "http://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
    )
    directory: str = "https://autoconfig.thunderbird.net/v1.1/{domain}"
    asks_dns: bool = True
    resolver: tuple[str, int] | None = None
    imap: tuple[tuple[str, int], ...] = (("imap.{domain}", 993), ("mail.{domain}", 993), ("mail.{domain}", 143))
    smtp: tuple[tuple[str, int], ...] = (
        ("smtp.{domain}", 465),
        ("mail.{domain}", 465),
        ("smtp.{domain}", 587),
        ("mail.{domain}", 587),
    )
    secure_ports: tuple[int, ...] = _SECURE  # TLS from the first byte; the others STARTTLS
    ca_file: str = ""


PLACES = Places()
_Step = Callable[[], Found | None]


def discover(
    address: str, stop: StopSignal, *, directory: bool = False, places: Places | None = None, seconds: float = SECONDS
) -> Found:
    """The settings of an address; a guess where nobody tells. Never raises; takes at most ``seconds``.

    ``directory`` asks Mozilla's list too, which learns the domain by it: only when the person wants that.
    """
    domain = domain_of(address)
    if not domain:
        return Found({}, "", sure=False)
    known = provider_for(address)
    if known is not None and known.is_sure:
        return Found(settings_of(known, address), tr("The servers of this provider are known."), sure=True)
    search = _Search(address, domain, places or PLACES, time.monotonic() + seconds)
    found = _first_of(search.steps(directory=directory), search.deadline, stop)
    guess = Found(guess_settings(address), tr("Nobody tells the servers: these are a guess."), sure=False)
    return found or guess


def _first_of(steps: Sequence[_Step], deadline: float, stop: StopSignal) -> Found | None:
    """Take all steps at once; the answer of the first in order that has one."""
    answers: dict[int, Found | None] = {}
    news = threading.Condition()

    def work(number: int, step: _Step) -> None:
        found = None
        try:
            found = step()
        finally:
            with news:
                answers[number] = found
                news.notify_all()

    for number, step in enumerate(steps):
        threading.Thread(target=work, args=(number, step), name="email-discovery", daemon=True).start()
    number = 0
    with news:
        while number < len(steps):
            if number in answers:
                if answers[number] is not None:
                    return answers[number]
                number += 1
            elif stop.is_set():
                return None
            elif time.monotonic() >= deadline:
                return next((each for _, each in sorted(answers.items()) if each is not None), None)
            else:
                news.wait(0.2)
    return None


class _Search:
    """What one search shares: the address, where to look, until when."""

    def __init__(self, address: str, domain: str, places: Places, deadline: float) -> None:
        self.address, self.domain, self.places, self.deadline = address.strip(), domain, places, deadline

    def steps(self, *, directory: bool) -> list[_Step]:
        """The surest first."""
        published: list[_Step] = [lambda url=url: self._published(url) for url in self.places.published]  # type: ignore[misc]
        secure = [step for step, url in zip(published, self.places.published, strict=True) if url[:6] == "https:"]
        plain = [step for step in published if step not in secure]
        asked: list[_Step] = [self._directory] if directory else []
        return [self._known, *secure, self._services, *asked, self._receivers, *plain, self._answering]

    def _left(self) -> float:
        return max(0.1, min(_STEP_SECONDS, self.deadline - time.monotonic()))

    def _found(self, settings: Mapping[str, str], words: str, *, sure: bool = True) -> Found:
        provider = provider_at(settings["imap_host"])
        more = settings_of(provider, self.address) if provider else {}
        kept = {name: value for name, value in more.items() if name in ("keeps_sent", "sign_in")}
        return Found({"user": self.address, "keeps_sent": "", **kept, **settings}, words, sure=sure)

    # --- what we know, and what answers ---

    def _known(self) -> Found | None:
        """A provider whose servers we only believe to know: they must answer."""
        provider = provider_for(self.address)
        if provider is None:
            return None
        return self._tried(
            ((provider.imap_host, provider.imap_port),),
            ((provider.smtp_host, provider.smtp_port), (provider.smtp_host, 465)),
        )

    def _answering(self) -> Found | None:
        """Servers at the usual names, and at those that take the domain's mail in."""
        receivers = [name for name in self._receiver_names() if name.endswith("." + self.domain)][:2]
        imap = [(host.format(domain=self.domain), port) for host, port in self.places.imap]
        smtp = [(host.format(domain=self.domain), port) for host, port in self.places.smtp]
        imap += [(name, 993) for name in receivers]
        smtp += [(name, port) for name in receivers for port in (465, 587)]
        return self._tried(imap, smtp)

    def _tried(self, imap: Sequence[tuple[str, int]], smtp: Sequence[tuple[str, int]]) -> Found | None:
        incoming = next((place for place in dict.fromkeys(imap) if self._answers("imap", *place)), None)
        if incoming is None:
            return None
        outgoing = next((place for place in dict.fromkeys(smtp) if self._answers("smtp", *place)), None)
        if outgoing is None:
            return None
        settings = self._settings(incoming, outgoing)
        return self._found(settings, tr("{imap} and {smtp} answer.", imap=incoming[0], smtp=outgoing[0]))

    def _settings(self, imap: tuple[str, int], smtp: tuple[str, int]) -> dict[str, str]:
        return {
            f"{kind}_{name}": value
            for kind, (host, port) in (("imap", imap), ("smtp", smtp))
            for name, value in (
                ("host", host),
                ("port", str(port)),
                ("security", "tls" if port in self.places.secure_ports else "starttls"),
            )
        }

    def _answers(self, kind: str, host: str, port: int) -> bool:
        """Whether a server of that kind is there and proves its name. Nothing secret is said."""
        if time.monotonic() >= self.deadline:
            return False
        context = ssl.create_default_context(cafile=self.places.ca_file or None)
        try:
            with socket.create_connection((host, port), timeout=min(2.0, self._left())) as sock:
                if port not in self.places.secure_ports:
                    _ask_starttls(sock, kind)
                with context.wrap_socket(sock, server_hostname=host) as secured:
                    if port in self.places.secure_ports:
                        greeting = secured.recv(512)
                        return greeting.startswith(b"* OK" if kind == "imap" else b"220")
                    return True
        except (OSError, ValueError):  # the first: whatever is wrong with line and certificate
            return False

    # --- what the domain publishes ---

    def _published(self, url: str) -> Found | None:
        return self._file(url.format(domain=self.domain, address=quote(self.address, safe="@")))

    def _directory(self) -> Found | None:
        names = [self.domain, *dict.fromkeys(_registered(name) for name in self._receiver_names())]
        for name in names[:3]:
            found = self._file(self.places.directory.format(domain=name), by=tr("Mozilla's list"))
            if found is not None:
                return found
        return None

    def _file(self, url: str, *, by: str = "") -> Found | None:
        got = _fetch(url, self._left(), self.places.ca_file)
        settings = read_autoconfig(got[0], self.address) if got else {}
        if got is None or not settings:
            return None
        place = by or httpx.URL(url).host
        if got[1]:
            return self._found(settings, tr("{place} tells the servers.", place=place))
        words = tr("{place} tells the servers, over a line that others can change: look at their names.", place=place)
        return self._found(settings, words, sure=False)

    # --- DNS ---

    def _services(self) -> Found | None:
        """RFC 6186 and 8314: the servers that the domain names in DNS."""
        imap = self._service("_imaps._tcp", 993)
        outgoing = self._service("_submissions._tcp", 465) or self._service("_submission._tcp", 587)
        if imap is None or outgoing is None:
            return None
        settings = self._settings(imap[:2], outgoing[:2])
        settings["imap_security"] = "tls"
        settings["smtp_security"] = "tls" if outgoing[2] == 465 else "starttls"
        words = tr("The domain {domain} names {host} in DNS.", domain=self.domain, host=imap[0])
        # DNS can be forged: a name outside of the domain is to be looked at, as RFC 6186 asks.
        return self._found(settings, words, sure=imap[0].endswith("." + self.domain))

    def _service(self, name: str, usual: int) -> tuple[str, int, int] | None:
        found = sorted(
            (each.priority, -each.weight, str(each.target).rstrip(".").lower(), int(each.port))
            for each in self._ask(f"{name}.{self.domain}", "SRV")
        )
        named = [(host, port, usual) for _, _, host, port in found if host and port]
        return named[0] if named else None

    def _receivers(self) -> Found | None:
        """The provider that takes the domain's mail in."""
        for name in self._receiver_names():
            provider = provider_behind(name)
            if provider is not None and (provider.is_sure or self._answers("imap", provider.imap_host, 993)):
                words = tr("{host} takes the mail of {domain} in.", host=name, domain=self.domain)
                return Found(settings_of(provider, self.address), words, sure=True)
        return None

    def _receiver_names(self) -> list[str]:
        found = sorted(
            (each.preference, str(each.exchange).rstrip(".").lower()) for each in self._ask(self.domain, "MX")
        )
        return [name for _, name in found if name]

    def _ask(self, name: str, kind: str) -> Iterator[Any]:
        if not self.places.asks_dns:
            return
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=self.places.resolver is None)
            if self.places.resolver is not None:
                resolver.nameservers, resolver.port = [self.places.resolver[0]], self.places.resolver[1]
            yield from resolver.resolve(name, kind, lifetime=self._left(), search=False)
        except (dns.exception.DNSException, OSError, ValueError) as error:
            log.debug("DNS tells no %s of %s: %s", kind, name, error)


def _ask_starttls(sock: socket.socket, kind: str) -> None:
    """Bring a plain connection to where TLS begins; ValueError where it does not."""
    with sock.makefile("rb") as lines:
        if not lines.readline(2048).startswith(b"* OK" if kind == "imap" else b"220"):
            raise ValueError
        if kind == "smtp":
            sock.sendall(b"EHLO [127.0.0.1]\r\n")
            while lines.readline(2048)[3:4] == b"-":
                pass
        sock.sendall(b"a STARTTLS\r\n" if kind == "imap" else b"STARTTLS\r\n")
        if not lines.readline(2048).startswith(b"a OK" if kind == "imap" else b"220"):
            raise ValueError


def _fetch(url: str, seconds: float, ca_file: str) -> tuple[bytes, bool] | None:
    """What lies at an address and whether all the way there was encrypted; None for nothing, or too much."""
    end = time.monotonic() + seconds
    try:
        verify = ssl.create_default_context(cafile=ca_file) if ca_file else True
        with (
            httpx.Client(timeout=seconds, follow_redirects=True, max_redirects=3, verify=verify) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                return None
            content = b""
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > MOST_BYTES or time.monotonic() > end:
                    return None
            way = [*(each.url for each in answer.history), answer.url]
            return content, all(each.scheme == "https" for each in way)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return None


def _registered(host: str) -> str:
    """The domain that somebody registered for a server: its last two parts, three under a short second level."""
    parts = host.split(".")
    count = 3 if len(parts) > 2 and len(parts[-2]) <= 3 and len(parts[-1]) == 2 else 2
    return ".".join(parts[-count:])
