"""Every block of code that the manual shows is run, where pytest does not by itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.run_blocks import DOCS, blocks
from tests.test_examples import environment

SCRIPT = Path(__file__).with_name("run_blocks.py")
MADE = {
    "beyond.rst": ["fits", "model.safetensors"],
    "files.rst": ["fit.safetensors", "fits", "model.safetensors", "model.skops"],
}


@pytest.mark.parametrize("page", MADE)
def test_the_blocks_of_a_page_run(page: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", str(SCRIPT), page],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    n_blocks, *made = done.stdout.splitlines()[-1].split()
    assert int(n_blocks) == len(blocks(page)) > 3
    assert made == MADE[page]


def test_no_other_page_shows_python_that_nobody_runs() -> None:
    """A page is run by its prompts, here, or by the test of what it explains."""
    run = {*MADE, "contributing.rst"}
    for page in DOCS.glob("*.rst"):
        commands = ("python ", "pip ", "git ", "make ", "$ ")
        shown = [] if page.name in run else blocks(page.name)
        assert [code for code in shown if not code.startswith(commands)] == []
