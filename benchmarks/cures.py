"""Cures for the collapse of the expected-score loss, against cross entropy.

    python benchmarks/cures.py [--seeds 5] [--epochs 60] [--only NAME ...]

A network with the default activation and dropout is trained under twelve pairs of
data and table, and under two more tables whose best answer is often no class or
another class. The anchor is cross entropy with the Bayes decision, in the same run,
with the same splits, initial weights and batches. The columns are

epochs   median over seeds of the epochs to 99 % of the anchor's best skill, "-" where
         fewer than half of the seeds get there
best     mean over seeds of the best skill of any epoch
end      mean skill after the last epoch, and its paired difference to the anchor's
         and to the naive form's, each with the standard error over seeds
answers  how many answers are in use, median over seeds: after the last epoch, and
         in the worst one

Skill is the mean score on rows held out, 0 for the best constant answer and 1 for
the best answer to every row. The summary counts medians no later than the anchor's.
"""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.preprocessing import StandardScaler
from tasks import asymmetric, ordinal
from torch import Tensor

from simclf.datasets import load_16s_reads, load_pbmc
from simclf.losses import (
    CrossEntropyLoss,
    DenseTable,
    EntropicScoreLoss,
    ExpectedScoreLoss,
    Loss,
    SoftTargetLoss,
    TailoredScoreLoss,
)
from simclf.similarity import ScoreTable, resolve_table

ANCHOR, NAIVE = "cross entropy, Bayes", "naive"
HIDDEN, LR, BATCH, DROPOUT = 64, 0.002, 64, 0.2


class FallingBiasLoss(ExpectedScoreLoss):
    """A logit bias that falls to zero: the expected score at the end."""

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        bias = (1.0 - progress) * math.log(scores.shape[-1])
        loss = ExpectedScoreLoss(warm_start=0.0, logit_bias=bias)
        return loss.pointwise(scores, codes, table)


class FallingEntropyLoss(EntropicScoreLoss):
    """A reward for entropy that falls to zero: its argmax is right all the way."""

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        loss = EntropicScoreLoss(tau=max(self.tau * (1.0 - progress), 1e-6))
        return loss.pointwise(scores, codes, table)


class SoftStartLoss(ExpectedScoreLoss):
    """A start with cross entropy to softmax(-R / 0.1), good answers all wanted."""

    def _prepare(self, table: ScoreTable, dtype: torch.dtype) -> DenseTable:
        self._soft = SoftTargetLoss(temperature=0.1)
        self._targets = self._soft.prepare(table, dtype)
        return super()._prepare(table, dtype)

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        if progress < self.warm_start:
            return self._soft.pointwise(scores, codes, self._targets)
        return super()._pointwise(scores, codes, table, progress)


class SuddenLoss(ExpectedScoreLoss):
    """The default, but cross entropy leaves at once where it begins to fade."""

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        done = float(progress >= self.warm_start)
        return super()._pointwise(scores, codes, table, done)


class CarriedLoss(ExpectedScoreLoss):
    """The default, but the expected score is there in full from the start."""

    def _pointwise(
        self, scores: Tensor, codes: Tensor, table: DenseTable, progress: float
    ) -> Tensor:
        regret = super()._pointwise(scores, codes, table, 1.0)
        likelihood = CrossEntropyLoss().pointwise(scores, codes, None)
        return regret + np.interp(progress, [0.5, 0.9], [1.0, 0.0]) * likelihood


