"""A picture of training: losses by epoch, and whatever else was recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from simclf.decision._posterior import innermost
from simclf.plotting._base import Display
from simclf.plotting._colours import BLUE, VERMILION
from simclf.similarity._extras import import_extra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simclf._typing import FloatArray, IntArray

_PREFIXES = {"train_": "train", "valid_": "validation"}
_JUDGE = "loss"
_TITLES = {"score": "mean score"}
_STYLES = {
    "train": {"color": BLUE, "linestyle": "-"},
    "validation": {"color": VERMILION, "linestyle": "--"},
}
_WIDTH, _HEIGHT = 6.4, 3.2
_SMALL = 8
# A line of so few epochs would hardly be seen without its points.
_FEW_EPOCHS = 15


class TrainingCurveDisplay(Display):
    """Loss of each epoch on the rows trained on and on those held out.

    Make it with :meth:`from_estimator`.

    Parameters
    ----------
    epochs : ndarray of shape (n_epochs,)
        Numbers of the epochs, from 1.
    curves : dict of dict of ndarray of shape (n_epochs,)
        Of each quantity, "loss" first, its values on the rows of "train" and of
        "validation", where there are any; nan where nothing was recorded.
    best_epoch : int or None, default=None
        Epoch of the lowest loss on the rows held out.
    n_members : int, default=1
        Networks that the values are means over.

    Attributes
    ----------
    lines_ : dict of dict of matplotlib.lines.Line2D
        As `curves`.
    best_lines_ : list of matplotlib.lines.Line2D
        The mark of the best epoch in each panel; empty where there is none.
    axes_ : ndarray of matplotlib.axes.Axes
        One panel a quantity.
    ax_, figure_
        The first panel, and the figure.

    Notes
    -----
    The loss of the epoch on training rows is a mean over its batches, taken while the
    weights change and with dropout; that on rows held out is taken at its end and
    without, so that it may well be the lower one. Where training stops early, each
    member keeps the weights of its own best epoch; the mark is where the mean of all
    members is lowest. A panel of one's own wants some 3 inches.

    Beside the loss, every number is drawn that callbacks record in the history under a
    name such as ``train_score`` or ``valid_score``, as
    :class:`simclf.callbacks.EpochScores` does with the mean score.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> from sklearn.datasets import load_iris
    >>> from simclf import SimilarityAwareClassifier
    >>> from simclf.callbacks import EpochScores
    >>> from simclf.plotting import TrainingCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> table = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.8], [0.0, 0.1, 1.0]]
    >>> clf = SimilarityAwareClassifier(
    ...     table, callbacks=[EpochScores(table)], max_epochs=5, random_state=0
    ... )
    >>> display = TrainingCurveDisplay.from_estimator(clf.fit(X, y))
    >>> display.epochs
    array([1, 2, 3, 4, 5])
    >>> list(display.curves), list(display.curves["loss"])
    (['loss', 'score'], ['train', 'validation'])
    """

    def __init__(
        self,
        epochs: IntArray,
        curves: dict[str, dict[str, FloatArray]],
        *,
        best_epoch: int | None = None,
        n_members: int = 1,
    ) -> None:
        self.epochs = epochs
        self.curves = curves
        self.best_epoch = best_epoch
        self.n_members = n_members

    @classmethod
    def from_estimator(cls, estimator: Any, **plot_kwargs: Any) -> Self:
        """Draw how a classifier was trained.

        Parameters
        ----------
        estimator : estimator
            A fitted :class:`~simclf.SimilarityAwareClassifier`; also in a pipeline or
            a search.
        **plot_kwargs : dict
            Passed to :meth:`plot`.

        Returns
        -------
        TrainingCurveDisplay

        Raises
        ------
        NotFittedError
            Before ``fit``.
        TypeError
            If it records no history.
        """
        inner = innermost(estimator)
        check_is_fitted(inner)
        history = getattr(inner, "history_", None)
        if not history:
            msg = (
                f"estimator {type(inner).__name__} has no history of its training "
                "(history_); pass a SimilarityAwareClassifier."
            )
            raise TypeError(msg)
        return cls(
            np.array([record["epoch"] for record in history], dtype=np.intp),
            read_curves(history),
            best_epoch=find_best_epoch(history),
            n_members=inner.n_members,
        ).plot(**plot_kwargs)

    def plot(self, ax: Any = None) -> Self:
        """Draw it.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or sequence of them, default=None
            Where to draw, one for each quantity; None makes a figure.

        Returns
        -------
        TrainingCurveDisplay
            Itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there are not as many Axes as quantities.
        """
        self.axes_ = self._panels(ax)
        self.lines_ = {}
        self.best_lines_: list[Any] = []
        marker = "o" if len(self.epochs) <= _FEW_EPOCHS else ""
        for panel, (name, curves) in zip(self.axes_, self.curves.items(), strict=True):
            self.lines_[name] = {
                rows: panel.plot(
                    self.epochs, values, marker=marker, label=rows, **_STYLES[rows]
                )[0]
                for rows, values in curves.items()
            }
            self._mark_best(panel)
            panel.set(ylabel=self._title(name))
            panel.grid(alpha=0.3)
            panel.legend(loc="best", fontsize=_SMALL)
        self.axes_[-1].set_xlabel("epoch")
        self.axes_[-1].xaxis.get_major_locator().set_params(integer=True)
        return self

    def _panels(self, ax: Any) -> Any:
        """One panel for each quantity."""
        n_panels = len(self.curves)
        if ax is None and n_panels > 1:
            pyplot = import_extra("matplotlib.pyplot", "matplotlib", "plot")
            size = _WIDTH, _HEIGHT * n_panels * 0.8
            _, ax = pyplot.subplots(
                n_panels, figsize=size, sharex=True, layout="constrained"
            )
        panels = [ax] if ax is None or hasattr(ax, "plot") else list(ax)
        if len(panels) != n_panels:
            names = ", ".join(self.curves)
            msg = (
                f"ax has {len(panels)} Axes but there are {n_panels} quantities to "
                f"draw ({names}); pass as many, or None."
            )
            raise ValueError(msg)
        panels = [self._take_axes(panel, (_WIDTH, _HEIGHT)) for panel in panels]
        self.ax_ = panels[0]
        return np.array(panels, dtype=object)

    def _mark_best(self, panel: Any) -> None:
        """Draw a line at the best epoch."""
        if self.best_epoch is None:
            return
        label = f"best epoch: {self.best_epoch}"
        self.best_lines_.append(
            panel.axvline(self.best_epoch, color="0.5", ls=":", label=label)
        )

    def _title(self, name: str) -> str:
        """Name of a quantity, and over how many networks it is a mean."""
        title = _TITLES.get(name, name)
        if self.n_members == 1:
            return title
        return f"{title}\n(mean of {self.n_members} members)"


def read_curves(
    history: Sequence[Mapping[str, Any]],
) -> dict[str, dict[str, FloatArray]]:
    """Quantities recorded of training or validation rows, the loss first.

    Parameters
    ----------
    history : sequence of dict
        One record an epoch, with names such as ``train_loss`` and ``valid_loss``.

    Returns
    -------
    dict of dict of ndarray of shape (n_epochs,)
    """
    curves: dict[str, dict[str, FloatArray]] = {_JUDGE: {}}
    for name in dict.fromkeys(name for record in history for name in record):
        rows = next((r for p, r in _PREFIXES.items() if name.startswith(p)), None)
        values = [record.get(name, np.nan) for record in history]
        if rows is None or not all(map(_is_number, values)):
            continue
        quantity = name.split("_", 1)[1]
        curves.setdefault(quantity, {})[rows] = np.array(values, dtype=np.float64)
    return curves


def find_best_epoch(history: Sequence[Mapping[str, Any]]) -> int | None:
    """Epoch of the lowest loss on rows held out; None where none were."""
    judged = [record for record in history if "valid_loss" in record]
    if not judged:
        return None
    return int(min(judged, key=lambda record: record["valid_loss"])["epoch"])


def _is_number(value: Any) -> bool:
    """Whether a record is a number; skorch's marks of the best epoch are none."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)
