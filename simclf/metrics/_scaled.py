"""Numbers with a power of two taken out, so that neither sums nor differences overflow.

The power is exact: results are those of the numbers themselves wherever these have any.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from simclf._typing import FloatArray


@dataclass(frozen=True, eq=False)
class Scaled:
    """Numbers ``values * 2 ** exponent``, the largest of ``values`` near one."""

    values: FloatArray
    exponent: int

    @classmethod
    def of(cls, numbers: FloatArray) -> Self:
        """Take out the power of two of the largest number."""
        exponent = _exponent(numbers)
        return cls(_shifted(numbers, -exponent), exponent)

    @classmethod
    def difference(cls, numbers: FloatArray, others: FloatArray) -> Self:
        """Take out the power of two of differences, which may be no floats."""
        reach = 1 + max(_exponent(numbers), _exponent(others))
        rest = cls.of(_shifted(numbers, -reach) - _shifted(others, -reach))
        return cls(rest.values, rest.exponent + reach)

    def restore(self, results: FloatArray | float) -> FloatArray:
        """Return results such as means on the scale of the numbers."""
        return _shifted(results, self.exponent)

    def mean(self, weights: FloatArray) -> float:
        """Weighted mean, on the scale of the numbers."""
        mean = np.average(self.values, weights=weights)
        # Rounded beyond all numbers, that of the largest floats would be none.
        within = np.clip(mean, self.values.min(), self.values.max())
        return float(self.restore(within))


def _exponent(numbers: FloatArray) -> int:
    """Power of two just above the largest magnitude."""
    return int(np.frexp(np.abs(numbers).max())[1])


@np.errstate(over="ignore", under="ignore")
def _shifted(numbers: FloatArray | float, exponent: int) -> FloatArray:
    """Numbers times a power of two; infinite where no float is so large."""
    return np.asarray(np.ldexp(numbers, exponent))
