"""Training time against a hand-written loop, plain skorch and scikit-learn's MLP.

    python benchmarks/training.py [--quick]

All train the same network (two hidden layers of 64) on the same rows with the same
optimizer and batch size, on one CPU thread. Each number is the time of a fit of six
epochs less that of a fit of two, divided by four: an epoch without the set-up. The
anchor is a loop with tensors in memory and torch's fused AdamW. Processor seconds are
counted, runs are interleaved and the fastest of several counts, so that a busy machine
disturbs all alike; the ratios, not the milliseconds, are what can be compared between
machines.

Behind them the set-up of a small fit: what one epoch of 100 rows takes beyond building
the network and one step by hand. Grids are made of small fits.
"""

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from skorch import NeuralNetClassifier
from torch import nn

from simclf import SimilarityAwareClassifier
from simclf.modules import MLP

HIDDEN = (64, 64)
LR, DECAY = 1e-3, 1e-2
SHORT, LONG = 2, 6


def network(n_features: int, n_outputs: int) -> nn.Module:
    """Build the network that all of them train."""
    return nn.Sequential(
        nn.Linear(n_features, HIDDEN[0]),
        nn.ReLU(),
        nn.Linear(HIDDEN[0], HIDDEN[1]),
        nn.ReLU(),
        nn.Linear(HIDDEN[1], n_outputs),
    )


def hand_written(X: np.ndarray, y: np.ndarray, batch: int, *, fused: bool) -> Callable:
    """Train with tensors in memory and nothing else."""

    def fit(epochs: int) -> None:
        features, codes = torch.from_numpy(X), torch.from_numpy(y)
        net = network(X.shape[1], int(y.max()) + 1)
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=LR, weight_decay=DECAY, fused=fused
        )
        for _ in range(epochs):
            for index in torch.randperm(len(X)).split(batch):
                optimizer.zero_grad()
                F.cross_entropy(net(features[index]), codes[index]).backward()
                optimizer.step()

    return fit


def ours(X: np.ndarray, y: np.ndarray, batch: int) -> Callable:
    """Train with one member, so that the work is the same."""

    def fit(epochs: int) -> None:
        SimilarityAwareClassifier(
            module=MLP(HIDDEN, activation="relu", dropout=0.0),
            n_members=1,
            lr=LR,
            weight_decay=DECAY,
            max_epochs=epochs,
            batch_size=batch,
            early_stopping=False,
            device="cpu",
        ).fit(X, y)

    return fit


def plain_skorch(X: np.ndarray, y: np.ndarray, batch: int) -> Callable:
    """Train as skorch's documentation shows it, without its validation split."""

    def fit(epochs: int) -> None:
        NeuralNetClassifier(
            lambda: network(X.shape[1], int(y.max()) + 1),
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.AdamW,
            optimizer__weight_decay=DECAY,
            lr=LR,
            max_epochs=epochs,
            batch_size=batch,
            iterator_train__shuffle=True,
            train_split=None,
            verbose=0,
        ).fit(X, y)

    return fit


def scikit_learn(X: np.ndarray, y: np.ndarray, batch: int) -> Callable:
    """Train scikit-learn's multilayer perceptron, with Adam."""

    def fit(epochs: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            MLPClassifier(
                HIDDEN,
                learning_rate_init=LR,
                alpha=DECAY,
                batch_size=batch,
                max_iter=epochs,
                n_iter_no_change=epochs,
            ).fit(X, y)

    return fit


def epoch_times(fits: dict[str, Callable], repeats: int) -> dict[str, float]:
    """Seconds of an epoch of each, from interleaved runs."""
    best = {(name, epochs): np.inf for name in fits for epochs in (SHORT, LONG)}
    for _ in range(repeats):
        for name, fit in fits.items():
            for epochs in (SHORT, LONG):
                start = time.process_time()
                fit(epochs)
                seconds = time.process_time() - start
                best[name, epochs] = min(best[name, epochs], seconds)
    return {
        name: (best[name, LONG] - best[name, SHORT]) / (LONG - SHORT) for name in fits
    }


def setup_times(n_members: int, repeats: int) -> dict[str, float]:
    """Seconds of a fit of one step, as small as fits of a grid, and of others'."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(100, 10)).astype(np.float32)
    y = rng.integers(0, 3, 100)

    def by_hand() -> None:
        net = MLP().build_members(10, 3, n_members, None)
        optimizer = torch.optim.AdamW(net.parameters(), lr=LR, fused=True)
        scores, codes = net(torch.from_numpy(X)), torch.from_numpy(y)
        optimizer.zero_grad()
        F.cross_entropy(scores.flatten(0, 1), codes.repeat(n_members)).backward()
        optimizer.step()

    def simclf(table: np.ndarray | None, **settings: object) -> Callable:
        clf = SimilarityAwareClassifier(
            table, n_members=n_members, max_epochs=1, device="cpu", **settings
        )
        return lambda: clf.fit(X, y)

    fits = {
        "by hand": by_hand,
        "simclf": simclf(None, early_stopping=False),
        "simclf, stopping early": simclf(None),
        "simclf, table and temperature": simclf(np.eye(3) + np.tri(3)),
        "skorch": lambda: plain_skorch(X, y, 128)(1),
    }
    best = dict.fromkeys(fits, np.inf)
    for _ in range(repeats):
        for name, fit in fits.items():
            start = time.process_time()
            fit()
            best[name] = min(best[name], time.process_time() - start)
    return best


def report_setup(repeats: int) -> None:
    """Print what a fit of one step takes beyond the step."""
    print("set-up of a fit of 100 rows, ms beyond building the net and one step")
    for n_members in (1, 8):
        times = setup_times(n_members, repeats)
        base = times.pop("by hand")
        beyond = (f"{name} {1e3 * (t - base):.1f}" for name, t in times.items())
        print(f"{n_members} members: {1e3 * base:.1f} by hand | {', '.join(beyond)}")


def report_epochs(
    shape: tuple[int, int, int], batches: list[int], repeats: int
) -> None:
    """Print one line for each batch size."""
    n, d, k = shape
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d)).astype(np.float32)
    y = rng.integers(0, k, n)
    for batch in batches:
        times = epoch_times(
            {
                "by hand": hand_written(X, y, batch, fused=True),
                "by hand, not fused": hand_written(X, y, batch, fused=False),
                "simclf": ours(X, y, batch),
                "skorch": plain_skorch(X, y, batch),
                "scikit-learn": scikit_learn(X, y, batch),
            },
            repeats,
        )
        base = times.pop("by hand")
        ratios = ", ".join(f"{name} {t / base:.2f}" for name, t in times.items())
        print(f"{n} x {d}, {k}, {batch}: {1e3 * base:.0f} ms | {ratios}", flush=True)


def main() -> None:
    """Print one line for each shape and batch size, then the set-up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one shape, two repeats")
    quick = parser.parse_args().quick
    torch.set_num_threads(1)
    shapes = [(20_000, 50, 10)]
    if not quick:
        shapes += [(5_000, 50, 1000), (5_000, 500, 10), (5_000, 500, 1000)]
    batches = [128, 1024] if quick else [128, 256, 1024, 4096]
    print(f"torch {torch.__version__}, one thread; times over the hand-written loop's")
    print("rows x features, classes, batch: ms an epoch by hand | ratios")
    for shape in shapes:
        report_epochs(shape, batches, repeats=2 if quick else 5)
    report_setup(repeats=10 if quick else 30)


if __name__ == "__main__":
    main()