CURES: dict[str, Loss] = {
    NAIVE: ExpectedScoreLoss(warm_start=0.0),
    "default": ExpectedScoreLoss(),
    "default, tau 0.1": ExpectedScoreLoss(tau=0.1),
    "default, at once": SuddenLoss(),
    "both, 0.5 to 0.9": CarriedLoss(),
    "bias": ExpectedScoreLoss(warm_start=0.0, logit_bias="auto"),
    "warm start 0.1": ExpectedScoreLoss(warm_start=0.1, tau=None),
    "warm start 0.3": ExpectedScoreLoss(warm_start=0.3, tau=None),
    "warm start 0.5": ExpectedScoreLoss(warm_start=0.5, tau=None),
    "warm 0.3 and bias": ExpectedScoreLoss(warm_start=0.3, logit_bias="auto"),
    "falling bias": FallingBiasLoss(warm_start=0.0),
    "falling entropy": FallingEntropyLoss(tau=0.1),
    "soft start 0.3": SoftStartLoss(warm_start=0.3, tau=None),
    "tailored score": TailoredScoreLoss(),
}


@dataclass(frozen=True)
class Problem:
    """Features, codes 0..K-1, and a table of as many rows."""

    name: str
    X: np.ndarray
    y: np.ndarray
    table: ScoreTable


def problems() -> Iterator[Problem]:
    """Yield four data sets with three kinds of table, and two odd tables."""
    X, y = load_digits(return_X_y=True)
    looks = np.array([0, 1, 2, 2, 1, 2, 0, 1, 0, 0])
    tree = (np.equal.outer(looks, looks) + np.eye(10)) / 2
    yield from kinds("digits", X, y, tree, seed=1)
    pbmc, reads = load_pbmc(), load_16s_reads()
    for name, bunch, seed in (("pbmc", pbmc, 0), ("16s", reads, 2)):
        names, y = np.unique(bunch.target, return_inverse=True)
        tree = resolve_table(bunch.similarity, names).values
        yield from kinds(name, bunch.frame.to_numpy(float), y, tree, seed=seed)
    yield from kinds("made100", *nested_gaussians(), seed=3)

    forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    rng = np.random.default_rng(1)
    centres, y = rng.normal(size=(4, 6)) * 0.8, np.arange(1600) % 4
    yield problem("forum", centres[y] + rng.normal(size=(1600, 6)), y, forum)
    y = np.unique(pbmc.target, return_inverse=True)[1]
    refer = np.hstack([np.eye(10), np.full((10, 1), 0.8)])
    yield problem("pbmc/refer", pbmc.frame.to_numpy(float), y, refer)


def kinds(
    name: str, X: np.ndarray, y: np.ndarray, tree: np.ndarray, *, seed: int
) -> Iterator[Problem]:
    """Yield one data set with a tree, an ordinal and an asymmetric table."""
    yield problem(f"{name}/tree", X, y, tree)
    yield problem(f"{name}/ordinal", X, y, ordinal(len(tree)))
    yield problem(f"{name}/asymmetric", X, y, asymmetric(len(tree), seed=seed))


def problem(name: str, X: np.ndarray, y: np.ndarray, values: object) -> Problem:
    """Name the answers of a table whose first columns are the classes."""
    frame = pd.DataFrame(np.asarray(values, dtype=float))
    return Problem(name, X, y, resolve_table(frame, np.arange(len(frame))))


