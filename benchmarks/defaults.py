"""Why the defaults are what they are: held-out skill of one change at a time.

    python benchmarks/defaults.py [--seeds 5] [--only NAME ...]

Skill is the mean score of the answers under the task's own table, 0 for the best
constant answer and 1 for perfect ones. Each line changes one default; the column
"change" is the paired mean difference to the defaults over tasks and splits, with
the standard error over tasks, and "time" the ratio of fitting times in the same run.
"""

import argparse
import time
import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit
from skorch.callbacks import GradientNormClipping, LRScheduler
from tasks import Task, tasks

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.metrics import skill_score
from simclf.modules import MLP

CHANGES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "decision=argmax": {"decision": "argmax"},
    "calibration=None": {"calibration": None, "early_stopping": True},
    "all rows": {"calibration": None, "early_stopping": False},
    "all rows, 30 epochs": {
        "calibration": None,
        "early_stopping": False,
        "max_epochs": 30,
    },
    "no early stopping": {"early_stopping": False},
    "validation_fraction=0.2": {"validation_fraction": 0.2},
    "60 epochs": {"max_epochs": 60},
    "60 epochs, cosine": {
        "max_epochs": 60,
        "callbacks": [LRScheduler("CosineAnnealingLR", T_max=60)],
    },
    "gradient clipping": {"callbacks": [GradientNormClipping(1.0)]},
    "n_members=1": {"n_members": 1},
    "n_members=4": {"n_members": 4},
    "n_members=16": {"n_members": 16},
    "lr=0.0005": {"lr": 0.0005},
    "lr=0.001": {"lr": 0.001},
    "lr=0.004": {"lr": 0.004},
    "lr=0.01": {"lr": 0.01},
    "batch_size=32": {"batch_size": 32},
    "batch_size=64": {"batch_size": 64},
    "batch_size=256": {"batch_size": 256},
    "weight_decay=0": {"weight_decay": 0.0},
    "weight_decay=0.1": {"weight_decay": 0.1},
    "hidden (64,)": {"module": MLP((64,))},
    "hidden (256,)": {"module": MLP((256,))},
    "hidden (256, 256)": {"module": MLP((256, 256))},
    "(256, 128)": {"module": MLP((256, 128))},
    "dropout=0": {"module": MLP(dropout=0.0)},
    "dropout=0.1": {"module": MLP(dropout=0.1)},
    "dropout=0.3": {"module": MLP(dropout=0.3)},
    "relu": {"module": MLP(activation="relu")},
    "relu, dropout=0": {"module": MLP(activation="relu", dropout=0.0)},
    "silu": {"module": MLP(activation="silu")},
    "linear": {"module": "linear"},
    "tailored_score": {"loss": "tailored_score"},
    "auto": {"loss": "auto"},
    "expected_score": {"loss": "expected_score"},
    "soft_target": {"loss": "soft_target"},
    "score_regression": {"loss": "score_regression"},
}


def skill(task: Task, seed: int, change: dict[str, Any]) -> tuple[float, float]:
    """Held-out skill of one fit and the seconds it took."""
    split = StratifiedShuffleSplit(1, test_size=0.4, random_state=seed)
    train, test = next(split.split(task.X, task.y))
    X, y = np.asarray(task.X), np.asarray(task.y)
    clf = SimilarityAwareClassifier(task.similarity, random_state=seed, **change)
    start = time.perf_counter()
    clf.fit(X[train], y[train])
    seconds = time.perf_counter() - start
    found = skill_score(
        y[test], clf.predict(X[test]), task.similarity, classes=np.unique(y)
    )
    return found, seconds


def main() -> None:
    """Print one line for each change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=list(CHANGES))
    options = parser.parse_args()
    warnings.simplefilter("ignore", SimilarityWarning)
    everything = list(tasks())
    baseline = np.empty(0)
    base_time = np.nan
    for name in dict.fromkeys(["defaults", *options.only]):
        runs = np.array(
            [
                [skill(task, seed, CHANGES[name]) for seed in range(options.seeds)]
                for task in everything
            ]
        )
        skills, seconds = runs[..., 0], runs[..., 1].sum()
        if name == "defaults":
            baseline, base_time = skills, seconds
            print(
                "skill by task:",
                {
                    t.name: s.mean().round(3).item()
                    for t, s in zip(everything, skills, strict=True)
                },
            )
        change = skills - baseline
        # Tasks, not splits, are what the defaults must generalise over.
        by_task = change.mean(axis=1)
        error = by_task.std(ddof=1) / np.sqrt(by_task.size)
        print(
            f"{name:32s} skill {skills.mean():.4f}  change {change.mean():+.4f} "
            f"+- {error:.4f}  time {seconds / base_time:.2f}x  "
            f"by task {' '.join(f'{c:+.3f}' for c in change.mean(axis=1))}",
            flush=True,
        )


if __name__ == "__main__":
    main()
