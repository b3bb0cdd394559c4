"""What rounding can make of expected regrets, and sums that do not depend on it."""

import numpy as np

from simclf._typing import FloatArray
from simclf.decision._extremes import row_extreme
from simclf.similarity import row_ranges

EPSILON = np.finfo(np.float64).eps.item()
_TINY = np.finfo(np.float64).tiny.item()
TIE = 8.0
"""Answers tie that lie within so many times the rounding."""


def rounding_doubt(values: FloatArray) -> FloatArray:
    """How far rounding may move the regret of each class, in unit regrets.

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_columns)
        Scores; the extremes of each row are enough.

    Returns
    -------
    ndarray of shape (n_classes,)
    """
    n_classes = values.shape[0]
    ranges = row_ranges(values)
    scale = ranges.max()
    # A constant row says that all answers are alike, whatever its size.
    informative = ranges > 0
    ranges = np.where(informative, ranges, 0.0)
    magnitudes = np.where(informative, np.abs(values).max(axis=1), 0.0)
    relative = (magnitudes / scale, ranges / scale) if scale else (magnitudes, ranges)
    return np.asarray(EPSILON * (relative[0] + (n_classes + 2) * relative[1]))


def expected_doubt(proba: FloatArray, doubt: FloatArray) -> FloatArray:
    """How far rounding may move the expected regrets, shape (n_samples, 1)."""
    return np.asarray((proba * doubt).sum(axis=1, keepdims=True) + _TINY)


def above_least(expected: FloatArray) -> FloatArray:
    """Excess of each answer's expected regret over the least of its row."""
    return np.asarray(expected - row_extreme(expected, "least"))


def ordered_product(proba: FloatArray, regret: FloatArray) -> FloatArray:
    """Matrix product summed over the classes in order, on any number of rows."""
    product = np.zeros((proba.shape[0], regret.shape[1]))
    for column, row in zip(proba.T, regret, strict=True):
        product += column[:, np.newaxis] * row
    return product
