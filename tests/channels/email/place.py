"""The other side of an email account: Dovecot and an SMTP server."""

import email
import email.policy
import itertools
from collections.abc import Mapping
from pathlib import Path

from inbox.channels import registry
from inbox.channels.base import Channel, Outgoing
from inbox.channels.email.ids import make_message_id
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

ADDRESS = "shop@example.com"
CUSTOMER = "Ana Pérez <ana@example.org>"


def mail(number: int, text: str = "", *, subject: str = "", sender: str = CUSTOMER, **fields: str) -> bytes:
    """A customer's mail."""
    head = {
        "From": sender,
        "To": ADDRESS,
        "Subject": subject or f"Order {number}",
        "Date": f"Mon, 02 Nov 2026 10:{number // 60 % 60:02}:{number % 60:02} +0100",
        "Message-ID": f"<m{number}@example.org>",
        "Content-Type": "text/plain; charset=utf-8",
    } | {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
    return f"{lines}\r\n{text or f'Message {number}'}\r\n".encode()


class EmailPlace:
    """The servers, and an account on them."""

    def __init__(self, imap: Dovecot, smtp: SmtpServer) -> None:
        self.imap, self.smtp = imap, smtp
        self._numbers = itertools.count(1)
        self._settings = {
            "address": ADDRESS,
            "from_name": "Tienda Sol",
            "imap_host": "localhost",
            "imap_port": str(imap.tls_port),
            "imap_security": "tls",
            "smtp_host": "localhost",
            "smtp_port": str(smtp.port),
            "smtp_security": smtp.security,
        }
        self.secrets: dict[str, str] = {"password": "secret"}
        self._gone = False

    @property
    def settings(self) -> Mapping[str, str]:
        """The account's."""
        return self._settings

    def channel(self, **settings: str) -> Channel:
        """The account's channel, with some settings changed."""
        return registry.plugin("email").open_channel({**self._settings, **settings}, self.secrets)

    def write(self, text: str) -> None:
        """A customer writes."""
        self.imap.deliver(mail(next(self._numbers), text))

    def write_unreadable(self) -> None:
        """Something that is no mail."""
        self.imap.deliver(b"\x00\x01\x02 this is no mail at all\r\n\r\n\xff\xfe\r\n")

    def reply(self, text: str) -> Outgoing:
        """A reply to the customer."""
        return Outgoing(
            message_id=1,
            remote_id=make_message_id(7, "example.com"),
            to=("ana@example.org",),
            text=text,
            subject="Re: Order",
        )

    def arrived(self) -> list[str]:
        """What the SMTP server took."""
        return [_text(each.data) for each in self.smtp.accepted]

    def reject_next(self) -> None:
        """There is no such customer."""
        self.smtp.reject("ana@example.org")

    def refuse_sign_in(self) -> None:
        """The password was changed elsewhere."""
        self.imap.set_password(ADDRESS, "another")
        self.smtp.set_password(ADDRESS, "another")

    def go_away(self) -> None:
        """Both servers end."""
        self.imap.kill()
        self.smtp.stop()

    def trust(self, ca_file: Path) -> None:
        """Name the certificate authority in the account's settings."""
        self._settings["ca_file"] = str(ca_file)


def _text(data: bytes) -> str:
    body = email.message_from_bytes(data, policy=email.policy.default).get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text
