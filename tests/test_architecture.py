"""The rules that hold the house together, each a sentence. The import contracts in ``pyproject.toml`` say the rest."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted((ROOT / "inbox").rglob("*.py"))
CHANNELS = sorted(path.parent.name for path in (ROOT / "inbox" / "channels").glob("*/__init__.py"))
LONG_MODULES = {"models"}  # all nouns in one place, until it outgrows one file
OF_A_CHANNEL = {
    "inbox.channels.base",
    "inbox.channels.http",
    "inbox.channels.markup",
    "inbox.errors",
    "inbox.lazy_dataclass",
    "inbox.i18n",
    "inbox.states",
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("inbox", include_external_packages=True, cache_dir=None)


def in_package(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_only_the_window_imports_qt(graph: grimp.ImportGraph) -> None:
    importers = graph.find_modules_that_directly_import("PySide6")
    assert {module for module in importers if not in_package(module, "inbox.ui")} == set()


def test_the_window_never_touches_the_database() -> None:
    graph = grimp.build_graph(
        "inbox", include_external_packages=True, exclude_type_checking_imports=True, cache_dir=None
    )  # what stands behind ``if TYPE_CHECKING`` is not imported: a session's type may be named there
    touching = {
        (module, imported)
        for module in graph.modules
        if in_package(module, "inbox.ui")
        for imported in graph.find_modules_directly_imported_by(module)
        if in_package(imported, "inbox.store") or imported in ("sqlalchemy", "alembic", "psycopg")
    }
    assert touching == set()


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_imports_nothing_else_of_ours(graph: grimp.ImportGraph, channel: str) -> None:
    package = f"inbox.channels.{channel}"
    foreign = {
        (module, imported)
        for module in graph.modules
        if in_package(module, package)
        for imported in graph.find_modules_directly_imported_by(module)
        if imported.startswith("inbox.") and not in_package(imported, package) and imported not in OF_A_CHANNEL
    }
    assert foreign == set()


def test_serving_without_a_window_loads_no_module_of_qt() -> None:
    script = (
        "import sys, inbox.cli, inbox.serve, inbox.app; "
        "print([name for name in sys.modules if name.startswith(('PySide6', 'shiboken6', 'inbox.ui'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_alembic_is_not_loaded_at_the_start() -> None:
    script = "import sys, inbox.app, inbox.store.db; print('alembic' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_no_module_is_called_utils_helpers_or_manager() -> None:
    words = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)($|_)")
    assert [str(path) for path in MODULES if words.search(path.stem) or words.search(path.parent.name)] == []


def test_modules_and_functions_stay_short() -> None:
    long_modules = {
        str(path.relative_to(ROOT)): length
        for path in MODULES
        if "versions" not in path.parts
        and (length := len(path.read_text(encoding="utf-8").splitlines())) > 550
        and path.stem not in LONG_MODULES
    }
    long_functions = {
        f"{path.relative_to(ROOT)}:{node.name}": length
        for path in MODULES
        if "versions" not in path.parts
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert long_modules == {}
    assert long_functions == {}


def test_broad_excepts_stand_only_where_they_raise_again_or_keep_a_loop_alive() -> None:
    loops = ("inbox/events.py", "inbox/engine", "inbox/ui/tasks.py", "inbox/__main__.py")
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    }
    assert {place for place in found if not place.startswith(loops)} == set()


def test_every_version_of_python_that_we_name_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    text = (ROOT / "run.py").read_text(encoding="utf-8")
    assert "OLDEST, TOO_NEW = (3, 11), (3, 14)" in text


def test_every_data_file_in_json_can_be_read() -> None:
    for path in (ROOT / "resources").rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"))
