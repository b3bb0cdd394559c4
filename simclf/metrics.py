"""What decisions and probabilities earn under a score table.

Rows of the table are the truth, columns the answer; higher is better. All functions
align a labelled table by name and read a bare array in sorted class order.
"""

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.decision._align import label_codes
from simclf.decision._check import check_proba
from simclf.decision._rows import ScoredRows, read_rows
from simclf.similarity import ScoreTable
from simclf.similarity._labels import plain_labels, repeated_labels, show_labels

__all__ = [
    "expected_score",
    "mean_score",
    "mistake_severity",
    "regret",
    "skill_score",
]


def mean_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    normalize: bool = False,
) -> float:
    """Mean score that the answers earned.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred : array-like of shape (n_samples,)
        Answers: labels, or a labelled table's answers that are no class.
    similarity : array-like of shape (n_classes, n_classes), DataFrame, ScoreTable, \
callable or None, default=None
        What answer ``j`` (column) is worth when the truth is ``i`` (row). None is the
        identity, whose mean score is the accuracy.
    classes : array-like of shape (n_classes,), default=None
        Labels of a bare array, which is read in their sorted order; None takes the
        labels found in `y_true` and `y_pred`. A labelled table brings its own.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.
    normalize : bool, default=False
        True gives the skill instead, see :func:`skill_score`.

    Returns
    -------
    float
        Weighted mean of ``S[y_true, y_pred]``; greater is better.

    Raises
    ------
    ValueError
        If lengths differ, a label is unknown to the table, the table does not fit
        the labels, or the weights are negative, not finite or all zero.

    Examples
    --------
    >>> import pandas as pd
    >>> from simclf.metrics import mean_score
    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> mean_score(["c1", "c2", "c3", "c4"], ["c1", "c1", "c4", "c2"], forum)
    1.0

    Where a class is neither true nor answered, say which classes there are:

    >>> classes = ["c1", "c2", "c3", "c4"]
    >>> mean_score(["c1", "c2", "c4"], ["c1", "c1", "c2"], forum, classes=classes)
    1.0

    A labelled table needs no such help, and may hold answers that are no class:

    >>> table = pd.DataFrame(
    ...     [[0, -1, -2], [-10, 0, -2]],
    ...     index=["fine", "ill"],
    ...     columns=["fine", "ill", "refer"],
    ... )
    >>> mean_score(["ill", "ill", "fine"], ["fine", "refer", "fine"], table)
    -4.0
    """
    rows = read_rows(y_true, y_pred, similarity, classes, sample_weight)
    score = rows.mean(rows.table.values[rows.truth, _answers(y_pred, rows)])
    return rows.skill(score) if normalize else score


def expected_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike,
    sample_weight: ArrayLike | None = None,
    normalize: bool = False,
) -> float:
    """Mean score of answers drawn from the probabilities.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels; a labelled table may know more of them than `classes` does.
    y_proba : array-like of shape (n_samples, n_classes) or (n_samples,)
        Probabilities, one column for each of `classes`, in their order. One
        dimension is the probability of the second of two classes.
    similarity : array-like of shape (n_classes, n_classes), DataFrame, ScoreTable, \
callable or None, default=None
        What answer ``j`` (column) is worth when the truth is ``i`` (row). A bare array
        is read in the sorted order of `classes`; None is the identity.
    classes : array-like of shape (n_classes,)
        Labels of the columns of `y_proba`, e.g. ``estimator.classes_``.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.
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
    rows = read_rows(y_true, classes, similarity, classes, sample_weight)
    columns = _columns(classes, rows.table)
    proba = _read_proba(y_proba, len(columns))
    _check_length(len(proba), "y_proba", rows)
    worth = rows.table.values[:, columns][rows.truth]
    score = rows.mean(np.einsum("ij,ij->i", worth, proba))
    return rows.skill(score) if normalize else score


def skill_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Mean score on a scale from the best constant answer (0) to perfect (1).

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight : array-likes
        As in :func:`mean_score`.

    Returns
    -------
    float
        At most one; negative for answers that earn less than the best constant one.

    Raises
    ------
    ValueError
        As in :func:`mean_score`.

    Notes
    -----
    ``(mean_score - constant) / (perfect - constant)``, where `perfect` gives every
    row the best answer of its truth and `constant` gives all rows the one answer that
    earns most on them. It does not depend on the table's scale, nor on a constant
    added to the table. Where a constant answer is perfect (one class only, or a
    table that tells no answers apart) the skill is 1.0 for perfect answers and 0.0
    for all others, as in :func:`sklearn.metrics.r2_score`.

    Examples
    --------
    >>> from simclf.metrics import skill_score
    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> truth = ["c1", "c2", "c3", "c4"]
    >>> skill_score(truth, ["c1", "c1", "c4", "c3"], forum, classes=truth)
    0.6
    """
    return mean_score(
        y_true,
        y_pred,
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        normalize=True,
    )


