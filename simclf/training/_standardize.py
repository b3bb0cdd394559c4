"""Features of zero mean and unit variance, the statistics kept in the model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from simclf._typing import AnyArray, FloatArray

# Rows turned at a time: the float64 intermediate stays small beside the result.
_CHUNK_ENTRIES = 2**22
# Columns of 2**400 and beyond, or below 2**-400, are scaled before they are squared.
_SAFE_EXPONENT = 400
_NEARLY_LARGEST = 1e307


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
        # Halves of numbers near the largest float64 have a difference.
        factor = 0.5 if np.abs(self.mean).max() > _NEARLY_LARGEST else 1.0
        mean, scale = factor * self.mean, factor * self.scale
        turned = np.empty(X.shape, dtype=dtype)
        step = max(1, _CHUNK_ENTRIES // X.shape[1])
        for start in range(0, len(X), step):
            chunk = slice(start, start + step)
            rows = X[chunk] if factor == 1.0 else factor * X[chunk]
            with _overflow_is_found_later():
                turned[chunk] = (rows - mean) / scale
        return turned


def fit_standardizer(X: Any, sample_weight: FloatArray | None) -> Standardizer:
    """Measure the weighted mean and scale of every column of dense or CSR rows."""
    sparse = not isinstance(X, np.ndarray)
    exponents = _extreme_exponents(X)
    rows = X if exponents is None else _shifted(X, -exponents)
    scaler = StandardScaler(copy=False, with_mean=not sparse)
    scaler.fit(rows, sample_weight=sample_weight)
    mean = np.asarray(scaler.mean_, dtype=np.float64)
    scale = np.asarray(scaler.scale_, dtype=np.float64)
    if exponents is not None:
        mean, scale = np.ldexp(mean, exponents), np.ldexp(scale, exponents)
    return Standardizer(mean, scale)


def _extreme_exponents(X: Any) -> NDArray[np.int32] | None:
    """Binary exponents of columns whose squares leave float64; None where none do."""
    top, bottom = X.max(axis=0), X.min(axis=0)
    if not isinstance(X, np.ndarray):
        top, bottom = top.toarray().ravel(), bottom.toarray().ravel()
    largest = np.maximum(np.abs(top), np.abs(bottom)).astype(np.float64)
    exponents = np.frexp(largest)[1]
    if not (np.abs(exponents) > _SAFE_EXPONENT).any():
        return None
    return np.where(largest > 0, exponents, 0).astype(np.int32)


def _shifted(X: Any, exponents: NDArray[np.int32]) -> Any:
    """Multiply every column by a power of two, which is exact."""
    if isinstance(X, np.ndarray):
        return np.ldexp(X.astype(np.float64), exponents)
    shifted = X.astype(np.float64)
    shifted.data = np.ldexp(shifted.data, exponents[shifted.indices])
    return shifted


def _overflow_is_found_later() -> np.errstate:
    """Let a row far outside the training data overflow: its scores will tell of it."""
    return np.errstate(over="ignore", invalid="ignore")
