"""The expected score in the estimator: its default, its naive form, cross entropy.

    python benchmarks/fitted.py [--seeds 5] [--only NAME ...]

The problems are those of ``cures.py``; here everything is as ``fit`` does it by
default: eight members, early stopping, the members' answer. The naive form also runs
all of its epochs on all rows, as the loss is used elsewhere. Printed is the skill on
the 45 % of rows held out, 0 for the best constant answer and 1 for the best answer to
each row, and the difference of the default to the others with its standard error over
splits, paired.
"""

import argparse
import warnings
from typing import Any

import numpy as np
import pandas as pd
import torch
from cures import Problem, paired, problems
from sklearn.model_selection import StratifiedShuffleSplit

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.losses import ExpectedScoreLoss
from simclf.metrics import skill_score

NAIVE = ExpectedScoreLoss(warm_start=0.0)
METHODS: dict[str, dict[str, Any]] = {
    "expected score": {"loss": "expected_score"},
    "cross entropy": {},
    "naive": {"loss": NAIVE},
    "naive to the end": {"loss": NAIVE, "early_stopping": False},
}


def skill(task: Problem, seed: int, settings: dict[str, Any]) -> float:
    """Fit on one split and return the skill on its other rows."""
    halves = StratifiedShuffleSplit(1, test_size=0.45, random_state=seed)
    train, test = next(halves.split(task.X, task.y))
    table = labelled(task)
    clf = SimilarityAwareClassifier(table, random_state=seed, **settings)
    clf.fit(task.X[train], task.y[train])
    return skill_score(task.y[test], clf.predict(task.X[test]), table)


def labelled(task: Problem) -> pd.DataFrame:
    """Return the table of a problem, labelled by class and answer."""
    return pd.DataFrame(task.table.values, task.table.classes, task.table.decisions)


def main() -> None:
    """Print a line for each problem."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="two or more")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of names")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", SimilarityWarning)
    for task in problems():
        if not any(part in task.name for part in options.only):
            continue
        found = {
            name: np.array([skill(task, s, settings) for s in range(options.seeds)])
            for name, settings in METHODS.items()
        }
        ours = found.pop("expected score")
        others = "  ".join(f"{name} {paired(ours - x)}" for name, x in found.items())
        print(f"{task.name:18s} {ours.mean():.3f}  less {others}", flush=True)


if __name__ == "__main__":
    main()
