"""The rules of ``conftest.py`` hold: a test that surprises us fails, one that says so beforehand does not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SURPRISING = """
import logging, socket, threading, time, warnings
import keyring, pytest

def test_log():
    logging.getLogger("x").warning("Something is odd")

@pytest.mark.expected_log("is odd")
def test_ok_expected_log():
    logging.getLogger("x").warning("Something is odd")

@pytest.mark.expected_log("is odd")
def test_expected_log_that_does_not_come():
    pass

def test_warning():
    warnings.warn("old")

def test_network():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=0.1)

def test_look_up():
    with pytest.raises(OSError):
        socket.getaddrinfo("example.com", 80)

def test_ok_unknown_host():
    with pytest.raises(socket.gaierror):
        socket.create_connection(("mail.invalid", 80))

def test_ok_loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()

def test_thread():
    threading.Thread(target=threading.Event().wait, daemon=True).start()

def test_ok_keychain_in_memory(keyring):
    assert keyring.get_password("inbox", "ana") is None
    keyring.set_password("inbox", "ana", "secret")

def test_ok_keychain_is_empty_again(keyring):
    assert keyring.get_password("inbox", "ana") is None

def test_skipped():
    pytest.skip("no reason")
"""
OUTCOMES = {
    "test_log": "error",
    "test_ok_expected_log": "passed",
    "test_expected_log_that_does_not_come": "error",
    "test_warning": "failed",
    "test_network": "error",
    "test_look_up": "error",
    "test_ok_unknown_host": "passed",
    "test_ok_loopback": "passed",
    "test_thread": "error",
    "test_ok_keychain_in_memory": "passed",
    "test_ok_keychain_is_empty_again": "passed",
    "test_skipped": "skipped",
}


@pytest.fixture
def has_qt(pytestconfig: pytest.Config) -> bool:
    return pytestconfig.pluginmanager.hasplugin("pytest-qt")


def outcomes(folder: Path, *names: str, has_qt: bool, ci: str = "") -> dict[str, str]:
    """Run the surprising tests with our rules; the worst that was said of each."""
    file = folder / "test_surprising.py"
    file.write_text(SURPRISING, encoding="utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "tests.conftest", "-rA", "--tb=no"]
    options += [] if has_qt else ["-p", "no:pytest-qt"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *([f"{file}::{name}" for name in names] or [str(file)])],
        cwd=ROOT, env=os.environ | {"CI": ci}, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("PASSED", "FAILED", "ERROR") and "::" in rest:
            name = rest.split("::")[1].split(" ")[0]
            found[name] = "passed" if word == "PASSED" and name not in found else word.lower()
        elif word == "SKIPPED":
            found["test_skipped"] = "skipped"
    return found


def test_a_surprise_fails_a_test_and_nothing_else_does(tmp_path: Path, has_qt: bool) -> None:
    assert outcomes(tmp_path, has_qt=has_qt) == OUTCOMES


def test_in_ci_a_skipped_test_fails(tmp_path: Path, has_qt: bool) -> None:
    assert outcomes(tmp_path, "test_skipped", "test_ok_loopback", has_qt=has_qt, ci="true") == {
        "test_skipped": "failed",
        "test_ok_loopback": "passed",
    }
