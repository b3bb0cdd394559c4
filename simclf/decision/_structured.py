"""The Bayes decision through the structure of a large table, as exact as without."""

from dataclasses import dataclass

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.decision._rounding import (
    EPSILON,
    TIE,
    above_least,
    expected_doubt,
    rounding_doubt,
)
from simclf.similarity import ScoreTable
from simclf.similarity._forms import Form
from simclf.similarity._scale import RegretUnits

_MARGIN = 2.0
_CHUNK_ENTRIES = 2**18  # temporaries of a few rows stay in the cache


@dataclass(frozen=True, eq=False)
class StructuredRegret:
    """Expected regrets under a table whose unit regrets have a form.

    Parameters
    ----------
    table : ScoreTable
        The table.
    form : Form
        Its unit regrets.
    """

    table: ScoreTable
    form: Form

    def expected_scores(self, proba: FloatArray) -> FloatArray:
        """Score that each answer earns on average: the best scores less the regret.

        Parameters
        ----------
        proba : ndarray of shape (n_samples, n_classes)
            Rows on the simplex.

        Returns
        -------
        ndarray of shape (n_samples, n_decisions)
        """
        extremes = np.stack(self.table.row_extremes)
        exponent = np.frexp(np.abs(extremes).max())[1]
        lowest, highest = np.ldexp(extremes, -exponent)
        best = (proba * highest).sum(axis=1, keepdims=True)
        regret = self.form.matmul(proba) * (highest - lowest).max()
        return np.asarray(np.ldexp(best - regret, exponent))

    def least_regret(self, proba: FloatArray) -> IntArray:
        """Lowest answer whose expected regret is the least one up to rounding.

        Parameters
        ----------
        proba : ndarray of shape (n_samples, n_classes)
            Rows on the simplex.

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        doubt, codes = self._doubt(), np.empty(len(proba), dtype=np.intp)
        step = max(1, _CHUNK_ENTRIES // self.table.n_classes)
        for start in range(0, len(proba), step):
            rows = slice(start, start + step)
            codes[rows] = self._least_regret(proba[rows], doubt)
        return codes

    def _least_regret(self, proba: FloatArray, doubt: FloatArray) -> IntArray:
        """Lowest answer among the least regrets, for a few rows."""
        tie, slack = TIE * expected_doubt(proba, doubt), self._slack(proba)
        expected = self.form.matmul(proba)
        bound = expected.min(axis=1, keepdims=True) + tie + slack
        # Most rows have one candidate: a list of them is shorter than a mask.
        row_of, answers = np.nonzero(expected <= bound)
        ends = np.searchsorted(row_of, np.arange(len(proba) + 1))
        codes = answers[ends[:-1]]
        for row in np.flatnonzero(np.diff(ends) > 1):
            near = answers[ends[row] : ends[row + 1]]
            excess = above_least(expected[[row]][:, near])
            if (np.abs(excess - tie[row]) <= slack[row]).any():
                excess = self._excess(proba[[row]], near)
            codes[row] = near[(excess <= tie[row]).argmax()]
        return codes

    def _doubt(self) -> FloatArray:
        """How far rounding may move the regret of each class."""
        return rounding_doubt(np.column_stack(self.table.row_extremes))

    def _slack(self, proba: FloatArray) -> FloatArray:
        """Bound of what the form adds to the rounding of each row's excess."""
        terms = 2 * self.table.n_classes + 2
        unit = _MARGIN * EPSILON * terms * self.form.reach
        return np.asarray(unit * proba.sum(axis=1, keepdims=True))

    def _excess(self, proba: FloatArray, answers: IntArray) -> FloatArray:
        """Excess of some answers over the best of them, summed in full."""
        units = RegretUnits(*self.table.row_extremes)
        regret = units.regret(self.table.values[:, answers])
        # The same additions in the same order as without a form.
        return above_least((proba.T * regret).cumsum(axis=0)[[-1]])


def structured_regret(
    similarity: object, values: FloatArray
) -> StructuredRegret | None:
    """Return the structure of a table, if it is known to have one.

    Parameters
    ----------
    similarity : object
        The table as the caller gave it. Only a ScoreTable remembers what was found
        in it, so that other tables are not looked at.
    values : ndarray of shape (n_classes, n_decisions)
        Its numbers in the order of proba's columns.

    Returns
    -------
    StructuredRegret or None
    """
    if not isinstance(similarity, ScoreTable) or similarity.values is not values:
        return None
    form = similarity.regret_form
    return None if form is None else StructuredRegret(similarity, form)
