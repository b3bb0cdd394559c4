"""The steps by which the manual adds a loss are followed, and lead to a loss."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"\.\. code-block:: python\n    :caption: (\S+)\n\n((?:    .*\n|\n)+)"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, changed as the page says."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name in ("simclf", "tests"):
        junk = shutil.ignore_patterns("__pycache__", "data")
        shutil.copytree(ROOT / name, copy / name, ignore=junk)
    page = (ROOT / "docs" / "contributing.rst").read_text()
    blocks = {path: textwrap.dedent(code).strip() for path, code in BLOCK.findall(page)}
    assert len(blocks) == 4
    (copy / "simclf/losses/_cubic_regret.py").write_text(
        blocks.pop("simclf/losses/_cubic_regret.py") + "\n"
    )
    register(copy / "simclf/losses/__init__.py", blocks)
    for path in list(blocks):
        add_function(copy / path, blocks.pop(path))
    return copy


def register(path: Path, blocks: dict[str, str]) -> None:
    """Put the import, the entry and the public name where they belong by name."""
    text = path.read_text()
    found, entry, name = blocks.pop("simclf/losses/__init__.py").split("\n\n")
    places = {
        "from simclf.losses._entropic_score import": found,
        '    "entropic_score": EntropicScoreLoss,': f"    {entry}",
        '    "DenseTable",': f"    {name}",
    }
    for place, line in places.items():
        assert text.count(place) == 1
        text = text.replace(place, f"{line}\n{place}")
    path.write_text(text)


def add_function(path: Path, code: str) -> None:
    """Put a function before the dictionary of all, and into it."""
    head, dictionary, rest = re.split(r"(\w+: dict\[.*\] = \{\n)", path.read_text())
    entry = '    "cubic_regret": cubic_regret,\n'
    path.write_text(f"{head}{code}\n\n\n{dictionary}{entry}{rest}")


def run(copy: Path, *arguments: str) -> str:
    """Run Python in the copy; what it prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_loss_keeps_every_promise(copy: Path) -> None:
    tests = ("tests/losses/test_contract.py", "tests/losses/test_consistency.py")
    out = run(copy, "-m", "pytest", "-q", "--no-header", "-k", "cubic_regret", *tests)
    assert int(re.search(r"(\d+) passed", out)[1]) > 30


def test_its_example_is_run(copy: Path) -> None:
    path = "simclf/losses/_cubic_regret.py"
    assert "1 passed" in run(copy, "-m", "pytest", "-q", "--no-header", path)


def test_the_classifier_knows_it_by_name(copy: Path) -> None:
    code = """
    import numpy as np
    from simclf import SimilarityAwareClassifier

    X, y = np.repeat(np.eye(3), 20, axis=0), np.repeat(["ant", "bee", "cat"], 20)
    S = [[1, 0.2, 0], [0.5, 1, 0], [0, 0.1, 1]]
    clf = SimilarityAwareClassifier(
        S, loss="cubic_regret", max_epochs=20, n_members=1, random_state=0
    )
    clf.set_params(loss__weight=2.0).fit(X, y)
    assert clf.loss.weight == 2.0
    assert clf.decision_ == "bayes"
    assert clf.score(X, y) == 1.0
    """
    run(copy, "-c", textwrap.dedent(code))
