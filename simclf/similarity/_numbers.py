"""Numbers and flags that a table builder is set with."""

import math
from collections.abc import Callable, Iterator, ValuesView
from numbers import Real

import numpy as np

from simclf._typing import FloatArray
from simclf.similarity._arrays import array_of
from simclf.similarity._entries import finite_floats


def finite_number(value: object, name: str) -> float:
    """Read a setting as a finite float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        msg = f"{name} is of type {type(value).__name__}; expected a number."
        raise TypeError(msg)
    if not _is_finite(value):
        msg = f"{name}={value!s} is not finite; expected a finite number."
        raise ValueError(msg)
    return float(value)


def _is_finite(value: Real) -> bool:
    """Whether a number is one of float64's."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def positive_number(value: object, name: str) -> float:
    """Read a setting as a finite float above zero."""
    number = finite_number(value, name)
    if number <= 0:
        msg = f"{name}={number:g} is not positive; expected a number above 0."
        raise ValueError(msg)
    return number


def read_flag(value: object, name: str) -> bool:
    """Read a setting as True or False; text such as "no" would be true."""
    if not isinstance(value, bool | np.bool_):
        msg = (
            f"{name} is {value!r} of type {type(value).__name__}; expected True or "
            "False."
        )
        raise TypeError(msg)
    return bool(value)


def finite_row(given: object, name: str, where: Callable[[int], str]) -> FloatArray:
    """Read a list of finite numbers; one that is none is named by its position."""
    if isinstance(given, Iterator | ValuesView):
        given = list(given)
    numbers = array_of(given, name, "a list of numbers", object)
    if numbers.ndim == 0:
        msg = f"{name} is of type {type(given).__name__}; expected a list of numbers."
        raise TypeError(msg)
    if numbers.ndim != 1:
        msg = f"{name} has shape {numbers.shape}; expected a list of numbers."
        raise ValueError(msg)
    row = finite_floats(numbers[np.newaxis], lambda _, position: where(position))
    return row.reshape(-1)
