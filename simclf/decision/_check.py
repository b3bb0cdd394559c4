"""Checks of what decisions and metrics are fed: probabilities, codes and weights."""

from numbers import Real
from reprlib import repr as shown
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.decision._columns import find_columns, named_columns
from simclf.similarity._arrays import array_of, to_floats
from simclf.similarity._labels import near_miss, plain_labels, show_labels

_SUM_TOLERANCE = 1e-4
_NEGATIVE_TOLERANCE = 1e-9
_PERCENT = 100.0


def check_proba(
    proba: ArrayLike,
    n_classes: int | None = None,
    name: str = "proba",
    *,
    classes: Any = None,
) -> FloatArray:
    """Probabilities as C-contiguous float64, rows on the simplex up to rounding.

    Parameters
    ----------
    proba : array-like of shape (n_samples, n_classes)
        Entries of at least -1e-9 (which becomes 0) whose rows sum to 1 within 1e-4,
        the rounding of float32.
    n_classes : int, default=None
        Columns to expect; None takes any number.
    name : str, default="proba"
        What the error messages call it.
    classes : array-like of shape (n_classes,), default=None
        Labels of the columns wanted. The columns of a frame are then found by their
        names, unless these are 0, 1, ..., which pandas gives to columns without.

    Returns
    -------
    ndarray of shape (n_samples, n_classes)
        The same numbers, not normalised. May share memory with `proba`.

    Raises
    ------
    ValueError
        If the shape is wrong, a row is no probability distribution, or the names of
        a frame's columns are not the classes.
    """
    array = _as_floats(proba, name)
    if classes is not None:
        columns = _columns_by_name(proba, plain_labels(classes), name)
        array = array if columns is None else array[:, columns]
    _check_shape(array, n_classes, name)
    _check_entries(array, name)
    _check_sums(array, name)
    return np.ascontiguousarray(np.maximum(array, 0.0) if (array < 0).any() else array)


def check_codes(codes: ArrayLike, n_rows: int, n_classes: int) -> IntArray:
    """Class codes 0..n_classes-1, one for each row."""
    array = array_of(codes, "codes", "one whole number for each row")
    if array.shape != (n_rows,):
        msg = (
            f"codes has shape {array.shape} but proba has {n_rows} rows; "
            "pass one code per row."
        )
        raise ValueError(msg)
    if array.dtype.kind not in "iu":
        msg = (
            f"codes has dtype {array.dtype}; expected integers 0 to {n_classes - 1}, "
            "the column of each row's true class. Encode the labels first, e.g. with "
            "numpy.searchsorted(classes, y)."
        )
        raise ValueError(msg)
    wrong = np.flatnonzero((array < 0) | (array >= n_classes))
    if wrong.size:
        msg = (
            f"codes[{wrong[0]}] is {array[wrong[0]].item()}; expected 0 to "
            f"{n_classes - 1}, the column of proba that belongs to the true class."
        )
        raise ValueError(msg)
    return array.astype(np.intp)


def check_weights(sample_weight: ArrayLike | None, n_rows: int) -> FloatArray | None:
    """Weights of the rows: finite, not negative, not all zero; None stays None."""
    if sample_weight is None:
        return None
    weights = _as_floats(sample_weight, "sample_weight")
    if weights.shape != (n_rows,):
        msg = (
            f"sample_weight has shape {weights.shape} but there are {n_rows} rows; "
            "pass one weight per row."
        )
        raise ValueError(msg)
    wrong = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if wrong.size:
        msg = (
            f"sample_weight[{wrong[0]}] is {weights[wrong[0]].item()}; every weight "
            "must be finite and not negative. Drop the row to leave it out."
        )
        raise ValueError(msg)
    if not weights.any():
        msg = (
            f"sample_weight is zero for all {n_rows} rows; at least one row must "
            "count. Pass None to count them all alike."
        )
        raise ValueError(msg)
    return weights


