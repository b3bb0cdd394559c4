"""Which network for which data: each one of simclf.modules against the default.

    python benchmarks/networks.py [--seeds 2] [--networks NAME ...] [--tasks NAME ...]

The tasks are those of ``tasks.py``, all of them in this repository or made by it; two
fifths of the rows are held out. Everything but the network is the classifier's
default. Printed are skill, which is 0 for the best constant answer and 1 for the best
answer to every row, accuracy, and for every other network the paired difference to the
default, in skill, with its standard error over tasks. Seconds are of processor time,
on one thread, of fitting alone.
"""

import argparse
import time
import warnings
from typing import Any

import numpy as np
import torch
from sklearn.metrics import accuracy_score
from sklearn.model_selection import StratifiedShuffleSplit
from tasks import Task, tasks

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.metrics import skill_score
from simclf.modules import TabM

DEFAULT = "mlp"
NETWORKS: dict[str, Any] = {
    "mlp": "mlp",
    "linear": "linear",
    "residual": "residual",
    "piecewise": "piecewise",
    "tabm": "tabm",
    "tabm, 16 bins": TabM(n_bins=16),
}


def judge(task: Task, seed: int, module: Any) -> tuple[float, float, float]:
    """Fit on one split: skill and accuracy on its other rows, seconds of fitting."""
    split = StratifiedShuffleSplit(1, test_size=0.4, random_state=seed)
    train, test = next(split.split(task.X, task.y))
    X, y = np.asarray(task.X), np.asarray(task.y)
    clf = SimilarityAwareClassifier(task.similarity, module=module, random_state=seed)
    start = time.process_time()
    clf.fit(X[train], y[train])
    seconds = time.process_time() - start
    answers = clf.predict(X[test])
    skill = skill_score(y[test], answers, task.similarity, classes=np.unique(y))
    return skill, accuracy_score(y[test], answers), seconds


def difference(skill: np.ndarray, default: np.ndarray) -> str:
    """Mean difference over tasks and its standard error, from (n_seeds,) of each."""
    by_task = (skill - default).mean(axis=1)
    error = by_task.std(ddof=1) / np.sqrt(len(by_task)) if len(by_task) > 1 else np.nan
    return f"{by_task.mean():+.3f} +- {error:.3f}"


def main() -> None:
    """Print a line for each task, then one for each network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=2, help="splits of each task")
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--tasks", nargs="+", default=[""], help="parts of names")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", SimilarityWarning)
    names = list(dict.fromkeys([DEFAULT, *options.networks]))
    # The first fit of a process pays for what torch sets up once.
    SimilarityAwareClassifier(max_epochs=1).fit([[0.0], [1.0]] * 9, [0, 1] * 9)
    found: dict[str, list[list[tuple[float, float, float]]]] = {n: [] for n in names}
    print("skill", *names, sep=" | ")
    for task in tasks():
        if not any(part in task.name for part in options.tasks):
            continue
        for name in names:
            runs = [judge(task, s, NETWORKS[name]) for s in range(options.seeds)]
            found[name].append(runs)
        means = [np.mean(found[name][-1], axis=0)[0] for name in names]
        print(task.name, *(f"{mean:.3f}" for mean in means), sep=" | ", flush=True)
    results = {name: np.array(runs) for name, runs in found.items()}
    default = results[DEFAULT]
    print("network", "skill", "accuracy", "difference in skill", "time", sep=" | ")
    for name, runs in results.items():
        skill, accuracy, _ = runs.mean(axis=(0, 1))
        ratio = runs[..., 2].sum() / default[..., 2].sum()
        paired = difference(runs[..., 0], default[..., 0])
        row = f"{skill:.3f}", f"{accuracy:.3f}", paired, f"{ratio:.1f}x"
        print(name, *row, sep=" | ")


if __name__ == "__main__":
    main()
