"""Parameters of networks, refused by name where no network can be built of them."""

from numbers import Integral, Real
from typing import Any

# Cost little, though few rows leave most of them empty.
_CHEAP_BINS = 256


def check_size(owner: str, name: str, value: Any, low: int = 1) -> int:
    """Refuse anything but an integer from ``low`` on."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value < low:
        msg = f"{name}={value!r} of {owner} must be an integer from {low} on."
        raise ValueError(msg)
    return int(value)


def check_bins(owner: str, n_bins: Any, n_rows: int) -> int:
    """Refuse bins that cannot hold rows, where they are so many that it costs."""
    checked = check_size(owner, "n_bins", n_bins, low=2)
    most = max(n_rows, _CHEAP_BINS)
    if checked > most:
        msg = (
            f"n_bins={n_bins} of {owner} is more than {n_rows} training rows can fill; "
            f"use {most} at most."
        )
        raise ValueError(msg)
    return checked


def check_hidden_layer_sizes(owner: str, sizes: Any) -> list[int]:
    """Refuse anything but a sequence of positive integers."""
    if isinstance(sizes, Integral) and not isinstance(sizes, bool):
        sizes = [sizes]
    if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
        msg = (
            f"hidden_layer_sizes={sizes!r} of {owner} must be a sequence of positive "
            "integers, e.g. (128, 128); () is a linear model."
        )
        raise TypeError(msg)
    sizes = list(sizes)
    for position, size in enumerate(sizes):
        if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
            msg = (
                f"hidden_layer_sizes[{position}]={size!r} of {owner} must be a "
                "positive integer, the width of that hidden layer."
            )
            raise ValueError(msg)
    return [int(size) for size in sizes]


def check_dropout(owner: str, dropout: Any) -> float:
    """Refuse a share outside [0, 1)."""
    if (
        isinstance(dropout, bool)
        or not isinstance(dropout, Real)
        or not (0 <= float(dropout) < 1)
    ):
        msg = (
            f"dropout={dropout!r} of {owner} must be a number in [0, 1), the share of "
            "hidden units dropped in training."
        )
        raise ValueError(msg)
    return float(dropout)
