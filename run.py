"""The one command: ``python3 run.py`` sets up ``.venv`` and runs the program; ``CHORES`` are what developers ask for.

Only the standard library, and no syntax newer than Python 3.6: an older Python shall get an answer in words.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
INSTALLED = os.path.join(VENV, "inbox-installed")  # what was installed: fingerprint and level
QT_WORKS = os.path.join(VENV, "inbox-qt-works")  # which parts of Qt were seen to load
CHORES = ("test", "check", "bench", "shots", "score")
OLDEST, TOO_NEW = (3, 11), (3, 14)

SUDO = "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "sudo "  # root may not have it
APT_VENV = SUDO + "apt-get install python3-venv"
APT_QT = SUDO + (
    "apt-get install --no-install-recommends libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0"
    " libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxcb-render-util0 libxcb-image0"
    " libxkbcommon-x11-0"
)
FIRST_FETCHED = "for hatchling"  # pip may give no other reason for not reaching the index
NETWORK_WORDS = (
    "connection error", "NewConnectionError", "Failed to establish a new connection", "Connection refused",
    "ConnectTimeout", "Temporary failure in name resolution", "Name or service not known", "dns error",
    "error sending request", "Network is unreachable", "ProxyError", "SSLError", "Read timed out",
)  # fmt: skip


class Failure(Exception):
    """What failed, and what to do about it; printed as it is."""

    def __init__(self, title, hint):  # type: (str, str) -> None
        super().__init__(title, hint)
        self.title, self.hint = title, hint


def main(args):  # type: (list[str]) -> int
    """Set up what is missing, then hand over."""
    chore = args[0] if args and args[0] in CHORES else ""
    try:
        set_up("dev" if chore and chore != "score" else "base")
        if chore:
            return run_chore(chore, args[1:])
        if wants_window(args):
            require_qt()
            require_display()
        return hand_over(["-m", "inbox", *args])
    except Failure as failure:
        sys.stderr.write("error: {0}\n{1}\n".format(failure.title, failure.hint))
    except PermissionError as error:
        sys.stderr.write("error: {0} can't be written.\n{1}\n".format(error.filename or ROOT, WRITABLE))
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
    return 1


WRITABLE = "Copy the whole folder to a place that is yours, such as your home folder, and run the same command there."


# --- setting up


def set_up(level):  # type: (str) -> None
    """Make ``.venv`` what ``pyproject.toml`` asks for; costs next to nothing when it is so already."""
    wanted = fingerprint()
    if is_installed(wanted, level):
        return
    require_python()
    if not os.access(VENV if os.path.isdir(VENV) else ROOT, os.W_OK):
        raise Failure("{0} can't be written.".format(ROOT), WRITABLE)
    sys.stderr.write("Setting up {0}: once, about a minute.\n".format(VENV))
    if not install_with_uv(level):
        install_with_pip(level)
    with open(INSTALLED, "w") as file:
        file.write("{0} {1}\n".format(wanted, level))
    if os.path.exists(QT_WORKS):
        os.remove(QT_WORKS)


def fingerprint():  # type: () -> str
    """Changes when what has to be installed changes, or when the folder was moved."""
    import zlib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        text = file.read()
    parts = [part for part in text.split(b"\n[") if not part.startswith(b"tool.") or part.startswith(b"tool.hatch")]
    return "{0:08x}".format(zlib.crc32(b"\n[".join(parts) + ROOT.encode("utf-8", "replace")))


def is_installed(wanted, level):  # type: (str, str) -> bool
    """Whether ``.venv`` is up to date for the level; ``dev`` holds all of ``base``."""
    try:
        with open(INSTALLED) as file:
            found = file.read().split()
    except OSError:
        return False
    return found[:1] == [wanted] and found[1:] in ([level], ["dev"]) and os.path.exists(PYTHON)


def require_python():  # type: () -> None
    """Refuse a Python that the parts of the program don't run on."""
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        raise Failure(
            "Inbox needs Python 3.11, 3.12 or 3.13, and this is {0}.{1}.".format(*sys.version_info),
            "Install one of them (python.org, or your system's packages) and run it by name: python3.12 run.py",
        )


