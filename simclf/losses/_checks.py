"""Checks of hyperparameters: every refusal names the loss, the value and the remedy."""

from collections.abc import Sequence
from difflib import get_close_matches
from numbers import Real
from typing import Any

import numpy as np


def check_number(
    owner: str,
    parameter: str,
    value: Any,
    *,
    low: float = 0.0,
    high: float = np.inf,
    open_low: bool = False,
    open_high: bool = False,
) -> None:
    """Refuse what is not a finite number between low and high, ends as stated."""
    wanted = _interval(low, high, open_low=open_low, open_high=open_high)
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        msg = f"{owner}: {parameter} must be {wanted}, got {value!r}."
        raise TypeError(msg)
    try:
        number = float(value)
    except OverflowError:
        number = np.inf
    above = low < number if open_low else low <= number
    below = number < high if open_high else number <= high
    if not (np.isfinite(number) and above and below):
        msg = f"{owner}: {parameter} must be {wanted}, got {number!r}."
        raise ValueError(msg)


def check_flag(owner: str, parameter: str, value: Any) -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool | np.bool_):
        msg = f"{owner}: {parameter} must be True or False, got {value!r}."
        raise TypeError(msg)


def check_choice(
    owner: str, parameter: str, value: Any, choices: Sequence[str], also: str = ""
) -> None:
    """Refuse a name that is not among the choices."""
    if isinstance(value, str) and value in choices:
        return
    allowed = " or ".join([*map(repr, choices), *([also] if also else [])])
    msg = f"{owner}: {parameter} must be {allowed}, got {value!r}."
    near = get_close_matches(value, choices, n=1) if isinstance(value, str) else []
    if near:
        msg += f" Did you mean {near[0]!r}?"
    raise ValueError(msg)


def _interval(low: float, high: float, *, open_low: bool, open_high: bool) -> str:
    """Put an interval into words."""
    least = f"{'>' if open_low else '>='} {low:g}"
    if not np.isfinite(high):
        return f"a finite number {least}"
    return f"a number {least} and {'<' if open_high else '<='} {high:g}"
