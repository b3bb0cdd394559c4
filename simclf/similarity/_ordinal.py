"""Scores of classes that have an order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simclf.similarity._by_class import entries_of, is_keyed, read_keyed
from simclf.similarity._frame import is_frame
from simclf.similarity._labelled import labelled_frame, read_names
from simclf.similarity._labels import plain_labels, repeated_labels
from simclf.similarity._numbers import finite_row, positive_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike

    from simclf._typing import FloatArray


def ordinal_similarity(
    classes: ArrayLike,
    *,
    positions: Mapping[object, float] | Sequence[float] | None = None,
    power: float = 1.0,
    over: float = 1.0,
    under: float = 1.0,
) -> pd.DataFrame:
    """Score an answer by how many steps it is from the truth.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)
        Class labels from the lowest to the highest: stages, grades, doses. Those of
        an ordered Categorical are put into the order of its categories, unless
        `positions` are given; a whole column of them stands for all its categories.
    positions : mapping, Series or sequence of numbers, default=None
        Place of each class on a line, for steps of unequal size: keyed by class, or
        in the order of `classes`. They then say which class is higher. By default
        0, 1, 2, ...
    power : float, default=1.0
        Above 1, far answers are punished more and near ones less.
    over : float, default=1.0
        What an answer above the truth costs, next to `under`.
    under : float, default=1.0
        What an answer below the truth costs, next to `over`.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes)
        Scores in [0, 1], rows the truth and columns the answer; 1 for the right one,
        0 for the worst.

    Raises
    ------
    ValueError
        If a class is repeated or has no position, two classes share a position, or a
        number is not finite, or not above 0.
    TypeError
        If `classes` is a mapping or a DataFrame, or a position or a setting is no
        number.

    Notes
    -----
    With ``d[i, j] = |p[i] - p[j]|`` and ``w`` either `over` (where ``p[j] > p[i]``) or
    `under`::

        S[i, j] = 1 - w / max(over, under) * (d[i, j] / max(d)) ** power

    Under `power` 1 the Bayes decision is the median class of the probabilities, or
    with unequal weights their ``under / (over + under)`` quantile. `power` 2 gives
    the weights of quadratic weighted kappa [1]_.

    References
    ----------
    .. [1] Cohen, "Weighted kappa: nominal scale agreement provision for scaled
       disagreement or partial credit", Psychological Bulletin 1968,
       doi:10.1037/h0026256.

    Examples
    --------
    A tumour staged too low goes untreated, which is worse than one staged too high:

    >>> from simclf.similarity import ordinal_similarity
    >>> ordinal_similarity(["I", "II", "III", "IV"], under=3).round(2)
    answer     I    II   III    IV
    truth
    I       1.00  0.89  0.78  0.67
    II      0.67  1.00  0.89  0.78
    III     0.33  0.67  1.00  0.89
    IV      0.00  0.33  0.67  1.00

    Doses in mg, of which each is ten times the one before, on their own scale:

    >>> doses = {"low": 1, "medium": 10, "high": 100}
    >>> ordinal_similarity(list(doses), positions=doses).round(2)
    answer   low  medium  high
    truth
    low     1.00    0.91  0.00
    medium  0.91    1.00  0.09
    high    0.00    0.09  1.00
    """
    _refuse_tables(classes)
    labels = read_names(_without_repeats(classes), "classes")
    if positions is None:
        labels = _in_own_order(labels, getattr(classes, "dtype", None))
    places = _read_positions(positions, labels)
    exponent = positive_number(power, "power")
    too_high, too_low = positive_number(over, "over"), positive_number(under, "under")
    # Halved, so that the difference of two large floats does not overflow.
    steps = places / 2 - places[:, np.newaxis] / 2
    ways = np.abs(steps) / (np.abs(steps).max() or 1.0)
    weights = np.where(steps > 0, too_high, too_low) / max(too_high, too_low)
    return labelled_frame(1.0 - weights * ways**exponent, labels)


def _refuse_tables(classes: object) -> None:
    """Refuse what says more of the classes than their order: it would be lost."""
    if isinstance(classes, Mapping):
        remedy = "If it gives their places, pass list(classes) and positions=classes."
    elif is_frame(classes):
        remedy = (
            "Pass list(classes.index), or one column; places of the classes are "
            "given as positions=..."
        )
    else:
        return
    msg = (
        f"classes is of type {type(classes).__name__}; expected a list of labels from "
        f"the lowest to the highest. {remedy}"
    )
    raise TypeError(msg)


def _without_repeats(classes: Any) -> Any:
    """Classes as given; of a column of labels that have an order, its categories."""
    dtype: Any = getattr(classes, "dtype", None)
    is_column = getattr(dtype, "ordered", False) and repeated_labels(list(classes))
    return dtype.categories if is_column else classes


def _in_own_order(labels: list[object], dtype: Any) -> list[object]:
    """Labels in the order of their dtype, where it has one."""
    if not getattr(dtype, "ordered", False):
        return labels
    rank = {label: place for place, label in enumerate(plain_labels(dtype.categories))}
    return sorted(labels, key=lambda label: rank[label])


def _read_positions(positions: object, labels: list[object]) -> FloatArray:
    """Places of the classes on a line, each one's own."""
    if positions is None:
        return np.arange(len(labels), dtype=np.float64)
    if is_keyed(positions):
        positions = entries_of(read_keyed(positions, "positions"), labels, "positions")

    def where(position: int) -> str:
        owner = f" (class {labels[position]!r})" if position < len(labels) else ""
        return f"positions[{position}]{owner}"

    places = finite_row(positions, "positions", where)
    if len(places) != len(labels):
        msg = (
            f"positions has {len(places)} numbers but classes names {len(labels)}; "
            "pass one for each class, in their order, or a mapping."
        )
        raise ValueError(msg)
    _refuse_shared(places, labels)
    return places


def _refuse_shared(places: FloatArray, labels: list[object]) -> None:
    """Refuse two classes in one place."""
    order = places.argsort(kind="stable")
    same = np.flatnonzero(np.diff(places[order]) == 0)
    if same.size:
        one, other = (labels[order[same[0] + step]] for step in (0, 1))
        msg = (
            f"Classes {one!r} and {other!r} share the position "
            f"{places[order[same[0]]]:g}; expected one of its own for each class."
        )
        raise ValueError(msg)
