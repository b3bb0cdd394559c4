"""A picture of a score table, its classes ordered by how cheaply they are confused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf.decision._align import whole_table
from simclf.decision._label_order import sorted_for
from simclf.decision._posterior import innermost
from simclf.plotting._base import Display
from simclf.plotting._dendrogram import draw_dendrogram
from simclf.plotting._heat_map import HeatMap, colours_of
from simclf.plotting._layout import number_texts
from simclf.plotting._order import class_order
from simclf.similarity import ScoreTable, resolve_table
from simclf.similarity._entries import read_array
from simclf.similarity._frame import is_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from simclf._typing import AnyArray, FloatArray
    from simclf.plotting._order import Order


class SimilarityDisplay(Display):
    """Heat map of a score table, classes that are cheaply confused side by side.

    Make it with :meth:`from_table` or :meth:`from_estimator`.

    Parameters
    ----------
    similarity : ndarray of shape (n_classes, n_decisions)
        Scores, rows and columns in the order in which they are drawn.
    classes : ndarray of shape (n_classes,)
        Labels of the rows.
    decisions : ndarray of shape (n_decisions,)
        Labels of the columns: the classes in the same order, then the answers that
        are no class.
    tree : ndarray of shape (n_classes - 1, 4) or None, default=None
        scipy's linkage of the classes, drawn above them; its leaves are the rows.

    Attributes
    ----------
    im_ : matplotlib.image.AxesImage
        The cells. Answers that are no class stand behind a gap.
    text_ : ndarray of shape (n_classes, n_decisions) of matplotlib Text, or None
        The numbers in the cells; None where there are none.
    dendrogram_ax_ : matplotlib.axes.Axes or None
        Where the tree is.
    colorbar_ : matplotlib.colorbar.Colorbar or None
        What the colours mean.
    ax_, figure_
        The axes, and their figure.

    See Also
    --------
    ScoreConfusionDisplay : What a classifier's mistakes cost, in the same order.
    simclf.similarity.describe_similarity : What is odd about a table, in words.

    Notes
    -----
    The order is that of scipy's dendrogram of average distances, turned so that
    neighbours are as alike as can be. The distance of two classes is the mean of what
    both mistakes cost: ``(R[i, j] + R[j, i]) / 2`` with
    ``R[i, j] = max_k S[i, k] - S[i, j]``. So a constant added to a row changes
    nothing.

    Numbers are written where they can be read, labels are thinned out where not all
    can; a figure of your own should have ``layout="constrained"``.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from simclf.plotting import SimilarityDisplay
    >>> animals = ["horse", "whale", "zebra", "shark"]
    >>> table = pd.DataFrame(
    ...     [
    ...         [1.0, 0.0, 0.7, 0.0],
    ...         [0.0, 1.0, 0.0, 0.4],
    ...         [0.8, 0.0, 1.0, 0.0],
    ...         [0.0, 0.5, 0.0, 1.0],
    ...     ],
    ...     animals,
    ...     animals,
    ... )
    >>> display = SimilarityDisplay.from_table(table)
    >>> display.classes.tolist()
    ['horse', 'zebra', 'shark', 'whale']
    >>> display.text_[0, 1].get_text()
    '0.7'
    """

    def __init__(
        self,
        similarity: FloatArray,
        classes: AnyArray,
        decisions: AnyArray,
        tree: FloatArray | None = None,
    ) -> None:
        self.similarity = similarity
        self.classes = classes
        self.decisions = decisions
        self.tree = tree

    @classmethod
    def from_table(
        cls,
        similarity: object,
        *,
        classes: ArrayLike | None = None,
        order: Order = "dendrogram",
        **plot_kwargs: Any,
    ) -> Self:
        """Draw a table.

        Parameters
        ----------
        similarity : array-like of shape (n_classes, n_classes), DataFrame, ScoreTable \
or callable
            What answer ``j`` (column) is worth when the truth is ``i`` (row).
        classes : array-like of shape (n_classes,), default=None
            Labels: those of a bare array's rows, which are in sorted order (None
            numbers them), or those that a labelled table is cut to.
        order : {"dendrogram", "given"} or array-like of shape (n_classes,), \
