"""A mean score with its standard error and interval."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from simclf.metrics._bootstrap import Resampling, bootstrap_mean
from simclf.metrics._rows import read_rows
from simclf.metrics._scaled import Scaled


@dataclass(frozen=True)
class ScoreInterval:
    """A mean score and how far it can be trusted; prints as a sentence.

    Parameters
    ----------
    score : float
        The mean score.
    standard_error : float
        Standard deviation of the resampled mean scores.
    low, high : float
        Ends of the interval.
    confidence : float
        Share of such intervals that hold the true mean.
    n_samples : int
        Rows.
    n_groups : int or None
        Groups that were drawn as wholes; None where rows were.
    n_resamples : int
        How often they were drawn.

    Examples
    --------
    >>> from simclf.metrics import ScoreInterval
    >>> print(ScoreInterval(0.81, 0.02, 0.77, 0.85, 0.95, 400, 20, 2000))
    Mean score 0.81, 95% interval 0.77 to 0.85 (standard error 0.02, 400 rows in
    20 groups).
    """

    score: float
    standard_error: float
    low: float
    high: float
    confidence: float
    n_samples: int
    n_groups: int | None
    n_resamples: int

    def __str__(self) -> str:
        return (
            f"Mean score {self.score:.4g}, {describe_interval(self)} (standard error "
            f"{self.standard_error:.2g}, {describe_rows(self)})."
        )


def score_interval(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    random_state: Any = None,
) -> ScoreInterval:
    """Mean score of the answers, with its standard error and bootstrap interval.

    Parameters
    ----------
    y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
        As in :func:`mean_score`.
    groups : array-like of shape (n_samples,), default=None
        Labels of what was drawn as a whole, such as patients or plates: rows of one
        group are resampled together. None draws single rows.
    confidence : float, default=0.95
        Share of such intervals that are to hold the true mean.
    n_resamples : int, default=2000
        How often the rows are drawn anew.
    random_state : int, Generator, RandomState or None, default=None
        Seed.

    Returns
    -------
    ScoreInterval
        Fields ``score``, ``standard_error``, ``low``, ``high`` and more.

    Raises
    ------
    ValueError
        As in :func:`mean_score`; if there are fewer than two rows or groups of
        positive weight, or a setting is out of range.

    See Also
    --------
    compare_scores : Whether one set of answers is better than another.

    Notes
    -----
    The bias-corrected and accelerated bootstrap [1]_ of a weighted mean: rows are
    drawn with equal chances and bring their weights along, those of weight 0 are left
    out. It speaks of new rows for the *same* model; what another training would give
    is not in it. Nor are mistakes that it has not seen: where a costly mistake is rare,
    with fewer than about five of them among the rows, the interval is too short and
    lies too high. With up to 30 rows or groups the interval is the wider of this one
    and Student's, as resamples of few vary too little. Memory does not grow with the
    product of rows and resamples, and rows of equal score and weight cost no time of
    their own.

    References
    ----------
    .. [1] B. Efron, "Better bootstrap confidence intervals", JASA 1987,
       https://doi.org/10.1080/01621459.1987.10478410.

    Examples
    --------
    >>> from simclf.metrics import score_interval
    >>> table = [[1.0, 0.5], [-8.0, 1.0]]
    >>> y_true = ["fine", "ill"] * 50
    >>> y_pred = ["fine", "ill"] * 45 + ["ill", "ill"] * 4 + ["fine", "fine"]
    >>> print(score_interval(y_true, y_pred, table, random_state=0))
    Mean score 0.89, 95% interval 0.4417 to 0.985 (standard error 0.088, 100 rows).
    """
    rows = read_rows(
        y_true,
        {"y_pred": y_pred},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    resampling = Resampling(groups, confidence, n_resamples, random_state)
    earned = Scaled.of(rows.worth.of(rows.answers(y_pred)))
    found = bootstrap_mean(earned, rows, resampling)
    return ScoreInterval(
        score=found.mean,
        standard_error=found.standard_error,
        low=found.low,
        high=found.high,
        confidence=confidence,
        n_samples=len(rows.truth),
        n_groups=found.n_groups,
        n_resamples=n_resamples,
    )


def describe_interval(result: Any) -> str:
    """Words on an interval."""
    percent = f"{100 * result.confidence:.4g}%"
    return f"{percent} interval {result.low:.4g} to {result.high:.4g}"


def describe_rows(result: Any) -> str:
    """Words on how many rows, and groups of them, there were."""
    groups = "" if result.n_groups is None else f" in {result.n_groups} groups"
    return f"{result.n_samples} rows{groups}"
