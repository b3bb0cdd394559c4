"""Training time on a GPU beside an eager loop written by hand.

    python benchmarks/device.py [--batch 1024]

Both train the same network (two hidden layers of 64) with fused AdamW on rows that
live on the GPU. Each number is the time of a fit of 22 epochs less that of a fit of
two, divided by twenty: an epoch without the set-up, the device waited for at its end.
Runs are interleaved and the fastest of several counts. Without a GPU it says so.
"""

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling
from training import DECAY, HIDDEN, LR, network

from simclf import SimilarityAwareClassifier
from simclf.modules import MLP

ROWS, FEATURES, CLASSES = 100_000, 50, 10
SHORT, LONG = 2, 22
WAYS = {
    "simclf": {},
    "simclf, bf16": {"precision": "bf16"},
    "simclf, compiled": {"compile": True},
    "simclf, graph": {"compile": "graph"},
    "simclf, graph, bf16": {"compile": "graph", "precision": "bf16"},
}
Fit = Callable[[int], None]


def by_hand(X: np.ndarray, y: np.ndarray, batch: int) -> Fit:
    """Train with tensors on the device and nothing else."""

    def fit(epochs: int) -> None:
        features, codes = torch.from_numpy(X).cuda(), torch.from_numpy(y).cuda()
        net = network(FEATURES, CLASSES).cuda()
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=LR, weight_decay=DECAY, fused=True
        )
        for _ in range(epochs):
            for index in torch.randperm(len(X), device="cuda").split(batch):
                optimizer.zero_grad()
                F.cross_entropy(net(features[index]), codes[index]).backward()
                optimizer.step()

    return fit


def ours(X: np.ndarray, y: np.ndarray, batch: int, **way: object) -> Fit:
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
            device="cuda",
            **way,
        ).fit(X, y)

    return fit


def seconds(fit: Fit, epochs: int) -> float:
    """Return the time of a fit, the work of the device included."""
    torch.cuda.synchronize()
    start = time.perf_counter()
    fit(epochs)
    torch.cuda.synchronize()
    return time.perf_counter() - start


def epoch_times(fits: dict[str, Fit], repeats: int) -> dict[str, float]:
    """Seconds of an epoch of each, from interleaved runs."""
    best = {(name, epochs): np.inf for name in fits for epochs in (SHORT, LONG)}
    for _ in range(repeats):
        for (name, epochs), fastest in best.items():
            best[name, epochs] = min(fastest, seconds(fits[name], epochs))
    return {
        name: (best[name, LONG] - best[name, SHORT]) / (LONG - SHORT) for name in fits
    }


def main() -> None:
    """Print the time of a step by hand, and the ratios of ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=1024)
    batch = parser.parse_args().batch
    if not torch.cuda.is_available():
        sys.exit("torch sees no GPU: there is nothing to measure.")
    rng = np.random.default_rng(0)
    X = rng.standard_normal((ROWS, FEATURES), dtype=np.float32)
    y = rng.integers(0, CLASSES, ROWS)
    fits = {"by hand": by_hand(X, y, batch)} | {
        name: ours(X, y, batch, **way) for name, way in WAYS.items()
    }
    times = epoch_times(fits, repeats=5)
    base = times.pop("by hand")
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}")
    print(f"{ROWS} x {FEATURES}, {CLASSES}, batch {batch}: {1e3 * base:.1f} ms by hand")
    for name, value in times.items():
        print(f"{name} {value / base:.2f}")


if __name__ == "__main__":
    main()
