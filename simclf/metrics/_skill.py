"""Mean score on a scale from the best constant answer to perfect ones."""

from numpy.typing import ArrayLike

from simclf.metrics._mean import mean_score


def skill_score(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
) -> float:
    """Mean score on a scale from the best constant answer (0) to perfect (1).

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
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
        sample_scores=sample_scores,
        normalize=True,
    )
