"""Tables with structure: products with probabilities that cost less than dense ones."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from simclf._typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Form(ABC):
    """A matrix as offsets of its rows and columns plus a structured core.

    Parameters
    ----------
    rows : ndarray of shape (n_rows,)
        What is added to every entry of a row.
    columns : ndarray of shape (n_columns,)
        What is added to every entry of a column.
    """

    rows: FloatArray
    columns: FloatArray

    @property
    @abstractmethod
    def T(self) -> "Form":  # noqa: N802 - numpy's name for it
        """The transposed matrix."""

    @property
    @abstractmethod
    def reach(self) -> float:
        """Bound of the entries of each part, which bounds the rounding of products."""

    def matmul(self, proba: FloatArray) -> FloatArray:
        """Return ``proba @ matrix``, equal to the dense product up to rounding.

        Parameters
        ----------
        proba : ndarray of shape (n, n_rows)
            Weights of the rows.

        Returns
        -------
        ndarray of shape (n, n_columns)
        """
        ends = np.column_stack([proba.sum(axis=1), proba @ self.rows])
        product = self._core(proba)
        product += ends @ np.stack([self.columns, np.ones_like(self.columns)])
        return product

    @abstractmethod
    def _core(self, proba: FloatArray) -> FloatArray:
        """Return the product with the matrix without its offsets."""

    def _offsets_reach(self) -> float:
        """Largest offset of a row plus that of a column."""
        return float(np.abs(self.rows).max() + np.abs(self.columns).max())


@dataclass(frozen=True, eq=False)
class LineForm(Form):
    """Classes on a line: ``slope * max(positions[j] - positions[i], 0)``.

    Costs ``|x_i - x_j|``, also with one price for too high and another for too low,
    are this up to offsets.

    Parameters
    ----------
    order : ndarray of shape (n,)
        Classes from one end of the line to the other.
    positions : ndarray of shape (n,)
        Their places on it, ascending, in that order.
    slope : float
        What a unit of the line is worth.
    """

    order: IntArray
    positions: FloatArray
    slope: float

    @property
    def T(self) -> Self:  # noqa: N802 - numpy's name for it
        """The transposed matrix."""
        tilt = np.empty_like(self.positions)
        tilt[self.order] = self.slope * self.positions
        return replace(self, rows=self.columns + tilt, columns=self.rows - tilt)

    @property
    def reach(self) -> float:
        """Bound of the entries of each part."""
        length = self.positions[-1] - self.positions[0]
        return self._offsets_reach() + float(abs(self.slope) * length)

    @cached_property
    def places(self) -> IntArray:
        """Place of each class in the order."""
        places = np.empty_like(self.order)
        places[self.order] = np.arange(len(self.order))
        return places

    def _core(self, proba: FloatArray) -> FloatArray:
        """Distance times mass to the left of each class, less its first moment."""
        positions = self.slope * self.positions
        masses = proba.take(self.order, axis=1)
        core = masses.cumsum(axis=1)
        core *= positions
        masses *= positions
        core -= masses.cumsum(axis=1)
        return np.asarray(core.take(self.places, axis=1))


@dataclass(frozen=True, eq=False)
class TreeForm(Form):
    """Classes as leaves of a tree: the sum of what their common ancestors are worth.

    Parameters
    ----------
    order : ndarray of shape (n,)
        Classes in an order in which every node of the tree is an interval.
    starts, stops : ndarray of shape (n_nodes,)
        The interval of each inner node; starts are ascending.
    gains : ndarray of shape (n_nodes,)
        What each inner node is worth beyond its parent.
    own : ndarray of shape (n,)
        What each leaf is worth beyond its parent, by class.
    """

    order: IntArray
    starts: IntArray
    stops: IntArray
    gains: FloatArray
    own: FloatArray

    @property
    def T(self) -> Self:  # noqa: N802 - numpy's name for it
        """The transposed matrix: the tree is symmetric."""
        return replace(self, rows=self.columns, columns=self.rows)

    @property
    def reach(self) -> float:
        """Bound of the entries of each part."""
        sizes = np.abs(self.gains)[np.newaxis]
        deepest = float(self._spread(sizes).max() + np.abs(self.own).max())
        return self._offsets_reach() + deepest

    @cached_property
    def closed(self) -> IntArray:
        """The nodes in the order of their ends."""
        return np.argsort(self.stops, kind="stable")

    @cached_property
    def opened_at(self) -> IntArray:
        """How many nodes start at or before the place of each class."""
        return self._count(self.starts)

    @cached_property
    def closed_at(self) -> IntArray:
        """How many nodes end at or before the place of each class."""
        return self._count(self.stops)

    def _count(self, bounds: IntArray) -> IntArray:
        """Count the bounds at or before the place of each class."""
        counts = np.empty_like(self.order)
        places = np.arange(len(self.order))
        counts[self.order] = np.sort(bounds).searchsorted(places, side="right")
        return counts

    def _core(self, proba: FloatArray) -> FloatArray:
        """Worth of the mass below each node, summed over those above each class."""
        below = _running_sum(proba.take(self.order, axis=1))
        mass = below.take(self.stops, axis=1) - below.take(self.starts, axis=1)
        product = self._spread(self.gains * mass)
        product += self.own * proba
        return product

    def _spread(self, worth: FloatArray) -> FloatArray:
        """Sum over the nodes above each class: those that started less the ended."""
        opened, closed = _running_sum(worth), _running_sum(worth[:, self.closed])
        above = opened.take(self.opened_at, axis=1)
        above -= closed.take(self.closed_at, axis=1)
        return np.asarray(above)


@dataclass(frozen=True, eq=False)
class SparseForm(Form):
    """Rows that are constant but for a few entries.

    Parameters
    ----------
    entries : scipy.sparse.csr_array of shape (n_rows, n_columns)
        What those entries have beyond the constant of their row.
    """

    entries: sparse.csr_array

    @property
    def T(self) -> Self:  # noqa: N802 - numpy's name for it
        """The transposed matrix."""
        turned = self.entries.T.tocsr()
        return replace(self, rows=self.columns, columns=self.rows, entries=turned)

    @property
    def reach(self) -> float:
        """Bound of the entries of each part."""
        return self._offsets_reach() + float(np.abs(self.entries.data).max(initial=0.0))

    def _core(self, proba: FloatArray) -> FloatArray:
        """Product with the few entries."""
        return np.asarray(proba @ self.entries)


@dataclass(frozen=True, eq=False)
class LowRankForm(Form):
    """A product of two thin matrices.

    Parameters
    ----------
    left : ndarray of shape (n_rows, rank)
        First factor.
    right : ndarray of shape (rank, n_columns)
        Second factor.
    """

    left: FloatArray
    right: FloatArray

    @property
    def T(self) -> Self:  # noqa: N802 - numpy's name for it
        """The transposed matrix."""
        return replace(
            self,
            rows=self.columns,
            columns=self.rows,
            left=np.ascontiguousarray(self.right.T),
            right=np.ascontiguousarray(self.left.T),
        )

    @property
    def reach(self) -> float:
        """Bound of the entries of each part."""
        longest = [
            np.sqrt((self.left**2).sum(axis=1).max()),
            np.sqrt((self.right**2).sum(axis=0).max()),
        ]
        return self._offsets_reach() + float(longest[0] * longest[1])

    def _core(self, proba: FloatArray) -> FloatArray:
        """Product with one factor, then with the other."""
        return np.asarray((proba @ self.left) @ self.right)


def _running_sum(values: FloatArray) -> FloatArray:
    """Sum the first 0, 1, 2, ... columns."""
    sums = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=sums[:, 1:])
    return sums
