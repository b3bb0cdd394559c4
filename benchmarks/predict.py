"""Time of prediction beside the bare network's, for many rows and for one.

    python benchmarks/predict.py [--rows 1000000]

The bare forward pass takes the same network over the same rows, 4096 at a time for all
members together (the fastest for both), standardizes them in float32, takes the
softmax, averages the members and returns numpy; for the answers it multiplies with the
table and takes the best. One CPU thread, processor seconds, interleaved runs of which
the fastest counts.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from simclf import SimilarityAwareClassifier

FEATURES, CLASSES = 50, 10
MEMBER_ROWS = 2**12


def trained(n_members: int) -> SimilarityAwareClassifier:
    """Return the default network, trained for two epochs."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, 2000)
    X = rng.normal(size=(2000, FEATURES)) + y[:, np.newaxis] / 10
    table = rng.random((CLASSES, CLASSES)) + np.eye(CLASSES)
    clf = SimilarityAwareClassifier(table, n_members=n_members, max_epochs=2)
    return clf.set_params(random_state=0, device="cpu").fit(X.astype(np.float32), y)


def bare(clf: SimilarityAwareClassifier) -> Callable[[np.ndarray], np.ndarray]:
    """Return the forward pass without anything around it."""
    network = clf.net_.module_
    mean, scale = (
        torch.from_numpy(part.astype(np.float32)) for part in (clf.mean_, clf.scale_)
    )
    step = MEMBER_ROWS // clf.n_members

    def forward(X: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            chunks = [
                network((rows - mean) / scale).softmax(-1).mean(0)
                for rows in torch.from_numpy(X).split(step)
            ]
            return torch.cat(chunks).numpy()

    return forward


def seconds(calls: dict[str, Callable], repeats: int) -> dict[str, float]:
    """Return the time of the fastest run of each, interleaved."""
    best = dict.fromkeys(calls, np.inf)
    for _ in range(repeats):
        for name, call in calls.items():
            start = time.process_time()
            call()
            best[name] = min(best[name], time.process_time() - start)
    return best


def report(n_members: int, X: np.ndarray) -> None:
    """Print ratios for all rows, and milliseconds beyond the bare pass for one."""
    clf = trained(n_members)
    forward, table = bare(clf), clf.similarity_
    steps = {
        "bare": forward,
        "bare, answers": lambda X: (forward(X) @ table).argmax(1),
        "predict_proba": clf.predict_proba,
        "predict": clf.predict,
    }
    many = seconds({name: lambda f=f: f(X) for name, f in steps.items()}, 3)
    one = seconds({name: lambda f=f: f(X[:1]) for name, f in steps.items()}, 300)
    print(
        f"{n_members} members, {len(X):,} rows: bare {many['bare']:.2f} s, "
        f"predict_proba {many['predict_proba'] / many['bare']:.2f}x; bare with answers "
        f"{many['bare, answers']:.2f} s, predict "
        f"{many['predict'] / many['bare, answers']:.2f}x"
    )
    print(
        f"{n_members} members, one row: bare {1e3 * one['bare']:.2f} ms, predict_proba "
        f"{1e3 * (one['predict_proba'] - one['bare']):+.2f} ms, predict "
        f"{1e3 * (one['predict'] - one['bare']):+.2f} ms",
        flush=True,
    )


def main() -> None:
    """Print two lines for one member and for eight."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    n_rows = parser.parse_args().rows
    torch.set_num_threads(1)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n_rows, FEATURES), dtype=np.float32)
    for n_members in (1, 8):
        report(n_members, X)


if __name__ == "__main__":
    main()
