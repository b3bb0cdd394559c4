"""Imports run one way: a module imports only from rooms below it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import simclf

PACKAGE = Path(simclf.__file__).parent
RANKS = {
    "_typing": 0,
    "exceptions": 0,
    "similarity": 1,
    "decision": 2,
    "datasets": 3,
    "metrics": 3,
    "_weights": 3,
    "_bad_entry": 3,
    "_inputs": 4,
    "losses": 4,
    "modules": 4,
    "plotting": 5,
    "scorers": 5,
    "scverse": 5,
    "_components": 5,
    "_table_input": 5,
    "training": 6,
    "_told_epochs": 7,
    "persistence": 7,
    "callbacks": 7,
    "classifier": 8,
    "_load": 9,
    "distributed": 8,
    "onnx": 9,
    "search": 9,
    "__init__": 10,
}
FILES = sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """Return the first name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    """Rooms of simclf that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "simclf":
                names = [f"simclf.{alias.name}" for alias in node.names]
        parts = [name.split(".") for name in names]
        found |= {p[1] for p in parts if p[0] == "simclf" and len(p) > 1}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = room(path)
    assert own in RANKS, f"give the room {own!r} a rank"
    for other in imported_rooms(path) - {own}:
        assert RANKS[other] < RANKS[own], f"{own} imports {other}"


@pytest.mark.parametrize(
    "name",
    [
        "similarity",
        "decision",
        "metrics",
        "plotting",
        "scorers",
        "scverse",
        "datasets",
    ],
)
def test_statisticians_need_no_torch(name: str) -> None:
    code = f"import sys, simclf.{name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_deciding_with_any_classifier_needs_no_torch() -> None:
    code = (
        "import sys; from simclf import BayesDecisionClassifier;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_decisions_need_no_scikit_learn() -> None:
    code = (
        "import sys, simclf.decision, simclf.metrics;sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["simclf", "simclf.plotting"])
def test_matplotlib_waits_until_something_is_drawn(name: str) -> None:
    code = (
        f"import sys, {name}; from simclf import plotting; dir(plotting);"
        "sys.exit(any('matplotlib' in module for module in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_matplotlib_and_pandas_wait_until_they_are_used() -> None:
    code = (
        "import sys, simclf.similarity, simclf.decision, simclf.metrics;"
        "sys.exit('matplotlib' in sys.modules or 'pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
