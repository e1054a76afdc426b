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


def _ids_of(path: Path) -> dict[str, str]:
    """Return alias -> module for every StrEnum of ids a module knows: its own `Ids` and imported ones."""
    here = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    found = {"Ids": here}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {a.asname or a.name: node.module or "" for a in node.names if a.name == "Ids"}
    return found


def _ids_named(path: Path) -> set[tuple[str, str]]:
    """Return (module, member) of every id that a module speaks of."""
    known = _ids_of(path)
    return {
        (known[node.value.id], node.attr)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known
    }


def _types_of_patterns(*rooms: str) -> set[str]:
    """Return the literal types of pattern ids (`{"type": "reveal", ...}`) in some rooms."""
    dicts = (
        node
        for path in _modules(*rooms)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
    )
    pairs = (pair for node in dicts for pair in zip(node.keys, node.values, strict=True))
    return {
        str(value.value)
        for key, value in pairs
        if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant)
    }


def test_every_id_of_a_callback_exists_in_a_layout() -> None:
    drawn = {named for path in _modules("app/pages", "app/components") for named in _ids_named(path)}
    for path in _modules("callbacks"):
        assert _ids_named(path) <= drawn, f"{path}: {sorted(_ids_named(path) - drawn)}"
    drawn_types = _types_of_patterns("app/pages", "app/components")
    assert _types_of_patterns("callbacks") <= drawn_types


def test_ids_of_callbacks_are_members_of_the_enum_beside_the_layout() -> None:
    for path in _modules("callbacks"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Input", "Output", "State"}:
                assert not isinstance(node.args[0], ast.Constant), f"{path}: {ast.unparse(node)}"


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


def test_no_two_tasks_hold_the_same_lock_of_the_database() -> None:
    # One of them would wait for the other, or be refused because of it.
    source = "\n".join(path.read_text("utf-8") for path in _modules("data"))
    numbers = re.findall(r"(?:_LOCK = |advisory_\w*lock\()(7_?215_?\d{3})", source)
    held = [int(number) for number in numbers]
    assert len(held) > 3
    assert len(held) == len(set(held))
