"""A real keychain: gnome-keyring on a message bus of its own, unlocked, in a temporary folder."""

import contextlib
import os
import subprocess
import time
from types import TracebackType
from typing import Self

from tests.servers.process import find_program, public_folder, stop

PACKAGES = "dbus-daemon gnome-keyring"
_BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SecretService:
    """The keychain. Use it as a context manager; give ``env`` to the program that shall use it.

    With ``unlocked=False`` there is a bus and no keychain behind it, as on a machine without a desktop.
    """

    def __init__(self, *, unlocked: bool = True) -> None:
        self._unlocked = unlocked
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        bus = find_program("dbus-daemon", PACKAGES)
        keyring = find_program("gnome-keyring-daemon", PACKAGES) if self._unlocked else ""
        with contextlib.ExitStack() as undo:
            undo.callback(self._cleanup.close)
            folder = self._cleanup.enter_context(public_folder("keychain"))
            folder.chmod(0o700)
            (folder / "bus.conf").write_text(_BUS_CONFIG.format(folder=folder), encoding="utf-8")
            self.env = {
                **{name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"},
                "HOME": str(folder),
                "XDG_RUNTIME_DIR": str(folder / "run"),
                "XDG_DATA_HOME": str(folder / "data"),
                "PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring",
            }
            (folder / "run").mkdir(mode=0o700)
            daemon = self._run([bus, f"--config-file={folder}/bus.conf", "--nofork", "--print-address"])
            assert daemon.stdout is not None
            self.env["DBUS_SESSION_BUS_ADDRESS"] = daemon.stdout.readline().decode().strip()
            if self._unlocked:
                self._wait(self._run([keyring, "--unlock", "--components=secrets", "--foreground"], password="test\n"))
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def _run(self, command: list[str], *, password: str = "") -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        self._cleanup.callback(process.stdout.close)
        self._cleanup.callback(stop, process)
        process.stdin.write(password.encode())
        process.stdin.close()
        return process

    def _wait(self, daemon: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
        """Return when the keychain has its name on the bus: it says nothing itself."""
        from jeepney import message_bus, new_method_call  # only on Linux
        from jeepney.io.blocking import open_dbus_connection

        question = new_method_call(message_bus, "NameHasOwner", "s", ("org.freedesktop.secrets",))
        end = time.monotonic() + seconds
        with open_dbus_connection(self.env["DBUS_SESSION_BUS_ADDRESS"]) as bus:
            while bus.send_and_get_reply(question).body != (True,):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    raise RuntimeError(f"the keychain ended with {daemon.wait(timeout=0.02)}")
                if time.monotonic() > end:
                    raise RuntimeError("the keychain doesn't answer")
