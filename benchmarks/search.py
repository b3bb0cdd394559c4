"""A batched grid search against scikit-learn's own, and against plain skorch.

    python benchmarks/search.py [--quick] [--early-stopping] [--networks N ...]

60 candidates (5 losses x 4 learning rates x 3 weight decays) on 5 folds of 2,000 x 50
rows in 10 classes, each a network of two hidden layers of 128 with gelu and dropout,
trained by AdamW in batches of 128 for 20 epochs. One CPU thread, ``n_jobs=None``. The
batched search does all 300 fits. GridSearchCV does those of one candidate of each loss,
GridSearchCV over skorch (cross entropy, the same network) those of 3 candidates, and
their times are scaled up to 60: the time of a fit of fixed length depends on nothing
else. With ``--early-stopping`` it does, and 12 of 60 candidates stand for all; skorch
is then left out. All run in turn, ``--rounds`` times, and the fastest run counts.
Refitting is left out. Seconds of the processor (of this process alone) are given beside
those of the clock: waiting for other work on the machine does not count in them.
"""

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV, ParameterGrid
from skorch import NeuralNetClassifier
from torch import nn

from simclf import SimilarityAwareClassifier, make_expected_score_scorer
from simclf.losses import SoftTargetLoss
from simclf.modules import MLP
from simclf.search import BatchedGridSearchCV
from simclf.similarity import ordinal_similarity

N_ROWS, N_FEATURES, N_CLASSES = 2000, 50, 10
HIDDEN = (128, 128)
LOSSES = [
    "cross_entropy",
    "tailored_score",
    "expected_score",
    SoftTargetLoss(),
    SoftTargetLoss(temperature=0.5),
]
RATES = [5e-4, 1e-3, 2e-3, 4e-3]
DECAYS = [0.0, 0.01, 0.1]
EPOCHS = 20


def problem() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, labels and the scores of answering one class for another."""
    X, y = make_classification(
        N_ROWS,
        N_FEATURES,
        n_informative=15,
        n_classes=N_CLASSES,
        flip_y=0.1,
        random_state=0,
    )
    table = ordinal_similarity(list(range(N_CLASSES))).to_numpy()
    return X.astype(np.float32), y.astype(np.int64), table


def ours(table: np.ndarray, epochs: int, *, early_stopping: bool) -> object:
    """One network of ours."""
    return SimilarityAwareClassifier(
        table,
        module=MLP(HIDDEN),
        n_members=1,
        max_epochs="auto" if early_stopping else epochs,
        early_stopping=early_stopping,
        device="cpu",
        random_state=0,
    )


def plain_skorch(epochs: int) -> NeuralNetClassifier:
    """Build the same network as skorch's documentation shows it."""

    def network() -> nn.Module:
        return nn.Sequential(
            nn.Linear(N_FEATURES, HIDDEN[0]),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(HIDDEN[0], HIDDEN[1]),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(HIDDEN[1], N_CLASSES),
        )

    return NeuralNetClassifier(
        network,
        criterion=nn.CrossEntropyLoss,
        optimizer=torch.optim.AdamW,
        max_epochs=epochs,
        batch_size=128,
        iterator_train__shuffle=True,
        train_split=None,
        verbose=0,
    )


def as_grid(candidates: list[dict[str, object]]) -> list[dict[str, list[object]]]:
    """Turn candidates into a grid of these alone."""
    return [{name: [value] for name, value in each.items()} for each in candidates]


def seconds(run: Callable[[], object]) -> np.ndarray:
    """Seconds of the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return np.array([time.perf_counter() - clock, time.process_time() - processor])


def main() -> None:
    """Print times and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="4 epochs")
    parser.add_argument("--early-stopping", action="store_true")
    parser.add_argument("--networks", type=int, nargs="*", default=["auto"])
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    epochs = 4 if arguments.quick else EPOCHS
    X, y, table = problem()
    classifier = ours(table, epochs, early_stopping=arguments.early_stopping)
    scoring = make_expected_score_scorer(table)
    settings = {"scoring": scoring, "cv": 5, "refit": False}
    grid = {"loss": LOSSES, "lr": RATES, "weight_decay": DECAYS}
    everyone = list(ParameterGrid(grid))
    # 13 candidates apart: every loss, and all rates and decays in turn.
    share = everyone[::5] if arguments.early_stopping else everyone[::13]
    few = as_grid([{"lr": rate, "optimizer__weight_decay": 0.01} for rate in RATES[:3]])
    anchors: dict[str, tuple[Callable[[], object], int]] = {
        "GridSearchCV": (
            lambda: GridSearchCV(classifier, as_grid(share), **settings).fit(X, y),
            len(share),
        ),
    }
    if not arguments.early_stopping:
        anchors["skorch"] = (
            lambda: GridSearchCV(plain_skorch(epochs), few, cv=5, refit=False).fit(
                X, y
            ),
            len(few),
        )
    runs = {name: run for name, (run, _) in anchors.items()}
    searches = {}
    for networks in arguments.networks:
        search = BatchedGridSearchCV(
            classifier, grid, max_networks=networks, **settings
        )
        searches[networks] = search
        runs[networks] = lambda search=search: search.fit(X, y)
    best = dict.fromkeys(runs, np.full(2, np.inf))
    for _ in range(arguments.rounds):
        for name, run in runs.items():
            best[name] = np.minimum(best[name], seconds(run))
    scaled = {name: best[name] * len(everyone) / n for name, (_, n) in anchors.items()}
    print(f"torch {torch.__version__}, one thread, {len(everyone)} x 5 fits")
    print("seconds of the clock (of the processor):")
    for name, time_taken in scaled.items():
        n = anchors[name][1]
        print(f"{name}: {time_taken[0]:.1f} ({time_taken[1]:.1f}), from {n} candidates")
    for networks, search in searches.items():
        time_taken = best[networks]
        ratios = ", ".join(
            f"{name} takes {anchor[0] / time_taken[0]:.2f} "
            f"({anchor[1] / time_taken[1]:.2f}) times as long"
            for name, anchor in scaled.items()
        )
        print(
            f"batched, {networks} networks at once, {search.batched_['n_batches']} "
            f"batches: {time_taken[0]:.1f} ({time_taken[1]:.1f}); {ratios}"
        )


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        main()
