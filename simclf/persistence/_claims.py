"""What a file claims, refused where it cannot be so."""

import math
from typing import Any

import numpy as np

from simclf._typing import AnyArray

# Calibration finds temperatures between exp(-10) and exp(10). At one that is hardly
# above zero, log probabilities overflow.
_COLDEST = 1e-6


def labels_of(labels: Any) -> AnyArray:
    """Return labels that are one axis, each there once."""
    if not isinstance(labels, np.ndarray) or labels.ndim != 1:
        msg = "the labels are no array of one axis"
        raise TypeError(msg)
    if not len(labels) or len(set(labels.tolist())) < len(labels):
        msg = "a label is there twice, or there is none"
        raise ValueError(msg)
    return labels


def check_floats(name: str, values: Any, shape: tuple[int, ...]) -> None:
    """Refuse anything but finite float64 numbers of a shape."""
    is_array = isinstance(values, np.ndarray) and values.dtype == np.float64
    if not is_array or values.shape != shape or not np.isfinite(values).all():
        msg = f"{name} is no array of finite float64 numbers of shape {shape}"
        raise ValueError(msg)


def temperature_of(value: Any) -> float:
    """Refuse anything but a temperature that probabilities can be raised to."""
    if not _COLDEST <= finite_float("temperature_", value) <= 1 / _COLDEST:
        msg = (
            f"temperature_={value} is not between {_COLDEST:g} and {1 / _COLDEST:g}, "
            "as calibration gives it"
        )
        raise ValueError(msg)
    return float(value)


def finite_float(name: str, value: Any) -> float:
    """Refuse anything but a finite float."""
    if type(value) is not float or not math.isfinite(value):
        msg = f"{name} is no finite number"
        raise ValueError(msg)
    return value


def count(name: str, value: Any) -> int:
    """Refuse anything but a positive integer."""
    if type(value) is not int or value < 1:
        msg = f"{name} is no positive integer"
        raise ValueError(msg)
    return value


def optional_dict(value: Any) -> dict[str, Any] | None:
    """Refuse a report that is none."""
    if value is None or isinstance(value, dict):
        return value
    msg = "auto_report_ is no dict"
    raise TypeError(msg)