def install_with_uv(level):  # type: (str) -> bool
    """Install with uv; False where there is none, or where it fails: pip may be set up differently."""
    import shutil

    uv = shutil.which("uv")
    if uv is None:
        return False
    if not has_working_python():
        code, _ = watch([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV])
        if code:
            return False
    code, _ = watch([uv, "pip", "install", "--python", PYTHON, "--editable", requirement(level)])
    return code == 0


def install_with_pip(level):  # type: (str) -> None
    """Install with the modules venv and pip."""
    import importlib.util

    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise Failure(
            "This Python can't make a virtual environment: its module venv or ensurepip is missing.",
            "On Debian and Ubuntu: {0}\nThen run the same command again.".format(APT_VENV),
        )
    working = has_working_python()
    if not working or watch([PYTHON, "-m", "pip", "--version"])[0]:
        code, output = watch([sys.executable, "-m", "venv"] + ([] if working else ["--clear"]) + [VENV])
        if code:
            raise explained("The virtual environment could not be made.", output)
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    code, output = watch([*pip, "--editable", requirement(level)])
    if code:
        raise explained("The parts of the program could not be installed.", output)


def requirement(level):  # type: (str) -> str
    """What to install: this folder, with the extra parts of the level."""
    return ROOT + ("[dev]" if level == "dev" else "")


def has_working_python():  # type: () -> bool
    """Whether ``.venv`` holds a Python that starts and fits; one that was moved or upgraded away does not."""
    if not os.path.exists(PYTHON):
        return False
    check = "import sys; sys.exit(not {0} <= sys.version_info[:2] < {1})".format(OLDEST, TOO_NEW)
    return watch([PYTHON, "-c", check])[0] == 0


def watch(command):  # type: (list[str]) -> tuple[int, str]
    """Run a command, show its lines in passing where someone looks, and return its exit code and output."""
    import subprocess

    lines = []
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT
        )
    except OSError as error:
        return 1, str(error)
    assert process.stdout is not None
    with process:
        for raw in process.stdout:
            lines.append(raw.decode("utf-8", "replace"))
            if sys.stderr.isatty():
                sys.stderr.write("\r\033[K  " + lines[-1].strip()[:76])
                sys.stderr.flush()
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    return process.returncode, "".join(lines)


def explained(title, output):  # type: (str, str) -> Failure
    """Turn an installer's output into what failed and what to do."""
    if "No space left" in output:
        return Failure("The disk is full.", "Free about 1 GB and run the same command again.")
    if "Permission denied" in output:
        return Failure("{0} can't be written.".format(ROOT), WRITABLE)
    if "ensurepip" in output:
        return Failure(title, "On Debian and Ubuntu: {0}\nThen run the same command again.".format(APT_VENV))
    if FIRST_FETCHED in output or any(word.lower() in output.lower() for word in NETWORK_WORDS):
        return Failure(
            "The package index can't be reached, so the parts of the program could not be fetched.",
            "Check the network (behind a proxy, set HTTPS_PROXY) and run the same command again.",
        )
    if "No matching distribution found" in output:
        return Failure(
            "A part of the program is not offered for this machine.",
            "Inbox runs on 64-bit Linux, Windows and macOS. The installer's last words:\n" + ending(output),
        )
    return Failure(title, "The installer's last words:\n" + ending(output))


def ending(output):  # type: (str) -> str
    """The last lines of an output, indented."""
    return "\n".join("  " + line for line in output.strip().splitlines()[-12:])


# --- the window


def wants_window(args):  # type: (list[str]) -> bool
    """Whether the program will open its window: when no command is given."""
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word in ("--profile", "--db", "--language") and rest:
            rest.pop(0)
        elif word in ("-h", "--help", "--version") or not word.startswith("-"):
            return False
    return True


