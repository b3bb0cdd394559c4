"""Hypothesis strategies: score tables, posteriors, scores and labels.

Tables are asymmetric unless a test asks otherwise: a symmetric table hides a
transposed one.
"""

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from simclf._typing import AnyArray, FloatArray, IntArray

LABELS = np.array(
    ["ant", "Bee", "cat", "dog 7", "eel", "fox", "gnu", "hen", "ibis", "jay"]
)


def one_in(part: int) -> settings:
    """Settings of a costly property: a part of the examples that others get."""
    return settings(max_examples=max(1, settings().max_examples // part))


n_classes = st.integers(min_value=2, max_value=7)


@st.composite
def score_tables(
    draw: st.DrawFn,
    k: int | None = None,
    *,
    extra: int = 0,
    low: float = -3.0,
    high: float = 3.0,
) -> FloatArray:
    """Any table of shape (k, k + extra), entries on a grid of 1/64."""
    k = draw(n_classes) if k is None else k
    steps = hnp.arrays(
        np.int64,
        (k, k + extra),
        elements=st.integers(int(low * 64), int(high * 64)),
    )
    return draw(steps).astype(np.float64) / 64


@st.composite
def sensible_tables(draw: st.DrawFn, k: int | None = None) -> FloatArray:
    """An asymmetric table whose right answers are the best of their rows."""
    table = draw(score_tables(k))
    np.fill_diagonal(table, table.max() + 1)
    return table


@st.composite
def posteriors(draw: st.DrawFn, k: int, n: int = 4) -> FloatArray:
    """Rows on the simplex, shape (n, k), every entry positive."""
    seed = draw(st.integers(0, 2**31))
    concentration = draw(st.sampled_from([0.3, 1.0, 5.0]))
    rows = np.random.default_rng(seed).dirichlet(np.full(k, concentration), size=n)
    rows = np.maximum(rows, 1e-6)
    return np.asarray(rows / rows.sum(axis=1, keepdims=True), dtype=np.float64)


@st.composite
def scores_and_codes(
    draw: st.DrawFn, k: int, *, n: int = 5, n_outputs: int | None = None
) -> tuple[FloatArray, IntArray]:
    """Raw scores (n, n_outputs) of some magnitude and labels (n,)."""
    seed = draw(st.integers(0, 2**31))
    magnitude = draw(st.sampled_from([0.1, 1.0, 10.0]))
    rng = np.random.default_rng(seed)
    scores = magnitude * rng.standard_normal((n, k if n_outputs is None else n_outputs))
    return scores, rng.integers(0, k, size=n).astype(np.intp)


@st.composite
def classes(draw: st.DrawFn, k: int) -> AnyArray:
    """Sorted class labels as a user has them: strings, negative or gapped ints."""
    kind: Any = draw(st.sampled_from(["str", "int", "object"]))
    if kind == "int":
        return np.unique(np.arange(-2, 3 * k - 2, 3))[:k]
    labels = np.sort(LABELS[:k])
    return labels.astype(object) if kind == "object" else labels


@st.composite
def structured_tables(draw: st.DrawFn, kind: str, k: int) -> FloatArray:
    """A table of shape (k, k) that has a form, with row offsets, classes shuffled."""
    rng = np.random.default_rng(draw(st.integers(0, 2**31)))
    table = STRUCTURES[kind](k, rng)
    shuffled = rng.permutation(k)
    table = table[np.ix_(shuffled, shuffled)]
    if draw(st.booleans()):
        table = table + rng.normal(size=(k, 1))
    return np.asarray(table, dtype=np.float64)


def _line_table(k: int, rng: np.random.Generator) -> FloatArray:
    """Prices of the way along a line, another one for each direction."""
    places = rng.choice([np.arange(float(k)), np.sort(rng.random(k))])
    way = places - places[:, np.newaxis]
    too_high, too_low = rng.choice([0.0, 0.5, 1.0, 3.0], size=2, replace=False)
    return np.asarray(-too_high * np.maximum(way, 0) - too_low * np.maximum(-way, 0))


def _tree_table(k: int, rng: np.random.Generator) -> FloatArray:
    """Worth of the common ancestor, in a tree with nodes of any number of children."""
    table, groups = np.zeros((k, k)), np.zeros(k, dtype=np.intp)
    for _ in range(rng.integers(1, 6)):
        groups = groups * k + rng.integers(rng.integers(1, 4), size=k)
        table += rng.random() * (groups[:, np.newaxis] == groups)
    return table + np.diag(rng.random(k))


def _path_table(k: int, rng: np.random.Generator) -> FloatArray:
    """Minus the lengths of the paths between leaves of unequal depth."""
    table = _tree_table(k, rng)
    depth = table.diagonal()
    return 2.0 * table - depth - depth[:, np.newaxis]


def _sparse_table(k: int, rng: np.random.Generator) -> FloatArray:
    """Zeros but for the diagonal and an entry in a few of the rows."""
    table = np.zeros((k, k))
    table[rng.integers(k, size=k // 8), rng.integers(k, size=k // 8)] = rng.random()
    np.fill_diagonal(table, 1.0 + rng.random(k))
    return table


def _low_rank_table(k: int, rng: np.random.Generator) -> FloatArray:
    """Scores that are products of two vectors for each class."""
    rank = int(rng.integers(1, k // 8))
    return np.asarray(rng.normal(size=(k, rank)) @ rng.normal(size=(rank, k)))


STRUCTURES = {
    "line": _line_table,
    "tree": _tree_table,
    "path": _path_table,
    "sparse": _sparse_table,
    "low_rank": _low_rank_table,
}