def nested_gaussians() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 100 classes in 20 groups in 4 families, and the table of that tree."""
    rng = np.random.default_rng(0)
    centres = 1.2 * rng.normal(size=(4, 1, 1, 20)) + rng.normal(size=(4, 5, 1, 20))
    centres = (centres + 0.9 * rng.normal(size=(4, 5, 5, 20))).reshape(100, 20)
    codes = np.arange(100)
    tree = sum(np.equal.outer(codes // s, codes // s) for s in (25, 5, 1)) / 3
    y = np.arange(4000) % 100
    return centres[y] + rng.normal(size=(4000, 20)), y, tree


@dataclass(frozen=True)
class Split:
    """Standardized rows of every seed, along a leading axis."""

    X_train: Tensor
    y_train: Tensor
    X_test: Tensor
    y_test: Tensor


def split_rows(task: Problem, n_seeds: int) -> Split:
    """Draw one stratified split for each seed."""
    parts = []
    for seed in range(n_seeds):
        halves = StratifiedShuffleSplit(1, test_size=0.45, random_state=seed)
        train, test = next(halves.split(task.X, task.y))
        scaler = StandardScaler().fit(task.X[train])
        rows = [scaler.transform(task.X[part]) for part in (train, test)]
        parts.append((rows[0], task.y[train], rows[1], task.y[test]))
    X_train, y_train, X_test, y_test = map(np.stack, zip(*parts, strict=True))
    return Split(
        torch.tensor(X_train, dtype=torch.float32),
        torch.tensor(y_train),
        torch.tensor(X_test, dtype=torch.float32),
        torch.tensor(y_test),
    )


class Networks(torch.nn.Module):
    """One network of one hidden layer for each seed, each with rows of its own."""

    def __init__(self, n_seeds: int, n_features: int, n_outputs: int) -> None:
        super().__init__()
        sizes = (n_features, HIDDEN), (HIDDEN, n_outputs)
        self.layers = torch.nn.ParameterList()
        for n_in, n_out in sizes:
            for shape in ((n_seeds, n_in, n_out), (n_seeds, 1, n_out)):
                start = torch.empty(shape).uniform_(-(n_in**-0.5), n_in**-0.5)
                self.layers.append(torch.nn.Parameter(start))

    def forward(self, X: Tensor) -> Tensor:
        """Map (n_seeds, n, n_features) to (n_seeds, n, n_outputs)."""
        weight, bias, last_weight, last_bias = self.layers
        hidden = torch.nn.functional.gelu(torch.baddbmm(bias, X, weight))
        hidden = torch.dropout(hidden, DROPOUT, self.training)
        return torch.baddbmm(last_bias, hidden, last_weight)


@dataclass(frozen=True)
class Curve:
    """Skill and answers in use after each epoch, both (n_epochs, n_seeds)."""

    skill: np.ndarray
    in_use: np.ndarray


def train(loss: Loss, task: Problem, rows: Split, n_epochs: int) -> Curve:
    """Train one network for each seed, judging it after each epoch."""
    torch.manual_seed(0)
    n_seeds, n_rows, n_features = rows.X_train.shape
    n_outputs = loss.n_outputs(task.table.n_classes, task.table.n_decisions)
    nets, prepared = Networks(n_seeds, n_features, n_outputs), loss.prepare(task.table)
    optimizer = torch.optim.AdamW(nets.parameters(), lr=LR, weight_decay=0.01)
    seeds = torch.arange(n_seeds)[:, None]
    skills, in_use = [], []
    for epoch in range(n_epochs):
        nets.train()
        order = torch.rand(n_seeds, n_rows).argsort(dim=1)
        for batch in order.tensor_split(-(-n_rows // BATCH), dim=1):
            scores = nets(rows.X_train[seeds, batch])
            codes = rows.y_train[seeds, batch]
            losses = loss.pointwise(scores, codes, prepared, epoch / n_epochs)
            optimizer.zero_grad()
            losses.mean(dim=-1).sum().backward()
            optimizer.step()
        nets.eval()
        with torch.no_grad():
            found = answers(loss, nets(rows.X_test), prepared, task.table)
        skills.append(skill(task.table.values, rows.y_test.numpy(), found))
        in_use.append([len(np.unique(row)) for row in found])
    return Curve(np.array(skills), np.array(in_use))


def answers(
    loss: Loss, scores: Tensor, prepared: DenseTable | None, table: ScoreTable
) -> np.ndarray:
    """Return the decision that the loss calls for, (n_seeds, n)."""
    proba = loss.proba(scores, prepared).double().numpy()
    if loss.consistent_decision == "bayes":
        proba = proba @ table.values
    return proba.argmax(axis=-1)


def skill(values: np.ndarray, truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Return the skill of every seed's answers."""
    earned = values[truth, found].mean(axis=1)
    constant = values[truth].mean(axis=1).max(axis=1)
    perfect = values.max(axis=1)[truth].mean(axis=1)
    return (earned - constant) / (perfect - constant)


