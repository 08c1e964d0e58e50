"""``run.py`` answers in words where something is missing, and is quick where nothing is."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from inbox.cli.doctor import QT_PACKAGES
from tests.servers.process import free_port

ROOT = Path(__file__).resolve().parent.parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux lacks Qt's libraries, or a screen.")


class Checkout:
    """A copy of what ``run.py`` needs, without a ``.venv``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("run.py", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "QT_"))}
        self.env["PATH"] = "/usr/bin:/bin"  # without uv
        self.env["HOME"] = str(folder)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONPATH"):
            self.env.pop(name, None)

    def run(self, *args: str, prelude: str = "", user: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``run.py``; ``prelude`` is Python that doctors the interpreter before."""
        script = f"import sys, runpy; sys.argv = ['run.py', *sys.argv[1:]]; {prelude or 'pass'}\n"
        script += f"runpy.run_path({str(self.folder / 'run.py')!r}, run_name='__main__')"
        return subprocess.run(
            [sys.executable, "-c", script, *args],
            env=self.env, cwd=self.folder, user=user, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    def module(self) -> ModuleType:
        """The copy of ``run.py``, imported."""
        spec = importlib.util.spec_from_file_location("run_copy", self.folder / "run.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def pretend_installed(self, level: str = "base") -> None:
        """Make a ``.venv`` whose Python is the one of these tests."""
        run = self.module()
        python = Path(run.PYTHON)
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
        Path(run.INSTALLED).write_text(f"{run.fingerprint()} {level}\n", encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Checkout(folder)


def answer(done: subprocess.CompletedProcess[str]) -> str:
    """What it said; it must have failed, without a traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_the_doctor_names_the_same_packages(checkout: Checkout) -> None:
    assert str(checkout.module().APT_QT).endswith(" " + QT_PACKAGES)


def test_an_old_python_can_read_it() -> None:
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 10, 13), (3, 14, 0)])
def test_a_wrong_python_is_named(checkout: Checkout, version: tuple[int, int, int]) -> None:
    said = answer(checkout.run(prelude=f"sys.version_info = {version}"))
    assert "needs Python 3.11, 3.12 or 3.13" in said
    assert f"this is {version[0]}.{version[1]}" in said
    assert not (checkout.folder / ".venv").exists()


def test_a_python_without_ensurepip_gets_the_package_to_install(checkout: Checkout) -> None:
    blocked = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'ensurepip' else f(n)"
    assert "apt-get install python3-venv" in answer(checkout.run(prelude=blocked))


def test_without_the_network_it_says_so_and_goes_on_from_there_later(checkout: Checkout) -> None:
    checkout.env["PIP_INDEX_URL"] = f"http://127.0.0.1:{free_port()}/simple"
    checkout.env["PIP_CONFIG_FILE"] = os.devnull
    checkout.env["PIP_RETRIES"] = "0"
    said = answer(checkout.run())
    assert "package index can't be reached" in said
    assert "Check the network" in said
    assert not (checkout.folder / ".venv" / "inbox-installed").exists()


def test_a_folder_that_is_not_ours_is_named(checkout: Checkout) -> None:
    checkout.folder.chmod(0o555)
    prelude = "import os; os.access = lambda *_: False" if os.geteuid() == 0 else ""  # root may write everywhere
    said = answer(checkout.run(prelude=prelude))
    checkout.folder.chmod(0o755)
    assert f"{checkout.folder} can't be written" in said
    assert "home folder" in said


@LINUX
def test_without_a_screen_it_offers_what_works(checkout: Checkout) -> None:
    checkout.pretend_installed()
    said = answer(checkout.run())
    assert "no screen" in said
    assert "run.py serve" in said
    assert "xvfb-run" in said


@LINUX
def test_a_library_that_qt_lacks_is_named_with_the_packages(checkout: Checkout) -> None:
    checkout.pretend_installed()
    broken = checkout.folder / "broken" / "PySide6"
    broken.mkdir(parents=True)
    text = "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')\n"
    (broken / "__init__.py").write_text(text, encoding="utf-8")
    checkout.env["PYTHONPATH"] = str(broken.parent)
    said = answer(checkout.run())
    assert "library of the system: libGL.so.1\n" in said
    assert "libgl1 libegl1" in said


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: failed to open file: Permission denied (os error 13)", "can't be written"),
        ("ERROR: No matching distribution found for hatchling>=1.27", "package index can't be reached"),
        ("error: Request failed\n  Caused by: dns error", "package index can't be reached"),
        ("ERROR: No matching distribution found for PySide6-Essentials", "not offered for this machine"),
        ("one\ntwo", "one\n  two"),
    ],
)
def test_an_installers_output_becomes_an_answer(checkout: Checkout, output: str, words: str) -> None:
    failure = checkout.module().explained("It failed.", output)
    assert words in f"{failure.title} {failure.hint}"


@pytest.mark.parametrize(
    ("args", "window"),
    [
        ([], True),
        (["--demo"], True),
        (["--profile", "folder"], True),
        (["--db", "postgresql://server/inbox", "--demo"], True),
        (["--language", "es"], True),
        (["serve"], False),
        (["--profile", "folder", "sync", "--once"], False),
        (["--help"], False),
    ],
)
def test_only_what_opens_the_window_needs_a_screen(checkout: Checkout, args: list[str], window: bool) -> None:
    assert checkout.module().wants_window(args) is window


def test_what_is_installed_is_not_installed_again(checkout: Checkout) -> None:
    checkout.pretend_installed("dev")
    run = checkout.module()
    assert run.is_installed(run.fingerprint(), "base")
    assert run.is_installed(run.fingerprint(), "dev")
    checkout_file = checkout.folder / "pyproject.toml"
    text = checkout_file.read_text(encoding="utf-8")
    checkout_file.write_text(text.replace("line-length = 120", "line-length = 99"), encoding="utf-8")
    assert run.is_installed(run.fingerprint(), "base")
    checkout_file.write_text(text.replace("nh3>=0.3", "nh3>=0.2"), encoding="utf-8")
    assert not run.is_installed(run.fingerprint(), "base")


def test_the_base_is_not_enough_for_the_tests(checkout: Checkout) -> None:
    checkout.pretend_installed("base")
    run = checkout.module()
    assert not run.is_installed(run.fingerprint(), "dev")


def test_a_part_of_the_tests_runs_in_one_process(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    run = checkout.module()
    monkeypatch.setattr(run, "missing_library", lambda: "")
    monkeypatch.chdir(ROOT)
    assert "-n" in run.pytest_arguments([])
    assert "-n" in run.pytest_arguments(["--dburl", "postgresql"])
    assert "-n" not in run.pytest_arguments(["tests/test_run.py"])
    assert "no:pytest-qt" not in run.pytest_arguments([])


def test_arguments_are_handed_over_as_they_are(checkout: Checkout) -> None:
    checkout.pretend_installed()
    (checkout.folder / "inbox").mkdir()
    (checkout.folder / "inbox" / "__init__.py").touch()
    (checkout.folder / "inbox" / "__main__.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(7)\n")
    done = checkout.run("search", "from:ana  -tag:x", "--limit", "3")
    assert done.stdout == "['search', 'from:ana  -tag:x', '--limit', '3']\n"
    assert done.returncode == 7
