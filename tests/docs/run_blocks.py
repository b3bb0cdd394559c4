"""Run the blocks of a page as they stand, in order: a script of test_shown_blocks.

These pages write files, reach for a cluster or start trials. What they name without
making it, a user's data and classifier, is made here.
"""

import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from dask.distributed import LocalCluster
from sklearn.model_selection import GridSearchCV

import simclf
from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.metrics import mean_score
from simclf.modules import MLP

DOCS = Path(__file__).parents[2] / "docs"
NOT_HERE = "ray"  # the page says that it is not tried
_BLOCK = re.compile(r"^(?!\.\. ).*::\n\n(( +)\S.*\n(?:\2.*\n|\n)*)", re.MULTILINE)
CLASSES = np.array(["ant", "bee", "cat"])
S = pd.DataFrame([[1.0, 0.2, 0.5], [0.0, 1.0, 0.3], [0.6, 0.1, 1.2]], CLASSES, CLASSES)


def blocks(page: str) -> list[str]:
    """Return the code of a page that stands behind double colons."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [textwrap.dedent(found) for found, _ in _BLOCK.findall(text)]


def names() -> dict[str, Any]:
    """Return what the pages speak of: rows, a table, a quick classifier, a search."""
    codes = np.arange(90) % 3
    X = np.random.default_rng(0).normal(size=(90, 4)) + codes[:, None]
    quick = partial(SimilarityAwareClassifier, module=MLP((4,)), max_epochs=3)
    clf = quick(S, n_members=2, random_state=0)
    grid = {"lr": [0.01, 0.1]}
    return {
        "GridSearchCV": GridSearchCV,
        "S": S,
        "SimilarityAwareClassifier": quick,
        "X": X,
        "X_val": X + 0.1,
        "clf": clf.fit(X, CLASSES[codes]),
        "grid": grid,
        "make_expected_score_scorer": make_expected_score_scorer,
        "mean_score": mean_score,
        "np": np,
        "search": GridSearchCV(clf, grid, cv=2),
        "simclf": simclf,
        "y": CLASSES[codes],
        "y_val": CLASSES[codes],
    }


@contextmanager
def scheduler() -> Iterator[str]:
    """Address of a cluster in this process."""
    with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def main(page: str) -> None:
    """Run every block; what they have made is tried, too."""
    given, shown = names(), blocks(page)
    Path("fits").mkdir()
    with scheduler() as address:
        for block in shown:
            code = block.replace("scheduler:8786", address)
            code = code.replace("n_trials=50", "n_trials=2")
            compiled = compile(code, page, "exec")
            if f"import {NOT_HERE}" not in code and f"from {NOT_HERE}" not in code:
                exec(compiled, given)
    given["search"].fit(given["X"], given["y"])
    made = sorted(str(path) for path in Path().iterdir())
    sys.stdout.write(" ".join([str(len(shown)), *made]))


if __name__ == "__main__":
    main(sys.argv[1])
