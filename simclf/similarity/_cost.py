"""Scores from costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simclf.similarity._labelled import labelled_frame
from simclf.similarity._named_table import read_named_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def from_cost(cost: object, classes: ArrayLike | None = None) -> pd.DataFrame:
    """Turn what each answer costs into what it is worth.

    Parameters
    ----------
    cost : DataFrame or array-like of shape (n_classes, n_classes)
        What answer ``j`` (column) costs when the truth is ``i`` (row). A frame is
        labelled by class on both axes, in any order; its columns that are no row
        label are answers that are no class, such as "refer".
    classes : array-like of shape (n_classes,), default=None
        Class labels. Needed for a bare array, in its order. A frame is cut to them;
        by default all of its rows are kept.

    Returns
    -------
    DataFrame of shape (n_classes, n_decisions)
        Scores, rows the truth and columns the answer: the classes in the same order,
        then the answers that are no class.

    Raises
    ------
    ValueError
        If a class has no row or no column, a label is repeated, the shape does not
        fit, or an entry is not finite.
    TypeError
        If `cost` is no table of numbers.

    Notes
    -----
    ``S[i, j] = -C[i, j]``. Estimators, metrics and decisions also read costs
    themselves, as ``cost=``; this is for what takes a table of scores only.

    Examples
    --------
    The Statlog heart data come with costs: a missed disease costs five times as
    much as a false alarm. A further examination costs something in any case:

    >>> import pandas as pd
    >>> from simclf.similarity import from_cost
    >>> cost = pd.DataFrame(
    ...     [[0, 1, 0.5], [5, 0, 0.5]],
    ...     index=["healthy", "ill"],
    ...     columns=["healthy", "ill", "examine"],
    ... )
    >>> from_cost(cost)
    answer   healthy  ill  examine
    truth
    healthy      0.0 -1.0     -0.5
    ill         -5.0  0.0     -0.5
    """
    values, labels, extras = read_named_table(cost, classes, "cost")
    return labelled_frame(0.0 - values, labels, [*labels, *extras])
