"""How a weighted mean varies when rows, or groups of rows, are drawn anew."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from simclf._typing import FloatArray, IntArray
from simclf.decision._label_order import label_axis
from simclf.metrics._rows import ScoredRows
from simclf.metrics._scaled import Scaled
from simclf.metrics._settings import (
    check_confidence,
    check_n_resamples,
    check_random_state,
)
from simclf.similarity._labels import is_name, plain_labels

_CHUNK_ENTRIES = 2**22
_SMALLEST = 1e-12
# Units up to which resamples vary too little, and Student's t has a say too.
_FEW_UNITS = 30


@dataclass(frozen=True, eq=False)
class Resampling:
    """How resamples are drawn: what is drawn, how often, and for which interval."""

    groups: ArrayLike | None
    confidence: float
    n_resamples: int
    random_state: Any

    def __post_init__(self) -> None:
        check_confidence(self.confidence)
        check_n_resamples(self.n_resamples)
        check_random_state(self.random_state)


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """A mean, its resamples, and what they say about it."""

    mean: float
    resamples: FloatArray
    low: float
    high: float
    n_units: int
    n_groups: int | None

    @property
    def standard_error(self) -> float:
        """Standard deviation of the resampled means."""
        # Squares of scores near 1e300 would overflow.
        exponent = np.frexp(np.abs(self.resamples).max())[1]
        spread = np.ldexp(self.resamples, -exponent).std(ddof=1)
        return float(np.ldexp(spread, exponent))

    @property
    def p_value(self) -> float:
        """Two-sided chance of a mean so far from zero, never quite zero.

        How often resamples cross zero; of few units also what Student's t says, and
        never less than all of them showing to one side by chance.
        """
        sides = (
            np.count_nonzero(self.resamples <= 0),
            np.count_nonzero(self.resamples >= 0),
        )
        crossed = min(1.0, float(2 * (1 + min(sides)) / (1 + len(self.resamples))))
        if self.n_units > _FEW_UNITS:
            return crossed
        error = self.standard_error * _bessel(self.n_units)
        ratio = abs(self.mean) / error if error > 0 else np.inf
        student = 2 * stdtr(self.n_units - 1, -ratio) if self.mean else 1.0
        return float(max(crossed, student, least_p_value(self.n_units)))


def least_p_value(n_units: int) -> float:
    """Chance that all of so many units show to one side, whichever it is."""
    return float(2.0 ** (1 - n_units))


@dataclass(frozen=True, eq=False)
class _Units:
    """What is drawn: sums over rows, and how many units have the same."""

    totals: FloatArray
    weights: FloatArray
    counts: IntArray

    def mean(self) -> float:
        """Mean over the rows."""
        return float(self._mean_of(self.counts[np.newaxis].astype(np.float64))[0])

    def resampled_means(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Means over units drawn anew."""
        # Units that are alike are drawn together, so that a million rows of a few
        # different scores cost no more than these; chunks keep memory small.
        n_units, means = int(self.counts.sum()), np.empty(n)
        step = max(1, _CHUNK_ENTRIES // len(self.counts))
        for start in range(0, n, step):
            size = min(step, n - start)
            drawn = rng.multinomial(n_units, self.counts / n_units, size=size)
            means[start : start + size] = self._mean_of(drawn.astype(np.float64))
        return means

    def _mean_of(self, drawn: FloatArray) -> FloatArray:
        """Means over units of which some number is drawn."""
        means = drawn @ self.totals / (drawn @ self.weights)
        # Scores of at most one that cancel do so exactly, but for the rounding.
        return np.where(np.abs(means) <= _SMALLEST, 0.0, means)

    def acceleration(self) -> float:
        """Sixth of the skewness of what single units do to the mean."""
        influence = self.totals - self.mean() * self.weights
        largest = np.abs(influence).max()
        if largest <= _SMALLEST * self.weights.max():
            return 0.0
        influence /= largest
        variance = self.counts @ influence**2
        return float(self.counts @ influence**3 / (6 * variance**1.5))


def bootstrap_mean(
    scores: Scaled, rows: ScoredRows, resampling: Resampling
) -> Bootstrap:
    """Resample the weighted mean of a number of each row.

    The interval is the bias-corrected and accelerated one; of few units the wider of
    that and Student's.
    """
    codes = None if resampling.groups is None else _encode(resampling.groups, rows)
    units = _find_units(scores.values, rows.weights, codes)
    rng = _generator(resampling.random_state)
    mean, means = units.mean(), units.resampled_means(resampling.n_resamples, rng)
    levels = _interval_levels(mean, means, units.acceleration(), resampling.confidence)
    low, high = np.quantile(means, levels)
    n_units = int(units.counts.sum())
    if n_units <= _FEW_UNITS:
        reach = _student_reach(means, n_units, resampling.confidence)
        low, high = min(low, mean - reach), max(high, mean + reach)
    return Bootstrap(
        mean=float(scores.restore(mean)),
        resamples=scores.restore(means),
        low=float(scores.restore(low)),
        high=float(scores.restore(high)),
        n_units=n_units,
        n_groups=None if codes is None else n_units,
    )


def _student_reach(means: FloatArray, n_units: int, confidence: float) -> float:
    """Half the width of Student's interval."""
    quantile = stdtrit(n_units - 1, (1 + confidence) / 2)
    return float(quantile * _bessel(n_units) * means.std(ddof=1))


def _bessel(n_units: int) -> float:
    """How much more a mean of so many units varies than its resamples do."""
    return float(np.sqrt(n_units / (n_units - 1)))


def _encode(groups: ArrayLike, rows: ScoredRows) -> IntArray:
    """Code of each row's group."""
    array = label_axis(groups, "groups")
    rows.require_length(len(array), "groups")
    codes: dict[object, int] = {}
    labels = plain_labels(array)
    for row, label in enumerate(labels):
        if not is_name(label):
            msg = f"groups[{row}] is {label!r}; every row needs the label of its group."
            raise ValueError(msg)
        codes.setdefault(label, len(codes))
    return np.array([codes[label] for label in labels], dtype=np.intp)


def _find_units(
    values: FloatArray, weights: FloatArray, codes: IntArray | None
) -> _Units:
    """Add up the rows of each unit, and count the units that are alike."""
    totals, sizes = values * weights, weights
    if codes is not None:
        totals = np.asarray(np.bincount(codes, totals), dtype=np.float64)
        sizes = np.asarray(np.bincount(codes, weights), dtype=np.float64)
    counted = sizes > 0
    n_units = np.count_nonzero(counted)
    if n_units < 2:
        what = "row" if codes is None else "group"
        msg = (
            f"there is {n_units} {what} of positive weight; how a mean varies needs at "
            f"least 2 {what}s."
        )
        raise ValueError(msg)
    # A complex number is a pair that numpy can sort.
    pairs, counts = np.unique(totals[counted] + 1j * sizes[counted], return_counts=True)
    return _Units(pairs.real, pairs.imag, counts)


def _generator(random_state: Any) -> np.random.Generator:
    """Make a generator from a seed or from scikit-learn's kind of generator."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31, size=4)
    return np.random.default_rng(random_state)


def _interval_levels(
    mean: float, means: FloatArray, acceleration: float, confidence: float
) -> FloatArray:
    """Quantiles of the resamples that bound the interval."""
    ahead = means - mean
    ties = np.abs(ahead) <= _SMALLEST
    below = (ahead < -_SMALLEST).mean() + ties.mean() / 2
    half = 0.5 / len(means)
    bias = ndtri(np.clip(below, half, 1 - half))
    tail = (1 - confidence) / 2
    shifted = bias + ndtri(np.array([tail, 1 - tail]))
    stretch = np.maximum(1 - acceleration * shifted, _SMALLEST)
    return np.asarray(ndtr(bias + shifted / stretch))
