"""Score lost against the best answers: by all rows, and by the mistakes alone."""

from numpy.typing import ArrayLike

from simclf.metrics._rows import read_rows


def regret(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
) -> float:
    """Mean score that the answers lost against the best answer of each truth.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
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
    rows = read_rows(
        y_true,
        {"y_pred": y_pred},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    return rows.lost(rows.answers(y_pred)).mean(rows.weights)


def mistake_severity(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
) -> float:
    """Mean regret of the mistakes alone: how bad a mistake is when there is one.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
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
    rows = read_rows(
        y_true,
        {"y_pred": y_pred},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    answers = rows.answers(y_pred)
    counts = (answers != rows.truth) * rows.weights
    if not counts.any():
        return 0.0
    return rows.lost(answers).mean(counts)
