"""Settings of a bootstrap: taken, or refused by name."""

from numbers import Integral
from reprlib import repr as shown
from typing import Any

import numpy as np

from simclf.decision._check import check_number

_MOST_RESAMPLES = 10_000_000


def check_confidence(confidence: Any) -> None:
    """Refuse a share that no interval can have."""
    expected = "a number between 0 and 1, such as 0.95"
    if not 0 < check_number(confidence, "confidence", expected) < 1:
        msg = f"confidence is {confidence}; expected {expected}."
        raise ValueError(msg)


def check_n_resamples(n_resamples: Any) -> None:
    """Refuse what is no number of resamples."""
    if not isinstance(n_resamples, Integral) or isinstance(n_resamples, bool):
        msg = (
            f"n_resamples is {shown(n_resamples)} of type "
            f"{type(n_resamples).__name__}; expected a whole number, such as 2000."
        )
        raise TypeError(msg)
    if n_resamples < 2:
        msg = f"n_resamples is {n_resamples}; expected at least 2."
        raise ValueError(msg)
    if int(n_resamples) > _MOST_RESAMPLES:
        msg = f"n_resamples is {n_resamples}; expected at most {_MOST_RESAMPLES}."
        raise ValueError(msg)


def check_random_state(random_state: Any) -> None:
    """Refuse what makes no generator of random numbers."""
    if isinstance(random_state, np.random.RandomState):
        return
    try:
        np.random.default_rng(random_state)
    except (TypeError, ValueError) as error:
        msg = (
            f"random_state is {shown(random_state)}; expected a whole number from 0 "
            "on, a numpy Generator or RandomState, or None."
        )
        raise type(error)(msg) from None
