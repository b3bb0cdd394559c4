"""What answers are worth on given rows: by a table, or by numbers of each row."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simclf._typing import FloatArray, IntArray
from simclf.decision import bayes_decision
from simclf.similarity import ScoreTable


@dataclass(frozen=True, eq=False)
class TableWorth:
    """Rows whose answers are worth what the table says for their truth."""

    table: ScoreTable
    truth: IntArray

    def of(self, answers: IntArray | int) -> FloatArray:
        """Worth of an answer for each row, or of one answer for all."""
        return np.asarray(self.table.values[self.truth, answers])

    def best(self) -> FloatArray:
        """Worth of the best answer of each row."""
        return np.asarray(self.table.values.max(axis=1)[self.truth])

    def drawn(self, proba: FloatArray, columns: IntArray) -> FloatArray:
        """Mean worth of answers drawn from probabilities of some answers."""
        worth = self.table.values[:, columns][self.truth]
        return np.asarray(np.einsum("ij,ij->i", worth, proba))

    def best_constant(self, weights: FloatArray) -> int:
        """Code of the answer that earns most when given to every row."""
        counts = np.bincount(self.truth, weights, minlength=self.table.n_classes)
        return int(bayes_decision([counts / counts.sum()], self.table)[0])


@dataclass(frozen=True, eq=False)
class SampleWorth:
    """Rows each of which says by itself what the answers are worth."""

    scores: FloatArray

    def of(self, answers: IntArray | int) -> FloatArray:
        """Worth of an answer for each row, or of one answer for all."""
        return np.asarray(self.scores[np.arange(len(self.scores)), answers])

    def best(self) -> FloatArray:
        """Worth of the best answer of each row."""
        return np.asarray(self.scores.max(axis=1))

    def drawn(self, proba: FloatArray, columns: IntArray) -> FloatArray:
        """Mean worth of answers drawn from probabilities of some answers."""
        return np.asarray(np.einsum("ij,ij->i", self.scores[:, columns], proba))

    def best_constant(self, weights: FloatArray) -> int:
        """Code of the answer that earns most when given to every row."""
        # As a decision on one draw of a row: the rows are the classes of a table.
        return int(bayes_decision([weights / weights.sum()], self.scores)[0])


Worth: TypeAlias = TableWorth | SampleWorth
