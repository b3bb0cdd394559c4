"""Whether probabilities are honest: scikit-learn's calibration curves, many classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf.decision._align import label_codes
from simclf.decision._check import check_proba
from simclf.decision._label_order import label_axis
from simclf.decision._posterior import (
    POSTERIOR_REMEDY,
    innermost,
    require_proba,
    warn_unless_posterior,
)
from simclf.plotting._base import Display, ink_of
from simclf.plotting._colours import COLOURS, style_of
from simclf.plotting._layout import short_labels
from simclf.similarity._labels import is_name, plain_labels, show_labels

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from simclf._typing import AnyArray, FloatArray, IntArray

_SIZE, _WIDE = (5.4, 6.4), (7.6, 6.4)
_SMALL = 8
_MOST_CURVES = len(COLOURS) + 1
_THINNED = "{} of {} classes, those of\nmost rows. For others:\nlabels=[...]"
_TOP_LABEL = "top label"
_COUNTS = (0, 1.06, 1, 0.16)
_LIMITS = (-0.02, 1.02)


class ReliabilityDisplay(Display):
    """How often what is given a probability turns out to be true.

    Make it with :meth:`from_estimator` or :meth:`from_predictions`.

    Parameters
    ----------
    hits : dict of ndarray of shape (n_samples,)
        Of each curve, by name: 1 where it came true, else 0.
    probabilities : dict of ndarray of shape (n_samples,)
        Of each curve: the probability that it was given.

    Attributes
    ----------
    displays_ : dict of sklearn.calibration.CalibrationDisplay
        Of each curve that is drawn: of more than seven classes, those of most rows.
    counts_ax_ : matplotlib.axes.Axes
        How many rows have which probability, above the curves.
    ax_, figure_
        The axes, and their figure.

    See Also
    --------
    sklearn.calibration.CalibrationDisplay : One curve of two classes.

    Notes
    -----
    The top-label curve asks of every row whether its most probable class is the true
    one, as often as its probability says. The Bayes decision needs the probabilities of
    *all* classes: the class-wise curves look at each of them. A curve below the
    diagonal is too sure of itself.

    The names of several curves stand beside the axes. A panel of one's own wants some 4
    inches, with such names 6, in a figure of ``layout="constrained"``.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from simclf.plotting import ReliabilityDisplay
    >>> y_true = ["ant", "bee", "cat", "cat"]
    >>> proba = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7], [0, 0.1, 0.9]]
    >>> display = ReliabilityDisplay.from_predictions(
    ...     y_true, proba, classes=["ant", "bee", "cat"], n_bins=2
    ... )
    >>> display.hits["top label"]
    array([1, 0, 1, 1])
    >>> display.displays_["top label"].prob_true
    array([0.75])
    """

    def __init__(
        self, hits: dict[str, IntArray], probabilities: dict[str, FloatArray]
    ) -> None:
        self.hits = hits
        self.probabilities = probabilities

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_proba: ArrayLike,
        *,
        classes: ArrayLike,
        labels: ArrayLike | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw how honest probabilities are.

        Parameters
        ----------
        y_true : array-like of shape (n_samples,)
            True labels.
        y_proba : array-like of shape (n_samples, n_classes)
            Probabilities, one column for each of `classes`.
        classes : array-like of shape (n_classes,)
            Labels of the columns.
        labels : array-like of shape (n_labels,), default=None
            Classes to draw a curve of each; None draws the top-label curve. Of more
            than seven, the seven that most rows belong to are drawn.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ReliabilityDisplay

        Raises
        ------
        ValueError
            If lengths differ, a label is unknown, or a row is no probability
            distribution.
        """
        known = label_axis(classes, "classes")
        codes = _codes_of(y_true, known, "y_true")
        proba = check_proba(y_proba, len(known), "y_proba", classes=known)
        if len(codes) != len(proba):
            msg = (
                f"y_proba has {len(proba)} rows but y_true has {len(codes)}; pass one "
                "for each true label."
            )
            raise ValueError(msg)
        curves = _curves(codes, proba, known, labels)
        return cls(*curves).plot(**plot_kwargs)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        *,
        labels: ArrayLike | None = None,
        **plot_kwargs: Any,
    ) -> Self:
        """Draw how honest the probabilities of a fitted classifier are.

        Parameters
        ----------
        estimator : estimator
            Fitted classifier with ``predict_proba``.
        X : array-like of shape (n_samples, n_features)
            Rows that it has not learned from.
        y : array-like of shape (n_samples,)
            Their true labels.
        labels : array-like of shape (n_labels,), default=None
            As in :meth:`from_predictions`.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ReliabilityDisplay

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
        check_is_fitted(innermost(estimator))
        require_proba(estimator, "ReliabilityDisplay")
        warn_unless_posterior(estimator, POSTERIOR_REMEDY, 2, "ReliabilityDisplay")
        return cls.from_predictions(
            y,
            estimator.predict_proba(X),
            classes=estimator.classes_,
            labels=labels,
            **plot_kwargs,
        )

    def plot(
        self, ax: Any = None, *, n_bins: int = 10, strategy: str = "uniform"
    ) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None makes a figure.
        n_bins : int, default=10
            Points of a curve, at most.
        strategy : {"uniform", "quantile"}, default="uniform"
            Whether every point stands for as wide a part of the probabilities, or for
            as many rows.

        Returns
        -------
        ReliabilityDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not one Axes.
        """
        from sklearn.calibration import CalibrationDisplay

        ax = self._take_axes(ax, _SIZE if len(self.hits) == 1 else _WIDE)
        self.counts_ax_ = ax.inset_axes(_COUNTS, sharex=ax)
        ax.plot([0, 1], [0, 1], ":", color=ink_of(ax), label="Perfectly calibrated")
        drawn = self._most_frequent()
        self.displays_ = {}
        for number, (name, text) in enumerate(
            zip(drawn, short_labels(drawn), strict=True)
        ):
            colour, marker = style_of(number, ink_of(ax))
            given = self.probabilities[name]
            self.displays_[name] = CalibrationDisplay.from_predictions(
                self.hits[name],
                given,
                n_bins=n_bins,
                strategy=strategy,
                name=text,
                ref_line=False,
                ax=ax,
                color=colour,
                marker=marker,
                markersize=4,
            )
            self.counts_ax_.hist(
                given, np.linspace(0, 1, 21), histtype="step", color=colour
            )
        self.counts_ax_.tick_params(labelbottom=False)
        self.counts_ax_.set_ylabel("rows")
        ax.set(
            xlabel="probability given (mean of the bin)",
            ylabel="share that came true",
            xlim=_LIMITS,
            ylim=_LIMITS,
            aspect="equal",
        )
        ax.grid(alpha=0.3)
        self._explain(ax)
        self._settle()
        return self

    def _most_frequent(self) -> list[str]:
        """Curves that are drawn: as many as have a colour, those of most hits."""
        ranked = sorted(self.hits, key=lambda name: -self.hits[name].sum())
        kept = set(ranked[:_MOST_CURVES])
        return [name for name in self.hits if name in kept]

    def _explain(self, ax: Any) -> None:
        """Name the curves, several of them beside the axes."""
        if len(self.hits) == 1:
            ax.legend(loc="best", fontsize=_SMALL)
            return
        title = None
        if len(self.displays_) < len(self.hits):
            title = _THINNED.format(len(self.displays_), len(self.hits))
        ax.legend(
            loc="upper left",
            bbox_to_anchor=(1, 1),
            fontsize=_SMALL,
            title=title,
            title_fontsize=_SMALL,
        )