def check_number(value: Any, name: str, expected: str) -> float:
    """One finite number; anything else is refused.

    Parameters
    ----------
    value : float
        Also a numpy scalar.
    name, expected : str
        What the error message calls it, and what it says is expected.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If it is no number.
    ValueError
        If it is not finite.
    """
    is_array = isinstance(value, np.ndarray) and value.ndim == 0
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not (is_number or (is_array and value.dtype.kind in "iuf")):
        msg = (
            f"{name} is {shown(value)} of type {type(value).__name__}; expected "
            f"{expected}."
        )
        raise TypeError(msg)
    number = _float(value)
    if not np.isfinite(number):
        msg = f"{name} is {number}; expected {expected}."
        raise ValueError(msg)
    return number


def _float(value: Any) -> float:
    """Float of a number; of an integer that is too large, infinity."""
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _as_floats(values: Any, name: str) -> FloatArray:
    """Float64 array of real numbers."""
    array = array_of(values, name, "an array of real numbers")
    if array.dtype.kind in "biufO":
        try:
            return to_floats(array)
        except (OverflowError, TypeError, ValueError):
            msg = f"{name} holds entries that are no real numbers; expected floats."
            raise ValueError(msg) from None
    msg = f"{name} has dtype {array.dtype}; expected real numbers (floats)."
    raise ValueError(msg)


def _columns_by_name(proba: Any, classes: list[object], name: str) -> IntArray | None:
    """Column of each class in a frame; None where the columns have no names."""
    named = named_columns(proba, name, "class")
    if named is None or named == classes:
        return None
    known = set(classes)
    if named == list(range(len(named))) and set(named) != known:
        return None
    if known.isdisjoint(named) and near_miss(classes[0], named) is None:
        msg = (
            f"{name} has columns {show_labels(named)} but the classes are "
            f"{show_labels(classes)}. Name the columns by class, or pass "
            f"{name}.to_numpy() if they are in that order."
        )
        raise ValueError(msg)
    columns = find_columns(classes, named, name, "class")
    if len(named) > len(classes):
        stranger = next(label for label in named if label not in known)
        msg = (
            f"{name} has a column {stranger!r}, which is none of the classes "
            f"{show_labels(classes)}; drop the column."
        )
        raise ValueError(msg)
    return columns


def _check_shape(array: AnyArray, n_classes: int | None, name: str) -> None:
    """Refuse what has not one row per sample and one column per class."""
    if array.ndim != 2:
        hint = (
            f" For one sample pass {name}.reshape(1, -1); for the positive column of "
            f"two classes pass numpy.column_stack([1 - {name}, {name}])."
            if array.ndim == 1
            else ""
        )
        msg = (
            f"{name} has shape {array.shape}; expected (n_samples, n_classes), one "
            f"column per class.{hint}"
        )
        raise ValueError(msg)
    if n_classes is not None and array.shape[1] != n_classes:
        msg = (
            f"{name} has {array.shape[1]} columns but there are {n_classes} classes; "
            "pass one column for each class, in their order."
        )
        raise ValueError(msg)


def _check_entries(array: FloatArray, name: str) -> None:
    """Refuse entries that are no probabilities, whatever the rows sum to."""
    wrong = ~np.isfinite(array)
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        msg = (
            f"{name}[{row}, {column}] is {array[row, column].item()}; every "
            "probability must be finite. Look at the model that made them."
        )
        raise ValueError(msg)
    wrong = array < -_NEGATIVE_TOLERANCE
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        msg = (
            f"{name}[{row}, {column}] is {array[row, column].item()}; a probability "
            "cannot be negative. These look like raw scores; apply a softmax."
        )
        raise ValueError(msg)


def _check_sums(array: FloatArray, name: str) -> None:
    """Refuse rows that do not sum to one."""
    # A product, for sums of many short rows take several times as long.
    sums = array @ np.ones(array.shape[1])
    wrong = np.flatnonzero(np.abs(sums - 1.0) > _SUM_TOLERANCE)
    if not wrong.size:
        return
    row = int(wrong[0])
    if abs(sums[row] - _PERCENT) < 1.0:
        remedy = "These look like percentages; divide by 100."
    elif array[row].max(initial=0.0) > 1.0:
        remedy = "These look like raw scores; apply a softmax."
    else:
        remedy = "Divide each row by its sum, or pass the columns of all classes."
    msg = f"{name}[{row}] sums to {sums[row]:.6g}; every row must sum to 1. {remedy}"
    raise ValueError(msg)
