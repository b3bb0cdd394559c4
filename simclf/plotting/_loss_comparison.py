"""Accuracy against mean score over the candidates of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from simclf.plotting._base import Display, inches_of, ink_of
from simclf.plotting._colours import style_of
from simclf.plotting._cv_results import (
    Metric,
    best_of_both,
    candidate_kinds,
    other_metric,
    read_metric,
    read_results,
)
from simclf.plotting._layout import short_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simclf._typing import FloatArray

_SIZE = (8.0, 4.6)
# Inches between two labels, and from the axes to the labels, in parts of their width.
_LINE, _LABEL_PLACE = 0.17, 1.06
_MOST_LABELS, _LONGEST_TEXT = 20, 42


class LossComparisonDisplay(Display):
    """Accuracy against mean score of the candidates of a search, by their loss.

    Make it with :meth:`from_cv_results`.

    Parameters
    ----------
    accuracy, score : ndarray of shape (n_candidates,)
        Means over the splits.
    accuracy_error, score_error : ndarray of shape (n_candidates,)
        Their standard errors.
    kinds : list of str
        Name of each candidate's loss, which has a colour and a marker of its own.
    labels : list of str
        What tells each candidate from the others.
    accuracy_name, score_name : str
        Titles of the axes.

    Attributes
    ----------
    best_ : list of int
        The candidates than which none is better in one way and no worse in the other;
        their points are filled.
    containers_ : dict of matplotlib.container.ErrorbarContainer
        The points, by candidate.
    text_ : dict of matplotlib.text.Annotation
        The labels that were written, by candidate.
    ax_, figure_
        The axes, and their figure.

    Notes
    -----
    Bars are one standard error over the splits either way. Splits share training rows,
    so that it is rather too small; and all candidates see the same splits, so that two
    of them may differ by less than their bars and still reliably so:
    :func:`simclf.metrics.compare_scores` answers that.

    Labels stand beside the axes, one below the other. Of many candidates only the best
    ones of each loss, by their mean score, are labelled. Axes of one's own should be
    some 5 inches wide, in a figure of ``layout="constrained"``, which leaves room for
    the labels.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from simclf import BayesDecisionClassifier, make_expected_score_scorer
    >>> from simclf.plotting import LossComparisonDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> table = pd.DataFrame([[1, 0, 0], [0, 1, 0.8], [0, 0.1, 1]])
    >>> search = GridSearchCV(
    ...     BayesDecisionClassifier(LogisticRegression(max_iter=1000)),
    ...     {"similarity": [None, table]},
    ...     scoring={
    ...         "accuracy": "accuracy",
    ...         "mean score": make_expected_score_scorer(table),
    ...     },
    ...     refit=False,
    ... )
    >>> display = LossComparisonDisplay.from_cv_results(search.fit(X, y))
    >>> display.labels
    ['similarity=None', 'similarity=<3x3>']
    >>> display.score_name
    'mean score'
    """

    def __init__(
        self,
        accuracy: FloatArray,
        score: FloatArray,
        *,
        accuracy_error: FloatArray,
        score_error: FloatArray,
        kinds: Sequence[str],
        labels: Sequence[str],
        accuracy_name: str = "accuracy",
        score_name: str = "mean score",
    ) -> None:
        self.accuracy = accuracy
        self.score = score
        self.accuracy_error = accuracy_error
        self.score_error = score_error
        self.kinds = kinds
        self.labels = labels
        self.accuracy_name = accuracy_name
        self.score_name = score_name

    @classmethod
    def from_cv_results(
        cls,
        search: Any,
        *,
        accuracy: str = "accuracy",
        score: str | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw the candidates of a search that was judged by two metrics.

        Parameters
        ----------
        search : fitted search or dict
            Any search of scikit-learn's kind, or its ``cv_results_``, with
            ``scoring={"accuracy": "accuracy", "mean score":
            make_expected_score_scorer(S)}``.
        accuracy : str, default="accuracy"
            Name of the metric along the bottom.
        score : str, default=None
            Name of the metric along the side; None takes the only other one.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        LossComparisonDisplay

        Raises
        ------
        ValueError
            If the search was not judged by these metrics.
        TypeError
            If it is no fitted search.
        """
        results = read_results(search)
        across = read_metric(results, accuracy)
        up = read_metric(results, score or other_metric(results, accuracy))
        return cls._of(across, up, *candidate_kinds(results["params"])).plot(
            **plot_kwargs
        )

    @classmethod
    def _of(
        cls, across: Metric, up: Metric, kinds: list[str], labels: list[str]
    ) -> Self:
        """Put two metrics together."""
        return cls(
            across.means,
            up.means,
            accuracy_error=across.errors,
            score_error=up.errors,
            kinds=kinds,
            labels=labels,
            accuracy_name=across.name,
            score_name=up.name,
        )

    def plot(self, ax: Any = None) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None makes a figure.

        Returns
        -------
        LossComparisonDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not one Axes.
        """
        ax = self._take_axes(ax, _SIZE)
        self.best_ = best_of_both(self.accuracy, self.score)
        known = {kind: place for place, kind in enumerate(dict.fromkeys(self.kinds))}
        self.containers_ = {
            candidate: self._draw_point(ax, candidate, known[kind])
            for candidate, kind in enumerate(self.kinds)
            if np.isfinite(self.accuracy[candidate] + self.score[candidate])
        }
        ax.set(
            xlabel=f"{self.accuracy_name} ± standard error",
            ylabel=f"{self.score_name} ± standard error",
        )
        ax.grid(alpha=0.3)
        ax.plot([], [], "o", color="0.5", label="no other is better at both")
        ax.legend(fontsize=8)
        self._settle()
        self.text_ = self._write_labels(ax, known)
        return self

    def _draw_point(self, ax: Any, candidate: int, kind: int) -> Any:
        """Draw one candidate, filled where it is one of the best."""
        colour, marker = style_of(kind, ink_of(ax))
        return ax.errorbar(
            self.accuracy[candidate],
            self.score[candidate],
            xerr=self.accuracy_error[candidate],
            yerr=self.score_error[candidate],
            fmt=marker,
            color=colour,
            markerfacecolor=colour if candidate in self.best_ else ax.get_facecolor(),
            elinewidth=0.8,
            zorder=3 if candidate in self.best_ else 2,
        )

    def _write_labels(self, ax: Any, known: dict[str, int]) -> dict[int, Any]:
        """Write labels beside the axes, in the order of their points."""
        _, high = inches_of(ax)
        room = max(1, min(_MOST_LABELS, int(high / _LINE)))
        chosen = self._labelled(room)
        low, up = ax.get_ylim()
        wanted = np.array([(self.score[c] - low) / (up - low) for c in chosen])
        places = apart(wanted, _LINE / high)
        texts = short_labels(self.labels, _LONGEST_TEXT)
        return {
            candidate: ax.annotate(
                texts[candidate],
                (self.accuracy[candidate], self.score[candidate]),
                (_LABEL_PLACE, place),
                textcoords="axes fraction",
                va="center",
                fontsize=9,
                color=style_of(known[self.kinds[candidate]], ink_of(ax))[0],
                arrowprops={"arrowstyle": "-", "color": "0.75", "lw": 0.6},
                fontweight="bold" if candidate in self.best_ else "normal",
            )
            for candidate, place in zip(chosen, places, strict=True)
        }

    def _labelled(self, room: int) -> list[int]:
        """Candidates that have a label: the best of each loss first, then others."""
        ranked = sorted(self.containers_, key=lambda c: -self.score[c])
        first = {self.kinds[c]: c for c in reversed(ranked)}
        order = dict.fromkeys([*self.best_, *first.values(), *ranked])
        return sorted(list(order)[:room], key=lambda c: self.score[c])


def apart(wanted: FloatArray, least: float) -> FloatArray:
    """Move places on a line as little as it takes to keep them apart, in order.

    Parameters
    ----------
    wanted : ndarray of shape (n,)
        Places between 0 and 1, in ascending order.
    least : float
        Distance to be kept.

    Returns
    -------
    ndarray of shape (n,)
        In the same order, ``least`` apart, and half of that from 0 and 1 if there is
        room.
    """
    from sklearn.isotonic import isotonic_regression

    steps = least * np.arange(len(wanted)) + least / 2
    # Places less their steps need only ascend: the nearest such are means of runs.
    ascending = isotonic_regression(wanted - steps)
    highest = max(1.0 - steps[-1] - least / 2, 0.0)
    return np.asarray(np.clip(ascending, 0.0, highest) + steps)