default="dendrogram"
            Order of the classes; "given" is that of the table, labels are the order
            itself.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        SimilarityDisplay

        Raises
        ------
        ValueError, TypeError
            If the table cannot be read, or the order is none of its classes.
        """
        table = _read_table(similarity, classes)
        return cls._of(table, order).plot(**plot_kwargs)

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, order: Order = "dendrogram", **plot_kwargs: Any
    ) -> Self:
        """Draw the table of a fitted classifier.

        Parameters
        ----------
        estimator : estimator
            A fitted :class:`~simclf.SimilarityAwareClassifier` or
            :class:`~simclf.BayesDecisionClassifier`; also in a pipeline or a search.
        order : {"dendrogram", "given"} or array-like of shape (n_classes,), \
default="dendrogram"
            As in :meth:`from_table`.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        SimilarityDisplay

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            If it is a classifier without a table.
        """
        return cls._of(table_of(estimator), order).plot(**plot_kwargs)

    def plot(
        self,
        ax: Any = None,
        *,
        include_values: bool | None = None,
        values_format: str | None = None,
        cmap: Any = None,
        colorbar: bool = True,
        dendrogram: bool = True,
        im_kw: Mapping[str, Any] | None = None,
    ) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, default=None
            Where to draw; None makes a figure of a size that fits.
        include_values : bool, default=None
            Whether numbers are written into the cells. None does where they fit.
        values_format : str, default=None
            How the numbers are written, such as ".1f"; None takes as
            many decimals as the largest is worth.
        cmap : str or matplotlib Colormap, default=None
            Colours. None takes "viridis" for scores of one sign, and "PuOr", white
            at zero, for scores of both.
        colorbar : bool, default=True
            Whether the meaning of the colours stands beside the map.
        dendrogram : bool, default=True
            Whether the tree that orders the classes, if there is one, stands above
            them.
        im_kw : dict, default=None
            Passed to matplotlib's ``imshow``: ``{"vmin": 0, "vmax": 1}`` makes two
            tables comparable.

        Returns
        -------
        SimilarityDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If `ax` is not one Axes.
        """
        heat = HeatMap(self.similarity, self.classes, self.decisions)
        ax = self._take_axes(ax, heat.figure_size(above=dendrogram))
        self.im_ = heat.draw(ax, colours_of(self.similarity, cmap, im_kw))
        self.dendrogram_ax_ = None
        if dendrogram and self.tree is not None:
            self.dendrogram_ax_ = draw_dendrogram(ax, self.tree, heat.columns)
        self.colorbar_ = None
        if colorbar:
            self.colorbar_ = heat.add_colorbar(self.im_, "score of the answer")
        self._settle()
        heat.label(ax)
        self._settle()
        texts = number_texts(self.similarity, values_format)
        self.text_ = heat.number(self.im_, texts, wanted=include_values)
        return self

    @classmethod
    def _of(cls, table: ScoreTable, order: Order) -> Self:
        """Bring a table into the order in which it is drawn."""
        codes, tree = class_order(table, order)
        columns = np.concatenate([codes, np.arange(table.n_classes, table.n_decisions)])
        return cls(
            table.values[np.ix_(codes, columns)],
            table.classes[codes],
            table.decisions[columns],
            tree,
        )


def table_of(estimator: Any) -> ScoreTable:
    """Table of a fitted classifier that has one.

    Parameters
    ----------
    estimator : estimator
        Also in a pipeline or a search.

    Returns
    -------
    ScoreTable

    Raises
    ------
    NotFittedError
        Before ``fit``.
    TypeError
        If it is a classifier without a table.
    """
    inner = innermost(estimator)
    check_is_fitted(inner)
    if not hasattr(inner, "similarity_"):
        msg = (
            f"estimator {type(inner).__name__} has no score table (similarity_); pass "
            "a SimilarityAwareClassifier or a BayesDecisionClassifier, or the table "
            "itself."
        )
        raise TypeError(msg)
    return ScoreTable(inner.similarity_, inner.classes_, inner.decisions_, "similarity")


def _read_table(similarity: object, classes: ArrayLike | None) -> ScoreTable:
    """Read a table by itself, where there are no labels of data."""
    if classes is not None and not isinstance(similarity, ScoreTable):
        framed = is_frame(similarity)
        in_order = classes if framed else sorted_for(similarity, classes)
        return resolve_table(similarity, in_order)
    if similarity is None or callable(similarity):
        msg = (
            "classes is None, but this table is made for classes; pass classes=..., "
            "their labels."
        )
        raise ValueError(msg)
    if isinstance(similarity, ScoreTable) or is_frame(similarity):
        return whole_table(similarity, None, ())
    return resolve_table(
        similarity, np.arange(len(read_array(similarity, "similarity")))
    )
