"""Score tables made from the labels, for scikit-learn's checks.

They are objects, as the text of a function holds its address: a test that is named
after one has another name in every process, and could not be shared out among several.
"""

from dataclasses import dataclass

import numpy as np

from simclf._typing import AnyArray, FloatArray


@dataclass(frozen=True)
class OffsetIdentity:
    """Identity of one worth, with an offset for each row.

    Its Bayes decision is the most probable class, so that checks which demand that
    of every classifier hold, though the whole path of a table is run.
    """

    def __call__(self, classes: AnyArray) -> FloatArray:
        """Return the table."""
        k = len(classes)
        return 0.25 * np.eye(k) + 0.125 * np.arange(k, dtype=np.float64)[:, None]


@dataclass(frozen=True)
class FirstIsSafe:
    """Take any class for the first: little is lost; for another: a great deal."""

    def __call__(self, classes: AnyArray) -> FloatArray:
        """Return the table."""
        k = len(classes)
        table = np.full((k, k), -9.0)
        table[:, 0] = -0.5
        np.fill_diagonal(table, 0.0)
        return table
