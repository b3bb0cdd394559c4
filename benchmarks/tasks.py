"""Real and made tasks with score tables that benchmarks are run on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.datasets import load_digits, load_wine, make_classification

from simclf.datasets import load_16s_reads, load_pbmc, load_penguins


@dataclass(frozen=True)
class Task:
    """Features, labels and a table, by name."""

    name: str
    X: Any
    y: Any
    similarity: Any


def asymmetric(n_classes: int, seed: int = 0) -> np.ndarray:
    """Right answers score 1; wrong ones lose up to 1, few of them heavily."""
    rng = np.random.default_rng(seed)
    table = 1 - rng.beta(0.5, 1.0, size=(n_classes, n_classes))
    np.fill_diagonal(table, 1.0)
    return table


def ordinal(n_classes: int) -> np.ndarray:
    """Minus the distance of the codes."""
    codes = np.arange(n_classes)
    return -np.abs(np.subtract.outer(codes, codes)).astype(float)


def tasks() -> Iterator[Task]:
    """Yield every task: of this library, of scikit-learn, and made ones."""
    pbmc, reads, birds = load_pbmc(), load_16s_reads(), load_penguins()
    yield Task("pbmc/ontology", pbmc.frame, pbmc.target, pbmc.similarity)
    yield Task("pbmc/asymmetric", pbmc.frame, pbmc.target, asymmetric(10))
    yield Task("16s/taxonomy", reads.frame, reads.target, reads.similarity)
    yield Task("penguins/sex", birds.frame, birds.target, birds.similarity)
    X, y = load_digits(return_X_y=True)
    yield Task("digits/ordinal", X, y, ordinal(10))
    yield Task("digits/asymmetric", X, y, asymmetric(10, seed=1))
    X, y = load_wine(return_X_y=True)
    yield Task("wine/asymmetric", X, y, asymmetric(3, seed=2))
    X, y = make_classification(
        4000,
        n_features=30,
        n_informative=12,
        n_classes=12,
        n_clusters_per_class=2,
        flip_y=0.1,
        random_state=0,
    )
    yield Task("made12/asymmetric", X, y, asymmetric(12, seed=3))
    yield Task("made12/ordinal", X, y, ordinal(12))
