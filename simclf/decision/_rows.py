"""Rows that metrics average over: their truth as codes of a table, and weights."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from simclf._typing import FloatArray, IntArray
from simclf.decision._align import label_codes, whole_table
from simclf.decision._bayes import bayes_decision
from simclf.decision._check import check_weights
from simclf.similarity import ScoreTable


@dataclass(frozen=True, eq=False)
class ScoredRows:
    """Rows to be scored: their truth as codes of a table, and their weights."""

    table: ScoreTable
    truth: IntArray
    weights: FloatArray

    def mean(self, values: FloatArray) -> float:
        """Weighted mean over the rows."""
        return float(np.average(values, weights=self.weights))

    def skill(self, score: float) -> float:
        """Place of a mean score between the best constant answer and perfect ones."""
        values = self.table.values
        perfect = self.mean(values.max(axis=1)[self.truth])
        constant = self.mean(values[self.truth, self._best_constant()])
        if perfect == constant:
            return float(score == perfect)
        return (score - constant) / (perfect - constant)

    def _best_constant(self) -> int:
        """Code of the answer that earns most when given to every row."""
        counts = np.bincount(self.truth, self.weights, minlength=self.table.n_classes)
        return int(bayes_decision([counts / counts.sum()], self.table)[0])


def read_rows(
    y_true: ArrayLike,
    others: ArrayLike,
    similarity: object,
    classes: ArrayLike | None,
    sample_weight: ArrayLike | None,
) -> ScoredRows:
    """Align a table with the labels at hand, and the true labels with the table."""
    if np.size(np.asarray(y_true)) == 0:
        msg = "y_true is empty; a mean needs at least one row."
        raise ValueError(msg)
    table = whole_table(similarity, classes, (y_true, others))
    truth = label_codes(y_true, table.classes, "y_true", "class")
    weights = check_weights(sample_weight, len(truth))
    if weights is None:
        return ScoredRows(table, truth, np.ones(len(truth)))
    return ScoredRows(table, truth, weights / weights.max())
