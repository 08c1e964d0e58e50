"""What every test stands on: fresh profiles and databases, no keychain, no network; any surprise fails."""

import contextlib
import itertools
import logging
import os
import re
import shutil
import socket
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keyring as keyring_library
import pytest
from hypothesis import settings as hypothesis_settings
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.process import MissingPackageError
from tests.servers.secret_service import SecretService
from tests.servers.smtp import SmtpServer

if TYPE_CHECKING:
    from inbox.store.db import Database

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
_PASSED = pytest.StashKey[bool]()
_QT_SETTINGS = ("qt_api", "qt_log_level_fail", "qt_log_ignore")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # for the processes that tests start
# In CI the same examples each time: what lands does not hang on a throw of dice. At a desk new ones are looked for.
hypothesis_settings.register_profile("inbox", deadline=None, print_blob=True, derandomize=IN_CI)
hypothesis_settings.load_profile("inbox")


# --- options, and skips that may not be ----------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add ``--dburl``; and know pytest-qt's settings where Qt can't be loaded and the plugin is left out."""
    if not pluginmanager.hasplugin("pytest-qt"):
        for name in _QT_SETTINGS:
            parser.addini(name, "pytest-qt's", default="")
    parser.addoption(
        "--dburl",
        default="sqlite",
        help="where the tests' databases are made: sqlite (the default), postgresql (starts a server of its own), "
        "or the URL of a PostgreSQL whose user may create databases",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database: the other tests would do the same once more."""
    if config.getoption("dburl") == "sqlite":
        return
    left_out = [item for item in items if "databases" not in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if "databases" in getattr(item, "fixturenames", ())]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A missing system package skips a test; in CI a skipped test is a failed one."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, MissingPackageError):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), item.location[1] or 0, str(call.excinfo.value))
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Without Qt, leave out the tests that import it, and the folders whose fixtures do."""
    file = collection_path / "conftest.py" if collection_path.is_dir() else collection_path
    if config.pluginmanager.hasplugin("pytest-qt") or file.suffix != ".py" or not file.is_file():
        return None
    text = file.read_text(encoding="utf-8")
    return True if re.search(r"PySide6|pytestqt|qtbot|inbox\.ui", text) and file != Path(__file__) else None


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how to get the system packages that tests were skipped for."""
    texts = {str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])}
    found = (re.search(f"{MissingPackageError.HINT} ([^'\"]+)", text) for text in texts)
    packages = sorted({package for match in found if match for package in match[1].split()})
    if packages:
        terminalreporter.section("missing system packages")
        terminalreporter.line(f"To run the tests that were skipped: {MissingPackageError.HINT} {' '.join(packages)}")


# --- the shared data ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real mails, threads and captured answers: ``$INBOX_SHARED/data``, or beside the checkout."""
    folder = Path(os.environ.get("INBOX_SHARED") or ROOT.parent / "shared") / "data"
    if not folder.is_dir():
        pytest.skip(f"There is no {folder}: name the shared folder in the environment variable INBOX_SHARED.")
    return folder


# --- surprises ----------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """Every thread that a test starts must have ended soon after it."""
    before = set(threading.enumerate())
    yield
    left = []
    for thread in set(threading.enumerate()) - before:
        if not isinstance(thread, threading._DummyThread):  # a thread of Qt's that once called Python
            thread.join(timeout=5)
            left += [thread.name] if thread.is_alive() else []
    assert not left, f"threads are left: {left}"


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(f"{record.levelname} {record.name}: {record.getMessage()}")
        if record.exc_info and record.exc_info[1]:
            self.texts[-1] += f" ({record.exc_info[1]!r})"


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest, no_thread_is_left: None) -> Iterator[None]:
    """Log records of WARNING or above fail the test, unless ``expected_log`` names them."""
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    marker = request.node.get_closest_marker("expected_log")
    if marker is not None and not marker.args:
        return
    patterns: tuple[str, ...] = marker.args if marker is not None else ()
    unexpected = [text for text in collector.texts if not any(re.search(pattern, text) for pattern in patterns)]
    missing = [pattern for pattern in patterns if not any(re.search(pattern, text) for text in collector.texts)]
    assert not unexpected, f"unexpected in the log: {unexpected}"
    if not request.node.stash.get(_PASSED, False):
        return  # skipped, or failed for a reason of its own
    assert not missing, f"expected in the log, but missing: {missing}; there was: {collector.texts}"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing leaves this machine; reserved names (``.invalid``, ``.test``, ``.example``) just don't exist."""
    tried: list[str] = []
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            tried.append(f"connect to {address}")
            raise OSError(101, "Network is unreachable")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host or "")
        if not _is_loopback(name):
            if not name.endswith((".invalid", ".test", ".example")):
                tried.append(f"look-up of {name}")
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    assert not tried, f"the test wanted to leave this machine: {tried}"


