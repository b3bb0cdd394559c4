"""A confusion matrix whose cells are weighted by what each mistake costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf.decision._posterior import innermost
from simclf.metrics._rows import read_rows
from simclf.plotting._base import Display
from simclf.plotting._class_bars import BARS, draw_bars, tick_bars
from simclf.plotting._costs import (
    Confusion,
    count_mistakes,
    mean_costs,
    normalised,
    occurring,
    part_of,
)
from simclf.plotting._heat_map import HeatMap, colours_from_zero
from simclf.plotting._layout import number_texts
from simclf.plotting._order import class_order
from simclf.plotting._similarity import table_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from simclf._typing import AnyArray, FloatArray
    from simclf.plotting._order import Order

_COLOURS = {"cost": "OrRd", "count": "Blues"}
_MEANING = {
    ("cost", None): "count x cost of the mistake",
    ("cost", "true"): "cost, mean over the rows of the truth",
    ("cost", "all"): "cost, mean over all rows",
    ("count", None): "count",
    ("count", "true"): "share of the rows of the truth",
    ("count", "all"): "share of all rows",
}


class ScoreConfusionDisplay(Display):
    """Confusion matrix that shows where the score is lost, and by which classes.

    A cell is the number of rows times what their mistake costs, so that a rare mistake
    that costs much stands out before a frequent one that costs little, and right
    answers do not outshine all others. Make it with :meth:`from_estimator` or
    :meth:`from_predictions`. A panel of one's own wants some 4 inches, of more than ten
    classes 6.

    Parameters
    ----------
    counts, costs : ndarray of shape (n_classes, n_decisions)
        Sums of the weights, and of weights times costs, of the rows of each truth and
        answer, in the order in which they are drawn.
    classes : ndarray of shape (n_classes,)
        Labels of the rows.
    decisions : ndarray of shape (n_decisions,)
        Labels of the columns: the classes in the same order, then the answers that
        are no class.

    Attributes
    ----------
    class_costs : ndarray of shape (n_classes,)
        Mean cost of the rows of each class; nan for a class without rows.
    im_ : matplotlib.image.AxesImage
        The cells. Answers that are no class stand behind a gap.
    text_ : ndarray of shape (n_classes, n_decisions) of matplotlib Text, or None
        The numbers in the cells, empty for zero; None where there are none.
    bars_ : matplotlib.container.BarContainer or None
        The mean cost of each class, beside its row.
    bars_ax_ : matplotlib.axes.Axes or None
        Where they are.
    colorbar_ : matplotlib.colorbar.Colorbar or None
        What the colours mean.
    ax_, figure_
        The axes, and their figure.

    See Also
    --------
    SimilarityDisplay : The table itself, in the same order.
    simclf.metrics.class_scores : The same in numbers, one row for each class.
    sklearn.metrics.ConfusionMatrixDisplay : Counts alone.

    Notes
    -----
    The cost of an answer is its regret, ``max_k S[truth, k] - S[truth, answer]``: what
    the best answer would have earned more. The sum of all cells divided by the number
    of rows is :func:`simclf.metrics.regret`. Without a table every mistake costs one.
    Classes and answers that occur in no row are left out.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from simclf.plotting import ScoreConfusionDisplay
    >>> table = pd.DataFrame(
    ...     [[0, -1, -2], [-10, 0, -2]],
    ...     index=["fine", "ill"],
    ...     columns=["fine", "ill", "refer"],
    ... )
    >>> y_true = ["fine", "fine", "ill", "ill", "ill"]
    >>> y_pred = ["fine", "ill", "fine", "ill", "refer"]
    >>> display = ScoreConfusionDisplay.from_predictions(y_true, y_pred, table)
    >>> display.costs
    array([[ 0.,  1.,  0.],
           [10.,  0.,  2.]])
    >>> display.class_costs
    array([0.5, 4. ])
    """

    def __init__(
        self,
        counts: FloatArray,
        costs: FloatArray,
        *,
        classes: AnyArray,
        decisions: AnyArray,
    ) -> None:
        self.counts = counts
        self.costs = costs
        self.classes = classes
        self.decisions = decisions
        self.class_costs = mean_costs(Confusion(counts, costs))

    @classmethod
    def from_predictions(
        cls,
        y_true: ArrayLike,
        y_pred: ArrayLike,
        similarity: object = None,
        *,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        sample_scores: object = None,
        order: Order = "dendrogram",
        **plot_kwargs: Any,
    ) -> Self:
        """Draw the mistakes of answers.

        Parameters
        ----------
        y_true, y_pred, similarity, classes, sample_weight, sample_scores : array-likes
            As in :func:`simclf.metrics.mean_score`.
        order : {"dendrogram", "given"} or array-like, default="dendrogram"
            Order of the classes, as in :meth:`SimilarityDisplay.from_table`; labels
            need only name those that occur.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ScoreConfusionDisplay

        Raises
        ------
        ValueError
            As in :func:`simclf.metrics.mean_score`; or if the order is none of the
            classes.
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
        confusion = count_mistakes(rows, answers)
        chosen = occurring(rows.table, rows.truth, answers)
        codes, _ = class_order(part_of(rows.table, *chosen), order)
        drawn, columns = chosen[0][codes], [*chosen[0][codes], *chosen[1]]
        cells = np.ix_(drawn, columns)
        return cls(
            confusion.counts[cells],
            confusion.costs[cells],
            classes=rows.table.classes[drawn],
            decisions=rows.table.decisions[columns],
        ).plot(**plot_kwargs)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: ArrayLike,
        similarity: object = None,
        *,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        sample_scores: object = None,
        order: Order = "dendrogram",
        **plot_kwargs: Any,
    ) -> Self:
        """Draw the mistakes of a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            Fitted classifier.
        X : array-like of shape (n_samples, n_features)
            Rows that it has not learned from.
        y : array-like of shape (n_samples,)
            Their true labels.
        similarity, classes, sample_weight, sample_scores : array-likes
            As in :func:`simclf.metrics.mean_score`. Without a table that of the
            classifier is taken, if it has one.
        order : {"dendrogram", "given"} or array-like, default="dendrogram"
            As in :meth:`from_predictions`.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        ScoreConfusionDisplay

        Raises
        ------
        NotFittedError
            Before ``fit``.
        ValueError
            As in :meth:`from_predictions`.
        """
        inner = innermost(estimator)
        check_is_fitted(inner)
        if similarity is None and sample_scores is None and classes is None:
            similarity = table_of(inner) if hasattr(inner, "similarity_") else None
        return cls.from_predictions(
            y,
            estimator.predict(X),
            similarity,
            classes=classes,
            sample_weight=sample_weight,
            sample_scores=sample_scores,
            order=order,
            **plot_kwargs,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        values: str = "cost",
        normalize: str | None = None,
        margins: bool = True,
        include_values: bool | None = None,
        values_format: str | None = None,
        cmap: Any = None,
        colorbar: bool = True,
        im_kw: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None makes a figure of a size that fits.
        values : {"cost", "count"}, default="cost"
            What a cell shows: the number of rows times what their mistake costs, or
            the number alone.
        normalize : {"true", "all"} or None, default=None
            What cells are divided by: the number of rows of the truth, of all rows, or
            nothing.
        margins : bool, default=True
            Whether bars beside the rows show the mean cost of each class.
        include_values : bool, default=None
            Whether numbers are written into the cells. None does where they fit.
        values_format : str, default=None
            How the numbers are written, such as ".1f"; None takes as many decimals as
            the largest is worth.
        cmap : str or matplotlib Colormap, default=None
            Colours; None takes "OrRd" for costs and "Blues" for counts.
        colorbar : bool, default=True
            Whether the meaning of the colours stands beside the map.
        im_kw : dict, default=None
            Passed to matplotlib's ``imshow``.

        Returns
        -------
        ScoreConfusionDisplay
            Itself.

        Raises
        ------
        ValueError
            If `values` or `normalize` is unknown.
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not one Axes.
        """
        if (values, normalize) not in _MEANING:
            msg = (
                f"values is {values!r} and normalize {normalize!r}; expected 'cost' or "
                "'count', and 'true', 'all' or None."
            )
            raise ValueError(msg)
        cells = normalised(
            self.costs if values == "cost" else self.counts, self.counts, normalize
        )
        heat = HeatMap(cells, self.classes, self.decisions)
        ax = self._take_axes(ax, heat.figure_size(beside=margins))
        settings = colours_from_zero(cells, cmap or _COLOURS[values], im_kw)
        self.im_ = heat.draw(ax, settings)
        self.bars_ax_ = self.bars_ = self.colorbar_ = None
        if margins:
            self.bars_ax_, self.bars_ = draw_bars(ax, self.class_costs)
        if colorbar:
            self.colorbar_ = heat.add_colorbar(
                self.im_, _MEANING[values, normalize], right=1 + margins * BARS
            )
        self._settle()
        heat.label(ax)
        if margins:
            tick_bars(self.bars_ax_, self.class_costs)
        self._settle()
        texts = number_texts(cells, values_format)
        # What there is stands out where nothing is written beside it.
        shown = [
            [text if cell else "" for text, cell in zip(*row, strict=True)]
            for row in zip(texts, cells, strict=True)
        ]
        self.text_ = heat.number(self.im_, shown, wanted=include_values)
        return self
