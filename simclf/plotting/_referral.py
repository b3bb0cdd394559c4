"""What it gains to hand the rows that a classifier is least sure of to an expert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf.decision import bayes_decision
from simclf.decision import expected_scores as expected_scores_of
from simclf.decision._align import aligned_table, whole_table
from simclf.decision._check import check_proba
from simclf.decision._label_order import label_axis
from simclf.decision._posterior import (
    POSTERIOR_REMEDY,
    innermost,
    require_proba,
    warn_unless_posterior,
)
from simclf.metrics._rows import read_rows
from simclf.plotting._base import Display, inches_of
from simclf.plotting._colours import BLUE, VERMILION
from simclf.plotting._costs import part_of
from simclf.plotting._layout import TICK_SIZE, number_inches
from simclf.plotting._similarity import table_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simclf._typing import FloatArray
    from simclf.similarity import ScoreTable

_SIZE = (6.4, 4.2)
_SMALL = 8
_PRICED_SHARES = (0.0, 0.2, 0.4, 0.6, 0.8)


class ReferralDisplay(Display):
    """Mean score against the share of rows that are referred to an expert.

    The rows whose answer is expected to cost most are referred first. Make it with
    :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    shares : ndarray of shape (n_points,)
        Share of the rows referred, from 0 to 1.
    prices : ndarray of shape (n_points,)
        Price of an expert's answer at which it pays to refer this share and no more,
        in units of the table.
    kept_scores : ndarray of shape (n_points,)
        Mean score of the rows that are not referred; nan where all are.
    overall_scores : ndarray of shape (n_points,)
        Mean score of all rows, those referred being answered as well as can be, before
        the price is paid.

    Attributes
    ----------
    kept_line_, overall_line_, chance_line_ : matplotlib.lines.Line2D
        Mean score of the rows kept, that of all, and that of all if as many rows
        were referred at random.
    price_ax_ : matplotlib.axes.Axes
        The prices, along the top.
    ax_, figure_
        The axes, and their figure.

    See Also
    --------
    simclf.BayesDecisionClassifier : Refers by itself, given a table with a column for
        the answer "refer".

    Notes
    -----
    Judged are answers that are classes: where a table has others, such as "refer", the
    classifier is taken to give the best class instead, and what is asked is what it
    gains to hand rows over. So the first point is not the score of such a classifier.

    An expert gives the best answer and takes a price. It pays to ask where the price is
    below the expected regret of the classifier's own best answer, ``sum_j p_j max_k
    S[j, k] - max_k sum_j p_j S[j, k]``: so the prices along the top are what turns
    into a table's column "refer", the best score of each row less the price. Rows of
    equal regret are referred together. With calibrated probabilities the gain of a
    further per cent is at first about its price.

    A panel of one's own wants some 4 inches; a narrower one has fewer prices.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from simclf.plotting import ReferralDisplay
    >>> y_true = ["ant", "bee", "bee", "ant"]
    >>> proba = [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.7, 0.3]]
    >>> table = [[1.0, 0.0], [0.2, 1.0]]
    >>> display = ReferralDisplay.from_predictions(
    ...     y_true, proba, table, classes=["ant", "bee"]
    ... )
    >>> display.shares
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> display.overall_scores
    array([0.8, 1. , 1. , 1. , 1. ])
    >>> display.prices.round(2)
    array([0.32, 0.24, 0.2 , 0.08, 0.  ])
    """

    def __init__(
        self,
        shares: FloatArray,
        prices: FloatArray,
        kept_scores: FloatArray,
        overall_scores: FloatArray,
    ) -> None:
        self.shares = shares
        self.prices = prices
        self.kept_scores = kept_scores
        self.overall_scores = overall_scores

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        similarity: object = None,
        *,
        classes: ArrayLike,
        sample_weight: ArrayLike | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw what referring gains, from probabilities.

        Parameters
        ----------
        y_true, y_proba, similarity, classes, sample_weight : array-likes
            As in :func:`simclf.metrics.expected_score`.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ReferralDisplay

        Raises
        ------
        ValueError
            As in :func:`simclf.metrics.expected_score`.
        """
        classes = label_axis(classes, "classes")
        table = _classes_alone(whole_table(similarity, classes, (y_true, classes)))
        rows = read_rows(y_true, {}, table, sample_weight=sample_weight)
        known = aligned_table(table, classes)
        proba = check_proba(y_proba, known.n_classes, "y_proba", classes=classes)
        rows.require_length(len(proba), "y_proba")
        answers = known.classes[bayes_decision(proba, known)]
        earned = rows.worth.of(rows.answers(answers))
        doubts = expected_regrets(proba, known)
        curve = referral_curve(doubts, earned, rows.worth.best(), rows.weights)
        return cls(*curve).plot(**plot_kwargs)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        similarity: object = None,
        *,
        sample_weight: ArrayLike | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw what referring gains for a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            Fitted classifier with ``predict_proba``.
        X : array-like of shape (n_samples, n_features)
            Rows that it has not learned from.
        y : array-like of shape (n_samples,)
            Their true labels.
        similarity : array-like, DataFrame, ScoreTable or None, default=None
            As in :func:`simclf.metrics.expected_score`. None takes the table of the
            classifier, if it has one.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ReferralDisplay

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            If it gives no probabilities.
        ValueError
            As in :meth:`from_predictions`.

        Warns
        -----
        SimilarityWarning
            If what it gives as probabilities are not those of the classes (its
            ``proba_is_posterior_`` is False).
        """
        inner = innermost(estimator)
        check_is_fitted(inner)
        require_proba(estimator, "ReferralDisplay")
        warn_unless_posterior(estimator, POSTERIOR_REMEDY, 2, "ReferralDisplay")
        if similarity is None and hasattr(inner, "similarity_"):
            similarity = table_of(inner)
        return cls.from_predictions(
            y,
            estimator.predict_proba(X),
            similarity,
            classes=estimator.classes_,
            sample_weight=sample_weight,
            **plot_kwargs,
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        ReferralDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not one Axes.
        """
        ax = self._take_axes(ax, _SIZE)
        percent = 100 * self.shares
        (self.overall_line_,) = ax.plot(
            percent,
            self.overall_scores,
            color=BLUE,
            label="all rows",
        )
        (self.chance_line_,) = ax.plot(
            [0, 100],
            self.overall_scores[[0, -1]],
            color="0.5",
            ls=":",
            label="referred at random",
        )
        (self.kept_line_,) = ax.plot(
            percent,
            self.kept_scores,
            color=VERMILION,
            ls="--",
            label="rows kept",
        )
        ax.set(
            xlabel="rows referred to an expert (%)",
            ylabel="mean score",
            xlim=(0, 100),
        )
        ax.grid(alpha=0.3)
        ax.legend(loc="best", fontsize=_SMALL)
        self.price_ax_ = ax.twiny()
        self.price_ax_.set(xlim=(0, 100), xlabel="worth it at a price of (score)")
        self._settle()
        self._tick_prices()
        self._settle()
        return self

    def _tick_prices(self) -> None:
        """Write as many prices along the top as have room."""
        texts = [f"{self._price_at(share):.2g}" for share in _PRICED_SHARES]
        room = inches_of(self.price_ax_)[0] * _PRICED_SHARES[1]
        step = int(np.ceil(max(map(number_inches, texts)) / room))
        self.price_ax_.set_xticks(
            [100 * share for share in _PRICED_SHARES[::step]],
            texts[::step],
            fontsize=TICK_SIZE,
        )

    def _price_at(self, share: float) -> float:
        """Price at which no more than a share of the rows is referred."""
        return float(self.prices[np.searchsorted(self.shares, share, side="right") - 1])


