"""Every example runs to its end and leaves its picture beside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    copy = Path(shutil.copy(path, tmp_path))
    done = subprocess.run(
        [sys.executable, copy.name],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert copy.with_suffix(".png").stat().st_size > 10_000


def environment() -> dict[str, str]:
    """Return the environment, with the package of this checkout and no screen."""
    root = str(Path(__file__).parents[1])
    return os.environ | {"MPLBACKEND": "Agg", "PYTHONPATH": root}


def test_there_is_an_example() -> None:
    assert EXAMPLES
