"""The largest or smallest entry of each row, also where rows are many and short."""

from typing import Literal

import numpy as np

from simclf._typing import FloatArray

_SHORT = 32
_EXTREMES = {"least": np.minimum, "largest": np.maximum}


def row_extreme(values: FloatArray, which: Literal["least", "largest"]) -> FloatArray:
    """Extreme of each row, shape (n_rows, 1)."""
    extreme = _EXTREMES[which]
    if values.shape[1] < _SHORT:
        # numpy goes through short rows one by one, and through long ones at once.
        columns = np.ascontiguousarray(values.T)
        return np.asarray(extreme.reduce(columns, axis=0)[:, np.newaxis])
    return np.asarray(extreme.reduce(values, axis=1, keepdims=True))
