"""A real IMAP server: Dovecot as a child process on loopback, over Maildir."""

import base64
import contextlib
import getpass
import imaplib
import itertools
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.process import (
    HOST,
    find_program,
    free_port,
    public_folder,
    start,
    stop,
    wait_for_port,
    wait_for_silence,
)

PACKAGE = "dovecot-imapd"
_NOBODY = 65534  # root may not own mails: Dovecot refuses uid 0
_CONFIG = """
protocols = imap
listen = {host}
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
mail_location = maildir:~/Maildir
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 100
mail_save_crlf = yes
disable_plaintext_auth = no
auth_mechanisms = plain login{more_mechanisms}
auth_failure_delay = 0
auth_cache_size = 0
ssl = yes
ssl_cert = <{chain}
ssl_key = <{key}
{oauth}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
{mailboxes}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  chroot =
}}
"""
_OAUTH = """
introspection_mode = post
introspection_url = {url}
force_introspection = yes
username_attribute = username
active_attribute = active
active_value = true
"""
_OAUTH_PASSDB = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth
}}
"""
_MAILBOX = """  mailbox "{name}" {{
    auto = subscribe
    {special_use}
  }}"""


class Dovecot:
    """The server. Use it as a context manager; it is up within a second, and gone with its folder afterwards.

    Attributes:
        host: Always loopback.
        port: Plain, with STARTTLS.
        tls_port: TLS from the first byte.
        ca_file: Whom a client must trust (``SSL_CERT_FILE``); the certificate is for localhost and 127.0.0.1.
        users: Address -> password; see ``set_password``.
    """

    host = HOST

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        folders: Mapping[str, str] | None = None,
        separator: str = ".",
        certificate_names: tuple[str, ...] = ("localhost", HOST),
        authority: Authority | None = None,
        introspection: str = "",
    ) -> None:
        """Nothing runs yet. ``folders``: name -> special use (a flag of RFC 6154) or nothing.

        ``introspection``: where it asks what a token is worth (RFC 7662); with it XOAUTH2 is offered.
        """
        self._introspection = introspection
        self.users = dict(users or {"shop@example.com": "secret"})
        self._special = dict({"Sent": "\\Sent", "Trash": "\\Trash", "Junk": "\\Junk"} if folders is None else folders)
        self._separator, self._names, self._authority = separator, certificate_names, authority
        self.port, self.tls_port = free_port(), free_port()
        self._numbers = itertools.count(1)
        self._cleanup = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        find_program("dovecot", PACKAGE)
        self.folder = self._cleanup.enter_context(public_folder("dovecot"))
        with contextlib.ExitStack() as undo:
            undo.callback(self._cleanup.close)
            self.ca_file = self._configure()
            self.start()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()  # in order takes it a second
        self._cleanup.close()

    def start(self) -> None:
        """Start the process on the same ports as before; the mails are still there."""
        program = find_program("dovecot", PACKAGE)
        log = self.folder / "dovecot.log"
        self._process = start([program, "-F", "-c", str(self.folder / "dovecot.conf")], log)
        wait_for_port(self._process, self.port, log)

    def stop(self) -> None:
        """Stop in order: clients read BYE. Twice is fine."""
        if self._process is not None:
            stop(self._process)
            self._process = None

    def kill(self) -> None:
        """End it without a word to its clients, as when the machine loses power."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None
            wait_for_silence(self.port)

    def restart(self) -> None:
        """Stop and start: every connection breaks."""
        self.stop()
        self.start()

    def set_password(self, user: str, password: str) -> None:
        """Change or add a user's password; it holds from the next sign-in on."""
        self.users[user] = password
        lines = (f"{name}:{{PLAIN}}{secret}::::::\n" for name, secret in self.users.items())
        temporary = self.folder / "users.new"
        temporary.write_text("".join(lines), encoding="utf-8")
        temporary.chmod(0o644)
        temporary.replace(self.folder / "users")

    def deliver(self, raw: bytes, *, user: str = "", folder: str = "INBOX", flags: str = "") -> None:
        """Put a mail into a folder as a delivery agent does; ``flags`` are Maildir's letters (``S``: seen)."""
        maildir = self._maildir(user, folder)
        name = f"{1_700_000_000 + next(self._numbers)}.M{os.getpid()}P{next(self._numbers)}.test"
        temporary = maildir / "tmp" / name
        temporary.write_bytes(raw)
        if os.geteuid() == 0:
            os.chown(temporary, _NOBODY, _NOBODY)
        temporary.rename(maildir / (f"cur/{name}:2,{flags}" if flags else f"new/{name}"))

    def mails(self, folder: str = "INBOX", *, user: str = "") -> list[bytes]:
        """The raw mails of a folder, in the order in which they came."""
        maildir = self._maildir(user, folder)
        files = [path for part in ("cur", "new") for path in (maildir / part).iterdir()]
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.name)]

    @contextlib.contextmanager
    def client(self, user: str = "") -> Iterator[imaplib.IMAP4]:
        """A signed-in connection, to look and change things as another mail program does."""
        user = user or self._first_user()
        with imaplib.IMAP4(self.host, self.port, timeout=10) as client:
            client.login(user, self.users[user])
            yield client

    @property
    def log(self) -> str:
        """What the server wrote so far, for messages of failing tests."""
        return (self.folder / "dovecot.log").read_text(errors="replace")

    def _first_user(self) -> str:
        return next(iter(self.users))

    def _configure(self) -> Path:
        authority = self._authority or Authority(self.folder)
        chain, key = authority.files(*self._names)
        as_root = os.geteuid() == 0
        me = getpass.getuser()
        mailboxes = (
            _MAILBOX.format(name=name, special_use=f"special_use = {use}" if use else "")
            for name, use in self._special.items()
        )
        text = _CONFIG.format(
            host=HOST,
            folder=self.folder,
            login_user="dovenull" if as_root else me,
            internal_user="dovecot" if as_root else me,
            internal_group="dovecot" if as_root else _group_name(),
            uid=_NOBODY if as_root else os.getuid(),
            gid=_NOBODY if as_root else os.getgid(),
            separator=self._separator,
            mailboxes="\n".join(mailboxes),
            chain=chain,
            key=key,
            port=self.port,
            tls_port=self.tls_port,
            more_mechanisms=" xoauth2" if self._introspection else "",
            oauth=_OAUTH_PASSDB.format(folder=self.folder) if self._introspection else "",
        )
        (self.folder / "oauth").write_text(_OAUTH.format(url=self._introspection), encoding="utf-8")
        (self.folder / "dovecot.conf").write_text(text, encoding="utf-8")
        for user, password in list(self.users.items()):
            self.set_password(user, password)
            self._maildir(user, "INBOX")
        return authority.ca_file

    def _maildir(self, user: str, folder: str) -> Path:
        home = self.folder / "mail" / (user or self._first_user())
        maildir = home / "Maildir"
        if folder != "INBOX":
            maildir /= "." + _modified_utf7(folder.replace(self._separator, "."))
        for part in ("tmp", "new", "cur"):
            (maildir / part).mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            for path in (self.folder / "mail", home, home / "Maildir", maildir, *maildir.iterdir()):
                if path.is_dir():
                    shutil.chown(path, _NOBODY, _NOBODY)
        return maildir


def _group_name() -> str:
    import grp  # not on Windows, where this module is imported all the same

    return grp.getgrgid(os.getgid()).gr_name


def _modified_utf7(name: str) -> str:
    """A folder's name as IMAP and Maildir write it (RFC 3501, 5.1.3)."""

    def encode(run: re.Match[str]) -> str:
        packed = base64.b64encode(run[0].encode("utf-16-be")).decode().rstrip("=")
        return "&" + packed.replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", encode, name.replace("&", "&-"))
