"""Scores of classes that others confuse: a classifier, or annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simclf.similarity._labelled import labelled_frame
from simclf.similarity._named_table import read_square_table, refuse_negative
from simclf.similarity._numbers import finite_number, read_flag

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from simclf._typing import FloatArray

_ROUNDING = 1e-9
_FEWEST_SUMMED = 2


def confusion_similarity(
    confusion: object,
    classes: ArrayLike | None = None,
    *,
    smoothing: float = 0.0,
    symmetrize: bool = False,
) -> pd.DataFrame:
    """Score a wrong answer by how often others give it for the truth.

    Parameters
    ----------
    confusion : DataFrame or array-like of shape (n_classes, n_classes)
        Counts or rates of answer ``j`` (column) where the truth is ``i`` (row), as
        ``sklearn.metrics.confusion_matrix(y_true, y_pred)`` and
        ``pandas.crosstab(y_true, y_pred)`` give them; or of one annotator's label
        (column) where another's is ``i``. Use rows that the classifier was not
        trained on.
    classes : array-like of shape (n_classes,), default=None
        Class labels. Needed for a bare array, in its order (that of ``labels=`` in
        ``confusion_matrix``). A frame is cut to them; by default all of its rows are
        kept.
    smoothing : float, default=0.0
        Added to every count, so that what never happened in few cases scores above 0.
    symmetrize : bool, default=False
        Whether a pair of classes has one score for both directions, which takes out
        that some answers are given too often. A pair confused in one direction only
        then scores 0, unless `smoothing` is used.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores in [0, 1], rows the truth and columns the answer; 1 for the right one.

    Raises
    ------
    ValueError
        If a row has no counts, an entry is negative or not finite, the last row and
        column are the sums of the others, rates sum to one by column and not by row,
        or the labels do not fit.
    TypeError
        If `confusion` is no table of numbers, or a setting of the wrong type.

    Notes
    -----
    With ``n`` the counts plus `smoothing`, ``S[i, i] = 1`` and
    ``S[i, j] = n[i, j] / max_k n[i, k]``: where the right answer is the most frequent
    one, how often a wrong one is given for every time that the right one is. A class
    for which another answer is more frequent leaves both at 1. Counts and rates give
    the same scores.

    `symmetrize` takes ``sqrt(S[i, j] * S[j, i])``. Where the right answers are the most
    frequent ones this is the similarity of Luce's choice model [1]_,
    ``sqrt(n[i, j] n[j, i] / (n[i, i] n[j, j]))``, in which the bias towards an answer
    cancels.

    Answers that are often confused are hard, which does not mean that confusing them
    is cheap. Where the costs of mistakes are known, use those.

    References
    ----------
    .. [1] Shepard, "Stimulus and response generalization: a stochastic model relating
       generalization to distance in psychological space", Psychometrika 1957,
       doi:10.1007/BF02288967.

    Examples
    --------
    The grades that two readers gave the same 200 smears (rows the first reader):

    >>> from simclf.similarity import confusion_similarity
    >>> grades = ["normal", "low grade", "high grade"]
    >>> counts = [[80, 18, 2], [12, 40, 8], [0, 10, 30]]
    >>> confusion_similarity(counts, grades).round(2)
    answer      normal  low grade  high grade
    truth
    normal         1.0       0.22        0.02
    low grade      0.3       1.00        0.20
    high grade     0.0       0.33        1.00
    """
    counts, labels = read_square_table(confusion, classes, "confusion")
    refuse_negative(counts, labels, "confusion")
    _refuse_empty_rows(counts, labels)
    _refuse_margins(counts, labels)
    _refuse_rates_by_answer(counts)
    values = _frequencies(counts + _read_smoothing(smoothing))
    if read_flag(symmetrize, "symmetrize"):
        values = np.sqrt(values) * np.sqrt(values.T)
    np.fill_diagonal(values, 1.0)
    return labelled_frame(values, labels)


def _frequencies(counts: FloatArray) -> FloatArray:
    """Divide every row by its largest count."""
    return np.asarray(counts / counts.max(axis=1, keepdims=True))


def _refuse_empty_rows(counts: FloatArray, labels: list[object]) -> None:
    """Refuse a truth for which nothing was answered."""
    empty = np.flatnonzero(~counts.any(axis=1))
    if empty.size:
        msg = (
            f"confusion has no counts for truth {labels[empty[0]]!r}; drop the class, "
            "or count over data that has it."
        )
        raise ValueError(msg)


def _refuse_margins(counts: FloatArray, labels: list[object]) -> None:
    """Refuse sums of all rows and columns, which would count as one more class."""
    inner = counts[:-1, :-1]
    # The margins of a single class are four equal counts of two.
    if len(inner) < _FEWEST_SUMMED:
        return
    by_row, by_column = inner.sum(axis=1), inner.sum(axis=0)
    if (
        np.allclose(counts[:-1, -1], by_row, rtol=_ROUNDING, atol=0)
        and np.allclose(counts[-1, :-1], by_column, rtol=_ROUNDING, atol=0)
        and np.isclose(counts[-1, -1], by_row.sum(), rtol=_ROUNDING, atol=0)
    ):
        msg = (
            f"confusion has the sums of the others in its last row and column, "
            f"{labels[-1]!r}; expected classes only. Leave out margins=True, or drop "
            "both."
        )
        raise ValueError(msg)


def _refuse_rates_by_answer(counts: FloatArray) -> None:
    """Refuse shares of the truths of each answer; an answer never given has none."""
    given = counts.any(axis=0)
    by_answer = np.abs(counts.sum(axis=0)[given] - 1.0).max() <= _ROUNDING
    if by_answer and np.abs(counts.sum(axis=1) - 1.0).max() > _ROUNDING:
        msg = (
            "confusion has columns that sum to 1 and rows that do not, so they are "
            "shares of the truths of an answer; expected counts, or shares of the "
            "answers to a truth. Use normalize='index' (pandas.crosstab) or "
            "normalize='true' (confusion_matrix), or do not normalise."
        )
        raise ValueError(msg)


def _read_smoothing(smoothing: object) -> float:
    """Pseudo-count, not below zero."""
    number = finite_number(smoothing, "smoothing")
    if number < 0:
        msg = f"smoothing={number:g} is negative; expected 0 or more."
        raise ValueError(msg)
    return number
