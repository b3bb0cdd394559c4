"""Time of each loss, forward and backward, over that of torch's cross entropy.

    python benchmarks/losses.py [--classes 10 100 1000 10000]

One CPU thread, 256 rows (64 for 10,000 classes), a random asymmetric table. Rounds are
interleaved and the fastest of each counts. Losses that gather one row of the table for
each example cost O(rows x classes); those that multiply probabilities with the whole
table, marked *, cost O(rows x classes x answers) as long as the table is dense.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling

from simclf.losses import LOSSES, ExpectedScoreLoss, ScoreRegressionLoss
from simclf.similarity import resolve_table

WHOLE_TABLE = {"expected_score", "kernel_brier", "tailored_score"}


def candidates() -> dict[str, object]:
    """Return every loss by name, and second forms that cost something else."""
    losses = {name: kind() for name, kind in LOSSES.items()}
    losses["expected_score, naive"] = ExpectedScoreLoss(warm_start=0.0)
    losses["score_regression, one_vs_all"] = ScoreRegressionLoss("one_vs_all")
    return losses


def step(function: object, scores: torch.Tensor) -> None:
    """Run a loss forward and backward."""
    scores.grad = None
    function(scores).mean().backward()


def fastest(functions: dict[str, object], scores: torch.Tensor, rounds: int) -> dict:
    """Seconds of the fastest run of each, rounds interleaved."""
    best = dict.fromkeys(functions, np.inf)
    for _ in range(rounds):
        for name, function in functions.items():
            start = time.perf_counter()
            step(function, scores)
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def main() -> None:
    """Print a line for each number of classes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", type=int, nargs="*", default=[10, 100, 1000])
    torch.set_num_threads(1)
    for k in parser.parse_args().classes:
        rng = np.random.default_rng(0)
        n = 64 if k >= 10_000 else 256
        values = rng.random((k, k)) + 2 * np.eye(k)
        table = resolve_table(values, np.arange(k))
        codes = torch.from_numpy(rng.integers(0, k, n))
        scores = torch.randn(n, k, requires_grad=True)
        functions = {
            "torch": lambda s, y=codes: F.cross_entropy(s, y, reduction="none")
        }
        for name, loss in candidates().items():
            label = name + "*" * (name in WHOLE_TABLE)
            prepared = loss.prepare(table)
            functions[label] = lambda s, loss=loss, t=prepared, y=codes: loss.pointwise(
                s, y, t
            )
        best = fastest(functions, scores, rounds=10 if k >= 10_000 else 40)
        base = best.pop("torch")
        print(f"{k} classes, {n} rows: torch {1e6 * base:.0f} us")
        for name, seconds in best.items():
            print(f"    {name:34s} {seconds / base:6.2f}x", flush=True)


if __name__ == "__main__":
    main()
