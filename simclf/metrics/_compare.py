"""Whether one set of answers earns more than another, over the same rows."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from simclf.metrics._bootstrap import Resampling, bootstrap_mean, least_p_value
from simclf.metrics._interval import describe_interval, describe_rows
from simclf.metrics._rows import read_rows
from simclf.metrics._scaled import Scaled


@dataclass(frozen=True)
class ScoreComparison:
    """What two sets of answers earn, and how sure the difference is.

    Prints as a sentence, which calls one of them better where the interval of the
    difference does not hold zero and the p-value is below one less the confidence.

    Parameters
    ----------
    score_a, score_b : float
        Mean scores.
    difference : float
        ``score_a - score_b``.
    standard_error : float
        Of the difference, over pairs.
    low, high : float
        Ends of the interval of the difference.
    p_value : float
        Two-sided: how often resamples cross zero, at least ``2 / (n_resamples + 1)``;
        of up to 30 rows or groups no less than Student's, nor than ``2 ** (1 - n)``.
    probability_a_better : float
        Share of resamples in which A earns more; a draw counts half.
    confidence : float
        Share of such intervals that hold the true difference.
    n_samples : int
        Rows.
    n_groups : int or None
        Groups that were drawn as wholes; None where rows were.
    n_resamples : int
        How often they were drawn.

    Examples
    --------
    >>> from simclf.metrics import compare_scores
    >>> truth, first, second = ["ant", "bee"] * 4, ["ant", "bee"] * 4, ["bee"] * 8
    >>> found = compare_scores(truth, first, second, random_state=0)
    >>> found.score_a, found.score_b, found.difference
    (1.0, 0.5, 0.5)
    """

    score_a: float
    score_b: float
    difference: float
    standard_error: float
    low: float
    high: float
    p_value: float
    probability_a_better: float
    confidence: float
    n_samples: int
    n_groups: int | None
    n_resamples: int

    def __str__(self) -> str:
        return (
            f"A earns {self.score_a:.4g}, B {self.score_b:.4g}: {self._verdict()} "
            f"({describe_interval(self)}, standard error {self.standard_error:.2g}, "
            f"p = {self.p_value:.2g}, {describe_rows(self)}).{self._caution()}"
        )

    def _caution(self) -> str:
        """Words on an interval without zero that so few units cannot bear out."""
        n_units = self.n_samples if self.n_groups is None else self.n_groups
        if self.low <= 0 <= self.high or least_p_value(n_units) < 1 - self.confidence:
            return ""
        what = "rows" if self.n_groups is None else "groups"
        return (
            f" {n_units} {what} are too few to tell: with them p is at least "
            f"{least_p_value(n_units):.2g}."
        )

    def _verdict(self) -> str:
        """Words on which is better."""
        sure = self.p_value < 1 - self.confidence
        if sure and self.low > 0:
            return f"A is better by {self.difference:.4g}"
        if sure and self.high < 0:
            return f"B is better by {-self.difference:.4g}"
        return f"no clear difference, {self.difference:+.4g}"


def compare_scores(
    y_true: ArrayLike,
    y_pred_a: ArrayLike,
    y_pred_b: ArrayLike,
    similarity: object = None,
    *,
    classes: ArrayLike | None = None,
    sample_weight: ArrayLike | None = None,
    sample_scores: object = None,
    groups: ArrayLike | None = None,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    random_state: Any = None,
) -> ScoreComparison:
    """Compare what two sets of answers to the same rows earn.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
        True labels.
    y_pred_a, y_pred_b : array-like of shape (n_samples,)
        Answers of A and of B.
    similarity, classes, sample_weight, sample_scores : array-likes
        As in :func:`mean_score`.
    groups : array-like of shape (n_samples,), default=None
        Labels of what was drawn as a whole, such as patients or plates: rows of one
        group are resampled together. None draws single rows.
    confidence : float, default=0.95
        Share of such intervals that are to hold the true difference.
    n_resamples : int, default=2000
        How often the rows are drawn anew.
    random_state : int, Generator, RandomState or None, default=None
        Seed.

    Returns
    -------
    ScoreComparison
        The difference, its standard error and interval, ``p_value`` and
        ``probability_a_better``; prints as a sentence.

    Raises
    ------
    ValueError
        As in :func:`mean_score`; if there are fewer than two rows or groups of
        positive weight, or a setting is out of range.

    See Also
    --------
    score_interval : How sure one mean score is.

    Notes
    -----
    Resampled is the difference of the two scores of each row (a *paired* bootstrap),
    so what is hard for both does not blur it. The interval is bias-corrected and
    accelerated as in :func:`score_interval`, and as there it speaks of new rows for the
    *same* two models. Rows of one patient are no independent rows: say so with
    `groups`, or the standard error is too small.

    Resamples of few rows or groups vary too little. With up to 30 of them the interval
    is the wider of the bootstrap's and Student's, and the p-value the larger one; of
    three patients nothing can be said with any confidence, and it is not.

    Examples
    --------
    Two missed illnesses cost more than ten false alarms, but two are few:

    >>> from simclf.metrics import compare_scores
    >>> table = [[1.0, 0.5], [-8.0, 1.0]]
    >>> truth = ["fine", "ill"] * 100
    >>> careful = ["fine", "ill"] * 90 + ["ill", "ill"] * 10
    >>> bold = ["fine", "ill"] * 98 + ["fine", "fine"] * 2
    >>> print(compare_scores(truth, careful, bold, table, random_state=0))
    A earns 0.975, B 0.91: no clear difference, +0.065 (95% interval -0.025 to 0.285,
    standard error 0.064, p = 0.27, 200 rows).
    """
    rows = read_rows(
        y_true,
        {"y_pred_a": y_pred_a, "y_pred_b": y_pred_b},
        similarity,
        classes=classes,
        sample_weight=sample_weight,
        sample_scores=sample_scores,
    )
    resampling = Resampling(groups, confidence, n_resamples, random_state)
    earned_a = rows.worth.of(rows.answers(y_pred_a, "y_pred_a"))
    earned_b = rows.worth.of(rows.answers(y_pred_b, "y_pred_b"))
    found = bootstrap_mean(Scaled.difference(earned_a, earned_b), rows, resampling)
    return ScoreComparison(
        score_a=rows.mean(earned_a),
        score_b=rows.mean(earned_b),
        difference=found.mean,
        standard_error=found.standard_error,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
        probability_a_better=float(
            (found.resamples > 0).mean() + (found.resamples == 0).mean() / 2
        ),
        confidence=confidence,
        n_samples=len(rows.truth),
        n_groups=found.n_groups,
        n_resamples=n_resamples,
    )
