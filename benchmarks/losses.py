"""Time and memory of each loss and of the decision, forward and backward.

    python benchmarks/losses.py [--classes 10 100 1000 10000] [--rows 256]

One CPU thread. Times are given over that of torch's cross entropy and over that of one
output layer of 256 inputs, memory as the peak above what is held between calls. Rounds
are interleaved and the fastest of each counts.

Losses that gather one row of the table for each example are timed on a random
asymmetric table. Those that multiply probabilities with the whole table, and the
decision, are timed on a table of each form; a dense one only up to 2000 classes.
"""

import argparse
import ctypes
import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own spelling

from simclf._typing import FloatArray
from simclf.decision import bayes_decision
from simclf.losses import (
    LOSSES,
    ExpectedScoreLoss,
    KernelBrierLoss,
    Loss,
    ScoreRegressionLoss,
    TailoredScoreLoss,
)
from simclf.similarity import ScoreTable, resolve_table

WHOLE_TABLE = (ExpectedScoreLoss, KernelBrierLoss, TailoredScoreLoss)
LAYER_INPUTS = 256
LARGEST_DENSE = 2000
Step = Callable[[], object]


def row_gather_losses() -> dict[str, Loss]:
    """Return every loss that needs no product, and forms of other cost."""
    losses = {name: kind() for name, kind in LOSSES.items() if kind not in WHOLE_TABLE}
    losses["expected_score, naive"] = ExpectedScoreLoss(warm_start=0.0)
    losses["score_regression, one_vs_all"] = ScoreRegressionLoss("one_vs_all")
    return losses


def tables(k: int) -> Iterator[tuple[str, FloatArray]]:
    """Tables of each form, with offsets of the rows and classes in any order."""
    rng = np.random.default_rng(0)
    offsets = rng.random((k, 1))
    if k <= LARGEST_DENSE:
        yield "dense", rng.random((k, k)) + 2 * np.eye(k)
    places = rng.permutation(k)
    yield "line", offsets - np.abs(places - places[:, np.newaxis]) / k
    code, shared = rng.permutation(k), np.eye(k)
    for size in (10, 100, 1000):
        shared += code[:, np.newaxis] // size == code // size
    yield "tree", offsets + shared
    del shared
    few = np.eye(k)
    few[np.repeat(np.arange(k), 4), rng.integers(k, size=4 * k)] = 0.5
    yield "sparse", offsets + few
    vectors = rng.standard_normal((k, 32))
    yield "rank 33", offsets + vectors @ vectors.T


def step_of(loss: Loss, prepared: object, scores: torch.Tensor, codes: object) -> Step:
    """Return one pass of a loss forward and backward."""

    def step() -> None:
        scores.grad = None
        loss.pointwise(scores, codes, prepared).mean().backward()

    return step


def yardsticks(scores: torch.Tensor, codes: torch.Tensor) -> dict[str, Step]:
    """Return torch's cross entropy, and one output layer."""
    layer = torch.nn.Linear(LAYER_INPUTS, scores.shape[1])
    hidden = torch.randn(len(scores), LAYER_INPUTS, requires_grad=True)
    upstream = torch.randn_like(scores)

    def cross_entropy() -> None:
        scores.grad = None
        F.cross_entropy(scores, codes, reduction="none").mean().backward()

    def one_layer() -> None:
        layer.zero_grad()
        hidden.grad = None
        layer(hidden).backward(upstream)

    return {"torch cross entropy": cross_entropy, "one layer": one_layer}


def seconds(steps: dict[str, Step], rounds: int) -> dict[str, float]:
    """Return the time of the fastest run of each, rounds interleaved."""
    best = dict.fromkeys(steps, np.inf)
    for _ in range(rounds):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def peak_mebibytes(step: Step) -> float:
    """Return by how much a step raises the resident memory at its peak (Linux)."""
    peak = Path("/proc/self/clear_refs")
    if not peak.exists():
        return np.nan
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    before = _status("VmRSS")
    peak.write_text("5")
    step()
    return (_status("VmHWM") - before) / 1024


def _status(field: str) -> int:
    """Read a line of the process's status, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field))


def report(steps: dict[str, Step], marks: dict[str, Step], rounds: int) -> None:
    """Print a line for each step."""
    best = seconds(marks | steps, rounds)
    entropy, layer = (best[name] for name in marks)
    for name, step in steps.items():
        print(
            f"    {name:34s}{best[name] / entropy:9.2f}x{best[name] / layer:9.2f}x"
            f"{peak_mebibytes(step):9.1f} MiB",
            flush=True,
        )


def main() -> None:
    """Print a table for each number of classes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--classes", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--rows", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=30)
    settings = parser.parse_args()
    torch.set_num_threads(1)
    for k in settings.classes:
        run(k, settings.rows, settings.rounds)


def run(k: int, n: int, rounds: int) -> None:
    """Time everything with k classes and n rows."""
    rng = np.random.default_rng(0)
    codes = torch.from_numpy(rng.integers(0, k, n))
    scores = torch.randn(n, k, requires_grad=True)
    marks = yardsticks(scores, codes)
    base = seconds(marks, rounds)
    shown = ", ".join(f"{name} {1e3 * time:.2f} ms" for name, time in base.items())
    print(f"{k} classes, {n} rows: {shown}")
    print(f"{'':38s}{'/ entropy':>10s}{'/ layer':>10s}{'peak':>9s}")
    table = resolve_table(rng.random((k, k)) + 2 * np.eye(k), np.arange(k))
    # A table of 10,000 classes is 400 MB: one loss is prepared at a time.
    for name, loss in row_gather_losses().items():
        report({name: step_of(loss, loss.prepare(table), scores, codes)}, marks, rounds)
    del table
    proba = scores.detach().softmax(-1).double().numpy()
    for form, values in tables(k):
        table = resolve_table(values, np.arange(k))
        report(structured(form, table, scores, codes, proba), marks, rounds)


def structured(
    form: str,
    table: ScoreTable,
    scores: torch.Tensor,
    codes: torch.Tensor,
    proba: FloatArray,
) -> dict[str, Step]:
    """Return the losses that need the whole table, and the decision."""
    steps = {}
    for kind in WHOLE_TABLE:
        loss = kind()
        prepared = loss.prepare(table)
        steps[f"{loss.name}, {form}"] = step_of(loss, prepared, scores, codes)
    steps[f"decision, {form}"] = lambda: bayes_decision(proba, table)
    return steps


if __name__ == "__main__":
    main()
