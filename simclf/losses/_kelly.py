"""The mixture that maximises an expected logarithm, by multiplicative updates."""

import numpy as np

from simclf._typing import FloatArray

_TOLERANCE = 1e-9
_MAX_UPDATES = 20_000


def log_optimal_mixture(posterior: FloatArray, returns: FloatArray) -> FloatArray:
    """Return the rows q that maximise ``sum_y posterior[y] log(returns[y] @ q)``.

    The update multiplies q by its gradient and keeps the sum at one. The objective
    is within the largest gradient minus one of its maximum, which is the test that
    ends the iteration (Cover, 1984, doi:10.1109/TIT.1984.1056869).
    """
    mixture = np.full(
        (posterior.shape[0], returns.shape[1]), 1.0 / returns.shape[1], dtype=np.float64
    )
    for _ in range(_MAX_UPDATES):
        grown = mixture @ returns.T
        share = np.divide(posterior, grown, out=np.zeros_like(grown), where=grown > 0)
        gradient = share @ returns
        if gradient.max(initial=1.0) <= 1.0 + _TOLERANCE:
            break
        mixture *= gradient
        mixture /= mixture.sum(axis=1, keepdims=True)
    return mixture
