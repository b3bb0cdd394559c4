"""Scores from distances between classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simclf.similarity._labelled import labelled_frame
from simclf.similarity._named_table import read_square_table, refuse_negative
from simclf.similarity._numbers import positive_number

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from simclf._typing import FloatArray

# Far above that of a cosine, far below any distance that was measured.
_ROUNDING = 1e-12


def distance_similarity(
    distances: object,
    classes: ArrayLike | None = None,
    *,
    scale: float | None = None,
) -> pd.DataFrame:
    """Score an answer by how near it is to the truth.

    Parameters
    ----------
    distances : DataFrame or array-like of shape (n_classes, n_classes)
        How far answer ``j`` (column) is from truth ``i`` (row): kilometres, branch
        lengths, edits. Not negative, zero from a class to itself, up to rounding (1e-12
        of the largest); the way back may be longer. A frame is labelled by class on
        both axes, in any order.
    classes : array-like of shape (n_classes,), default=None
        Class labels. Needed for a bare array, in its order. A frame is cut to them;
        by default all of its rows are kept.
    scale : float, default=None
        Distance at which a score has fallen to ``1 / e``. By default scores fall in
        proportion to the distance, to 0 at the largest one.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores in [0, 1], rows the truth and columns the answer; 1 for the right one.

    Raises
    ------
    ValueError
        If an entry is negative or not finite, a class is not at distance zero from
        itself, all classes lie in one place, or the labels do not fit.
    TypeError
        If `distances` is no table of numbers.

    Notes
    -----
    ``S[i, j] = 1 - d[i, j] / max(d)``, or ``exp(-d[i, j] / scale)``. The first keeps
    the proportions of the distances, so that the decision is the answer of least
    expected distance; another largest distance changes no decision. In the second,
    all that is many scales away counts as equally wrong.

    Examples
    --------
    From where did a pathogen come? Great-circle distances in kilometres:

    >>> from simclf.similarity import distance_similarity
    >>> cities = ["London", "Paris", "Berlin"]
    >>> kilometres = [[0, 344, 932], [344, 0, 878], [932, 878, 0]]
    >>> distance_similarity(kilometres, cities).round(2)
    answer  London  Paris  Berlin
    truth
    London    1.00   0.63    0.00
    Paris     0.63   1.00    0.06
    Berlin    0.00   0.06    1.00
    """
    values, labels = read_square_table(distances, classes, "distances")
    _clear_rounding(values)
    refuse_negative(values, labels, "distances")
    _refuse_distant_selves(values, labels)
    return labelled_frame(nearness(values, scale), labels)


def nearness(distances: FloatArray, scale: float | None) -> FloatArray:
    """Scores of distances: one at zero, and less the farther away."""
    farthest = distances.max()
    if farthest == 0 and len(distances) > 1:
        msg = (
            "All distances are zero, so that every answer would be right; expected "
            "classes that differ."
        )
        raise ValueError(msg)
    if scale is not None:
        with np.errstate(over="ignore"):
            ways = distances / positive_number(scale, "scale")
        return np.asarray(np.exp(-ways))
    return np.asarray(1.0 - distances / (farthest or 1.0))


def _clear_rounding(values: FloatArray) -> None:
    """Set to zero what is negative, or from a class to itself, by rounding alone."""
    rounding = _ROUNDING * values.max()
    values[(values < 0) & (values >= -rounding)] = 0.0
    selves = values.diagonal()
    np.fill_diagonal(values, np.where(np.abs(selves) <= rounding, 0.0, selves))


def _refuse_distant_selves(values: FloatArray, labels: list[object]) -> None:
    """Refuse classes that are away from themselves."""
    away = np.flatnonzero(values.diagonal())
    if away.size:
        label, value = labels[away[0]], values[away[0], away[0]].item()
        msg = (
            f"distances has {value:g} from {label!r} to itself; expected 0. A table of "
            "scores needs no builder: pass it as similarity=."
        )
        raise ValueError(msg)
