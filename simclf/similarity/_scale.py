"""Score tables in units that no longer depend on their scale or offset."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simclf._typing import FloatArray

_LARGEST = np.finfo(np.float64).max.item()
_EPSILON = np.finfo(np.float64).eps.item()
_LOWEST_EXPONENT = -5000  # below that of any product of two floats


def _rows_of_scores(values: ArrayLike) -> FloatArray:
    """Scores as floats, one row for each class."""
    scores = np.asarray(values, dtype=np.float64)
    if scores.ndim != 2 or 0 in scores.shape:
        msg = (
            f"values has shape {scores.shape}; expected (n_classes, n_decisions), one "
            "row for each class."
        )
        raise ValueError(msg)
    return scores


@np.errstate(over="ignore", under="ignore")
def row_ranges(values: FloatArray) -> FloatArray:
    """Range of every row: its best score less its worst.

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_decisions)
        Finite scores.

    Returns
    -------
    ndarray of shape (n_classes,)
        Zero exactly for a constant row. A range beyond the largest float64 is
        given as that.

    Examples
    --------
    >>> from simclf.similarity import row_ranges
    >>> row_ranges([[2.0, 1.0, 0.0, -1.0], [5.0, 5.0, 5.0, 5.0]]).tolist()
    [3.0, 0.0]
    """
    values = _rows_of_scores(values)
    ranges = values.max(axis=1) - values.min(axis=1)
    return np.asarray(np.minimum(ranges, _LARGEST), dtype=np.float64)


@np.errstate(over="ignore", under="ignore")
def unit_regret(values: FloatArray) -> FloatArray:
    """Measure what each answer loses against the best of its row, in [0, 1].

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_decisions)
        Finite scores, higher is better.

    Returns
    -------
    ndarray of shape (n_classes, n_decisions)
        Zero for the best answer of a row, one for the worst answer of the row of
        largest range. All zeros where every row is constant.

    Notes
    -----
    ``(max_j S[i, j] - S[i, k]) / max_i (max_j S[i, j] - min_j S[i, j])``.
    Every row is first brought near one by a power of two, which is exact, so
    tables of scale 1e-300 and 1e300 give the same result, and no difference
    overflows.

    Examples
    --------
    >>> from simclf.similarity import unit_regret
    >>> unit_regret([[3.0, 1.0], [10.0, 14.0]]).tolist()
    [[0.0, 0.5], [1.0, 0.0]]
    """
    values = _rows_of_scores(values)
    return RegretUnits(values.min(axis=1), values.max(axis=1)).regret(values)


class RegretUnits:
    """What turns scores into unit regrets, for all answers or for some of them.

    Parameters
    ----------
    lowest, highest : ndarray of shape (n_classes,)
        Least and largest score of each row.
    """

    @np.errstate(over="ignore", under="ignore")
    def __init__(self, lowest: FloatArray, highest: FloatArray) -> None:
        lowest, highest = lowest[:, np.newaxis], highest[:, np.newaxis]
        self._exponents = _exponents(np.maximum(np.abs(lowest), np.abs(highest)))
        self._top = np.ldexp(highest, -self._exponents)
        ranges = self._top - np.ldexp(lowest, -self._exponents)
        magnitudes = (self._exponents + _exponents(ranges))[ranges > 0]
        self._shifts = self._exponents - magnitudes.max(initial=_LOWEST_EXPONENT)
        self._largest = np.ldexp(ranges, self._shifts).max() or 1.0

    @np.errstate(over="ignore", under="ignore")
    def regret(self, values: FloatArray) -> FloatArray:
        """Return the unit regrets of some columns.

        Parameters
        ----------
        values : ndarray of shape (n_classes, n_columns)
            Scores of some answers.

        Returns
        -------
        ndarray of shape (n_classes, n_columns)
        """
        # In place: a table of 10,000 classes takes 800 MB.
        regret = np.ldexp(values, -self._exponents)
        np.subtract(self._top, regret, out=regret)
        np.ldexp(regret, self._shifts, out=regret)
        regret /= self._largest
        return np.asarray(regret)


@np.errstate(over="ignore", under="ignore")
def unit_scores(values: FloatArray) -> tuple[FloatArray, float, float]:
    """Shift and scale a table to zero mean and a largest row range of one.

    Parameters
    ----------
    values : ndarray of shape (n_classes, n_decisions)
        Finite scores.

    Returns
    -------
    unit : ndarray of shape (n_classes, n_decisions)
        The table in its own units.
    scale : float
        Positive. The largest row range; where the rows are constant, or their
        ranges vanish (below 2**-52) beside the offsets between rows, the largest
        deviation from the mean instead, and 1 for a table of one number.
    offset : float
        The mean of all entries.

    Notes
    -----
    ``values = unit * scale + offset``. A row range beyond the largest float64
    (scores near +-1e308 in one row) gives that float as the scale.

    Examples
    --------
    >>> from simclf.similarity import unit_scores
    >>> unit, scale, offset = unit_scores([[3.0, 1.0], [10.0, 14.0]])
    >>> unit.tolist(), scale, offset
    ([[-1.0, -1.5], [0.75, 1.75]], 4.0, 7.0)
    """
    values = _rows_of_scores(values)
    exponent = _exponents(np.abs(values).max())
    scaled = np.ldexp(values, -exponent)
    # Rounded, the mean of equal numbers may lie beside them.
    mean = np.clip(scaled.mean(), scaled.min(), scaled.max())
    centred = scaled - mean
    deviation = np.abs(centred).max()
    scale = row_ranges(values).max()
    if np.ldexp(scale, -exponent) <= _EPSILON * deviation:
        scale = min(_magnify(deviation, exponent), _LARGEST) if deviation else 1.0
    unit = np.ldexp(centred / np.frexp(scale)[0], exponent - _exponents(scale))
    return unit, float(scale), _magnify(mean, exponent)


def _exponents(magnitudes: ArrayLike) -> NDArray[np.int32]:
    """Binary exponents, so that magnitudes times 2**-exponent lie in [0.5, 1)."""
    return np.asarray(np.frexp(magnitudes)[1], dtype=np.int32)


def _magnify(mantissa: float, exponent: NDArray[np.int32]) -> float:
    """Multiply by a power of two; too large a result is inf."""
    return float(np.ldexp(mantissa, exponent))