def _classes_alone(table: ScoreTable) -> ScoreTable:
    """Leave out answers that are no class, which a classifier might refer by."""
    return part_of(table, np.arange(table.n_classes), np.arange(0))


def expected_regrets(proba: FloatArray, table: ScoreTable) -> FloatArray:
    """Return the expected regret of the best answer to each row.

    Parameters
    ----------
    proba : ndarray of shape (n_samples, n_classes)
        Probabilities.
    table : ScoreTable
        Scores.

    Returns
    -------
    ndarray of shape (n_samples,)
    """
    perfect = proba @ table.values.max(axis=1)
    best = expected_scores_of(proba, table).max(axis=1)
    return np.asarray(np.maximum(perfect - best, 0.0))


def referral_curve(
    doubts: FloatArray, earned: FloatArray, perfect: FloatArray, weights: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Refer more and more rows, those of most doubt first.

    Parameters
    ----------
    doubts, earned, perfect, weights : ndarray of shape (n_samples,)
        Of each row: expected regret, score of the classifier's answer, score of the
        best one, and weight.

    Returns
    -------
    shares, prices, kept_scores, overall_scores : ndarray of shape (n_points,)
        As :class:`ReferralDisplay` has them: none referred first, all last.
    """
    order = np.argsort(-doubts, kind="stable")
    doubts, weights = doubts[order], weights[order]
    earned, perfect = weights * earned[order], weights * perfect[order]
    # Rows of equal doubt are referred together.
    ends = np.append(np.flatnonzero(np.diff(doubts)), len(doubts) - 1)
    total = weights.sum()
    referred = _running(weights)[np.append(0, ends + 1)]
    kept = earned.sum() - _running(earned)[np.append(0, ends + 1)]
    right = _running(perfect)[np.append(0, ends + 1)]
    left = total - referred
    some = left > total * np.finfo(np.float64).eps * len(doubts)
    kept_scores = np.divide(kept, left, out=np.full_like(kept, np.nan), where=some)
    prices = np.append(doubts[ends], 0.0)
    return referred / total, prices, kept_scores, (kept + right) / total


def _running(values: FloatArray) -> FloatArray:
    """Add up the first 0, 1, 2, ... values."""
    return np.append(0.0, np.cumsum(values))
