"""A person's computer: a profile, a keychain, and the program as processes of their own."""

import json
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60


class Desk:
    """Runs the program on one profile.

    Attributes:
        dburl: The database that it is told to use; empty for the profile's own.
    """

    def __init__(self, profile: Path, env: Mapping[str, str], dburl: str = "") -> None:
        self.profile, self.dburl = profile, dburl
        self.env = {
            **env,
            "INBOX_PROFILE": str(profile),
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
            "PYTHONFAULTHANDLER": "1",
            "PYTHONIOENCODING": "utf-8",
            "COLUMNS": "80",
        }

    def run(self, *arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(arguments), env=self.env, input=stdin, capture_output=True, text=True, timeout=PATIENCE
        )

    def succeed(self, *arguments: object, stdin: str = "") -> str:
        """Run a command that must work, and return what it says."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}\n{self.log}"
        return done.stdout

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        """The JSON objects that a command prints."""
        return [json.loads(line) for line in self.succeed(*arguments, "--json").splitlines()]

    def refused(self, *arguments: object, stdin: str = "") -> str:
        """Run a command that must fail in words, and return them."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 1, f"{arguments}: {done.stdout}{done.stderr}"
        assert done.stderr.startswith("error: "), done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    @contextmanager
    def serving(self) -> Iterator[subprocess.Popen[bytes]]:
        """``inbox serve``, once it is ready; killed at the end if it still runs."""
        process = subprocess.Popen(
            self.command(("serve",)), env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            ready = select.select([process.stdout], [], [], PATIENCE / 2)[0]
            line = process.stdout.readline() if ready else b""
            if line != b"ready\n":
                process.send_signal(signal.SIGABRT)  # then it tells where it stands
                words = process.communicate(timeout=PATIENCE)[1].decode(errors="replace")
                raise AssertionError(f"it did not get ready: {line!r}\n{words}\n{self.log}")
            yield process
        finally:
            process.kill()
            process.communicate(timeout=PATIENCE)

    def add_email(self, imap: Dovecot, smtp: SmtpServer, *, password: str = "secret", test: bool = True) -> int:
        """Add the account of shop@example.com; returns its number."""
        arguments = ["accounts", "add", "email", *email_settings(imap, smtp), "--secret-stdin", "--json"]
        said = self.succeed(*arguments, *([] if test else ["--no-test"]), stdin=f"{password}\n")
        return int(json.loads(said)["id"])

    @property
    def log(self) -> str:
        """What the program wrote down."""
        file = self.profile / "inbox.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def command(self, arguments: tuple[object, ...]) -> list[str]:
        """The command line of a process; ``env`` is its environment."""
        database = ["--db", self.dburl] if self.dburl else []
        return [sys.executable, "-m", "inbox", *database, "--language", "en", *map(str, arguments)]


def email_settings(imap: Dovecot, smtp: SmtpServer) -> list[str]:
    """The options that describe the account."""
    values = {
        "address": "shop@example.com",
        "imap_host": "localhost",
        "imap_port": imap.tls_port,
        "imap_security": "tls",
        "smtp_host": "localhost",
        "smtp_port": smtp.port,
        "smtp_security": "starttls",
        "ca_file": imap.ca_file,
    }
    return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
