"""Features of zero mean and unit variance, the statistics kept in the model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from simclf._typing import AnyArray, FloatArray

# Rows turned at a time: the float64 intermediate stays small beside the result.
_CHUNK_ENTRIES = 2**22


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Mean and scale of each feature in float64; None leaves the rows as they are."""

    mean: FloatArray | None
    scale: FloatArray | None

    def __call__(self, X: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
        """Turn dense rows into standardized rows of ``dtype``, chunk by chunk."""
        if self.mean is None or self.scale is None:
            with _overflow_is_found_later():
                return np.require(X, dtype=dtype, requirements=["C", "W"])
        turned = np.empty(X.shape, dtype=dtype)
        step = max(1, _CHUNK_ENTRIES // X.shape[1])
        for start in range(0, len(X), step):
            chunk = slice(start, start + step)
            with _overflow_is_found_later():
                turned[chunk] = (X[chunk] - self.mean) / self.scale
        return turned


def fit_standardizer(
    X: Any, sample_weight: FloatArray | None, names: AnyArray | None
) -> Standardizer:
    """Measure the weighted mean and scale of every column of dense or CSR rows."""
    sparse = not isinstance(X, np.ndarray)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        scaler = StandardScaler(copy=False, with_mean=not sparse)
        scaler.fit(X, sample_weight=sample_weight)
        mean = np.asarray(scaler.mean_, dtype=np.float64)
        scale = np.asarray(scaler.scale_, dtype=np.float64)
    _refuse_overflow(mean, scale, names)
    return Standardizer(mean, scale)


def _overflow_is_found_later() -> np.errstate:
    """Let a row far outside the training data overflow: its scores will tell of it."""
    return np.errstate(over="ignore", invalid="ignore")


def _refuse_overflow(
    mean: FloatArray, scale: FloatArray, names: AnyArray | None
) -> None:
    """Refuse columns whose spread is beyond float64."""
    bad = np.flatnonzero(~(np.isfinite(mean) & np.isfinite(scale)))
    if bad.size:
        column = int(bad[0])
        name = "" if names is None else f" ({names[column]!r})"
        msg = (
            f"column {column}{name} of X holds values so large that their variance is "
            "beyond float64; divide that column by a constant first."
        )
        raise ValueError(msg)
