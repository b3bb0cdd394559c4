"""Mean score that answers earned."""

from numpy.typing import ArrayLike

from simclf.metrics._rows import read_rows
from simclf.similarity._numbers import read_flag


def mean_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
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
        Labels of a bare array, in sorted order, in which it is read; None takes the
        labels found in `y_true` and `y_pred`. A labelled table brings its own.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights.
    sample_scores : array-like of shape (n_samples, n_decisions) or DataFrame, \
default=None
        What each answer is worth for *this* row, in place of the table's row of its
        truth. Columns of a frame are found by the names of the answers; those of a
        bare array are the answers in order: the sorted classes, then a table's further
        answers. `similarity` then only names the answers, its numbers are not used;
        without it they are the frame's columns, else `classes`, else the labels found.
    normalize : bool, default=False
        True gives the skill instead, see :func:`skill_score`.

    Returns
    -------
    float
        Weighted mean of ``S[y_true, y_pred]``, or of ``sample_scores[row, y_pred]``;
        greater is better.

    Raises
    ------
    ValueError
        If lengths differ, a label is unknown to the table, the table does not fit
        the labels, the weights are negative, not finite or all zero, or
        `sample_scores` lacks an answer or has another shape.

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

    A fraud that is let pass costs its own amount, an alarm costs one:

    >>> worth = pd.DataFrame({"pass": [-20.0, -700.0, 0.0], "alarm": -1.0})
    >>> truth = ["alarm", "alarm", "pass"]
    >>> mean_score(truth, ["pass", "alarm", "pass"], sample_scores=worth)
    -7.0
    """
    wanted = read_flag(normalize, "normalize")
    rows = read_rows(
        y_true,
        {"y_pred": y_pred},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    score = rows.mean(rows.worth.of(rows.answers(y_pred)))
    return rows.skill(score) if wanted else score