def epochs_to(curve: Curve, target: np.ndarray) -> float:
    """Return the median over seeds of the first epoch at the target, or infinity."""
    reached = curve.skill >= target
    first = np.where(reached.any(axis=0), reached.argmax(axis=0) + 1.0, np.inf)
    return float(np.sort(first)[len(first) // 2])


def paired(change: np.ndarray) -> str:
    """Write a mean over seeds and its standard error."""
    return f"{change.mean():+.3f} +- {change.std(ddof=1) / len(change) ** 0.5:.3f}"


def show(name: str, curves: dict[str, Curve]) -> dict[str, float]:
    """Print the lines of one problem; return everyone's epochs."""
    anchor = curves[ANCHOR]
    target = 0.99 * anchor.skill.max(axis=0)
    found = {cure: epochs_to(curve, target) for cure, curve in curves.items()}
    heads = "epochs  best   end    end - anchor      end - naive       answers"
    print(f"\n{name:22s} {heads}")
    for cure, curve in curves.items():
        end = curve.skill[-1]
        epochs = f"{found[cure]:.0f}" if np.isfinite(found[cure]) else "-"
        print(
            f"  {cure:20s} {epochs:>6s}  {curve.skill.max(axis=0).mean():.3f}  "
            f"{end.mean():.3f}  {paired(end - anchor.skill[-1])}  "
            f"{paired(end - curves[NAIVE].skill[-1])}  "
            f"{np.median(curve.in_use[-1]):.0f} / "
            f"{np.median(curve.in_use.min(axis=0)):.0f}",
            flush=True,
        )
    return found


def summarise(
    epochs: dict[str, dict[str, float]], everything: dict[str, dict[str, Curve]]
) -> None:
    """Print for each cure what it reaches over all problems."""
    print(
        f"\nOver {len(epochs)} problems: how often the 99 % are reached, and no later "
        "than by\nthe anchor; mean of the end less the anchor's; how often the best "
        "epoch, and the\nend, are below the naive form's by over two standard errors."
    )
    for cure in [ANCHOR, *CURES]:
        reached = sum(np.isfinite(row[cure]) for row in epochs.values())
        in_time = sum(row[cure] <= row[ANCHOR] < np.inf for row in epochs.values())
        lag = [c[cure].skill[-1] - c[ANCHOR].skill[-1] for c in everything.values()]
        best_lower = sum(
            below(c[cure].skill.max(axis=0), c[NAIVE].skill.max(axis=0))
            for c in everything.values()
        )
        end_lower = sum(
            below(c[cure].skill[-1], c[NAIVE].skill[-1]) for c in everything.values()
        )
        print(
            f"  {cure:20s} reached {reached:2d}  in time {in_time:2d}  "
            f"end {np.mean(lag):+.3f} (worst {min(map(np.mean, lag)):+.3f})  "
            f"below naive: best {best_lower}, end {end_lower}"
        )


def below(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the paired mean difference is negative by two standard errors."""
    change = one - other
    return bool(change.mean() < -2 * change.std(ddof=1) / len(change) ** 0.5)


def main() -> None:
    """Print a block of lines for each problem, and a summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--only", nargs="*", default=[""], help="parts of names")
    options = parser.parse_args()
    torch.set_num_threads(1)
    losses = {ANCHOR: CrossEntropyLoss(), **CURES}
    epochs, everything = {}, {}
    for task in problems():
        if not any(part in task.name for part in options.only):
            continue
        rows = split_rows(task, options.seeds)
        everything[task.name] = {
            name: train(loss, task, rows, options.epochs)
            for name, loss in losses.items()
        }
        epochs[task.name] = show(task.name, everything[task.name])
    summarise(epochs, everything)


if __name__ == "__main__":
    main()