def _is_loopback(host: str) -> bool:
    return host in ("", "localhost", "::1", "0.0.0.0", socket.gethostname()) or host.startswith("127.")


# --- a person's things ----------------------------------------------------------------------


class MemoryKeyring(KeyringBackend):
    """A keychain that lasts one test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the library's own
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """None where there is none."""
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        try:
            del self.secrets[service, username]
        except KeyError:
            raise PasswordDeleteError("there is no such password") from None


@pytest.fixture(autouse=True)
def keyring(request: pytest.FixtureRequest) -> Iterator[MemoryKeyring]:
    """The keychain of this process, empty and in memory; see ``secret_service`` for a real one."""
    backend = MemoryKeyring()
    if request.node.get_closest_marker("real_keyring") is None:
        before = keyring_library.get_keyring()
        keyring_library.set_keyring(backend)
        yield backend
        keyring_library.set_keyring(before)
    else:
        yield backend


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees or changes the person's own profile, language or folders."""
    from inbox import i18n

    for name in [name for name in os.environ if name.startswith("INBOX_") and name != "INBOX_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("INBOX_PROFILE", str(tmp_path / "profile"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LANGUAGE", "en")
    i18n.set_language("en")
    yield
    i18n.set_language("en")


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """An empty profile folder; ``INBOX_PROFILE`` names it for the processes that the test starts."""
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o700)
    return folder


# --- databases ----------------------------------------------------------------------


class Databases:
    """Makes databases for tests, each fresh, on the engine that ``--dburl`` names."""

    def __init__(self, url: str, folder: Path) -> None:
        """``url``: empty for SQLite files in ``folder``, else a PostgreSQL's."""
        self._url, self._folder = url, folder
        self._numbers = itertools.count(1)
        self._template = ""

    def empty(self) -> str:
        """The URL of a database without any table."""
        name = f"inbox_{os.getpid()}_{next(self._numbers)}"
        if not self._url:
            return f"sqlite:///{self._folder / name}.db"
        self._run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        return self._url.rsplit("/", 1)[0] + "/" + name

    def migrated(self) -> str:
        """The URL of a database with all tables; a copy of one that was migrated once in this run."""
        from inbox.store.db import Database

        if not self._template:
            self._template = self.empty()
            database = Database(self._template)
            database.open()
            database.close()
        if not self._url:
            url = self.empty()
            for ending in ("", "-wal"):
                source = Path(self._template.removeprefix("sqlite:///") + ending)
                if source.exists():
                    shutil.copyfile(source, url.removeprefix("sqlite:///") + ending)
            return url
        name = f"inbox_{os.getpid()}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {self._template.rsplit('/', 1)[1]}")
        return self._url.rsplit("/", 1)[0] + "/" + name

    def drop(self, url: str) -> None:
        """Remove a database, whoever still uses it."""
        if self._url:
            self._run(f"DROP DATABASE {url.rsplit('/', 1)[1]} WITH (FORCE)")
        else:
            for file in self._folder.glob(Path(url.removeprefix("sqlite:///")).name + "*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()

    def close(self) -> None:
        """Drop the template."""
        if self._template:
            self.drop(self._template)

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where the tests' databases come from. Starts a PostgreSQL for ``--dburl postgresql``."""
    wanted: str = request.config.getoption("--dburl")
    with contextlib.ExitStack() as stack:
        url = "" if wanted == "sqlite" else wanted
        if wanted == "postgresql":
            url = stack.enter_context(Postgres()).url()
        elif url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        made = Databases(url, tmp_path_factory.mktemp("databases"))
        yield made
        made.close()


@pytest.fixture
def empty_dburl(databases: Databases) -> Iterator[str]:
    """The URL of a database of this test's own, without any table."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def dburl(databases: Databases) -> Iterator[str]:
    """The URL of a database of this test's own, with all tables and nothing in them."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def db(dburl: str, tmp_path: Path) -> Iterator["Database"]:
    """The store, opened on this test's own database, with its files in a folder of their own."""
    from inbox.store.db import Database

    database = Database(dburl, files_dir=tmp_path / "files")
    database.open()
    yield database
    database.close()


# --- servers ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the servers' certificates."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The same, trusted by this process and the ones it starts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    return authority


@pytest.fixture
def dovecot(authority: Authority) -> Iterator[Dovecot]:
    """An IMAP server with one empty mailbox. Ask for ``trusted`` too where the client shall trust it."""
    with Dovecot(authority=authority) as server:
        yield server


@pytest.fixture
def smtp_server(authority: Authority) -> Iterator[SmtpServer]:
    """An SMTP server with STARTTLS. Ask for ``trusted`` too where the client shall trust it."""
    with SmtpServer(authority=authority) as server:
        yield server


@pytest.fixture
def secret_service() -> Iterator[SecretService]:
    """A real keychain for processes: give them its ``env``."""
    with SecretService() as service:
        yield service
