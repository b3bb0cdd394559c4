"""Features of one centre and one scale, whatever their units and tails."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from simclf._typing import AnyArray, FloatArray, IntArray

# Entries turned at a time: the float64 intermediate stays in the cache.
_CHUNK_ENTRIES = 2**16
# Share of CSR entries up to which it is faster to turn the stored ones alone.
_FEW_STORED = 0.1
# Entries measured at a time: scikit-learn makes two copies of what it measures.
_MEASURED_ENTRIES = 2**22
# Columns of 2**400 and beyond, or below 2**-400, are scaled before they are squared.
_SAFE_EXPONENT = 400
_NEARLY_LARGEST = 1e307
# The upper quartile of a normal distribution, in standard deviations.
_NORMAL_QUARTILE = 0.6744897501960817
# Tails are heavy where the standard deviation is so many times what the quartiles say.
_HEAVY = 2.0
_QUARTILE_ROWS = 100_000
_SORTED_ENTRIES = 2**20


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Centre and scale of each feature in float64; None leaves the rows as they are.

    Attributes
    ----------
    mean, scale : ndarray of shape (d,) or None
        What is subtracted, and what the rest is divided by.
    heavy : bool ndarray of shape (d,) or None
        Features whose tails are brought in: ``arcsinh(z)``, which is about ``z`` up to
        one and grows like its logarithm beyond.
    """

    mean: FloatArray | None
    scale: FloatArray | None
    heavy: NDArray[np.bool_] | None = None

    # A row far outside the training data overflows: its scores will tell of it. In the
    # form of a block, numpy forgets to switch back if a Ctrl-C comes at its end.
    @np.errstate(over="ignore", invalid="ignore")
    def __call__(self, X: AnyArray, dtype: np.dtype[Any]) -> AnyArray:
        """Turn dense rows into standardized rows of ``dtype``, chunk by chunk."""
        if self.mean is None or self.scale is None:
            # torch knows no negative strides, which a single row may have by itself.
            rows = X if min(X.strides) >= 0 else X.copy()
            return np.require(rows, dtype=dtype, requirements=["C", "W"])
        turned = np.empty(X.shape, dtype=dtype)
        step = max(1, _CHUNK_ENTRIES // X.shape[1])
        memory = np.empty((min(step, len(X)), X.shape[1]))
        for start in range(0, len(X), step):
            rows = X[start : start + step]
            centred = memory[: len(rows)]
            self._turn(rows, ..., centred)
            turned[start : start + step] = centred
        return turned

    @np.errstate(over="ignore", invalid="ignore")
    def densified(self, X: Any, dtype: np.dtype[Any]) -> AnyArray:
        """Turn CSR rows into standardized dense rows of ``dtype``.

        Where few entries are stored, these alone are turned: all others are alike.
        """
        n_rows, n_features = X.shape
        few = X.nnz <= _FEW_STORED * n_rows * n_features
        if self.mean is None or self.scale is None or not few:
            return self(X.toarray(), dtype)
        if not X.has_canonical_format:
            X = X.copy()
            X.sum_duplicates()
        turned = np.empty(X.shape, dtype=dtype)
        turned[:] = self(np.zeros((1, n_features)), dtype)
        stored = np.empty(X.nnz)
        self._turn(X.data, X.indices, stored)
        turned[np.repeat(np.arange(n_rows), np.diff(X.indptr)), X.indices] = stored
        return turned

    def _turn(self, values: AnyArray, columns: Any, out: FloatArray) -> None:
        """Write values of these columns into ``out``, standardized in float64."""
        assert self.mean is not None
        assert self.scale is not None
        mean, scale = self.mean[columns], self.scale[columns]
        if np.abs(self.mean).max() > _NEARLY_LARGEST:
            # Halves of numbers near the largest float64 have a difference.
            values = np.multiply(values, 0.5, dtype=np.float64)
            mean, scale = 0.5 * mean, 0.5 * scale
        np.subtract(values, mean, out=out)
        np.divide(out, scale, out=out)
        if self.heavy is not None:
            heavy = self.heavy[columns]
            out[..., heavy] = np.arcsinh(out[..., heavy])


def fit_standardizer(X: Any, sample_weight: FloatArray | None) -> Standardizer:
    """Measure the weighted centre and scale of every column of dense or CSR rows.

    They are mean and standard deviation. Where heavy tails own these (exponential
    units, outliers), and rows are dense, they are the median and what the quartiles
    say of the standard deviation.
    """
    sparse = not isinstance(X, np.ndarray)
    exponents = _extreme_exponents(X)
    rows = X if exponents is None else _shifted(X, -exponents)
    scaler = _measured(rows, sample_weight)
    mean = np.asarray(scaler.mean_, dtype=np.float64)
    scale = np.asarray(scaler.scale_, dtype=np.float64)
    heavy = None
    if not sparse:
        lower, median, upper = _quartiles(rows, sample_weight)
        spread = (upper - lower) / (2 * _NORMAL_QUARTILE)
        heavy = (spread > 0) & (scale > _HEAVY * spread)
        mean, scale = np.where(heavy, median, mean), np.where(heavy, spread, scale)
    if exponents is not None:
        mean, scale = np.ldexp(mean, exponents), np.ldexp(scale, exponents)
    return Standardizer(
        mean, scale, heavy if heavy is not None and heavy.any() else None
    )


def _measured(X: Any, sample_weight: FloatArray | None) -> StandardScaler:
    """Return scikit-learn's scaler for the rows, dense ones some at a time."""
    if not isinstance(X, np.ndarray):
        return StandardScaler(copy=False, with_mean=False).fit(X, None, sample_weight)
    scaler = StandardScaler(copy=False)
    step = max(1, _MEASURED_ENTRIES // X.shape[1])
    for start in range(0, len(X), step):
        rows = slice(start, start + step)
        weight = None if sample_weight is None else sample_weight[rows]
        scaler.partial_fit(X[rows], None, weight)
    return scaler


def _quartiles(
    X: AnyArray, sample_weight: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Lower quartile, median and upper quartile of each column, of many rows at most.

    Each is the first value that has its share of the weight up to it: a weight of two
    is the row twice.
    """
    step = -(-len(X) // _QUARTILE_ROWS)
    rows = X[::step]
    weight = None if sample_weight is None else sample_weight[::step]
    width = max(1, _SORTED_ENTRIES // len(rows))
    blocks = [
        _quartiles_of_all(rows[:, start : start + width], weight)
        for start in range(0, rows.shape[1], width)
    ]
    lower, median, upper = np.concatenate(blocks, axis=1, dtype=np.float64)
    return lower, median, upper


def _quartiles_of_all(rows: AnyArray, weight: FloatArray | None) -> AnyArray:
    """Quartiles of some columns, (3, n_columns)."""
    if weight is None:
        # Even weights need no order, only the three places in it.
        places = _first_with_share(np.arange(1.0, len(rows) + 1)[:, None])[:, 0]
        return np.asarray(np.partition(rows, places, axis=0)[places])
    order = np.argsort(rows, axis=0, kind="stable")
    places = _first_with_share(np.cumsum(weight[order], axis=0))
    return np.take_along_axis(rows, np.take_along_axis(order, places, 0), 0)


def _first_with_share(below: FloatArray) -> IntArray:
    """Places of the first sums that are each quarter of the last, (3, n_columns)."""
    # Sums of the same weights in another order differ in their last digits.
    share = below / below[-1] + 1e-9
    return np.stack([(share < quarter).sum(axis=0) for quarter in (0.25, 0.5, 0.75)])


def _extreme_exponents(X: Any) -> NDArray[np.int32] | None:
    """Binary exponents of columns whose squares leave float64; None where none do."""
    if not isinstance(X, np.ndarray) and _is_ordinary(X.data):
        return None
    top, bottom = X.max(axis=0), X.min(axis=0)
    if not isinstance(X, np.ndarray):
        top, bottom = top.toarray().ravel(), bottom.toarray().ravel()
    largest = np.maximum(np.abs(top), np.abs(bottom)).astype(np.float64)
    exponents = np.frexp(largest)[1]
    if not (np.abs(exponents) > _SAFE_EXPONENT).any():
        return None
    return np.where(largest > 0, exponents, 0).astype(np.int32)


def _is_ordinary(entries: AnyArray) -> bool:
    """Whether no number is so large or small that its column needs a closer look.

    Extremes of the columns of CSR rows would take a second copy of all of them.
    """
    return not any(
        (np.abs(np.frexp(part)[1]) > _SAFE_EXPONENT).any()
        for part in np.split(
            entries, range(_CHUNK_ENTRIES, len(entries), _CHUNK_ENTRIES)
        )
    )


def _shifted(X: Any, exponents: NDArray[np.int32]) -> Any:
    """Multiply every column by a power of two, which is exact."""
    if isinstance(X, np.ndarray):
        return np.ldexp(X.astype(np.float64), exponents)
    shifted = X.astype(np.float64)
    shifted.data = np.ldexp(shifted.data, exponents[shifted.indices])
    return shifted
