"""Mean score of answers drawn from probabilities."""

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.decision._align import label_codes
from simclf.decision._check import check_proba
from simclf.decision._label_order import label_axis, sorted_labels
from simclf.metrics._rows import read_rows
from simclf.similarity import ScoreTable
from simclf.similarity._arrays import array_of
from simclf.similarity._labels import plain_labels, repeated_labels, show_labels
from simclf.similarity._numbers import read_flag


def expected_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
    normalize: bool = False,
) -> float:
    """Mean score of answers drawn from the probabilities.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; a labelled table may know more of them than `classes` does.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities, one column for each of `classes`, in their order; those of a
        DataFrame are found by name. One dimension is the probability of the second of
        two classes.
    similarity : array-like of shape (n_classes, n_classes), DataFrame, ScoreTable, \
callable or None, default=None
        What answer ``j`` (column) is worth when the truth is ``i`` (row). A bare array
        needs sorted `classes`, in whose order it is read; None is the identity.
    classes : array-like of shape (n_classes,)
        Labels of the columns of `y_proba`, e.g. ``estimator.classes_``.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.
    sample_scores : array-like of shape (n_samples, n_decisions) or DataFrame, \
default=None
        What each answer is worth for *this* row, read as in :func:`mean_score`.
    normalize : bool, default=False
        True gives the skill instead, on the scale of :func:`skill_score`.

    Returns
    -------
    float
        Weighted mean of ``sum_j S[y_true, j] y_proba[:, j]``; greater is better.

    Raises
    ------
    ValueError
        If lengths differ, a row is no probability distribution, a label is unknown
        to the table, or the table does not fit the classes.

    Notes
    -----
    A linear score: it is greatest for probabilities that put everything on the best
    answer, so it judges probabilities as randomised answers, not their calibration.

    Examples
    --------
    >>> from simclf.metrics import expected_score
    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> proba = [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.25, 0.75]]
    >>> expected_score(["c1", "c3"], proba, forum, classes=["c1", "c2", "c3", "c4"])
    1.125
    """
    wanted = read_flag(normalize, "normalize")
    classes = label_axis(classes, "classes")
    sorted_labels(classes)
    rows = read_rows(
        y_true,
        {"classes": classes},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    columns = _columns(classes, rows.table)
    proba = _read_proba(y_proba, classes, len(columns))
    rows.require_length(len(proba), "y_proba")
    score = rows.mean(rows.worth.drawn(proba, columns))
    return rows.skill(score) if wanted else score


def _columns(classes: ArrayLike, table: ScoreTable) -> IntArray:
    """Codes of the answers that belong to the columns of probabilities."""
    columns = label_codes(classes, table.decisions, "classes", "answer")
    repeated = repeated_labels(plain_labels(table.decisions[columns]))
    if repeated:
        msg = f"classes repeats {show_labels(repeated)}; name each column once."
        raise ValueError(msg)
    return columns


def _read_proba(y_proba: ArrayLike, classes: ArrayLike, n_classes: int) -> FloatArray:
    """Probabilities with one column per class, also of the positive class alone."""
    positive = array_of(y_proba, "y_proba", "one probability for each row and class")
    if positive.ndim == 1 and n_classes == 2:
        y_proba = np.column_stack([1 - positive, positive])
    return check_proba(y_proba, n_classes, "y_proba", classes=classes)
