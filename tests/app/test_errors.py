"""What a caller is told when something is refused or fails."""

from __future__ import annotations

import ast
from pathlib import Path

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