def _codes_of(labels: ArrayLike, classes: AnyArray, name: str) -> IntArray:
    """Position of each label among the columns of the probabilities."""
    known = dict.fromkeys(plain_labels(classes))
    for label in plain_labels(label_axis(labels, name)):
        if is_name(label) and label not in known:
            msg = (
                f"{name} has label {label!r}, which is none of the classes "
                f"{show_labels(list(known))}; correct the label (case and type must "
                "match)."
            )
            raise ValueError(msg)
    return label_codes(labels, classes, name, "class")


def _curves(
    codes: IntArray, proba: FloatArray, classes: AnyArray, labels: ArrayLike | None
) -> tuple[dict[str, IntArray], dict[str, FloatArray]]:
    """Tell what came true, and its probability, for the top label or some classes."""
    if labels is None:
        top = proba.argmax(axis=1)
        hits = (top == codes).astype(np.intp)
        return {_TOP_LABEL: hits}, {_TOP_LABEL: proba.max(axis=1)}
    if np.ndim(labels) == 0:
        label = np.asarray(labels).item()
        msg = (
            f"labels is {label!r}; expected a list of the classes to draw a curve of "
            f"each. Pass labels=[{label!r}]."
        )
        raise ValueError(msg)
    wanted = _codes_of(labels, classes, "labels")
    if not wanted.size:
        msg = (
            "labels is empty; name the classes to draw a curve of each, or pass None "
            "for the top-label curve."
        )
        raise ValueError(msg)
    names = [str(label) for label in plain_labels(classes[wanted])]
    return (
        {n: (codes == c).astype(np.intp) for n, c in zip(names, wanted, strict=True)},
        {n: proba[:, c] for n, c in zip(names, wanted, strict=True)},
    )