def missing_library():  # type: () -> str
    """The system's library that Qt lacks; empty if it has them all. Remembered, since it costs a start of Python."""
    parts = ["widgets"] + (["xcb"] if os.environ.get("DISPLAY") and sys.platform == "linux" else [])
    try:
        with open(QT_WORKS) as file:
            seen = file.read().split()
    except OSError:
        seen = []
    if set(parts) <= set(seen):
        return ""
    script = "import PySide6.QtWidgets, ctypes, os"
    if "xcb" in parts:
        script += "; ctypes.CDLL(os.path.join(PySide6.__path__[0], 'Qt', 'plugins', 'platforms', 'libqxcb.so'))"
    code, output = watch([PYTHON, "-c", script])
    if code:
        last = output.strip().splitlines()[-1] if output.strip() else "it ended with {0}".format(code)
        return last.split(": ", 1)[-1].split(": cannot open")[0]
    if os.access(VENV, os.W_OK):
        with open(QT_WORKS, "w") as file:
            file.write(" ".join(parts))
    return ""


def require_qt():  # type: () -> None
    """Say which library is missing before Qt aborts without a word."""
    missing = missing_library()
    if missing:
        raise Failure(
            "Qt, which draws the window, lacks a library of the system: {0}".format(missing),
            "On Debian and Ubuntu: {0}\nWhat needs no window works without, such as: python3 run.py --help".format(
                APT_QT
            ),
        )


def require_display():  # type: () -> None
    """Say that there is no screen before Qt aborts."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in names):
        raise Failure(
            "There is no screen for the window: neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Run it in a desktop session, or over ssh -X. Without a screen you can:\n"
            "  python3 run.py serve                      run the channels without a window\n"
            "  python3 run.py --help                     see what the command line does\n"
            "  xvfb-run -a python3 run.py                use a screen in memory ("
            + SUDO
            + "apt-get install xvfb xauth)\n"
            "  QT_QPA_PLATFORM=offscreen python3 run.py  see that it starts",
        )


# --- chores


def run_chore(chore, args):  # type: (str, list[str]) -> int
    """Run one of ``CHORES`` in the checkout."""
    if chore == "score":
        args = [os.path.abspath(arg) if os.path.isdir(arg) else arg for arg in args]
        os.chdir(ROOT)
        return hand_over(["-m", "tests.score", *args])
    os.chdir(ROOT)
    if not os.environ.get("QT_QPA_PLATFORM"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    if chore == "check":
        failed = run_checks()
        if failed:
            raise Failure("Not green: {0}.".format(", ".join(failed)), "Mend what is said above.")
        return hand_over(pytest_arguments(args))
    if chore == "test":
        return hand_over(pytest_arguments(args))
    require_qt()
    return hand_over(["-m", "tests." + chore, *args])


def run_checks():  # type: () -> list[str]
    """The checks that read the code without running it; the names of those that failed."""
    import subprocess

    checks = (
        ("format", ["-m", "ruff", "format", "--check", "--quiet", "."]),
        ("lint", ["-m", "ruff", "check", "--quiet", "."]),
        ("types", ["-m", "mypy"]),
        ("import contracts", ["-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-logo"]),
    )
    failed = []
    for name, arguments in checks:
        sys.stderr.write("--- {0}\n".format(name))
        if subprocess.call([PYTHON, *arguments]):
            failed.append(name)
    return failed


def pytest_arguments(args):  # type: (list[str]) -> list[str]
    """How pytest is called: on several cores when all tests run; without Qt's part where Qt can't be loaded."""
    arguments = ["-m", "pytest", *args]
    selected = any(os.path.exists(arg.split("::")[0]) for arg in args)
    if not selected and not any(arg.startswith(("-n", "-x", "--pdb", "-s")) for arg in args):
        arguments += ["-n", str(min(4, os.cpu_count() or 1))]
    missing = missing_library()
    if missing:
        arguments += ["-p", "no:pytest-qt"]
        sys.stderr.write("Qt lacks {0}: the window's tests are left out. To run them: {1}\n".format(missing, APT_QT))
    return arguments


def hand_over(arguments):  # type: (list[str]) -> int
    """Become the Python of ``.venv`` with these arguments, or wait for it where that is not possible."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(PYTHON, [PYTHON, *arguments])
    import subprocess

    return subprocess.call([PYTHON, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
