"""A learning problem: raw rows, codes of the classes, three score tables, splits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Self
from zlib import crc32

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedShuffleSplit
from tasks import asymmetric, ordinal

MIN_CLASS_ROWS = 6
TEST_SHARE, MAX_TEST_ROWS = 0.4, 10_000
MAX_CONSTANT_SCORE = 0.9

Posterior = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Problem:
    """Rows and labels of one problem, with what is known about them.

    `order` are the labels in the order that the ordinal table means, `hierarchy` a
    real score table that replaces the random tree, `noise` the share of training
    labels drawn at random, and `posterior` the true one of a made problem.
    """

    X: np.ndarray
    y: np.ndarray
    order: list[Any]
    hierarchy: np.ndarray | None = None
    noise: float = 0.0
    posterior: Posterior | None = None

    @classmethod
    def read(cls, X: Any, y: Any, **known: Any) -> Self:
        """Leave out classes of fewer than six rows and number the others."""
        labels = np.asarray(y)
        found, counts = np.unique(labels, return_counts=True)
        kept = set(found[counts >= MIN_CLASS_ROWS].tolist())
        wanted = known.pop("order", None) or found.tolist()
        order = [label for label in wanted if label in kept]
        codes = pd.Categorical(labels, categories=order).codes
        rows = codes >= 0
        features = np.asarray(X, dtype=np.float64)[rows]
        return cls(features, codes[rows].astype(np.intp), order, **known)

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.order)

    def tables(self, name: str) -> dict[str, np.ndarray]:
        """Build the three score tables; `name` seeds the random ones."""
        seed = crc32(name.encode())
        tree = self.hierarchy
        return {
            "tree": random_tree(self.n_classes, seed) if tree is None else tree,
            "ordinal": ordinal(self.n_classes),
            "asymmetric": self._worth_learning(seed),
        }

    def _worth_learning(self, seed: int) -> np.ndarray:
        """Draw asymmetric tables until always answering the same is no solution."""
        share = np.bincount(self.y) / len(self.y)
        drawn = (asymmetric(self.n_classes, other) for other in count(seed))
        return next(S for S in drawn if (share @ S).max() <= MAX_CONSTANT_SCORE)


@dataclass(frozen=True)
class Split:
    """Rows to train on and to judge by, and the tables to judge under."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    tables: dict[str, np.ndarray]
    seed: int
    posterior: Posterior | None


def split_rows(problem: Problem, name: str, seed: int) -> Split:
    """Split by class, two fifths of the rows but at most 10,000 to judge by."""
    n_test = min(round(TEST_SHARE * len(problem.y)), MAX_TEST_ROWS)
    shuffle = StratifiedShuffleSplit(1, test_size=n_test, random_state=seed)
    train, test = next(shuffle.split(problem.X, problem.y))
    return Split(
        problem.X[train],
        _with_noise(problem.y[train], problem, seed),
        problem.X[test],
        problem.y[test],
        problem.tables(name),
        seed,
        problem.posterior,
    )


def random_tree(n_classes: int, seed: int) -> np.ndarray:
    """Share of the levels that two classes have in common in a random binary tree."""
    rng = np.random.default_rng(seed)
    table = np.zeros((n_classes, n_classes))
    for depth, group in _halves(rng.permutation(n_classes)):
        table[np.ix_(group, group)] = depth
    table /= table.max()
    np.fill_diagonal(table, 1.0)
    return table


def _halves(codes: np.ndarray, depth: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the codes and, level by level, the halves they fall into."""
    yield depth, codes
    if len(codes) > 1:
        for half in np.array_split(codes, 2):
            yield from _halves(half, depth + 1)


def _with_noise(codes: np.ndarray, problem: Problem, seed: int) -> np.ndarray:
    """Draw a share of the labels anew, each class as likely as any other."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, problem.n_classes, len(codes))
    return np.where(rng.random(len(codes)) < problem.noise, drawn, codes)
