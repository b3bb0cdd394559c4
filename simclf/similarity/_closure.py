"""Terms of an ontology with all that is above them, and what two of them share."""

from collections.abc import Iterable

import numpy as np

from simclf._typing import AnyArray, FloatArray, IntArray
from simclf.similarity._ontology import Ontology


class Closure:
    """Terms and all terms above them, in an order from general to special."""

    def __init__(self, ontology: Ontology, terms: Iterable[object]) -> None:
        found: set[object] = set()
        for term in terms:
            found |= ontology.ancestors(term)
        self.order = ontology.sort(found)
        self.position = {term: place for place, term in enumerate(self.order)}
        self.depths = np.zeros(len(self.order))
        """Number of steps on the longest way from each term to a root."""
        self._above: list[list[int]] = []
        for place, term in enumerate(self.order):
            parents = [self.position[parent] for parent in ontology.parents(term)]
            above = {place}.union(*(self._above[parent] for parent in parents))
            self._above.append(sorted(above))
            self.depths[place] = 1 + self.depths[parents].max(initial=-1)

    def places(self, terms: Iterable[object]) -> IntArray:
        """Positions of terms in the order."""
        return np.array([self.position[term] for term in terms], dtype=np.intp)

    def count_above(self, places: IntArray) -> IntArray:
        """How many terms are at or above each of some."""
        return np.array([len(self._above[place]) for place in places], dtype=np.intp)

    def count_below(self, places: IntArray) -> IntArray:
        """How many of some terms are at or below each term of the order."""
        counts: IntArray = self._table(places).sum(axis=0)
        return counts

    def at_common_ancestors(
        self, values: FloatArray, rows: IntArray, columns: IntArray
    ) -> FloatArray:
        """Greatest value at a common ancestor of each row's and each column's term.

        They must have one.
        """
        # A line for each term of the order: lines are faster to pick than columns.
        table = np.ascontiguousarray(self._table(columns).T)
        greatest = np.empty((len(rows), len(columns)))
        for line, row in zip(greatest, rows, strict=True):
            above = np.array(self._above[row])
            above = above[np.argsort(-values[above])]
            line[:] = values[above[table[above].argmax(axis=0)]]
        return greatest

    def count_common(self, rows: IntArray, columns: IntArray) -> IntArray:
        """How many terms are at or above both each row's and each column's term."""
        table = self._table(columns)
        return np.array([table[:, self._above[row]].sum(axis=1) for row in rows])

    def _table(self, places: IntArray) -> AnyArray:
        """Which terms of the order are at or above each of some terms."""
        table = np.zeros((len(places), len(self.order)), dtype=np.bool_)
        for line, place in zip(table, places, strict=True):
            line[self._above[place]] = True
        return table