def regret(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Mean score that the answers lost against the best answer of each truth.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight : array-likes
        As in :func:`mean_score`.

    Returns
    -------
    float
        Weighted mean of ``max_k S[y_true, k] - S[y_true, y_pred]``; never negative,
        less is better.

    Raises
    ------
    ValueError
        As in :func:`mean_score`.

    Examples
    --------
    The right answer c3 has a regret: its row favours c4.

    >>> from simclf.metrics import regret
    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> truth = ["c1", "c2", "c3", "c4"]
    >>> regret(truth, ["c2", "c2", "c3", "c4"], forum, classes=truth)
    0.5
    """
    rows = read_rows(y_true, y_pred, similarity, classes, sample_weight)
    return rows.mean(_regrets(rows, _answers(y_pred, rows)))


def mistake_severity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
) -> float:
    """Mean regret of the mistakes alone: how bad a mistake is when there is one.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight : array-likes
        As in :func:`mean_score`.

    Returns
    -------
    float
        Weighted mean regret of the rows with ``y_pred != y_true``; 0.0 if there are
        none (or none of positive weight).

    Raises
    ------
    ValueError
        As in :func:`mean_score`.

    Notes
    -----
    An answer that is no class is always a mistake here. Read it beside the accuracy:
    a classifier that makes many small mistakes has a low severity.

    References
    ----------
    .. [1] L. Bertinetto, R. Mueller, K. Tertikas, S. Samangooei, N. A. Lord, "Making
       better mistakes", CVPR 2020, https://doi.org/10.1109/CVPR42600.2020.01252.

    Examples
    --------
    >>> from simclf.metrics import mistake_severity
    >>> forum = [[2, 1, 0, -1], [1, 2, -1, 0], [0, -1, 0, 1], [-1, 0, 1, 2]]
    >>> truth = ["c1", "c2", "c3", "c4"]
    >>> mistake_severity(truth, ["c2", "c4", "c3", "c4"], forum, classes=truth)
    1.5
    """
    rows = read_rows(y_true, y_pred, similarity, classes, sample_weight)
    answers = _answers(y_pred, rows)
    counts = (answers != rows.truth) * rows.weights
    if not counts.any():
        return 0.0
    return float(np.average(_regrets(rows, answers), weights=counts))


def _answers(y_pred: ArrayLike, rows: ScoredRows) -> IntArray:
    """Codes of the answers, one for each row."""
    codes = label_codes(y_pred, rows.table.decisions, "y_pred", "answer")
    _check_length(len(codes), "y_pred", rows)
    return codes


def _columns(classes: ArrayLike, table: ScoreTable) -> IntArray:
    """Codes of the answers that belong to the columns of probabilities."""
    columns = label_codes(classes, table.decisions, "classes", "answer")
    repeated = repeated_labels(plain_labels(table.decisions[columns]))
    if repeated:
        msg = f"classes repeats {show_labels(repeated)}; name each column once."
        raise ValueError(msg)
    return columns


def _read_proba(y_proba: ArrayLike, n_classes: int) -> FloatArray:
    """Probabilities with one column per class, also of the positive class alone."""
    array = np.asarray(y_proba)
    if array.ndim == 1 and n_classes == 2:
        array = np.column_stack([1 - array, array])
    return check_proba(array, n_classes, "y_proba")


def _check_length(length: int, name: str, rows: ScoredRows) -> None:
    """Refuse answers that are not as many as the true labels."""
    if length != len(rows.truth):
        msg = (
            f"{name} has {length} rows but y_true has {len(rows.truth)}; "
            "pass one for each true label."
        )
        raise ValueError(msg)


def _regrets(rows: ScoredRows, answers: IntArray) -> FloatArray:
    """Loss of each answer against the best one of its truth."""
    values = rows.table.values
    best = values.max(axis=1)[rows.truth]
    return np.asarray(best - values[rows.truth, answers])
