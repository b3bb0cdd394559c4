"""Scores of classes by the centres of their training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from simclf.similarity._change import read_labels
from simclf.similarity._distance import nearness
from simclf.similarity._entries import Layout, finite_floats, read_array
from simclf.similarity._labelled import labelled_frame
from simclf.similarity._labels import plain_labels
from simclf.similarity._numbers import read_flag
from simclf.similarity._vectors import Metric, class_distances

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from simclf._typing import FloatArray, IntArray

_FEATURES = Layout("(n_samples, n_features)", "number", "sample", "feature")


def centroid_similarity(
    X: ArrayLike,
    y: ArrayLike,
    *,
    metric: Metric = "euclidean",
    standardize: bool = True,
    scale: float | None = None,
) -> pd.DataFrame:
    """Score an answer by how near the centre of its rows is to that of the truth.

    Parameters
    ----------
    X : array-like of shape (n_samples, n_features)
        Features, held in memory as dense float64. Pass the training rows only.
    y : array-like of shape (n_samples,)
        Class labels.
    metric : str, default="euclidean"
        As in :func:`embedding_similarity`.
    standardize : bool, default=True
        Whether to divide every feature by its standard deviation over all rows, after
        taking off its mean; a constant feature counts for nothing. Without it,
        features in small units count less.
    scale : float, default=None
        Distance at which a score has fallen to ``1 / e``. By default scores fall in
        proportion to the distance, to 0 at the largest one.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores in [0, 1], symmetric, rows the truth and columns the answer; 1 for the
        right one. Classes in sorted order.

    Raises
    ------
    ValueError
        If an entry of `X` is not finite, a label is missing, `X` and `y` differ in
        length, or all centres are in one place.
    TypeError
        If `X` holds no numbers, the labels of `y` cannot be sorted, or a setting is
        of the wrong type.

    Notes
    -----
    ``S[i, j] = 1 - d[i, j] / max(d)``, or ``exp(-d[i, j] / scale)``, with ``d`` the
    distance of the mean rows of two classes.

    Such a table says what is hard to tell apart, which need not be what is cheap to
    confuse. Where the costs of mistakes are known, use those.

    Examples
    --------
    Penguins of three species and two sexes, by four measures of their bodies:

    >>> from simclf.datasets import load_penguins
    >>> from simclf.similarity import centroid_similarity
    >>> penguins = load_penguins()
    >>> table = centroid_similarity(penguins.data, penguins.target)
    >>> table.loc["Adelie female"].round(2).tail(3)
    answer
    Chinstrap male    0.33
    Gentoo female     0.23
    Gentoo male       0.00
    Name: Adelie female, dtype: float64
    """
    rows = _read_rows(X)
    names = read_labels(y)
    if len(names) != len(rows):
        msg = f"X has {len(rows)} rows but y has {len(names)}; pass one label a row."
        raise ValueError(msg)
    labels, codes = _encode(names)
    if read_flag(standardize, "standardize"):
        rows = _standardized(rows)
    distances = class_distances(_means(rows, codes), labels, metric, "The centre")
    return labelled_frame(nearness(distances, scale), labels)


def _read_rows(X: Any) -> FloatArray:
    """Features as finite floats; an entry that is none is named by row and column."""
    array = read_array(X, "X", _FEATURES)
    if array.ndim != 2 or not array.size:
        msg = f"X has shape {array.shape}; expected (n_samples, n_features)."
        raise ValueError(msg)
    names = plain_labels(getattr(X, "columns", range(array.shape[1])))

    def where(row: int, column: int) -> str:
        return f"X[{row}, {names[column]!r}]"

    return finite_floats(array, where)


def _encode(names: list[object]) -> tuple[list[object], IntArray]:
    """Sorted classes, and the position of every label among them."""
    try:
        labels = sorted(set(names))  # type: ignore[type-var] # refused just below
    except TypeError:
        kinds = sorted({type(name).__name__ for name in names})
        msg = f"y has labels of types {kinds}, which cannot be sorted; use one of them."
        raise TypeError(msg) from None
    position = {label: code for code, label in enumerate(labels)}
    return labels, np.array([position[name] for name in names], dtype=np.intp)


def _standardized(rows: FloatArray) -> FloatArray:
    """Rows with every feature in units of its standard deviation."""
    largest = np.abs(rows).max(axis=0)
    # In units of the largest entry, no square overflows.
    rows = rows / np.where(largest > 0, largest, 1.0)
    constant = (rows == rows[0]).all(axis=0)
    spread = np.where(constant, np.inf, rows.std(axis=0))
    return np.asarray((rows - rows.mean(axis=0)) / spread)


def _means(rows: FloatArray, codes: IntArray) -> FloatArray:
    """Mean row of each class."""
    shares = 1.0 / np.bincount(codes)[codes]
    return np.asarray(sparse.csr_array((shares, (codes, np.arange(len(codes))))) @ rows)
