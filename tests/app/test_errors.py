"""What a caller is told when something is refused or fails."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app import problems
from app.i18n import current_language
from geo.datum import parse_datum
from layers.core.text import Language

REPOSITORY = Path(__file__).resolve().parents[2]
# Where the sentence stands among the arguments of what a caller is answered with.
SENTENCE = {
    "BadQueryError": 1,
    "ForbiddenError": 0,
    "UnknownLayerError": 0,
    "UnknownPlaceError": 0,
    "problem": 2,
}
ANSWERING = ("data/city.py", "data/index.py", "data/lists.py", "data/moments.py", "data/store/cards.py")


def _bare(path: Path) -> list[str]:
    """Return the places where a refusal is written in one language."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        name = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
        if name in SENTENCE and isinstance(node, ast.Call) and len(node.args) > SENTENCE[name]:
            said = node.args[SENTENCE[name]]
            strings = isinstance(said, ast.Constant | ast.JoinedStr | ast.BinOp)
            found += [f"{path.relative_to(REPOSITORY)}:{node.lineno}"] if strings else []
    return found


def test_every_refusal_is_written_in_both_languages() -> None:
    paths = [path for room in ("app", "callbacks") for path in (REPOSITORY / room).rglob("*.py")]
    paths += [REPOSITORY / name for name in ANSWERING]
    assert [place for path in paths for place in _bare(path)] == []


# A person meets what these raise at the command line; the rest of `layers` and `geo` speaks to programmers.
OPERATED = [path for room in ("app", "data") for path in sorted((REPOSITORY / room).rglob("*.py"))]
OPERATED = [p for p in OPERATED if not {"bench", "migrations"} & set(p.relative_to(REPOSITORY).parts)]
OPERATED += [REPOSITORY / "layers/core/access.py"]


def _classes(trees: list[ast.Module]) -> set[str]:
    """Return the names of `YipingError` and of every kind of it."""
    kinds = {"YipingError"}
    defined = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {c.name for c in defined if kinds & {getattr(b, "id", "") for b in c.bases}} - kinds:
        kinds |= more
    return kinds


def _sayings(trees: list[ast.Module]) -> set[str]:
    """Return the names of `Text` and of every function that returns one."""
    defined = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {"Text"} | {f.name for f in defined if getattr(f.returns, "id", "") == "Text"}


def _in_one_language(tree: ast.Module, kinds: set[str], sayings: set[str]) -> list[int]:
    """Return the lines where a fault is made whose sentence is no `Text`."""
    lines, constants = [], _constants(tree)
    for node in ast.walk(tree):
        name = _called(node)
        if (
            isinstance(node, ast.Call) and name in kinds and name != "UnknownPlaceError"
        ):  # it has its own words
            said = node.args[SENTENCE.get(name, 0) :][:1]
            known = bool(said) and (_called(said[0]) in sayings or getattr(said[0], "id", "") in constants)
            lines += [] if known else [node.lineno]
    return lines


def _constants(tree: ast.Module) -> set[str]:
    """Return the names of a module that stand for a `Text`."""
    made = [node for node in tree.body if isinstance(node, ast.Assign) and _called(node.value) == "Text"]
    return {target.id for node in made for target in node.targets if isinstance(target, ast.Name)}


def _called(node: ast.AST) -> str:
    return str(getattr(node.func, "attr", getattr(node.func, "id", ""))) if isinstance(node, ast.Call) else ""


def test_every_fault_of_an_operator_is_written_in_both_languages() -> None:
    base = ast.parse((REPOSITORY / "layers/core/errors.py").read_text("utf-8"))
    trees = {path: ast.parse(path.read_text("utf-8")) for path in OPERATED}
    kinds, sayings = _classes([base, *trees.values()]), _sayings([*trees.values()])
    assert {"IntakeError", "MissingDatumError", "StartError", "ClusterError", "DatabaseError"} <= kinds
    found = {path.relative_to(REPOSITORY): _in_one_language(t, kinds, sayings) for path, t in trees.items()}
    assert {str(path): lines for path, lines in found.items() if lines} == {}


def test_a_bare_sentence_is_found_however_it_is_put_together() -> None:
    bare = ("'a'", "f'{a}'", "'a' + b", "a", "'{}'.format(a)", "str(a)", "")
    code = "\n".join(f"raise YipingError({said})" for said in (*bare, "Text('a', 'b')"))
    assert _in_one_language(ast.parse(code), {"YipingError"}, {"Text"}) == list(range(1, len(bare) + 1))
    named = "A = Text('a', 'b')\nB = 'b'\nraise YipingError(A)\nraise YipingError(B)"
    assert _in_one_language(ast.parse(named), {"YipingError"}, {"Text"}) == [4]


@pytest.mark.parametrize(("language", "words"), [("zh", "无法识别坐标系"), ("en", "is not known")])
def test_a_fault_of_the_map_engine_is_answered_in_the_language_of_the_caller(
    language: Language, words: str
) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    async def ask() -> None:
        current_language.set(language)
        parse_datum("utm")

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:yiping:geo")
    assert words in answer.json()["detail"]
