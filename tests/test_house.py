"""The shape of the house, where import contracts do not reach."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
ROOMS = ("geo", "layers", "data", "app", "callbacks")
LAYER_FILES = sorted(p for p in (REPOSITORY / "layers").glob("*.py") if p.name != "__init__.py")
SQL = re.compile(r"^\s*(SELECT\s.+\sFROM|INSERT INTO|UPDATE\s.+\sSET|DELETE FROM|CREATE TABLE)\b", re.S)


def _modules(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((REPOSITORY / room).rglob("*.py"))]


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", LAYER_FILES, ids=lambda path: path.stem)
def test_layers_do_not_import_each_other(path: Path) -> None:
    others = {f"layers.{other.stem}" for other in LAYER_FILES if other != path}
    assert not _imported(path) & others


@pytest.mark.parametrize("path", LAYER_FILES, ids=lambda path: path.stem)
def test_a_layer_file_defines_no_function(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]


def test_no_sql_outside_data() -> None:
    for path in [*_modules("geo", "layers", "app", "callbacks"), REPOSITORY / "asgi.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.match(node.value), f"{path}: {node.value[:40]}"


def test_nobody_imports_the_entry() -> None:
    assert not [path for path in _modules(*ROOMS) if "asgi" in _imported(path)]


def test_pages_and_callbacks_never_name_a_layer() -> None:
    names = {path.stem for path in LAYER_FILES}
    views = {"offices"}  # the name of a view, not of the layer
    for path in _modules("app/pages", "app/components", "callbacks"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in names - views:
                raise AssertionError(f"{path}: names the layer {node.value}")


def test_callbacks_stay_short() -> None:
    for path in _modules("callbacks"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(
                "callback" in ast.dump(d) for d in node.decorator_list
            ):
                last = node.body[-1].end_lineno or 0
                assert last - node.body[0].lineno + 1 <= 10, f"{path}:{node.name}"


def test_app_is_an_empty_package() -> None:
    assert (REPOSITORY / "app" / "__init__.py").read_text("utf-8") == ""


def test_importing_every_room_needs_no_database_and_no_network() -> None:
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('the network was used')\n"
        "socket.socket.connect = refuse\n"
        "import geo.index, layers.core.registry, data.city, data.status, app.server, callbacks\n"
        "layers.core.registry.find_layers()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
